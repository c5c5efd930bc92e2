//! `doctor infer` through the binary: the four platforms and public ones from one example each, and bad input answered
//! with line and member. No run shows a secret.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::{Value, json, value::RawValue};
use sign_core::{Case, Hasher, Md5};
use sign_vectors::{Expected, Scheme};

struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}\n{}", self.stdout, self.stderr))
    }
}

/// Runs `duijie doctor infer - …`; none of the secrets in the input may be shown.
#[track_caller]
fn infer(args: &[&str], input: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.args(["doctor", "infer", "-"]).args(args).env_clear();
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let text = input.to_owned();
    let writer = thread::spawn(move || {
        let _ = pipe.write_all(text.as_bytes()); // it may end without reading
    });
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ran = Ran { exit: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) };
    for secret in secrets(input) {
        assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret), "shows {secret:.2}…");
    }
    ran
}

/// Whatever stands behind `"secret":"`, where it is long enough not to be in every other word.
fn secrets(input: &str) -> Vec<String> {
    let pieces = input.split("\"secret\":\"").skip(1);
    let texts = pieces.filter_map(|piece| piece.split('"').next());
    texts.filter(|secret| secret.len() > 6).map(str::to_owned).collect()
}

/// One example of each scheme, from the golden vectors.
fn example(scheme: Scheme) -> String {
    let vectors = sign_vectors::all().into_iter().filter(|it| it.scheme == scheme);
    let mut signed = vectors.filter_map(|vector| match &vector.expected {
        Expected::Signature { signature, .. } if !vector.id.contains("known") => {
            Some((vector.input_line.clone(), signature.clone()))
        }
        _ => None,
    });
    let (line, signature) = signed.next().unwrap();
    let input: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&line).unwrap();
    let raw = |name: &str| input[name].get();
    let parameters = match scheme {
        Scheme::Webank => format!("\"values\":{}", raw("values")),
        Scheme::WebankCallback => {
            format!("\"params\":{{\"Plain\":{},\"Timestamp\":{}}}", raw("plain"), raw("timestamp"))
        }
        _ => format!("\"params\":{}", raw("params")),
    };
    format!(r#"{{{parameters},"secret":{},"signature":"{signature}"}}"#, raw(scheme.secret_member()))
}

#[test]
fn the_four_platforms_from_one_example_each() {
    let check = |scheme: Scheme, digest: &str, output: &str, pair: &str, secret: Value| {
        let ran = infer(&["--json"], &example(scheme));
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        let found = ran.json();
        let recipe = &found["recipe"];
        assert_eq!(recipe["digest"], digest, "{recipe}");
        assert_eq!(recipe["output"], output, "{recipe}");
        assert_eq!(recipe["pair"], pair, "{recipe}");
        assert_eq!(recipe["secret"], secret, "{recipe}");
        assert_eq!(recipe["hmac"], false, "{recipe}");
        assert!(found["platforms"].as_array().unwrap().contains(&scheme.name().into()), "{found}");
        assert_eq!(found["rejected"], json!([]));
    };
    let end = |before: &str| json!({"end": {"before": before, "after": ""}});
    check(Scheme::Jinlaiban, "md5", "hex", "name-equals-value", end(""));
    check(Scheme::YichangSha1, "sha1", "upper-hex", "name-equals-value", end("&appSecret="));
    check(Scheme::YichangMd5, "md5", "upper-hex", "name-equals-value", end("&appSecret="));
    check(Scheme::Webank, "sha1", "upper-hex", "value", json!("sorted"));
    check(Scheme::WebankCallback, "sha256", "hex", "value", json!({"behind": {"count": 1}}));
}

