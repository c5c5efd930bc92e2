//! `duijie rabbitpre check`: the contract's lines, and the table for people.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::serving::{Folder, Ran, run};

const REQUEST: &str = r#"{"userParam":{"audid":9007199254740993,"realName":"张三丰"},"checkType":true,"externalConfigId":"c1","authParams":[
    {"chineseName":"年龄","englishName":"age","paramType":"number","operator":"GTEQ","values":"18"},
    {"chineseName":"城市","englishName":"city","paramType":"cascader","values":[["湖北省","宜昌市"],["山西省"]]},
    {"chineseName":"姓名","englishName":"realName","paramType":"text","operator":"IN","values":["甲","乙","丙","丁","戊","己","庚"]}]}"#;
const SETTINGS: &str = r#"{"c1":{"userId":"u","settingData":[{"label":"会员","name":"level","type":"checkbox","value":"gold"}]}}"#;

async fn table(attributes_name: &str, attributes: &str) -> Ran {
    let folder = Folder::new(&format!("check-{attributes_name}"));
    let (request, settings) = (folder.file("request.json", REQUEST), folder.file("settings.json", SETTINGS));
    let attributes = folder.file(attributes_name, attributes);
    run(
        &["rabbitpre", "check", "--request", &request, "--attributes", &attributes, "--settings", &settings],
        &[],
    )
    .await
}

/// The same from each kind of file.
#[tokio::test]
async fn a_product_manager_can_read_why() {
    let expected = "✗ 不予通过\n\
        条件  名称      运算符    期望                           用户           结果  原因\n\
        年龄  age       大于等于  18                             34             ✓     满足\n\
        城市  city      属于其一  湖北省/宜昌市、山西省          湖*省、宜*市   ✓     满足\n\
        姓名  realName  属于其一  甲、乙、丙、丁、戊、己 等 7 项 张*丰          ✗     用户的值不满足条件\n\
        会员  level     等于      gold                           g**d           ✓     满足\n";
    let expected: Vec<Vec<&str>> = expected.lines().map(|line| line.split_whitespace().collect()).collect();
    for (name, attributes) in [
        (
            "a.json",
            r#"{"9007199254740993":{"age":34,"city":["湖北省","宜昌市"],"level":"gold"},"9007199254740992":{"age":1}}"#,
        ),
        (
            "a.jsonl",
            r#"{"audid":9007199254740993,"attributes":{"age":34,"city":["湖北省","宜昌市"],"level":"gold"}}"#,
        ),
    ] {
        let ran = table(name, attributes).await;
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        let shown: Vec<Vec<&str>> =
            ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(shown, expected, "{}", ran.stdout);
        assert!(!ran.stdout.contains("张三丰") && !ran.stdout.contains("9007199254740993"));
    }
}

#[tokio::test]
async fn json_is_the_contracts() {
    let folder = Folder::new("check-json");
    let request = folder.file("request.json", REQUEST);
    let ran = run(&["rabbitpre", "check", "--request", &request, "--json"], &[]).await;
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.exit, &answer["allowed"]), (0, &json!(false)));
    let members: Vec<_> = answer["trace"][0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = ["name", "held", "reason", "operator", "expected", "had"];
    wanted.sort_unstable();
    assert_eq!(members, wanted);
    // The setting is not there: no condition tells it.
    assert!(answer["reason"].as_str().unwrap().contains("unknown-setting"), "{answer}");
    let undecidable = folder.file("none.json", "{}");
    let ran = run(&["rabbitpre", "check", "--request", &undecidable, "--json"], &[]).await;
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.exit, &answer["allowed"], &answer["trace"]), (0, &json!(false), &json!([])));
    assert!(answer["error"].is_string());
    let ran = run(&["rabbitpre", "check", "--request", &undecidable], &[]).await;
    assert!(ran.exit == 0 && ran.stdout.starts_with("✗ 不予通过\n请求无法判定："), "{}", ran.stdout);
}

