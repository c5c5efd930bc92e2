//! What people see.

use super::run::{JINLAIBAN, WEBANK, YC_1, YICHANG, doctor};

const KNOWN: [&str; 5] = ["jinlaiban", "--param", "uid=1000", "--param", "timestamp=1548047628"];

fn page(args: &[&str], environment: &[(&str, &str)]) -> String {
    doctor(args, environment, "").stdout
}

#[test]
fn the_difference_is_marked() {
    // The secret behind an `&`, which does not belong there.
    let got = ["--got", "76ad86ec474755e9b83a27db6c46acf9", "--at", "1548047628"];
    let shown = page(&[&KNOWN[..], &got].concat(), &[JINLAIBAN]);
    assert_eq!(
        shown,
        "✗ the signature is wrong: one mistake explains it

1. the secret is at the end as `…&SECRET`
   fix: it must be at the end as `…SECRET`
   see: jinlaiban SPEC.md §2.4

other explanations that fit as well
  · the secret is directly behind the first 2 parameters (the same text to sign: nothing tells them apart)

what was signed (-) and what should be signed (+), step by step
  parameters  the parameters that take part
              uid=1000
              timestamp=1548047628
  sorted      sorted as formatted pairs, not by name alone, by UTF-16 code unit, as Java does
              timestamp=1548047628
              uid=1000
- text        joined with `&`; the secret at the end as `…&SECRET`; left as it is, in UTF-8
+             joined with `&`; the secret at the end as `…SECRET`; left as it is, in UTF-8
-             timestamp=1548047628&uid=1000&‹secret 32 B›
+             timestamp=1548047628&uid=1000‹secret 32 B›
                                           ^
  digest      MD5, once
  signature   written as lower-case hexadecimal
-             76ad86ec474755e9b83a27db6c46acf9
+             15540d3398e5ed2a37533e3fc032e1a0
"
    );
}

#[test]
fn both_languages_and_the_locale() {
    let zh = page(&["yichang", YC_1, "--lang", "zh"], &[YICHANG]);
    assert!(
        zh.starts_with("✗ 签名错误：1 处错误可以解释它\n\n1. 摘要算法用成了 MD5，应为 SHA-1：YC-1\n"),
        "{zh}"
    );
    assert_eq!(page(&["yichang", YC_1], &[YICHANG, ("LANG", "zh_CN.UTF-8")]), zh);
    assert!(
        page(&["yichang", YC_1, "--lang", "en"], &[YICHANG, ("LANG", "zh_CN.UTF-8")])
            .contains("the digest is")
    );
    let json = doctor(&["yichang", YC_1, "--lang", "zh", "--json"], &[YICHANG], "").json();
    assert_eq!(json["explanations"][0]["mistakes"][0]["fix"], "改用 SHA-1");
}

#[test]
fn colours_are_not_for_pipes() {
    for environment in [&[YICHANG, ("TERM", "xterm-256color")][..], &[YICHANG, ("CLICOLOR", "1")]] {
        assert!(!page(&["yichang", YC_1], environment).contains('\u{1b}'));
    }
}

#[test]
fn without_a_signature_the_request_is_looked_over() {
    let look = |args: &[&str]| {
        let answer = doctor(&[args, &["--at", "1548047628"]].concat(), &[JINLAIBAN], "");
        (answer.exit, answer.stdout)
    };
    let (exit, shown) = look(&KNOWN);
    assert_eq!(exit, 0);
    assert!(
        shown.starts_with("· no signature is given, and nothing about the request is certainly wrong\n"),
        "{shown}"
    );
    assert!(shown.ends_with("15540d3398e5ed2a37533e3fc032e1a0\n"), "{shown}");
    let (exit, shown) = look(&["jinlaiban", "--param", "appCode=a", "--param", "timestamp=1548047628000"]);
    assert_eq!(exit, 1);
    assert!(shown.contains("✗ `appCode` should be `appcode`: names are case-sensitive"), "{shown}");
    assert!(shown.contains("✗ `timestamp` is in milliseconds, seconds are wanted"), "{shown}");
}

