//! The probe: clean on our own server, and each mistake of a wrong one is found.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;

use crate::serving::{Folder, Serving, run};
use crate::wrong::{self, Wrong};

/// The report's checks by name.
async fn probe(
    url: &str,
    further: &[&str],
    environment: &[(&str, &str)],
) -> (i32, Value, BTreeMap<String, Value>) {
    let args = [&["rabbitpre", "probe", url, "--json"], further].concat();
    let ran = run(&args, environment).await;
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("{report}")).clone();
    let wrong = checks.iter().filter(|check| check["result"] == "wrong").count();
    assert_eq!(report["wrong"], wrong);
    assert_eq!(ran.exit, i32::from(wrong > 0));
    let by_name = |check: Value| (check["check"].as_str().unwrap().to_owned(), check);
    (ran.exit, report, checks.into_iter().map(by_name).collect())
}

fn with_result<'a>(checks: &'a BTreeMap<String, Value>, result: &str) -> Vec<&'a str> {
    checks.iter().filter(|(_, check)| check["result"] == result).map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn our_own_server_is_clean() {
    let folder = Folder::new("probe");
    let mut args = folder.usual().to_vec();
    args.extend(["--guard-token-env", "TOKEN"].map(str::to_owned));
    args.extend(["--state".to_owned(), format!("sqlite:{}", folder.path("state.db"))]);
    let token = [("TOKEN", "t0ken-of-the-guard")];
    let serving = Serving::start(&args, &token).await;
    // Loaded machines are slow; how slow is not what is tested here.
    let probing = ["--guard-token-env", "TOKEN", "--audid", "1", "--known", "age=30", "--deadline", "12s"];
    let (exit, report, checks) = probe(&serving.url, &probing, &token).await;
    assert_eq!(exit, 0, "{checks:?}");
    let unclean: Vec<_> = checks.iter().filter(|(_, check)| check["result"] != "ok").collect();
    assert!(unclean.is_empty(), "{unclean:?}");
    assert!(
        checks.len() > 65 && checks.values().all(|check| check["section"].as_str().unwrap().starts_with('§'))
    );
    assert_eq!(report["left"].as_array().unwrap().len(), 3, "{report}");

    // Without its token, it is told what to do.
    let (exit, _, checks) = probe(&serving.url, &[], &[]).await;
    assert_eq!((exit, checks["equal"]["result"].as_str()), (1, Some("skipped")));
    assert!(checks["no-conditions"]["findings"][0].as_str().unwrap().contains("--guard-token-env"));
    let all = [report.to_string(), serving.stderr()].concat();
    assert!(!all.contains("t0ken-of-the-guard") && !all.contains("13900000000"));

    let saved = ["--guard-token-env", "TOKEN", "--without-saving", "--lang", "zh"];
    let ran = run(&[&["rabbitpre", "probe", &serving.url][..], &saved].concat(), &token).await;
    assert_eq!(ran.exit, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("正确 §4.2 EQ：相等") && ran.stdout.contains("：0 项错误"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("留下"), "{}", ran.stdout);
}

#[tokio::test]
async fn nobody_and_nonsense() {
    let ran = run(&["rabbitpre", "probe", "http://127.0.0.1:1"], &[]).await;
    assert!(ran.exit == 1 && ran.stderr.contains("127.0.0.1:1"), "{}", ran.stderr);
    for (args, words) in [
        (&["nonsense"][..], "base URL"),
        (&["http://h/?key=s3cret"], "has a query"),
        (&["http://h", "--known", "a=b"], "--audid"),
        (&["http://h", "--audid", "1", "--known", "a"], "NAME=VALUE"),
        (&["http://h", "--guard-token-env", "NOT_SET"], "NOT_SET"),
        (&["http://h", "--check-path", "/x?y"], "no path"),
    ] {
        let ran = run(&[&["rabbitpre", "probe"], args].concat(), &[]).await;
        assert!(ran.exit == 2 && ran.stderr.contains(words), "{args:?}: {} {}", ran.exit, ran.stderr);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
    }
    let ran = run(&["rabbitpre", "probe", "http://h/x", "--check-path", "/check", "--dry-run"], &[]).await;
    assert!(ran.exit == 0 && ran.stdout.contains("POST http://h/x/check"), "{}", ran.stdout);
}

/// Exactly these checks are wrong (or warned about), and one of them says this.
struct Case(Wrong, &'static str, &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    Case(Wrong::Nothing, "", &[], &[]),
    Case(Wrong::Floats, "9007199254740992", &["numbers-exact"], &[]),
    Case(Wrong::MissingIsNotEqual, "should be denied, but was allowed", &["missing"], &[]),
    Case(Wrong::SkipsUnknownTypes, "string", &["unknown-type"], &[]),
    Case(Wrong::UnknownOperatorIsEqual, "LIKE", &["unknown-operator"], &[]),
    Case(Wrong::SkipsEmptyValues, "NEQ", &["empty-values"], &[]),
    Case(Wrong::SortsRanges, "[3,1]", &["empty-range"], &[]),
    Case(Wrong::IgnoresLetterCase, "ABC", &["text-exactly"], &[]),
    Case(Wrong::Trims, "abc ", &["text-exactly", "dates-unreadable"], &[]),
    Case(Wrong::EmptyIsZero, "number", &["not-numbers", "empty-values", "cascader-nodes"], &[]),
    Case(Wrong::ChecksFirstConditionOnly, "✓ ∧ ✗", &["and"], &[]),
    Case(Wrong::NoCustomFields, "customFields", &["custom-fields"], &[]),
    Case(
        Wrong::CheckTypeIsBoolean,
        "\"true\"",
        &["check-type-on", "save-at-once", "save-at-the-same-time", "save-replace", "save-unknown-id"],
        &[],
    ),
    Case(Wrong::UnknownSettingIsNone, "should be denied", &["check-type-on", "save-unknown-id"], &[]),
    Case(Wrong::SavedAlwaysAll, "should be allowed", &["saved-in"], &[]),
    Case(
        Wrong::IgnoresExternalValues,
        "should be",
        &["saved-nothing", "external-value", "external-path", "external-groups"],
        &[],
    ),
    Case(
        Wrong::LetsUnreadableIn,
        "cut off",
        &[
            "not-json",
            "no-user",
            "bad-conditions",
            "check-type-else",
            "doubled-members",
            "lone-surrogate",
            "depth",
            "too-large",
        ],
        &[],
    ),
    Case(Wrong::NoLimits, "65", &["depth", "too-large"], &[]),
    Case(Wrong::LastMemberWins, "audid", &["doubled-members"], &[]),
    Case(Wrong::CodeIsNumber, "`code` is a number", &[], &["check-reply"]),
    Case(Wrong::DataIsBoolean, "`data` is a boolean", &[], &["check-reply"]),
    Case(Wrong::NoErrorCode, "`errorCode` is missing", &[], &["check-reply"]),
    Case(Wrong::PlainText, "Content-Type", &[], &["check-reply"]),
    Case(Wrong::DeniesWithStatus, "denied with HTTP 403", &[], &["equal", "missing", "order", "dates"]),
    Case(Wrong::Slow, "the platform waits", &["in-time"], &[]),
    Case(Wrong::MixesUp, "should be", &["at-once"], &[]),
    Case(
        Wrong::NewIdForEachSave,
        "another one after the replacement",
        &["save-replace", "save-unknown-id"],
        &[],
    ),
    Case(Wrong::UnknownIdCreates, "should be an error", &["save-unknown-id"], &[]),
    Case(Wrong::OneIdForAll, "the same configId", &["save", "save-unknown-id"], &[]),
    Case(Wrong::Late, "new", &["save-replace"], &[]),
    Case(Wrong::SavesAnything, "userId absent", &["save-refused", "save-not-json"], &[]),
    Case(Wrong::NoConfigId, "no `configId`", &["save"], &[]),
    Case(Wrong::BadConditions, "no type `radio`", &["condition-forms"], &[]),
    Case(Wrong::NoConditions, "`data` is no list", &["conditions"], &[]),
    Case(
        Wrong::LetsEverybodyIn,
        "should be denied",
        &[
            "equal",
            "missing",
            "unknown-type",
            "numbers-exact",
            "check-type-on",
            "save-at-once",
            "user-members",
            "custom-fields",
        ],
        &[],
    ),
    Case(Wrong::LetsNobodyIn, "should be allowed", &["no-conditions"], &[]),
];

/// Of these, more than what is named is wrong.
const AND_MORE: &[Wrong] =
    &[Wrong::LetsEverybodyIn, Wrong::LetsNobodyIn, Wrong::NewIdForEachSave, Wrong::OneIdForAll, Wrong::Late];

async fn check(case: &Case) -> Result<(), String> {
    let Case(wrong, finding, expected, warned) = *case;
    let url = wrong::start(wrong).await;
    let further: &[&str] =
        if wrong == Wrong::Slow { &["--deadline", "1500ms"] } else { &["--deadline", "4s"] };
    let (_, report, checks) = probe(&url, further, &[]).await;
    let failed: Vec<_> = with_result(&checks, "wrong")
        .into_iter()
        .filter(|name| *name != "in-time" || wrong == Wrong::Slow)
        .collect();
    let warnings = with_result(&checks, "warning");
    let all: String =
        checks.values().map(|check| format!("{} {}", check["findings"], check["warnings"])).collect();
    let all = all.replace("\\\"", "\"");
    let exact = AND_MORE.contains(&wrong) || failed.len() == expected.len();
    if !exact
        || !expected.iter().all(|name| failed.contains(name))
        || !warned.iter().all(|name| warnings.contains(name) || failed.contains(name))
        || !all.contains(finding)
    {
        let (all, found) = (all.replace("[] null", "").replace("[]", ""), all.contains(finding));
        return Err(format!(
            "{wrong:?}: wrong {failed:?}, warned {warnings:?}, `{finding}` {found} in {all}"
        ));
    }
    if wrong == Wrong::LetsNobodyIn {
        assert_eq!(checks["equal"]["result"], "skipped", "{report}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mistake_of_a_wrong_server_is_found() {
    let places = Arc::new(Semaphore::new(6));
    let running: Vec<_> = CASES
        .iter()
        .map(|case| {
            let places = Arc::clone(&places);
            tokio::spawn(async move {
                let _place = places.acquire().await.unwrap();
                check(case).await
            })
        })
        .collect();
    let mut failures = Vec::new();
    for case in running {
        failures.extend(case.await.unwrap().err());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// RP-11 is an option: said, and not wrong.
#[tokio::test]
async fn denials_under_another_code_are_noted() {
    let (exit, _, checks) =
        probe(&wrong::start(Wrong::DeniesWithCode).await, &["--deadline", "4s"], &[]).await;
    let note = checks["check-reply"]["notes"][0].as_str().unwrap();
    assert!(
        note.contains("RP-11") && with_result(&checks, "wrong").iter().all(|name| *name == "in-time"),
        "{exit} {checks:?}"
    );
}
