//! The input of the doctor: flags, a URL, a curl command, a JSON document; as an argument, in a file, or on stdin.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use sign_doctor::{Platform, Value};

use super::call::{self, Call};
use super::found::Found;
use super::object::{self, Source};
use super::{curl, named};
use crate::exit::Failure;

/// More is no request that anybody signs; it bounds what is read of a file or of stdin, in bytes.
const LONGEST: u64 = 64 << 20;

/// The request that is examined.
#[derive(clap::Args)]
#[command(next_help_heading = "What is examined")]
pub(crate) struct Given {
    /// A URL, a query, a curl command in quotes, or a JSON document; a file that holds one of them; or `-` for stdin.
    #[arg(value_name = "INPUT")]
    input: Option<String>,
    /// A parameter with its raw value, not percent-encoded.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Take the parameters from this URL's query.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A value: `app_id`, version, nonce, type (webank).
    #[arg(long = "value", value_name = "TEXT")]
    values: Vec<String>,
    /// The body as it was signed, from a file or `-` (webank).
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// The body as it travelled, from a file or `-`, where it may be another one than was signed.
    #[arg(long, value_name = "FILE")]
    pub(super) sent_body: Option<PathBuf>,
    /// `Plain` as it travels, still encoded (webank-callback).
    #[arg(long, value_name = "TEXT")]
    plain: Option<String>,
    /// `Timestamp` as it travels (webank-callback).
    #[arg(long, value_name = "MILLIS")]
    timestamp: Option<String>,
    /// The signature that was made; by default the one that the request carries. Without one, the request is looked over,
    /// and its signature shown step by step.
    #[arg(long, value_name = "SIGNATURE", allow_hyphen_values = true)]
    pub(super) got: Option<String>,
    #[command(flatten)]
    pub(super) secrets: named::Secrets,
}

impl Given {
    /// Reads all of it.
    pub(super) fn find(&self, platform: Platform) -> Result<Found, Failure> {
        let mut found = match self.input()? {
            Some((text, source)) => document(platform, &text, source)?,
            None => Found::default(),
        };
        if let Some(url) = &self.url {
            found.parameters.extend(call::query(url)?);
        }
        for param in &self.params {
            let (name, value) = param
                .split_once('=')
                .ok_or_else(|| Failure::usage("--param takes NAME=VALUE; one of them has no `=`"))?;
            found.parameters.push((name.to_owned(), Value::Text(value.to_owned())));
        }
        let text = |name: &str, text: &String| (name.to_owned(), Value::Text(text.clone()));
        found.parameters.extend(self.plain.iter().map(|plain| text("Plain", plain)));
        found.parameters.extend(self.timestamp.iter().map(|timestamp| text("Timestamp", timestamp)));
        found.parameters.extend(self.values.iter().map(|value| text("", value)));
        if let Some(path) = &self.body {
            found.parameters.push(("body".to_owned(), Value::Text(read_file(path)?)));
        }
        if found.signature.is_none() {
            found.take_signature(platform);
        }
        let platform = found.platform.unwrap_or(platform);
        let recipe = platform.recipe();
        if !found.parameters.iter().any(|(name, _)| recipe.selection.takes(name)) {
            return Err(Failure::usage(nothing(platform, found.parameters.is_empty())));
        }
        Ok(found)
    }