/// Worked examples of other platforms' documents, with those documents' secrets.
const PAY: &str = r#"{"params":{"appid":"wxd930ea5d5a258f4f","mch_id":"10000100","device_info":"1000","body":"test","nonce_str":"ibuaiVcKdpRxkhJA"},"secret":"192006250b4c09247ec02edce69f6a2d","signature":"9A0A8659F005D6984697E2CA0A9CF3B7"}"#;
const PAY_HMAC: &str = r#"{"params":{"appid":"wxd930ea5d5a258f4f","mch_id":"10000100","device_info":"1000","body":"test","nonce_str":"ibuaiVcKdpRxkhJA"},"secret":"192006250b4c09247ec02edce69f6a2d","signature":"6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"}"#;
const TOP: &str = r#"{"params":{"method":"taobao.item.seller.get","app_key":"12345678","session":"test","timestamp":"2016-01-01 12:00:00","format":"json","v":"2.0","sign_method":"md5","fields":"num_iid,title,nick,price,num","num_iid":"11223344"},"secret":"helloworld","signature":"66987CB115214E59E6EC978214934FB8"}"#;
const JS_SDK: &str = r#"{"params":{"noncestr":"Wm3WZYTPz0wzccnW","timestamp":1414587457,"url":"http://mp.weixin.qq.com?params=value"},"secret":"sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg","signature":"0f9de62fce790f9a083d5c99e95740ceb90c27ed"}"#;
const TENCENT_AI: &str = r#"{"params":{"app_id":"10000","time_stamp":"1493449657","nonce_str":"20e3408a79","key1":"腾讯AI开放平台","key2":"示例仅供参考"},"secret":"a95eceb1ac8c24ee28b70f7dbba912bf","signature":"BE918C28827E0783D1E5F8E6D7C37A61"}"#;
const TRANSLATE: &str = r#"{"values":["2015063000000001","apple","1435660288"],"secret":"12345678","signature":"f89f9594663708c1605f3d736d01d2d4"}"#;

/// The recipe in words.
#[track_caller]
fn check(line: &str, lang: &str, words: &[&str]) {
    let ran = infer(&["--lang", lang], line);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    for words in words {
        assert!(ran.stdout.contains(words), "no {words} in {}", ran.stdout);
    }
    assert_eq!(ran.stderr, "");
}

#[test]
fn public_platforms_from_one_example_each() {
    check(PAY, "en", &["the recipe (1 example, ", "  4. the secret: at the end as `…&key=SECRET`\n"]);
    check(PAY, "zh", &["做法（1 个例子，试了", "`…&key=SECRET`", "例子没有说明"]);
    check(PAY_HMAC, "en", &["`…&key=SECRET`; it is the key of the HMAC", "HMAC-SHA-256"]);
    check(TOP, "en", &["at both ends as `SECRET…SECRET`", "each is written as `namevalue`"]);
    check(JS_SDK, "en", &["`jsapi_ticket`", "SHA-1", "lower-case hexadecimal"]);
    check(TENCENT_AI, "en", &["`…&app_key=SECRET`", "form-encoded"]);
    check(TRANSLATE, "en", &["values without names", "at the end as `…SECRET`"]);
}

#[test]
fn code_goes_to_stdout_alone_and_words_to_stderr() {
    let check = |language: &str, words: &str| {
        let ran = infer(&["--code", language, "--lang", "en"], PAY);
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains(words) && !ran.stdout.contains("==>"), "{}", ran.stdout);
        assert!(ran.stderr.starts_with("the recipe (1 example"), "{}", ran.stderr);
    };
    check("rust", "sign_core::");
    check("java", "MessageDigest");
    check("python", "hashlib.md5(data)");
    check("php", "<?php");
    check("go", "crypto/md5");
    check("javascript", "createHash(");
    check("js", "createHash(");
    let all = infer(&["--code", "all", "--code", "go,php"], PAY).stdout;
    let titles: Vec<_> = all.lines().filter(|line| line.starts_with("==> ")).collect();
    let expected = ["rust", "java", "python", "php", "go", "javascript"].map(|it| format!("==> {it} <=="));
    assert_eq!(titles, expected);
    let found = infer(&["--code", "all", "--json"], PAY).json();
    assert_eq!(found["code"].as_object().unwrap().len(), 6, "{found}");
    assert_eq!(found["codeErrors"], json!({}));
}

