//! Values from a small world, so that users and conditions often meet.

use proptest::prelude::*;
use proptest::sample::select;

use super::value::{Json, NUMBERS, TEXTS};

fn number() -> impl Strategy<Value = Json> {
    select(&NUMBERS[..]).prop_map(|digits| Json::Number(digits.to_owned()))
}

fn text() -> impl Strategy<Value = Json> {
    select(&TEXTS[..]).prop_map(|text| Json::Text(text.to_owned()))
}

fn word() -> impl Strategy<Value = Json> {
    select(&["a", "b", "c", "d"][..]).prop_map(|text| Json::Text(text.to_owned()))
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        8 => text(),
        6 => number(),
        6 => word(),
        1 => any::<bool>().prop_map(Json::Bool),
        1 => Just(Json::Null),
    ]
}

fn tree() -> impl Strategy<Value = Json> {
    let name = prop_oneof![9 => word(), 1 => scalar()];
    let node = |(label, value): (bool, Json)| vec![(if label { "label" } else { "value" }, value)];
    let leaf = (any::<bool>(), name).prop_map(node);
    leaf.prop_map(Json::Object).prop_recursive(3, 8, 3, move |inner| {
        let children =
            prop_oneof![9 => prop::collection::vec(inner, 0..3).prop_map(Json::List), 1 => scalar()];
        (word(), children)
            .prop_map(|(value, children)| Json::Object(vec![("value", value), ("children", children)]))
    })
}

fn path() -> impl Strategy<Value = Json> {
    let node = prop_oneof![12 => word(), 1 => scalar()];
    prop::collection::vec(node, 0..4).prop_map(Json::List)
}

/// A value of any of the shapes that some type reads, and of some that none does.
fn value() -> impl Strategy<Value = Json> {
    let list = |item: BoxedStrategy<Json>| prop::collection::vec(item, 0..5).prop_map(Json::List);
    let entry = prop_oneof![4 => word(), 4 => path(), 2 => tree(), 1 => scalar()].boxed();
    let old = prop::collection::vec(tree(), 0..3)
        .prop_map(|trees| Json::Object(vec![("value", Json::List(trees))]));
    prop_oneof![
        4 => scalar(),
        3 => list(word().boxed()),
        3 => list(number().boxed()),
        3 => list(scalar().boxed()),
        4 => list(entry),
        2 => tree(),
        1 => old,
        3 => (number(), number()).prop_map(|(a, b)| Json::List(vec![a, b])),
        4 => (text(), text()).prop_map(|(a, b)| Json::List(vec![a, b])),
    ]
}

/// A type, an operator that mostly applies to it, values that are mostly of it, and what the user has.
pub(crate) fn case() -> impl Strategy<Value = (&'static str, &'static str, Json, Option<Json>)> {
    condition().prop_flat_map(|(param_type, operator, values)| {
        let had = prop_oneof![5 => of_type(param_type, false), 2 => value().boxed()];
        (Just(param_type), Just(operator), Just(values), prop::option::weighted(0.97, had))
    })
}

pub(crate) fn condition() -> impl Strategy<Value = (&'static str, &'static str, Json)> {
    let types =
        ["text", "number", "checkbox", "select", "area", "cascader", "dateTimeRange", "Cascader", "other"];
    select(types.to_vec()).prop_flat_map(|param_type| {
        let apply = match param_type {
            "number" => vec!["", "EQ", "NEQ", "GT", "GTEQ", "LT", "LTEQ", "BETWEEN", "IN"],
            "area" => vec!["", "BETWEEN", "GT", "GTEQ", "LT", "LTEQ"],
            "dateTimeRange" => vec!["", "BETWEEN"],
            "checkbox" => vec!["", "EQ", "NEQ", "IN"],
            _ => vec!["", "EQ", "NEQ", "in", "ALL"],
        };
        let any = vec!["EQ", "NEQ", "GT", "GTEQ", "LT", "LTEQ", "BETWEEN", "IN", "ALL", "LIKE"];
        let values = prop_oneof![5 => of_type(param_type, true), 2 => value().boxed()];
        (Just(param_type), prop_oneof![6 => select(apply), 1 => select(any)], values)
    })
}

/// A value that the type mostly reads; configured ranges have two bounds.
fn of_type(param_type: &str, configured: bool) -> BoxedStrategy<Json> {
    let pair =
        |bound: BoxedStrategy<Json>| (bound.clone(), bound).prop_map(|(a, b)| Json::List(vec![a, b])).boxed();
    // Now and then more than are compared one by one.
    let size = || prop_oneof![5 => 1_usize..4, 1 => 9_usize..20];
    let few = |item: BoxedStrategy<Json>| {
        size()
            .prop_flat_map(move |size| prop::collection::vec(item.clone(), size))
            .prop_map(Json::List)
            .boxed()
    };
    let digits =
        text().prop_filter("a number", |text| matches!(text, Json::Text(t) if t.parse::<f64>().is_ok()));
    let amount = prop_oneof![4 => number(), 1 => digits].boxed();
    let date = text().prop_filter("a date", |text| matches!(text, Json::Text(t) if t.starts_with("20")));
    let moment = prop_oneof![4 => date, 1 => number()].boxed();
    match param_type {
        "dateTimeRange" if configured => pair(moment),
        "dateTimeRange" => prop_oneof![3 => moment.clone(), 1 => few(moment)].boxed(),
        "area" if configured => prop_oneof![3 => pair(amount.clone()), 1 => amount].boxed(),
        "number" if configured => {
            prop_oneof![2 => pair(amount.clone()), 2 => amount.clone(), 1 => few(amount)].boxed()
        }
        "area" | "number" => prop_oneof![3 => amount.clone(), 1 => few(amount)].boxed(),
        "cascader" | "Cascader" => {
            let entry = prop_oneof![3 => word(), 4 => path(), 2 => tree()].boxed();
            prop_oneof![1 => word(), 2 => path(), 4 => few(entry)].boxed()
        }
        _ => prop_oneof![1 => scalar(), 1 => few(word().boxed()), 2 => few(scalar().boxed())].boxed(),
    }
}

