//! What a new user gets wrong: each is told with what to do, exit 2, and nothing on stdout.

use super::run::{JINLAIBAN, SALT, Scratch, WEBANK, YC_1, YICHANG, doctor};

const ALL: [(&str, &str); 4] = [JINLAIBAN, YICHANG, WEBANK, SALT];

#[track_caller]
fn check(args: &[&str], stdin: &str, words: &str) {
    let answer = doctor(args, &ALL, stdin);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains(words), "{}", answer.stderr);
    assert_eq!(answer.stdout, "", "{}", answer.stderr);
}

#[test]
fn no_input() {
    check(&["jinlaiban"], "", "nothing to examine: give the form or query");
    check(&["yichang", "-"], "\n \n", "give appId, deviceId, deviceType, nonceStr and timeStamp");
    check(&["webank", "{}"], "", "give app_id, version, nonce and the body");
    check(&["webank-callback", "[]"], "", "give Plain and Timestamp");
    check(&["yichang", "http://h/?mobile=1"], "", "nothing in the input takes part in the signature");
    check(&["jinlaiban", Scratch::new(b" \n").path()], "", "is empty");
    check(&[], "", "Usage:");
    check(&["rabbitpre"], "", "unrecognized subcommand");
}

#[test]
fn no_secret() {
    let answer = doctor(&["yichang", YC_1], &[JINLAIBAN], "");
    assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""));
    assert!(answer.stderr.contains("set the environment variable YICHANG_APP_SECRET"), "{}", answer.stderr);
    let answer = doctor(&["yichang", YC_1], &[("YICHANG_APP_SECRET", "")], "");
    assert!(answer.exit == 2 && answer.stderr.contains("YICHANG_APP_SECRET is empty"), "{}", answer.stderr);
    check(&["yichang", YC_1, "--secret-env", "TEST_SECRET"], "", "set the environment variable TEST_SECRET");
    check(&["yichang", YC_1, "--secret-file", "/nowhere"], "", "cannot read the secret file `/nowhere`");
    check(&["yichang", YC_1, "--secret-env", "8e85e612"], "", "takes the name of an environment variable");
}

#[test]
fn what_is_no_input() {
    check(&["jinlaiban", "hello"], "", "the input (5 characters) is not understood, and no such file exists");
    check(&["jinlaiban", "https://host/path"], "", "it looks like a URL, but has no query");
    check(&["jinlaiban", "POST /x HTTP/1.1"], "", "not understood");
    check(&["jinlaiban", "-"], "POST /x?a=1 HTTP/1.1\nHost: h\n", "a raw HTTP request is not read");
    check(&["jinlaiban", "@/nowhere"], "", "cannot read `/nowhere`");
    check(&["jinlaiban", "/"], "", "cannot read `/`");
    check(
        &["jinlaiban", Scratch::new(b"{\"a\":\"\xd6\xd0\"}").path()],
        "",
        "is not UTF-8 from byte 6: was it saved in GBK",
    );
    check(
        &["jinlaiban", "http://h/?a=%zz"],
        "",
        "the URL's query: `%` at byte 2 is not followed by two hexadecimal digits",
    );
    check(&["jinlaiban", "http://h/?a=%d6%d0"], "", "is not UTF-8");
    check(&["jinlaiban", "--param", "a"], "", "--param takes NAME=VALUE");
    check(&["jinlaiban", "--param", "a=1", "--budget", "many"], "", "invalid value 'many'");
    check(&["jinlaiban", "--param", "a=1", "--mistakes", "4"], "", "4 is not in 0..=3");
}

#[test]
fn signatures_that_are_none() {
    let got = |got: &str, words: &str| check(&["jinlaiban", "--param", "a=1", "--got", got], "", words);
    got("abc", "signature has 3 characters and is neither hexadecimal");
    got("", "signature has 0 characters");
    got("签名", "signature has 2 characters");
    got("15540d3398e5ed2a37533e3fc032e1a", "signature has 31 characters");
    check(&["jinlaiban", "a=1&sign=15540d33"], "", "signature has 8 characters");
}