#[test]
fn remarks_are_told_beside_the_verdict() {
    let kinds = |args: &[&str], environment: &[(&str, &str)]| {
        let document = doctor(&[args, &["--json"]].concat(), environment, "").json();
        let remarks = document["remarks"].as_array().unwrap().clone();
        remarks.iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let at = ["--at", "1548047628"];
    assert_eq!(kinds(&[&KNOWN[..], &at].concat(), &[JINLAIBAN]), [""; 0]);
    assert_eq!(kinds(&[&KNOWN[..], &["--at", "1548050000"]].concat(), &[JINLAIBAN]), ["stale-time-stamp"]);
    let date = ["--date", "Mon, 21 Jan 2019 05:11:08 GMT"];
    assert_eq!(kinds(&[&KNOWN[..], &at, &date].concat(), &[JINLAIBAN]), ["clock-skew"]);
    let secret = ("JINLAIBAN_APPSECRET", "58b31d465652be856d7ed80977aa4ce4\n");
    assert_eq!(kinds(&[&KNOWN[..], &at].concat(), &[secret]), ["secret-white-space", "secret-length"]);
    let url = "http://h/?appcode=a&signature=15540d3398e5ed2a37533e3fc032e1a0";
    assert_eq!(kinds(&["jinlaiban", url], &[JINLAIBAN]), ["signature-name"]);
    let url = "http://h/?appcode=a&sign=15540d3398e5ed2a37533e3fc032e1a0";
    let got = "25540d3398e5ed2a37533e3fc032e1a0";
    assert_eq!(kinds(&["jinlaiban", url, "--got", got], &[JINLAIBAN]), ["another-signature"]);
    assert_eq!(kinds(&["jinlaiban", &format!("curl {url}")], &[JINLAIBAN]), ["unquoted-url"]);
    let body = super::run::Scratch::new(br#"{"b": 2, "a": 1}"#);
    let webank = ["webank", r#"{"app_id":"a","version":"2.0.0","body":"{\"a\":1,\"b\":2}"}"#];
    assert_eq!(
        kinds(&[&webank[..], &["--sent-body", body.path()]].concat(), &[WEBANK]),
        ["body-written-anew"]
    );
}

/// What differs in a body is not shown, but told.
#[test]
fn a_body_stays_a_length() {
    let right = r#"{"ID_NO": "411528199110024452", "A": 1}"#;
    let body = super::run::Scratch::new(right.as_bytes());
    let values = ["webank", "--value", "a", "--body", body.path()];
    let shown = page(&values, &[WEBANK]);
    assert!(shown.contains(&format!("‹text {} B›", right.len())) && !shown.contains("411528"), "{shown}");
    // Signed without its blanks.
    let compact = super::run::Scratch::new(right.replace(' ', "").as_bytes());
    let signed =
        doctor(&["webank", "--value", "a", "--body", compact.path(), "--json"], &[WEBANK], "").json();
    let got = signed["stages"][4]["lines"][0].as_str().unwrap().to_owned();
    let shown = page(&[&values[..], &["--got", &got]].concat(), &[WEBANK]);
    assert!(
        shown.contains("body was signed without its white space")
            || shown.contains("`body` was signed without"),
        "{shown}"
    );
    assert!(
        shown.contains("they part within the body, which is not shown, at its character 10\n"),
        "{shown}"
    );
    assert!(!shown.contains("411528"), "{shown}");
}

#[test]
fn nothing_in_a_value_moves_the_cursor() {
    let shown =
        page(&["jinlaiban", "--param", "appcode=a\u{1b}[2J\nb", "--param", "na\u{202e}me=\r"], &[JINLAIBAN]);
    assert!(
        shown.contains("appcode=a\\u{1b}[2J\\nb") && !shown.contains(['\u{1b}', '\u{202e}', '\r']),
        "{shown}"
    );
}
