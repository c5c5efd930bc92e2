//! The business host: credentials and business calls (`webank SPEC.md §2`, `§3`).

use std::fmt;

use ::webank::{Code, VERSION};
use axum::http::Method;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use sign_core::UnixMillis;

use super::gateway::{Refused, parameters};
use super::{Webank, reply};
use crate::exchange::{Call, Payload, Reply};
use crate::server::Simulator;
use crate::{Operation, Platform};

/// A business call that passed the gateway. `Debug` shows its body's length alone.
#[derive(Clone)]
#[non_exhaustive]
pub struct BusinessCall {
    /// `/api/s/{area}/{service_code}`.
    pub path: String,
    /// The parameter `type`, if it was there and not empty.
    pub kind: Option<String>,
    /// The body, to the byte: a JSON object.
    pub body: Bytes,
    /// The sandbox's time.
    pub at: UnixMillis,
}

impl fmt::Debug for BusinessCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusinessCall")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .field("body", &format_args!("‹{} B›", self.body.len()))
            .field("at", &self.at)
            .finish()
    }
}

/// What a business service answers. `Debug` shows the JSON's length alone.
#[derive(Clone, PartialEq, Eq)]
pub enum BusinessAnswer {
    /// The gateway is content, and this JSON becomes `jsonData`.
    Json(String),
    /// The gateway refuses with this code.
    Refused(Code),
}

impl fmt::Debug for BusinessAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(json) => write!(f, "Json(‹{} B›)", json.len()),
            Self::Refused(code) => write!(f, "Refused({code})"),
        }
    }
}

impl BusinessAnswer {
    /// `{"CODE":"…","DESC":"…"}`.
    #[must_use]
    pub fn outcome(code: &str, desc: &str) -> Self {
        Self::Json(Outcome { code, desc, echo: None }.to_json())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct Outcome<'a> {
    code: &'a str,
    desc: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    echo: Option<&'a RawValue>,
}

impl Outcome<'_> {
    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and JSON under fixed names can be written")
    }
}

/// Where credentials and business calls are served.
pub(crate) struct BusinessHost(pub(crate) Webank);

impl BusinessHost {
    fn call(&self, call: &Call) -> Result<Reply, Refused> {
        let bank = &self.0;
        let not_json = || Refused::input("the content type is not application/json");
        if call.method != Method::POST {
            return Err(Refused::new(Code::BAD_PATH, "only POST is taken"));
        }
        let params = parameters(call, VERSION, &[])?;
        // webank SPEC.md §3.1: signed and verified as text, to the byte.
        let body = std::str::from_utf8(call.body()).map_err(|_| Refused::input("the body is not UTF-8"))?;
        bank.check_signed(call, &params, Some(body))?;
        if !call.is_json() {
            return Err(not_json());
        }
        let object: Result<&RawValue, _> = serde_json::from_str(body);
        let object = object.ok().filter(|json| json.get().starts_with('{'));
        let object = object.ok_or_else(|| Refused::input("the body is not a JSON object"))?;
        let Some(service) = bank.service(&call.path) else {
            let outcome = Outcome { code: "66590000", desc: "交易成功", echo: Some(object) };
            return Ok(bank.content(call.now, outcome.to_json()));
        };
        let Payload::Whole(bytes) = &call.payload else {
            return Err(Refused::new(Code::UNKNOWN, "business calls are read in one piece"));
        };
        let answer = service(&BusinessCall {
            path: call.path.clone(),
            kind: Some(params.get("type")).filter(|kind| !kind.is_empty()).map(str::to_owned),
            body: bytes.clone(),
            at: call.now,
        });
        match answer {
            BusinessAnswer::Json(json) => Ok(bank.content(call.now, json)),
            BusinessAnswer::Refused(code) => Err(Refused::new(code, "refused by the service")),
        }
    }
}

/// `/api/s/{area}/{service_code}`; `up` is the file host's.
fn is_service(path: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    path.strip_prefix("/api/s/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(area, code)| area != "up" && plain(area) && plain(code))
}

impl Simulator for BusinessHost {
    const PLATFORM: Platform = Platform::Webank;

    fn operation(&self, path: &str) -> Option<Operation> {
        match path {
            "/api/oauth2/access_token" => Some(Operation::Token),
            "/api/oauth2/api_ticket" => Some(Operation::Ticket),
            _ => is_service(path).then_some(Operation::Call),
        }
    }

    async fn answer(&self, call: Call) -> Reply {
        let refused = |refused: Refused| refused.told(|code| self.0.refused(call.now, code));
        match call.operation {
            Some(Operation::Token | Operation::Ticket) => self.0.credentials(&call),
            Some(_) => self.call(&call).unwrap_or_else(refused),
            None => refused(Refused::new(Code::BAD_PATH, "no such path on the business host")),
        }
    }

    fn refuse(&self, operation: Option<Operation>, code: &str) -> Reply {
        use platform_http::system::Clock as _;
        let (now, code) = (self.0.0.clock.now(), Code::new(code.to_owned()));
        match operation {
            Some(Operation::Token | Operation::Ticket) => {
                reply::credentials_refused(&self.0.0.options, now, &code)
            }
            _ => self.0.refused(now, &code),
        }
    }

    fn kick(&self) {
        self.0.kick();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_an_area_and_a_code() {
        for (path, expected) in [
            ("/api/s/yh/10002", true),
            ("/api/s/c-g_y/x1", true),
            ("/api/s/yh", false),
            ("/api/s/yh/", false),
            ("/api/s//10002", false),
            ("/api/s/yh/10002/x", false),
            ("/api/s/up/upload", false),
            ("/api/yh/10002", false),
        ] {
            assert_eq!(is_service(path), expected, "{path}");
        }
    }
}
