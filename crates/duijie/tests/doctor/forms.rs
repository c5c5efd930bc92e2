//! One request in every form in which it can be given.

use std::process::Command;

use sign_core::form;
use sign_doctor::{Case, NamedSecret, Platform, Recipe, Request};

use super::run::{Answer, JINLAIBAN, SALT, Scratch, WEBANK, YICHANG, doctor};

/// A request with its secret.
pub(crate) struct Sample {
    pub(crate) platform: Platform,
    pub(crate) recipe: Recipe,
    pub(crate) parameters: Vec<(&'static str, String)>,
    pub(crate) secrets: [NamedSecret; 1],
}

impl Sample {
    pub(crate) fn of(platform: Platform) -> Self {
        let parameters: &[(&str, &str)] = match platform {
            Platform::Jinlaiban => &[
                ("appcode", "my app"),
                ("modulecode", "m&x=1+2%"),
                ("timestamp", "1615978623"),
                ("nonce", "it's \"中文\" $x \\n"),
                ("remark", ""),
            ],
            Platform::YichangSha1 | Platform::YichangMd5 => &[
                ("timeStamp", "1574251924"),
                ("appId", "RSJ 00001&'中\""),
                ("deviceId", "67D3D9A8-4D67-2444-71CE-66851AEDCFE1"),
                ("deviceType", "WEB"),
                ("nonceStr", "6PQfHMIv"),
                ("mobile", "17386500821"),
            ],
            Platform::Webank => &[
                ("app_id", "wxhiw5xt6q4qtmwcrn"),
                ("nonce", "489c60c97daef599efd10cfda46860a1"),
                ("version", "2.0.0"),
                ("body", r#"{"SERVICE_CODE": "10002", "NAME": "张'三$", "URL":"a/b", "N": 1.50}"#),
            ],
            Platform::WebankCallback => &[
                ("Plain", "%7B%22CODE%22%3A%220000%22%2C%22A%22%3A+%22%E4%B8%AD*%22%7D"),
                ("Timestamp", "1567067731000"),
                ("transName", "TLMerchantQuery"),
                ("SeqNo", "20190829"),
            ],
        };
        let (name, secret) = Self::environment_of(platform);
        Self {
            platform,
            recipe: platform.recipe(),
            parameters: parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            secrets: [NamedSecret::new(name, secret).unwrap()],
        }
    }

    const fn environment_of(platform: Platform) -> (&'static str, &'static str) {
        match platform {
            Platform::Jinlaiban => JINLAIBAN,
            Platform::YichangSha1 | Platform::YichangMd5 => YICHANG,
            Platform::Webank => WEBANK,
            Platform::WebankCallback => SALT,
        }
    }

    pub(crate) fn environment(&self) -> (&'static str, &'static str) {
        Self::environment_of(self.platform)
    }

    pub(crate) fn request(&self) -> Request {
        Request::texts(self.parameters.iter().map(|(name, value)| (*name, value.as_str())))
    }

    pub(crate) fn case<'a>(&'a self, request: &'a Request) -> Case<'a> {
        Case::new(&self.recipe, request, &self.secrets).unwrap().of(self.platform)
    }

    /// How the command calls it.
    pub(crate) fn subcommand(&self) -> &'static str {
        match self.platform {
            Platform::YichangSha1 | Platform::YichangMd5 => "yichang",
            other => other.name(),
        }
    }

