//! `sign` and `verify` through the binary: every golden vector, and bad input answered clearly.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::Value;
use sign_vectors::{Expected, Scheme, Vector};

fn duijie(args: &[&str], environment: &[(&str, &str)], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duijie"));
    command.args(args).env_clear().envs(environment.iter().copied());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = stdin.to_owned();
    // Written beside the reading, so that neither side waits for the other with a full pipe.
    let writer = thread::spawn(move || {
        // A process that ends early, on a usage error, closes the pipe.
        let _ = pipe.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn batch(stdin: &str) -> (i32, Vec<Value>) {
    let output = duijie(&["sign", "--batch"], &[], stdin);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let lines = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), lines)
}

#[test]
fn batch_reproduces_every_vector_in_order() {
    let all = sign_vectors::all();
    let (good, bad): (Vec<&Vector>, Vec<&Vector>) =
        all.iter().partition(|vector| matches!(vector.expected, Expected::Signature { .. }));
    assert!(good.len() >= 500 && bad.len() >= 20, "{} and {}", good.len(), bad.len());

    let input: String = good.iter().map(|vector| format!("{}\n", vector.input_line)).collect();
    let (exit, answers) = batch(&input);
    assert_eq!((exit, answers.len()), (0, good.len()));
    for (vector, answer) in good.iter().zip(&answers) {
        let Expected::Signature { signature, .. } = &vector.expected else { panic!("partitioned") };
        assert_eq!(answer, &serde_json::json!({ "signature": signature }), "{} {}", vector.id, vector.note);
    }

    let input: String = bad.iter().map(|vector| format!("{}\n\n", vector.input_line)).collect();
    let (exit, answers) = batch(&input);
    assert_eq!((exit, answers.len()), (1, bad.len()));
    for ((vector, answer), line) in bad.iter().zip(&answers).zip((1..).step_by(2)) {
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{} was signed: {answer}", vector.id));
        assert!(error.starts_with(&format!("line {line}: ")), "{error}");
    }
}

#[test]
fn known_answers_from_flags() {
    let check = |args: &[&str], secret: (&str, &str), expected: &str| {
        let output = duijie(args, &[secret], "");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected, "{output:?}");
        assert_eq!(output.status.code(), Some(0));
    };
    let jinlaiban = ("JINLAIBAN_APPSECRET", "58b31d465652be856d7ed80977aa4ce4");
    let args = ["sign", "jinlaiban", "--param", "uid=1000", "--param", "timestamp=1548047628"];
    check(&args, jinlaiban, "15540d3398e5ed2a37533e3fc032e1a0");
    // The document's own URL: parameters and signature in its query.
    let url = "http://jgfw.yichang.gov.cn/api/syncauth/login?appId=RSJ00001&deviceId=67D3D9A8-4D67-2444-71CE-66851AEDCFE1\
               &deviceType=WEB&nonceStr=6PQfHMIv&timeStamp=1574251924&signature=6FF704C5DF1FB65BE046EC202BE353E0";
    let yichang = ("YICHANG_APP_SECRET", "8e85e612698296b4c522bfa7eb0b82a8");
    check(&["sign", "yichang-md5", "--url", url], yichang, "6FF704C5DF1FB65BE046EC202BE353E0");
    check(&["sign", "yichang-sha1", "--url", url], yichang, "52A35F526E57191FFC620650A167E8FF883D5761");
    check(&["verify", "yichang-md5", "--url", url], yichang, "the signature is right");
    check(
        &["verify", "yichang-md5", "--url", url, "--json"],
        yichang,
        "{\n  \"reason\": null,\n  \"valid\": true\n}",
    );
}

/// The stages of a scheme, in both languages and as JSON; the signature alone is the last line.
#[track_caller]
fn check_explained(args: &[&str], secret: (&str, &str), signature: &str, text: &str) {
    let english = ["parameters", "sorted", "text", "digest", "signature"];
    let chinese = ["参数", "排序", "原文", "摘要", "签名"];
    for (lang, joined, stages) in [("en", "the secret", english), ("zh", "密钥", chinese)] {
        let output = duijie(&[&["sign"], args, &["--explain", "--lang", lang]].concat(), &[secret], "");
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{:?}", String::from_utf8(output.stderr));
        let lines: Vec<_> = stdout.lines().collect();
        assert_eq!(lines.last(), Some(&signature));
        assert!(lines.contains(&format!("              {text}").as_str()), "no {text} in {stdout}");
        for stage in stages {
            assert!(
                lines.iter().any(|line| line.starts_with(&format!("  {stage} "))),
                "no {stage} in {stdout}"
            );
        }
        assert!(stdout.contains(joined) && !stdout.contains(secret.1), "{stdout}");
    }
    let output = duijie(&[&["sign"], args, &["--explain", "--json"]].concat(), &[secret], "");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(!stdout.contains(secret.1), "{stdout}");
    let document: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(document["signature"], signature);
    assert!(document["text"].is_string() && document["digest"].is_string(), "{document}");
    let stages = document["stages"].as_array().unwrap();
    let names: Vec<_> = stages.iter().map(|stage| stage["name"].as_str().unwrap()).collect();
    assert_eq!(names, english);
    assert_eq!((&stages[2]["lines"][0], &stages[4]["lines"][0]), (&text.into(), &signature.into()));
}

