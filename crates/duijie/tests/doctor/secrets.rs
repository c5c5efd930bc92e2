//! The secret shows in no output, however it was given, encoded or misplaced; `--reveal-secret` alone shows it.

use sign_core::form;
use sign_doctor::{Mutation, Platform};

use super::forms::{Sample, all, give};
use super::run::{Answer, Scratch, doctor};

/// With characters that every encoding changes.
const SECRET: &str = "S3cr/et+k =\"é&x-0123456789";
/// As they are issued.
const HEX: &str = "58b31d465652be856d7ed80977aa4ce4";

/// Everything that a secret may look like in an output.
fn shapes(secret: &str) -> Vec<String> {
    let percent = |keep: &str| -> String {
        let byte = |byte: u8| match byte {
            byte if byte.is_ascii_alphanumeric() || keep.as_bytes().contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        };
        secret.bytes().map(byte).collect()
    };
    let json = serde_json::to_string(secret).unwrap();
    let encoded = [percent("-._~"), percent("-._*"), percent("-._~!'()*"), form::encode(secret)];
    let lower = encoded.iter().map(|it| {
        let pieces = it.split('%').enumerate();
        let piece = |(at, piece): (usize, &str)| match at {
            0 => piece.to_owned(),
            _ => {
                let (digits, rest) = piece.split_at_checked(2).unwrap();
                format!("%{}{rest}", digits.to_lowercase())
            }
        };
        pieces.map(piece).collect::<String>()
    });
    let mut all: Vec<_> = lower.chain(encoded.clone()).collect();
    all.extend(encoded.iter().map(|it| form::encode(it)));
    all.extend([
        secret.to_owned(),
        json.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap().to_owned(),
        secret.to_lowercase(),
        secret.to_uppercase(),
    ]);
    all
}

#[track_caller]
fn hidden(answer: &Answer, secret: &str, what: &str) {
    for said in [&answer.stdout, &answer.stderr] {
        for shape in shapes(secret) {
            assert!(!said.contains(&shape), "{what} shows the secret: {said}");
        }
    }
}

const WAYS: [&[&str]; 5] =
    [&[], &["--json"], &["-vv"], &["-vvv", "--json", "--lang", "zh"], &["--lang", "zh"]];

/// A secret that is sent as a parameter as well, signed rightly and in some wrong ways.
fn no_secret_in(platform: Platform, secret: &str) {
    let mut sample = Sample::of(platform);
    sample.secrets = [sign_doctor::NamedSecret::new("S", secret).unwrap()];
    if !matches!(platform, Platform::Webank | Platform::WebankCallback) {
        sample.parameters.push(("appSecret", secret.to_owned()));
        sample.parameters.push(("jump", format!("https://x/?s={}", form::encode(secret))));
    }
    let request = sample.request();
    let case = sample.case(&request);
    let mutations = case.mutations();
    let mut signatures = vec![case.sign().unwrap(), "0".repeat(case.recipe().digest.length() * 2)];
    let secrets = mutations.iter().filter(|it| {
        matches!(
            it,
            Mutation::Secret(_) | Mutation::SecretForm(_) | Mutation::Encoding(_) | Mutation::Added(_)
        )
    });
    signatures.extend(secrets.step_by(5).map(|mutation| case.sign_wrongly(&[*mutation])));
    let forms = all(platform);
    for (at, got) in signatures.iter().enumerate() {
        for (more, way) in WAYS.iter().enumerate() {
            let form = forms[(at * WAYS.len() + more) % forms.len()];
            let environment = [(sample.environment().0, secret), ("RUST_LOG", "trace")];
            let answer = give(&sample, got, form, way, &environment);
            assert!(answer.exit < 2, "{}: {answer:?}", form.0);
            hidden(&answer, secret, form.0);
        }
    }
}

#[test]
fn jinlaiban() {
    no_secret_in(Platform::Jinlaiban, SECRET);
}

#[test]
fn yichang() {
    no_secret_in(Platform::YichangSha1, SECRET);
}

#[test]
fn webank() {
    no_secret_in(Platform::Webank, SECRET);
}

#[test]
fn webank_callback() {
    no_secret_in(Platform::WebankCallback, SECRET);
}