/// Any JSON, with names that mean something now and then.
pub(crate) fn json() -> impl Strategy<Value = Json> {
    let names = [
        "userParam",
        "audid",
        "authParams",
        "checkType",
        "externalConfigId",
        "externalConfigValues",
        "settingData",
        "englishName",
        "name",
        "values",
        "value",
        "paramType",
        "type",
        "operator",
        "customFields",
        "fieldId",
        "a",
    ];
    scalar().prop_recursive(5, 40, 6, move |inner| {
        let names = select(names.to_vec());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::List),
            prop::collection::btree_map(names, inner, 0..6)
                .prop_map(|m| Json::Object(m.into_iter().collect())),
        ]
    })
}

/// What counts as having an attribute, or just not.
fn little() -> impl Strategy<Value = Json> {
    let text = |text: &str| Json::Text(text.to_owned());
    let number = |digits: &str| Json::Number(digits.to_owned());
    let some = vec![
        text(""),
        text(" \t"),
        text("\u{3000}"),
        text("False"),
        text(" false "),
        text("false."),
        text("0.00"),
        text(" -0e5 "),
        text("0x"),
        text("０"),
        number("0e7"),
        number("-0.0"),
        number("0e101"),
        number("1e-100"),
        Json::Bool(false),
        Json::Bool(true),
        Json::Object(vec![]),
        Json::Object(vec![("value", Json::Null)]),
        Json::Null,
    ];
    let one = select(some).boxed();
    let list = |item: BoxedStrategy<Json>| prop::collection::vec(item, 0..3).prop_map(Json::List).boxed();
    prop_oneof![4 => one.clone(), 2 => list(one.clone()), 1 => list(list(one))]
}

/// A check that is mostly decidable, the source's answer, and the setting it asks for.
pub(crate) fn check() -> impl Strategy<Value = (Json, Json, Json)> {
    let name = || prop_oneof![8 => word(), 1 => scalar()];
    let condition = move |type_name: &'static str, name_name: &'static str, values: &'static str| {
        (name(), condition()).prop_map(move |(name, (param_type, operator, value))| {
            Json::Object(vec![
                (name_name, name),
                (type_name, Json::Text(param_type.to_owned())),
                ("operator", Json::Text(operator.to_owned())),
                (values, value),
            ])
        })
    };
    let operator = || {
        select(vec![Json::Null, Json::Text("ALL".into()), Json::Text("in".into()), Json::Text("x".into())])
    };
    let entry = || prop_oneof![2 => path(), 1 => word()];
    let entries =
        move || prop_oneof![3 => prop::collection::vec(entry(), 0..3).prop_map(Json::List), 1 => value()];
    let known = || prop_oneof![2 => value(), 1 => little()];
    let members = move || prop::collection::btree_map(select(vec!["a", "b", "c", "d"]), known(), 0..4);
    let attributes = members().prop_map(|m| Json::Object(m.into_iter().collect()));
    let field = (prop_oneof![4 => word(), 1 => scalar()], value())
        .prop_map(|(id, value)| Json::Object(vec![("fieldId", id), ("fieldValue", value)]));
    let fields = prop_oneof![
        4 => prop::collection::vec(prop_oneof![8 => field, 1 => scalar()], 0..4).prop_map(Json::List),
        1 => scalar(),
    ];
    let user = (members(), fields).prop_map(|(own, fields)| {
        let rest = [("audid", Json::Number("1".into())), ("customFields", fields)];
        Json::Object(own.into_iter().chain(rest).collect())
    });
    let request = (
        user,
        any::<bool>(),
        prop::collection::vec(condition("paramType", "englishName", "values"), 0..3),
        operator(),
        entries(),
    )
        .prop_map(|(user, check_type, conditions, operator, values)| {
            Json::Object(vec![
                ("userParam", user),
                ("checkType", Json::Bool(check_type)),
                ("externalConfigId", Json::Text("s".into())),
                ("externalConfigOperator", operator),
                ("externalConfigValues", values),
                ("authParams", Json::List(conditions)),
            ])
        });
    let saved = (prop::collection::vec(condition("type", "name", "value"), 0..3), operator(), entries())
        .prop_map(|(conditions, operator, values)| {
            Json::Object(vec![
                ("externalConfigOperator", operator),
                ("externalConfigValues", values),
                ("settingData", Json::List(conditions)),
            ])
        });
    (request, attributes, saved)
}
