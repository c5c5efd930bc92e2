//! The first checks: does anybody answer, does the guard guard, and where are a user's attributes found?

use platform_sandbox::CallError;

use super::{
    found::{Expected, Found, judge},
    target::{A, Ask, B, Carrier, Target},
};
use crate::{
    exit::Failure,
    probe::{Check, Report, is_nobody},
};

/// Whether anybody is let in at all; without that, no denial says anything. Finds where attributes are read from.
pub(super) async fn check(target: &mut Target, report: &mut Report) -> Result<bool, Failure> {
    let mut check = Check::new("no-conditions", ("没有条件：放行", "no conditions: allowed")).section("§4.1");
    let answer = target.check(&Ask::default()).await;
    match &answer {
        Err(CallError::Address(error)) => return Err(Failure::usage(error)),
        Err(CallError::Transport(error)) if is_nobody(error) => return Err(Failure::failed(error)),
        _ => {}
    }
    target.conclude(&mut check, &answer, Expected::Allowed, "");
    let works = answer.is_ok_and(|answer| answer.allowed());
    report.add(check);

    let title = ("userParam 的成员是用户的属性", "members of userParam are the user's attributes");
    let mut documented = Check::new("user-members", title).section("§4");
    let title = ("customFields 是用户的属性", "customFields are the user's attributes");
    let mut fields = Check::new("custom-fields", title).section("§4");
    if !works {
        report.add(documented.skip());
        report.add(fields.skip());
        return Ok(false);
    }
    let ask = |name: &str, value: &str, condition: &str| {
        Ask::default().has(Carrier::Member, name, value).condition(name, condition)
    };
    let phone = r#""paramType":"text","operator":"EQ","values":"13900000000""#;
    let male = r#""paramType":"number","operator":"EQ","values":1"#;
    let asks = [
        ("phone", ask("phone", r#""13900000000""#, phone), true),
        ("phone", ask("phone", r#""13900000001""#, phone), false),
        // RP-3: an integer, and a text in the samples
        ("sex", ask("sex", "1", male), true),
        ("sex", ask("sex", r#""1""#, male), true),
        ("sex", ask("sex", "2", male), false),
        ("audid", Ask::default().condition("audid", &same_audid(target)), true),
    ];
    let asks = asks.map(|(what, ask, expected)| (what.to_owned(), ask, expected.into()));
    target.judge(&mut documented, &asks).await;
    report.add(documented);

    target.carrier = carrier(target).await;
    match target.carrier {
        Some(Carrier::Fields) => {
            let wrong = Ask::default().has(Carrier::Fields, A, r#""no""#).condition(A, YES);
            target.judge(&mut fields, &[("\"no\" ⟷ \"yes\"".to_owned(), wrong, Expected::Denied)]).await;
        }
        _ => Found::error(
            "customFields 的 fieldId 没有被当作属性名：用到它的条件都会拒绝",
            "fieldId of customFields is not looked up as an attribute: conditions about it deny everybody",
        )
        .add_to(&mut fields, target.lang),
    }
    report.add(fields);
    lookups(target, report).await;
    and(target, report).await;
    Ok(true)
}

/// A condition on the probe's attribute.
const YES: &str = r#""paramType":"text","operator":"EQ","values":"yes""#;

fn same_audid(target: &Target) -> String {
    format!(r#""paramType":"number","operator":"EQ","values":{}"#, target.audid)
}

/// Where an attribute of the probe's is found.
async fn carrier(target: &Target) -> Option<Carrier> {
    for carrier in [Carrier::Fields, Carrier::Member] {
        let ask = Ask::default().has(carrier, A, r#""yes""#).condition(A, YES);
        if target.check(&ask).await.is_ok_and(|answer| answer.allowed()) {
            return Some(carrier);
        }
    }
    None
}

/// SPEC.md §4.10 Attributes: which value counts where there are several.
async fn lookups(target: &Target, report: &mut Report) {
    use Carrier::{Fields, Member};
    let title = ("同名属性以谁为准", "which of several values of one attribute counts");
    let mut check = Check::new("look-up", title).section("§4.10");
    if target.carrier != Some(Fields) {
        return report.add(check.skip());
    }
    let (yes, ask) = (YES, Ask::default);
    let (good, bad) = (r#""yes""#, r#""no""#);
    let lines = [
        ("userParam > customFields", ask().has(Member, A, good).has(Fields, A, bad).condition(A, yes), true),
        ("userParam > customFields", ask().has(Member, A, bad).has(Fields, A, good).condition(A, yes), false),
        (
            "userParam null > customFields",
            ask().has(Member, A, "null").has(Fields, A, good).condition(A, yes),
            false,
        ),
        ("fieldId × 2", ask().has(Fields, A, good).has(Fields, A, bad).condition(A, yes), true),
        ("fieldId × 2", ask().has(Fields, A, bad).has(Fields, A, good).condition(A, yes), false),
        (
            "customFields: {}",
            ask().has(Member, "customFields", "{}").has(Member, A, good).condition(A, yes),
            true,
        ),
        ("fieldId 大小写 / letter case", ask().has(Fields, "DUIJIEPROBEA", good).condition(A, yes), false),
    ];
    let lines = lines.map(|(what, ask, expected)| (what.to_owned(), ask, expected.into()));
    target.judge(&mut check, &lines).await;
    report.add(check);
}

/// SPEC.md §4.1.
async fn and(target: &Target, report: &mut Report) {
    let title = ("多个条件须全部满足", "all conditions must hold");
    let mut check = Check::new("and", title).section("§4.1");
    let Some(carrier) = target.carrier else { return report.add(check.skip()) };
    let (good, bad) = (r#""yes""#, r#""no""#);
    let both = |a: &str, b: &str| {
        Ask::default().has(carrier, A, a).has(carrier, B, b).condition(A, YES).condition(B, YES)
    };
    let nameless = r#""paramType":"text","operator":"NEQ","values":"x""#;
    let lines = [
        ("✓ ∧ ✓", both(good, good), true),
        ("✓ ∧ ✗", both(good, bad), false),
        ("✗ ∧ ✓", both(bad, good), false),
        ("englishName \"\"", Ask::default().condition("", nameless), false),
    ];
    let lines = lines.map(|(what, ask, expected)| (what.to_owned(), ask, expected.into()));
    target.judge(&mut check, &lines).await;
    report.add(check);
}

/// What the owner says the server knows of the user of `--audid`: it is found, and goes before userParam (SPEC.md §4).
pub(super) async fn known(target: &Target, known: &[(String, String)], report: &mut Report) {
    for (name, value) in known {
        let title = ("已知用户的属性", "the known user's attributes");
        let mut check = Check::new("known-attribute", title).section("§4");
        let shown = serde_json::Value::from(value.as_str());
        let condition = |operator: &str, values: &str| {
            format!(r#""paramType":"text","operator":"{operator}","values":{values}"#)
        };
        let ask = |operator: &str, values: &str| Ask::default().condition(name, &condition(operator, values));
        let shown = shown.to_string();
        let other = serde_json::Value::from(format!("{value}-duijie")).to_string();
        let lines = [
            (ask("EQ", &shown), true),
            (ask("EQ", &other), false),
            (ask("NEQ", &shown), false),
            (ask("NEQ", &other), true),
            (ask("EQ", &shown).has(Carrier::Member, name, &other), true),
            (ask("EQ", &other).has(Carrier::Member, name, &other), false),
        ];
        for (place, (ask, expected)) in lines.into_iter().enumerate() {
            let answer = target.check(&ask).await;
            if let Ok(answer) = &answer {
                check.answered(answer.status, answer.code.as_deref(), answer.elapsed);
            }
            // Not the value: it may be anybody's.
            let what = match place {
                0..=3 => format!("`{}`", sign_core::shown(name)),
                _ => format!("`{}` > userParam", sign_core::shown(name)),
            };
            for found in judge(&answer, expected.into(), &what) {
                found.add_to(&mut check, target.lang);
            }
        }
        report.add(check);
    }
}
