//! Which mistakes can be made with a request at all. What would change nothing, whatever else goes wrong, is not on
//! the list.

use crate::prepared::{Prepared, ValueForm};
use crate::{
    Collation, DigestKind, Encoding, Ends, Fill, Mutation, NamedSecret, Names, Newlines, Order, PairFormat,
    Place, Recipe, Rounds, SecretForm, SortKey, TextForm,
};

/// What people put before the secret at the end.
pub(crate) const BEFORE: [&str; 14] = [
    "",
    "&",
    "&key=",
    "&appSecret=",
    "&secret=",
    "&appsecret=",
    "&app_secret=",
    "&appKey=",
    "&app_key=",
    "&token=",
    "key=",
    "appSecret=",
    "&secretKey=",
    "&sign=",
];

/// Under which names people sort the secret in.
pub(crate) const NAMES: [&str; 11] = [
    "appSecret",
    "appsecret",
    "app_secret",
    "secret",
    "key",
    "token",
    "appKey",
    "ticket",
    "salt",
    "jsapi_ticket",
    "client_secret",
];

const SEPARATORS: [&str; 8] = ["&", "", ",", "|", ";", "\n", " ", "&amp;"];

/// The mistakes that can be made with this request, the likely ones first. `wide` are those with a time stamp only
/// that is another one than was sent.
pub(crate) fn catalogue(
    recipe: &Recipe,
    prepared: &Prepared<'_>,
    secrets: &[NamedSecret],
    wide: bool,
) -> Vec<Mutation> {
    let mut list = Vec::new();
    parameters(prepared, wide, &mut list);
    if !wide {
        values(recipe, prepared, &mut list);
        layout(recipe, prepared, &mut list);
        digests(recipe, &mut list);
        secret(recipe, secrets, &mut list);
        let other = |form: &TextForm| *form != recipe.text && text_changes(*form, prepared, secrets);
        list.extend(TextForm::CHANGES.into_iter().filter(other).map(Mutation::Text));
        list.extend(Ends::CHANGES.map(Mutation::Ends));
    }
    list.sort_by_key(Mutation::cost);
    list
}

/// Of each parameter.
fn parameters(prepared: &Prepared<'_>, wide: bool, list: &mut Vec<Mutation>) {
    for (at, entry) in prepared.entries.iter().enumerate() {
        let Ok(index) = u16::try_from(at) else { break };
        for (form, _) in &entry.forms {
            match form {
                ValueForm::Body(form) if !wide => list.push(Mutation::Body(index, *form)),
                ValueForm::Time(form) if wide == form.is_wide() => list.push(Mutation::Time(index, *form)),
                ValueForm::Body(_) | ValueForm::Time(_) => {}
            }
        }
        if wide {
            continue;
        }
        if at >= prepared.count {
            if let Some((name, value)) = extra(&entry.name, entry.value.as_deref()) {
                list.push(Mutation::Extra { name, value });
            }
        } else if entry.selected {
            list.extend([Mutation::Missing(index), Mutation::Twice(index)]);
        } else {
            list.push(Mutation::Added(index));
        }
    }
}

/// The texts of an addition, which live as long as the program.
fn extra(name: &str, value: Option<&str>) -> Option<(&'static str, &'static str)> {
    crate::prepared::extras().find(|(known, text)| *known == name && Some(*text) == value)
}

/// Of all values.
fn values(recipe: &Recipe, prepared: &Prepared<'_>, list: &mut Vec<Mutation>) {
    let any = |test: &dyn Fn(&str) -> bool| {
        prepared.entries.iter().any(|entry| {
            entry.value.as_deref().is_some_and(test) || entry.forms.iter().any(|(_, text)| test(text))
        })
    };
    let nulls = prepared.entries.iter().any(|entry| entry.value.is_none());
    if nulls {
        list.extend(Fill::ALL.into_iter().filter(|fill| *fill != recipe.nulls).map(Mutation::Nulls));
    }
    // Trimmed values can become empty, and nulls can be kept as empty texts; an extra one is always kept.
    let empties = |entry: &crate::prepared::Entry<'_>| {
        !entry.extra && entry.value.as_deref().is_some_and(|it| it.trim().is_empty())
    };
    if prepared.entries.iter().any(empties) {
        list.extend(Fill::ALL.into_iter().filter(|fill| *fill != recipe.empties).map(Mutation::Empties));
    }
    let encodes = |encoding: &Encoding| {
        *encoding != recipe.encoding && any(&|text| encoding.apply(text) != recipe.encoding.apply(text))
    };
    list.extend(Encoding::CHANGES.into_iter().filter(encodes).map(Mutation::Encoding));
    if recipe.encoding != Encoding::Raw {
        list.push(Mutation::Encoding(Encoding::Raw));
    }
    if any(&|text| text.trim() != text) {
        list.push(Mutation::Trimmed);
    }
    let breaks = |newlines: &Newlines| any(&|text| newlines.apply(text) != text);
    list.extend(Newlines::CHANGES.into_iter().filter(breaks).map(Mutation::Newlines));
}