    /// The input's text; stdin's where nothing else is given and somebody writes to it.
    fn input(&self) -> Result<Option<(String, Source)>, Failure> {
        let flags = self.url.is_some()
            || self.body.is_some()
            || self.plain.is_some()
            || self.timestamp.is_some()
            || !(self.params.is_empty() && self.values.is_empty());
        match self.input.as_deref().map(|input| input.trim_start_matches('\u{feff}')) {
            None if flags || std::io::stdin().is_terminal() => Ok(None),
            None | Some("-") => {
                let text = read_file(Path::new("-"))?;
                let text = text.trim_start_matches('\u{feff}');
                Ok(Some(text)
                    .filter(|it| !it.trim().is_empty())
                    .map(|it| (it.to_owned(), Source::FileOrStdin)))
            }
            Some(input) if is_text(input) => Ok(Some((input.to_owned(), Source::Argument))),
            Some(input) => {
                let path = Path::new(input.strip_prefix('@').unwrap_or(input));
                if !path.exists() && !input.starts_with('@') {
                    return Err(Failure::usage(unclear(input)));
                }
                let text = read_file(path)?;
                let text = text.trim_start_matches('\u{feff}');
                if text.trim().is_empty() {
                    return Err(Failure::usage(format!("the file `{}` is empty", path.display())));
                }
                Ok(Some((text.to_owned(), Source::FileOrStdin)))
            }
        }
    }
}

/// Is it the input itself, and no file's name?
fn is_text(input: &str) -> bool {
    let trimmed = input.trim_start();
    trimmed.starts_with(['{', '['])
        || curl::is_curl(trimmed)
        || input.contains("://")
        || (input.contains('=') && !Path::new(input).exists())
}

/// Reads a document of whatever kind it is.
fn document(platform: Platform, text: &str, source: Source) -> Result<Found, Failure> {
    let text = text.trim();
    if text.starts_with(['{', '[']) {
        return object::read(platform, text, source);
    }
    let call = if curl::is_curl(text) {
        curl::read(text, &|name| read_file(Path::new(name)))?
    } else if text.split_whitespace().nth(1).is_some() || !text.contains('=') {
        return Err(Failure::usage(unclear(text)));
    } else {
        // A URL, or its query alone.
        Call { url: text.to_owned(), ..Call::default() }
    };
    Found::of_call(platform, &call)
}

/// An input that nobody can make sense of; it is not repeated, because it may be a secret in the wrong place.
fn unclear(text: &str) -> String {
    let length = text.chars().count();
    let hint = if text.trim_start().starts_with("http") || text.contains("://") {
        "it looks like a URL, but has no query with parameters, or blanks in it"
    } else if text.contains("HTTP/1") {
        "a raw HTTP request is not read: give its URL and body, or the curl command"
    } else {
        "a URL with its query, a query (`a=1&b=2`), a curl command in quotes, a JSON object, a file that holds one of \
         these, or `-` for stdin is wanted"
    };
    format!("the input ({length} characters) is not understood, and no such file exists: {hint}")
}

/// What a request of this platform needs at least.
fn nothing(platform: Platform, empty: bool) -> String {
    let wanted = match platform {
        Platform::Jinlaiban => {
            "give the form or query of a request: a curl command, --param NAME=VALUE, a URL or a JSON object"
        }
        Platform::YichangSha1 | Platform::YichangMd5 => {
            "give appId, deviceId, deviceType, nonceStr and timeStamp: the URL, a curl command, --param NAME=VALUE or a \
             JSON object"
        }
        Platform::Webank => {
            "give app_id, version, nonce and the body: a curl command, a URL and --body FILE, --value TEXT, or a JSON \
             object with `body` as a text"
        }
        Platform::WebankCallback => {
            "give Plain and Timestamp: the envelope as JSON, a curl command that posts it, or --plain and --timestamp"
        }
    };
    let what = if empty { "nothing to examine" } else { "nothing in the input takes part in the signature" };
    format!("{what}: {wanted}")
}

/// A file's text, or stdin's for `-`.
pub(super) fn read_file(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let failed = |error| Failure::usage(format!("cannot read `{shown}`: {error}"));
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).map_err(failed)?.take(LONGEST).read_to_end(&mut bytes)
    };
    read.map_err(failed)?;
    if bytes.len() as u64 == LONGEST {
        return Err(Failure::usage(format!("`{shown}` is longer than {} MiB", LONGEST >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::usage(format!("`{shown}` is not UTF-8 from byte {at}: was it saved in GBK or UTF-16?"))
    })
}