#[test]
fn broken_json() {
    check(&["jinlaiban", r#"{"a":"1""#], "", "the JSON input is broken at line 1, column 8: is it cut off");
    check(&["jinlaiban", "{'a':1}"], "", "broken at line 1, column 2");
    check(&["jinlaiban", "-"], "{\"a\":1}\n{\"a\":2}\n", "broken at line 2");
    check(&["jinlaiban", r#"{"a":"\ud800"}"#], "", "the JSON input is broken");
    check(
        &["jinlaiban", r#"{"scheme":"webank","values":["a"]}"#],
        "",
        "the input is of the scheme `webank`, not `jinlaiban`: examine it with `duijie doctor webank`",
    );
    check(&["jinlaiban", r#"{"scheme":"md5","params":{"a":1}}"#], "", "the scheme `md5`, which is unknown");
    check(
        &["jinlaiban", r#"{"params":{"a":1},"secret":"s3cret"}"#],
        "",
        "must not stand on the command line",
    );
    check(&["jinlaiban", "-"], r#"{"params":{"a":1},"secret":""}"#, "the secret in the JSON input is empty");
}

#[test]
fn broken_curl() {
    let curl = |command: &str, words: &str| {
        check(&["jinlaiban", command], "", words);
        check(&["jinlaiban", "-"], command, words);
    };
    curl("curl", "the curl command has no URL");
    curl("curl 'http://h/?a=1", "a `'` is not closed: is the command cut off?");
    curl("curl \"http://h/?a=1", "a `\"` is not closed");
    curl("curl http://h/?a=1 \\", "it ends with a `\\`: the next line is missing");
    curl("curl http://h/?a=1 -d", "-d has no value: is it cut off?");
    curl("curl http://h/?a=1 --data", "--data has no value");
    curl("curl http://h/?a=1 -d sign=$SIGN", "`$SIGN` is filled in by the shell alone");
    curl("curl “http://h/?a=1”", "typographic quote");
    curl("curl ^\"http://h/?a=1^\"", "Windows' cmd");
    curl("curl http://h/?a=1 http://h/?a=2", "more than one URL");
    curl("curl http://h/?a=1 --next http://h/?a=2", "several requests");
    curl("curl http://h/?a=1\ncurl http://h/?a=2\n", "more than one curl command");
    curl("curl http://h/ --data=a=1", "put a blank between `--data` and its value");
    curl("curl http://h/ -F a", "-F takes NAME=CONTENT");
    curl("curl http://h/ -K options.txt", "takes its options from a file");
    curl("curl http://h/ --data-binary @/nowhere/body.json", "cannot read `/nowhere/body.json`");
}

#[test]
fn a_refused_request_is_diagnosed_all_the_same() {
    let url = "http://h/?appId=a&deviceId=&nonceStr=abcdef&timeStamp=1574251924&signature=6FF704C5DF1FB65BE046EC202BE353E0";
    let answer = doctor(&["yichang", url, "--mistakes", "1"], &ALL, "");
    assert_eq!(answer.exit, 1);
    assert!(answer.stdout.contains("✗ required parameter `deviceId` is empty"), "{}", answer.stdout);
    let twice = doctor(&["jinlaiban", "--param", "appcode=1", "--param", "appcode=2"], &ALL, "");
    assert_eq!(twice.exit, 1);
    assert!(twice.stdout.contains("parameter `appcode` is given twice"), "{}", twice.stdout);
    // A nested value can be there, where it takes no part.
    let nested = doctor(&["jinlaiban", r#"{"appcode":"a","data":[{"id":1}]}"#], &ALL, "");
    assert_eq!(nested.exit, 0, "{}", nested.stdout);
}

#[test]
fn failures_are_documents_too() {
    let answer = doctor(&["jinlaiban", "hello", "--json"], &ALL, "");
    assert_eq!((answer.exit, &answer.json()["exit"]), (2, &2.into()));
}

#[test]
fn the_help_says_what_is_taken_and_how_it_ends() {
    let help = doctor(&["yichang", "--help"], &[], "").stdout;
    for words in ["curl command", "--secret-env", "--reveal-secret", "Exit codes:", "--got"] {
        assert!(help.contains(words), "{words}: {help}");
    }
}