#[test]
fn what_a_language_lacks_is_said() {
    let ran = infer(&["--code", "rust"], PAY_HMAC);
    assert_eq!((ran.exit, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("no rust code for this recipe"), "{}", ran.stderr);
    let ran = infer(&["--code", "all", "--json"], PAY_HMAC);
    let found = ran.json();
    assert_eq!(ran.exit, 0);
    assert_eq!(found["code"].as_object().unwrap().len(), 5, "{found}");
    assert!(found["codeErrors"]["rust"].as_str().unwrap().contains("HMAC"), "{found}");
    let ran = infer(&["--code", "cobol"], PAY);
    assert!(ran.exit == 2 && ran.stderr.contains("invalid value 'cobol'"), "{}", ran.stderr);
}

#[test]
fn several_examples_leave_less_open() {
    let line = |params: Value, signature: &str| {
        json!({ "params": params, "secret": "58b31d465652be856d7ed80977aa4ce4", "signature": signature })
            .to_string()
    };
    let one = line(json!({"uid": 1000, "timestamp": "1548047628"}), "15540d3398e5ed2a37533e3fc032e1a0");
    let found = infer(&["--json"], &one).json();
    let again = infer(&["--json"], &format!("{one}\n\n{one}\r\n")).json();
    assert_eq!((&found["examples"], &again["examples"]), (&json!(1), &json!(2)));
    assert_eq!(found["recipe"], again["recipe"]);
    assert!(!found["undecided"].as_array().unwrap().is_empty());
    // As one document over several lines, and as an array, with a byte order mark.
    let value: Value = serde_json::from_str(&one).unwrap();
    let pretty = format!("\u{feff}{value:#}\n");
    assert_eq!(infer(&["--json"], &pretty).json()["recipe"], found["recipe"]);
    let array = format!("[{one},\n{one}]");
    assert_eq!(infer(&["--json"], &array).json()["examples"], 2);
}

#[test]
fn bad_lines_are_told_with_line_and_member() {
    let bad = [
        "no",
        r#"{"params":{"a":"1"},"secret":"first-secret","signature":12}"#,
        r#"{"params":{"a":"1"},"secret":"third-secret","signature":"xyz"}"#,
        r#"{"params":{"a":"1"},"secret":98765432101,"signature":"x"}"#,
        r#"{"values":{"a":"1"},"secret":"fourth-secret"}"#,
    ];
    let ran = infer(&["--json"], &format!("{}\n{PAY}\n{}\n", bad[0], bad[1..].join("\n")));
    assert_eq!(ran.exit, 3, "{}", ran.stderr);
    let found = ran.json();
    let rejected: Vec<_> = found["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["line"].as_u64().unwrap(), it["member"].as_str().unwrap_or("-")))
        .collect();
    let expected = [(1, "-"), (3, "signature"), (4, "signature"), (5, "secret"), (6, "values")];
    assert_eq!(rejected, expected, "{found}");
    assert!(ran.stderr.contains("duijie: line 1: not a JSON object\n"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("duijie: line 3: `signature`: a number: a text is needed\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("line 4: `signature`: signature has 3 characters"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("98765432101"), "{}", ran.stderr);

    let ran = infer(&["--lang", "en"], &bad.join("\n"));
    assert_eq!((ran.exit, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("none of 5 lines is an example"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("what was tried"), "{}", ran.stderr);
}

#[test]
fn where_nothing_fits_it_says_what_was_tried() {
    let unknown = TRANSLATE.replace("f89f", "0000");
    let ran = infer(&["--lang", "en"], &unknown);
    assert_eq!((ran.exit, ran.stdout.as_str()), (1, ""));
    for words in ["recipes makes the signature of line 1", "what was tried:", "HMAC", "separators"] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    let ran = infer(&["--lang", "zh", "--json"], &format!("\n{unknown}"));
    let document = ran.json();
    assert!(ran.stderr.contains("试过的有") && ran.stderr.contains("line 2"), "{}", ran.stderr);
    assert_eq!((ran.exit, &document["exit"]), (1, &json!(1)));
    assert!(document["tried"].as_array().unwrap().len() > 5, "{document}");
}

#[test]
fn examples_of_two_platforms_contradict() {
    // Alike but for the secret's place, and the longer one first.
    let long = PAY.replace("\"test\"", "\"tested\"");
    let ran = infer(&["--lang", "en"], &format!("{long}\n\n{PAY}"));
    assert_eq!(ran.exit, 1);
    assert!(
        ran.stderr.contains("make the signature of line 3, none of them that of line 1"),
        "{}",
        ran.stderr
    );
}

#[test]
fn input_that_is_none_is_a_usage_error() {
    let check = |input: &str, words: &str| {
        let ran = infer(&[], input);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    };
    check("", "holds no example");
    check("\n \r\n", "holds no example");
    check("[]", "holds no example");
    let output = Command::new(env!("CARGO_BIN_EXE_duijie"))
        .args(["doctor", "infer", "/nonexistent.jsonl"])
        .env_clear()
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && stderr.contains("/nonexistent.jsonl"), "{stderr}");
}

#[test]
fn what_is_too_long_to_search_is_said() {
    let long =
        json!({"params": {"a": "x".repeat(20_000)}, "secret": "s", "signature": "0".repeat(32)}).to_string();
    let ran = infer(&[], &long);
    assert!(ran.exit == 1 && ran.stderr.contains("give a shorter one"), "{}", ran.stderr);
    // Beside a shorter one it is fine, and only compared.
    let ran = infer(&["--json"], &format!("{long}\n{PAY}"));
    assert!(ran.exit == 1 && ran.stderr.contains("line 2, none of them that of line 1"), "{}", ran.stderr);
}

#[test]
fn a_secret_that_is_a_name_is_hidden() {
    // The sender sends its secret as a parameter's name; the recipe would repeat it.
    let name = "58b31d465652be856d7ed80977aa4ce4";
    let line = json!({
        "params": {"uid": 1000, "timestamp": "1548047628", name: "x"},
        "secret": name,
        "signature": "15540d3398e5ed2a37533e3fc032e1a0",
    });
    for args in [&["--json"][..], &[], &["--lang", "zh"], &["--code", "python"]] {
        let ran = infer(args, &line.to_string());
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
    }
}

#[test]
fn a_secret_that_is_a_common_word_hides_no_word() {
    let line = json!({
        "values": ["a", "b"],
        "secret": "secret",
        "signature": "b5a8e8e2b8b1b5a1c5d1d5b1e1f1a1b1",
    });
    let ran = infer(&["--lang", "en"], &line.to_string());
    assert!(ran.exit == 1 && ran.stderr.contains("is its secret right"), "{}", ran.stderr);
}

#[test]
fn an_example_among_many_that_differs_is_searched_with() {
    // All alike but the last, which alone says that values are sorted without regard to letter case.
    let line = |values: [&str; 2], text: &str| {
        let signature = Hasher::<Md5>::of(text.as_bytes()).signature(Case::Lower);
        json!({ "values": values, "secret": "58b31d46", "signature": signature.as_str() }).to_string()
    };
    let mut lines: Vec<_> =
        (100..400).map(|i| line([&format!("a{i}"), "b"], &format!("a{i}b58b31d46"))).collect();
    let orders = |lines: &[String]| {
        let ran = infer(&["--json"], &lines.join("\n"));
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        (ran.json()["recipe"]["order"].clone(), ran.json()["examples"].clone())
    };
    let (plain, count) = orders(&lines);
    assert_eq!((&plain["collation"], count), (&json!("bytes"), json!(300)));
    lines.push(line(["b9999", "A1"], "A1b999958b31d46"));
    lines.push(line(["B9999", "a1"], "a1B999958b31d46"));
    let (found, count) = orders(&lines);
    assert_eq!((&found["collation"], count), (&json!("ignore-case"), json!(302)), "{found}");
}