/// How parameters become one text.
fn layout(recipe: &Recipe, prepared: &Prepared<'_>, list: &mut Vec<Mutation>) {
    let named = prepared.entries.iter().any(|entry| !entry.extra && !entry.name.is_empty());
    let descending = Order { descending: !recipe.order.descending, ..recipe.order };
    let orders = Order::all().filter(|order| *order != recipe.order).filter(|order| {
        // Values that have names are sorted by their names, and bare ones by themselves.
        match order.by {
            SortKey::Given => true,
            SortKey::Name => named,
            SortKey::Pair => named && recipe.pair != PairFormat::Value,
            SortKey::Value => true,
        }
    });
    list.extend(orders.map(Mutation::Order));
    if recipe.order.by == SortKey::Given {
        let by = if named { SortKey::Name } else { SortKey::Value };
        list.push(Mutation::Order(Order { by, collation: Collation::Bytes, descending: true }));
    } else {
        list.push(Mutation::Order(descending));
    }
    if named {
        let changed =
            |names: &Names| prepared.entries.iter().any(|entry| names.apply(&entry.name) != entry.name);
        if recipe.pair != PairFormat::Value {
            list.extend(Names::CHANGES.into_iter().filter(changed).map(Mutation::Names));
        }
        list.extend(PairFormat::ALL.into_iter().filter(|pair| *pair != recipe.pair).map(Mutation::Pair));
    }
    list.extend(SEPARATORS.into_iter().filter(|other| *other != recipe.separator).map(Mutation::Separator));
}

fn digests(recipe: &Recipe, list: &mut Vec<Mutation>) {
    for digest in DigestKind::ALL {
        if digest != recipe.digest || recipe.hmac {
            list.push(Mutation::Digest(digest));
        }
        if !recipe.hmac || digest != recipe.digest {
            list.push(Mutation::Hmac { digest, secret_in_text: false });
            list.push(Mutation::Hmac { digest, secret_in_text: true });
        }
    }
    let others = Rounds::CHANGES.into_iter().chain([Rounds::Once]);
    list.extend(others.filter(|rounds| *rounds != recipe.rounds).map(Mutation::Rounds));
}

fn secret(recipe: &Recipe, secrets: &[NamedSecret], list: &mut Vec<Mutation>) {
    let end = |before| Place::End { before, after: "" };
    let mut places: Vec<Place<&'static str>> = BEFORE.into_iter().map(end).collect();
    places.extend(["", "&", "&key=", "&appSecret="].map(|instead| Place::Nowhere { instead }));
    places.extend(["", "&", "&key=", "&appSecret="].map(|before| Place::EndTwice { before }));
    places.extend(["", "&"].map(|after| Place::Front { before: "", after }));
    places.extend(["key=", "appSecret=", "secret="].map(|before| Place::Front { before, after: "&" }));
    places.push(Place::BothEnds { after: "", before: "" });
    places.push(Place::BothEnds { after: "&", before: "&" });
    places.push(Place::Sorted);
    places.extend(NAMES.map(|name| Place::SortedAs { name }));
    places.push(Place::Behind { count: 1 });
    places.push(Place::Behind { count: 2 });
    let own = recipe.secret.as_str();
    list.extend(places.into_iter().filter(|place| *place != own).map(Mutation::Secret));
    let alters = |form: &SecretForm| {
        *form != recipe.secret_form
            && secrets.iter().any(|named| {
                let secret = named.secret.expose();
                form.apply(secret) != recipe.secret_form.apply(secret)
            })
    };
    list.extend(SecretForm::CHANGES.into_iter().filter(alters).map(Mutation::SecretForm));
    list.extend((1..secrets.len()).filter_map(|at| u8::try_from(at).ok()).map(Mutation::OtherSecret));
}

/// Letter case and encodings change nearly every text; another charset only what is beyond ASCII.
fn text_changes(form: TextForm, prepared: &Prepared<'_>, secrets: &[NamedSecret]) -> bool {
    let ascii = |entry: &crate::prepared::Entry<'_>| {
        entry.name.is_ascii() && entry.value.as_deref().is_none_or(str::is_ascii)
    };
    form != TextForm::Gbk
        || !prepared.entries.iter().all(ascii)
        || !secrets.iter().all(|named| named.secret.expose().is_ascii())
}

impl crate::TimeForm {
    /// One of many that the clock may have shown: tried alone only.
    pub(crate) const fn is_wide(self) -> bool {
        !matches!(self, Self::Seconds | Self::Millis(0))
    }
}