#[test]
fn explain_shows_the_stages_of_every_scheme() {
    let jinlaiban = ("JINLAIBAN_APPSECRET", "58b31d465652be856d7ed80977aa4ce4");
    let args = [
        "jinlaiban",
        "--param",
        "uid=1000",
        "--param",
        "timestamp=1548047628",
        "--param",
        "sign=x",
        "--param",
        "r=",
    ];
    let text = "timestamp=1548047628&uid=1000‹secret 32 B›";
    check_explained(&args, jinlaiban, "15540d3398e5ed2a37533e3fc032e1a0", text);
    let url = "http://jgfw.yichang.gov.cn/api/syncauth/login?appId=RSJ00001&deviceId=67D3D9A8-4D67-2444-71CE-66851AEDCFE1\
               &deviceType=WEB&nonceStr=6PQfHMIv&timeStamp=1574251924&signature=6FF704C5DF1FB65BE046EC202BE353E0";
    let yichang = ("YICHANG_APP_SECRET", "8e85e612698296b4c522bfa7eb0b82a8");
    let text = "appId=RSJ00001&deviceId=67D3D9A8-4D67-2444-71CE-66851AEDCFE1&deviceType=WEB&nonceStr=6PQfHMIv\
                &timeStamp=1574251924&appSecret=‹secret 32 B›";
    check_explained(&["yichang-md5", "--url", url], yichang, "6FF704C5DF1FB65BE046EC202BE353E0", text);
    check_explained(
        &["yichang-sha1", "--url", url],
        yichang,
        "52A35F526E57191FFC620650A167E8FF883D5761",
        text,
    );
    // The signatures of these are what `sign` says without `--explain`.
    let plain = |args: &[&str], secret: (&str, &str)| {
        let output = duijie(&[&["sign"], args].concat(), &[secret], "");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    let webank = ("WEBANK_TICKET", "ticket-ticket");
    let body = r#"{"ID_NO":"411528199110024452"}"#;
    let args = ["webank", "--value", "b2", "--value", "a1", "--value", "", "--value", body];
    let signature = plain(&args, webank);
    check_explained(&args, webank, &signature, "a1b2‹secret 13 B›‹text 30 B›");
    let callback = ("WEBANK_CALLBACK_SALT", "salt-salt");
    let args = ["webank-callback", "--plain", "%7B%7D", "--timestamp", "1519700632680"];
    let signature = plain(&args, callback);
    check_explained(&args, callback, &signature, "‹text 6 B›‹secret 9 B›1519700632680");
}

#[test]
fn explain_hides_a_secret_that_travels() {
    let secret = ("JINLAIBAN_APPSECRET", "s3cret-s3cret");
    let args = ["sign", "jinlaiban", "--param", "uid=1000", "--param", "key=s3cret-s3cret", "--explain"];
    for more in [&[][..], &["--json"]] {
        let output = duijie(&[&args[..], more].concat(), &[secret], "");
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(!stdout.contains("s3cret") && stdout.contains("key=‹secret 13 B›"), "{stdout}");
    }
}

#[track_caller]
fn check_failure(args: &[&str], environment: &[(&str, &str)], exit: i32, words: &str) {
    let output = duijie(args, environment, "");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{stderr}");
    assert!(stderr.contains(words), "{stderr}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn bad_input_is_told_with_whose_fault_it_is() {
    let sign = ["sign", "jinlaiban", "--param", "a=1"];
    check_failure(&sign, &[], 2, "set the environment variable JINLAIBAN_APPSECRET");
    check_failure(&sign, &[("JINLAIBAN_APPSECRET", "")], 2, "JINLAIBAN_APPSECRET is empty");
    check_failure(&["sign", "md5"], &[], 2, "invalid value 'md5'");
    check_failure(&["sign"], &[], 2, "required");
    check_failure(&["sign", "jinlaiban", "--batch"], &[], 2, "cannot be used with");
    check_failure(&["sign", "--batch", "--explain"], &[], 2, "cannot be used with '--explain'");
    check_failure(&["sign", "jinlaiban"], &[("JINLAIBAN_APPSECRET", "s")], 2, "nothing to sign");
    let empty = ["sign", "jinlaiban", "--param", "nonce="];
    check_failure(&empty, &[("JINLAIBAN_APPSECRET", "s")], 1, "required parameter `nonce` is empty");
    let missing = ["sign", "yichang-md5", "--param", "appId=x"];
    check_failure(&missing, &[("YICHANG_APP_SECRET", "s")], 1, "parameter `deviceId` is missing");
    check_failure(
        &["sign", "jinlaiban", "--param", "a=1", "--config", "/nonexistent.toml"],
        &[],
        2,
        "nonexistent",
    );
    check_failure(&["nothing"], &[], 2, "unrecognized subcommand");
}

#[test]
fn a_wrong_signature_is_exit_1_with_the_reason() {
    let verify = |got: &str| {
        let args = ["verify", "jinlaiban", "--param", "uid=1000", "--got", got, "--lang", "zh"];
        let output = duijie(&args, &[("JINLAIBAN_APPSECRET", "s")], "");
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(verify("abc").0, 1);
    assert!(verify("abc").1.contains("3 characters, 32 expected"));
    assert!(verify(&"0".repeat(32)).1.contains("does not match"));
}

#[test]
fn completions_are_scripts() {
    for (shell, words) in
        [("bash", "complete -F"), ("zsh", "#compdef duijie"), ("fish", "complete -c duijie")]
    {
        let output = duijie(&["completions", shell], &[], "");
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8(output.stdout).unwrap().contains(words), "{shell}");
    }
}

#[test]
fn every_scheme_of_the_vectors_is_known() {
    for scheme in Scheme::ALL {
        let line = format!(r#"{{"scheme":"{}"}}"#, scheme.name());
        let (exit, answers) = batch(&line);
        let error = answers[0]["error"].as_str().unwrap();
        assert!(exit == 1 && !error.contains("unknown scheme"), "{error}");
    }
}