/// The table is for the people who set the conditions: the machine's locale does not turn it into English, `--lang` does.
#[tokio::test]
async fn the_flag_chooses_the_tables_language_and_the_locale_does_not() {
    let folder = Folder::new("check-lang");
    let (request, undecidable) = (folder.file("request.json", REQUEST), folder.file("none.json", "{}"));
    for (args, locale, first, second) in [
        (&[][..], "en_US.UTF-8", "✗ 不予通过", "条件"),
        (&["--lang", "zh"], "en_US.UTF-8", "✗ 不予通过", "条件"),
        (&["--lang", "en"], "zh_CN.UTF-8", "✗ denied", "external check: unknown-setting"),
    ] {
        let check = [&["rabbitpre", "check", "--request"], &[request.as_str()][..], args].concat();
        let ran = run(&check, &[("LC_ALL", locale)]).await;
        let mut lines = ran.stdout.lines().filter(|line| !line.starts_with("外部校验："));
        assert_eq!((ran.exit, lines.next()), (0, Some(first)), "{}", ran.stdout);
        assert!(lines.next().unwrap().starts_with(second), "{}", ran.stdout);
    }
    let ran = run(&["rabbitpre", "check", "--request", &undecidable, "--lang", "en"], &[]).await;
    let told = "✗ denied\nthe request cannot be decided: `userParam` is missing or no object; send who asks to take part\n";
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, told));
}

#[tokio::test]
async fn a_file_that_is_wrong_is_named_with_its_line() {
    let folder = Folder::new("check-files");
    let good =
        folder.file("good.json", "{\"userParam\":{\"audid\":1},\"checkType\":1,\"externalConfigId\":\"c\"}");
    let bad = folder.file("bad.json", "{\n  \"a\": 1,\n  \"a\": 2\n}");
    let there = "no-such-file";
    for (args, exit, words) in [
        (&["--request", bad.as_str()][..], 1, "bad.json`, line 4, column 2"),
        (&["--request", there], 2, "cannot read `no-such-file`"),
        (&["--request", &good, "--settings", &bad], 2, "bad.json`, line 4, column 2"),
        (&["--request", &good, "--settings", there], 2, "cannot read `no-such-file`"),
        (&["--request", &good, "--attributes", &bad], 2, "bad.json"),
        (&["--request", &good, "--attributes", there], 2, "no-such-file"),
        (&[], 2, "--request"),
    ] {
        let ran = run(&[&["rabbitpre", "check"], args].concat(), &[]).await;
        assert_eq!(ran.exit, exit, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(words) && ran.stdout.is_empty(), "{args:?}: {}", ran.stderr);
    }
}

/// Lines in, lines out, in order; the contract's exit codes.
#[test]
fn batch_answers_line_by_line() {
    let batch = |input: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_duijie"))
            .args(["rabbitpre", "check", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let lines: Vec<Value> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (output.status.code().unwrap(), lines)
    };
    let condition = r#"{"englishName":"age","paramType":"number","operator":"GTEQ","values":18}"#;
    let line = |age: &str| {
        format!(
            r#"{{"request":{{"userParam":{{"audid":1}},"authParams":[{condition}]}},"attributes":{{"age":{age}}}}}"#
        )
    };
    let saved = r#"{"request":{"userParam":{"audid":1},"checkType":true,"externalConfigId":"c"},"attributes":{"a":"1"},"settings":{"c":{"userId":"u","settingData":[{"name":"a","value":"1"}]}}}"#;
    let (exit, answers) =
        batch(&format!("{}\n\n{}\n{saved}\n{{\"request\":{{}}}}\n", line("18"), line("17")));
    assert_eq!(exit, 0, "denied is done, and so is what is not decidable");
    let allowed: Vec<_> = answers.iter().map(|answer| answer["allowed"].as_bool().unwrap()).collect();
    assert_eq!(allowed, [true, false, true, false]);
    assert_eq!(answers[1]["trace"][0]["had"], json!(17));
    assert_eq!(answers[3]["trace"], json!([]));
    for bad in ["no", "[]", "{}", r#"{"request":{"userParam":{"audid":1}},"attributes":5}"#] {
        let (exit, answers) = batch(&format!("{bad}\n{}\n", line("18")));
        assert_eq!((exit, answers.len()), (1, 2), "{bad}");
        assert!(answers[0]["error"].is_string() && answers[0]["trace"].is_null(), "{bad}");
        assert_eq!((&answers[0]["allowed"], &answers[1]["allowed"]), (&json!(false), &json!(true)));
    }
}