#[test]
fn as_they_are_issued() {
    for platform in [Platform::Jinlaiban, Platform::YichangMd5] {
        no_secret_in(platform, HEX);
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_not_repeated() {
    let environment = [("JINLAIBAN_APPSECRET", HEX), ("RUST_LOG", "trace")];
    let flag = format!("--secret={HEX}");
    let json = format!(r#"{{"params":{{"a":"1"}},"secret":"{HEX}"}}"#);
    let broken = format!(r#"{{"appsecret":"{HEX}","a":"#);
    let curl = format!("curl 'http://h/?a=1' -d 'appsecret={HEX}");
    let file = format!("@{HEX}");
    let misplaced: [&[&str]; 14] = [
        &[HEX],
        &["--got", HEX, "--param", "a=1"],
        &[&flag, "--param", "a=1"],
        &["--secret", HEX, "--param", "a=1"],
        &["--secret-env", HEX, "--param", "a=1"],
        &["--secret-file", HEX, "--param", "a=1"],
        &["--param", HEX],
        &["--param", &format!("{HEX}=a"), "--got", "x"],
        &["--body", HEX],
        &["--sent-body", HEX, "--param", "a=1"],
        &[&json],
        &[&broken],
        &[&curl],
        &[&file],
    ];
    for args in misplaced {
        for way in WAYS {
            let answer = doctor(&[&["jinlaiban"], args, way].concat(), &environment, "");
            assert!(!answer.stderr.is_empty() || answer.stdout.contains("secret"), "{args:?} {answer:?}");
            hidden(&answer, HEX, &format!("{args:?}"));
        }
    }
    // Not known as a secret, but by its look.
    let answer = doctor(&["jinlaiban", "--param", "a=1", "--secret-env", HEX], &[], "");
    assert_eq!(answer.exit, 2);
    hidden(&answer, HEX, "--secret-env");
}

/// A line of `sign --batch` brings its own, by a file or stdin alone.
#[test]
fn a_secret_in_a_line() {
    let line = format!(
        r#"{{"scheme":"jinlaiban","params":{{"uid":1000,"timestamp":"1548047628"}},"secret":"{HEX}","signature":"15540d3398e5ed2a37533e3fc032e1a0"}}"#
    );
    let answer = doctor(&["jinlaiban", "-"], &[], &line);
    assert!(
        answer.exit == 0 && answer.stdout.contains("(signed with the secret in the input)"),
        "{answer:?}"
    );
    hidden(&answer, HEX, "a line");
    let answer = doctor(&["jinlaiban", &line], &[], "");
    assert!(answer.exit == 2 && answer.stderr.contains("must not stand on the command line"), "{answer:?}");
    hidden(&answer, HEX, "an argument");
    let line = r#"{"scheme":"webank-callback","plain":"%7B%7D","salt":"s","timestamp":"1"}"#;
    assert_eq!(doctor(&["webank-callback", "-"], &[], line).exit, 0);
}

#[test]
fn it_is_revealed_only_on_demand() {
    let args = ["jinlaiban", "--param", "uid=1000", "--param", "timestamp=1548047628", "--at", "1548047628"];
    let text = format!("timestamp=1548047628&uid=1000{HEX}");
    let reveal = |more: &[&str]| {
        doctor(&[&args[..], &["--reveal-secret"], more].concat(), &[("JINLAIBAN_APPSECRET", HEX)], "").stdout
    };
    assert!(reveal(&[]).contains(&format!(" {text}\n")), "{}", reveal(&[]));
    assert!(reveal(&["--json"]).contains(&format!("\"{text}\"")));
    let wrong = reveal(&["--got", "76ad86ec474755e9b83a27db6c46acf9"]);
    assert!(wrong.contains(&format!("uid=1000&{HEX}\n")) && wrong.contains(&format!(" {text}\n")), "{wrong}");
    // What may be personal stays hidden.
    let body = Scratch::new(br#"{"ID_NO":"411528199110024452"}"#);
    let webank = ["webank", "--value", "a", "--body", body.path(), "--reveal-secret"];
    let shown = doctor(&webank, &[("WEBANK_TICKET", HEX)], "").stdout;
    assert!(shown.contains(HEX) && !shown.contains("411528"), "{shown}");
}
