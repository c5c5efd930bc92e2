//! Input as JSON: the parameters themselves, bare values, a callback's envelope, or a line of `sign --batch`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sign_core::Secret;
use sign_doctor::{Platform, Request, Value};

use super::found::Found;
use crate::exit::Failure;

/// Where the input came from: what stands on a command line is seen by everybody on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Argument,
    FileOrStdin,
}

/// Reads a JSON document.
pub(super) fn read(platform: Platform, text: &str, source: Source) -> Result<Found, Failure> {
    let not_json = |error: serde_json::Error| {
        let place = (error.line(), error.column());
        Failure::usage(format!(
            "the JSON input is broken at line {}, column {}: is it cut off, or are quotes missing?",
            place.0, place.1
        ))
    };
    let members: BTreeMap<String, Box<RawValue>> = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).map_err(not_json)?,
        false => BTreeMap::new(),
    };
    let is = |name: &str, open: char| members.get(name).is_some_and(|raw| raw.get().starts_with(open));
    let wrapped = is("params", '{') || is("values", '[');
    let lowercase = members.contains_key("plain")
        && !members.contains_key("Plain")
        && ["scheme", "salt"].iter().any(|name| members.contains_key(*name));
    if !wrapped && !lowercase {
        let mut found = Found::of_request(&Request::from_json(text).map_err(not_json)?);
        if platform == Platform::Webank {
            found.parameters.iter_mut().for_each(body_as_written);
        }
        return Ok(found);
    }
    let mut found = if wrapped {
        let name = if is("params", '{') { "params" } else { "values" };
        let inner = members.get(name).map_or("{}", |raw| raw.get());
        Found::of_request(&Request::from_json(inner).map_err(not_json)?)
    } else {
        let raw = |name: &str| members.get(name).map_or("null", |raw| raw.get());
        let envelope = format!(r#"{{"Plain":{},"Timestamp":{}}}"#, raw("plain"), raw("timestamp"));
        Found::of_request(&Request::from_json(&envelope).map_err(not_json)?)
    };
    let text_of = |names: &[&str]| -> Option<String> {
        names.iter().find_map(|name| serde_json::from_str(members.get(*name)?.get()).ok())
    };
    found.signature = text_of(&["signature", "sign", "got"]);
    found.platform = scheme(platform, text_of(&["scheme"]))?;
    if let Some(secret) = text_of(&["secret", "ticket", "salt"]) {
        if source == Source::Argument {
            return Err(Failure::usage(
                "a secret must not stand on the command line, where others see it: put the JSON into a file or \
                 on stdin (`-`), or the secret into the environment",
            ));
        }
        let secret =
            Secret::new(secret).map_err(|_| Failure::usage("the secret in the JSON input is empty"))?;
        found.secret = Some(secret);
    }
    Ok(found)
}

/// A body that is given as an object is taken as it stands there, byte for byte.
fn body_as_written((name, value): &mut (String, Value)) {
    if name == "body"
        && let Value::Json(raw) = value
    {
        *value = Value::Text(std::mem::take(raw));
    }
}

/// The scheme that a line names; it must be one of the platform that was asked for.
fn scheme(platform: Platform, named: Option<String>) -> Result<Option<Platform>, Failure> {
    let Some(named) = named else { return Ok(None) };
    let yichang = |platform| matches!(platform, Platform::YichangSha1 | Platform::YichangMd5);
    match Platform::ALL.into_iter().find(|platform| platform.name() == named) {
        Some(found) if found == platform || (yichang(found) && yichang(platform)) => Ok(Some(found)),
        Some(found) => Err(Failure::usage(format!(
            "the input is of the scheme `{found}`, not `{platform}`: examine it with `duijie doctor {}`",
            if yichang(found) { "yichang" } else { found.name() }
        ))),
        None => Err(Failure::usage(format!(
            "the input names the scheme `{named}`, which is unknown: there are {}",
            Platform::ALL.map(Platform::name).join(", ")
        ))),
    }
}