    fn body(&self) -> &str {
        self.parameters.iter().find(|(name, _)| *name == "body").map_or("", |(_, value)| value)
    }
}

/// A way to give a request.
pub(crate) type Form = (&'static str, fn(&Sample, &str, &mut dyn FnMut(&[&str], &str)));

/// All ways in which a request of this platform can be given.
pub(crate) fn all(platform: Platform) -> Vec<Form> {
    let everywhere: [Form; 6] = [
        ("flags", flags),
        ("JSON argument", |sample, got, run| run(&[&object(sample, got)], "")),
        ("JSON on stdin", |sample, got, run| run(&["-"], &object(sample, got))),
        ("JSON on stdin, unasked", |sample, got, run| run(&[], &object(sample, got))),
        ("JSON file", |sample, got, run| {
            run(&[Scratch::new(format!("\u{feff}{}\r\n", object(sample, got)).as_bytes()).path()], "");
        }),
        ("@JSON file", |sample, got, run| {
            let file = Scratch::new(object(sample, got).as_bytes());
            run(&[&format!("@{}", file.path())], "");
        }),
    ];
    let own: &[Form] = match platform {
        Platform::Jinlaiban | Platform::YichangSha1 | Platform::YichangMd5 => &[
            ("URL", |sample, got, run| run(&[&url(sample, got)], "")),
            ("--url", |sample, got, run| run(&["--url", &url(sample, got)], "")),
            ("query", |sample, got, run| run(&[&query(sample, Some(got))], "")),
            ("batch line", |sample, got, run| run(&["-"], &batch_line(sample, got))),
            ("curl -d", |sample, got, run| {
                let pairs = query(sample, Some(got));
                run(&[&format!("curl -sS -XPOST http://host/p -d {}", quoted(&pairs))], "");
            }),
            ("curl --data, continued, in a file", |sample, got, run| {
                let pairs = query(sample, Some(got));
                let pieces = pairs.split('&').map(|pair| format!("  --data '{pair}' \\\r\n"));
                let command = format!(
                    "$ curl 'http://host/p' \\\r\n  -H 'Accept: */*' --compressed \\\r\n{}  -o /dev/null\r\n",
                    pieces.collect::<String>()
                );
                run(&[Scratch::new(command.as_bytes()).path()], "");
            }),
            ("curl -G --data-urlencode on stdin", |sample, got, run| {
                let mut command = "curl -G --url http://host/p".to_owned();
                for (name, value) in sample.parameters.iter().map(|(name, value)| (*name, value.as_str())) {
                    command += &format!(" --data-urlencode {}", quoted(&format!("{name}={value}")));
                }
                run(
                    &["-"],
                    &format!(
                        "{command} -d {}={} | jq .\n",
                        sample.platform.signature_name(),
                        form::encode(got)
                    ),
                );
            }),
            ("curl -F", |sample, got, run| {
                let mut command = "curl --location http://host/p -F file=@/nowhere".to_owned();
                let sign = (sample.platform.signature_name(), got.to_owned());
                for (name, value) in sample.parameters.iter().chain([&sign]) {
                    command += &format!(" --form-string {}", ansi_c(&format!("{name}={value}")));
                }
                run(&[&command], "");
            }),
            ("curl with a JSON body", |sample, got, run| {
                let body = object(sample, got);
                run(&[&format!("curl http://host/p --json {}", quoted(&body))], "");
            }),
            ("curl with the URL not quoted", |sample, got, run| {
                run(&[&format!("curl {}", url(sample, got))], "")
            }),
        ],
        Platform::Webank => &[
            ("URL and --body", |sample, got, run| {
                run(&[&url(sample, got), "--body", Scratch::new(sample.body().as_bytes()).path()], "");
            }),
            ("--url and --body on stdin", |sample, got, run| {
                run(&["--url", &url(sample, got), "--body", "-"], sample.body());
            }),
            ("curl --data-raw", |sample, got, run| {
                let (url, body) = (url(sample, got), quoted(sample.body()));
                run(&[&format!("curl '{url}' -H 'Content-Type: application/json' --data-raw {body}")], "");
            }),
            ("curl -d $'…'", |sample, got, run| {
                run(&[&format!("curl '{}' -d {}", url(sample, got), ansi_c(sample.body()))], "");
            }),
            ("curl --data-binary @file", |sample, got, run| {
                let file = Scratch::new(sample.body().as_bytes());
                run(&[&format!("curl --data-binary @{} '{}'", file.path(), url(sample, got))], "");
            }),
            ("JSON with the body as an object", |sample, got, run| {
                let quoted = serde_json::to_string(sample.body()).unwrap();
                run(&[&object(sample, got).replace(&quoted, sample.body())], "");
            }),
        ],
        Platform::WebankCallback => &[
            ("curl --json", |sample, got, run| {
                run(&[&format!("curl http://host/cb --json {}", quoted(&object(sample, got)))], "");
            }),
            ("curl -d @- with the envelope", |sample, got, run| {
                run(&["curl -d @- http://host/cb"], &object(sample, got));
            }),
            ("query", |sample, got, run| run(&[&url(sample, got)], "")),
        ],
    };
    everywhere.into_iter().chain(own.iter().copied()).collect()
}

/// Gives a sample with a signature in one form, and takes what the doctor says, as JSON or for people.
pub(crate) fn give(
    sample: &Sample,
    got: &str,
    form: Form,
    options: &[&str],
    environment: &[(&str, &str)],
) -> Answer {
    let mut answer = None;
    (form.1)(sample, got, &mut |args, stdin| {
        let args = [&[sample.subcommand()], args, options].concat();
        let environment = [&[sample.environment()], environment].concat();
        answer = Some(doctor(&args, &environment, stdin));
    });
    answer.unwrap()
}

fn flags(sample: &Sample, got: &str, run: &mut dyn FnMut(&[&str], &str)) {
    let params: Vec<_> = sample.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut args: Vec<_> = params.iter().flat_map(|param| ["--param", param.as_str()]).collect();
    args.extend(["--got", got]);
    run(&args, "");
}

/// The parameters, in their order, with the signature.
fn object(sample: &Sample, got: &str) -> String {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let mut members: Vec<_> =
        sample.parameters.iter().map(|(name, value)| format!("{}:{}", json(name), json(value))).collect();
    members.push(format!("{}:{}", json(sample.platform.signature_name()), json(got)));
    format!("{{{}}}", members.join(","))
}

/// A line as `sign --batch` takes it, with the signature.
fn batch_line(sample: &Sample, got: &str) -> String {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let pairs = sample.parameters.iter().map(|(name, value)| format!("{}:{}", json(name), json(value)));
    let params = pairs.collect::<Vec<_>>().join(",");
    let scheme = sample.platform.name();
    format!("{{\"scheme\":\"{scheme}\",\"params\":{{{params}}},\"signature\":{}}}", json(got))
}

fn query(sample: &Sample, got: Option<&str>) -> String {
    let own = sample
        .parameters
        .iter()
        .filter(|(name, _)| *name != "body")
        .map(|(name, value)| (*name, value.as_str()));
    let sign = got.map(|got| (sample.platform.signature_name(), got));
    let pairs = own.chain(sign).map(|(name, value)| format!("{name}={}", form::encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn url(sample: &Sample, got: &str) -> String {
    format!("https://host:8443/a/b.action?{}#part", query(sample, Some(got)))
}

/// As a shell needs it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// As bash's `printf %q` and browsers write it.
fn ansi_c(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '\'' | '\\' => format!("\\{character}"),
        '\n' => "\\n".to_owned(),
        other if other.is_ascii() => other.to_string(),
        other => other.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    });
    format!("$'{}'", escaped.collect::<String>())
}

/// A shell reads the commands as the doctor does.
#[test]
fn the_commands_above_are_what_a_shell_would_send() {
    let shell = |text: &str| {
        let output = Command::new("bash").args(["-c", &format!("printf %s {text}")]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for platform in [Platform::Jinlaiban, Platform::Webank] {
        for (_, value) in Sample::of(platform).parameters {
            assert_eq!(shell(&quoted(&value)), value);
        }
    }
}
