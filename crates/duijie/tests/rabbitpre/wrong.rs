//! A server that is right but for one thing: what the probe is to find.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use platform_http::system::listen;
use rabbitpre_auth::{
    Attributes, Check, CheckReply, CheckRequest, SaveError, SaveReply, SaveRequest, Setting,
};
use serde_json::{Value, json};

/// What it does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    LetsEverybodyIn,
    LetsNobodyIn,
    /// Numbers become floating point.
    Floats,
    /// Whoever lacks an attribute is not equal to anything.
    MissingIsNotEqual,
    SkipsUnknownTypes,
    UnknownOperatorIsEqual,
    SkipsEmptyValues,
    SortsRanges,
    IgnoresLetterCase,
    Trims,
    /// `Integer.parseInt` and friends: `""` is 0.
    EmptyIsZero,
    ChecksFirstConditionOnly,
    NoCustomFields,
    /// Only a JSON `true` is true.
    CheckTypeIsBoolean,
    UnknownSettingIsNone,
    SavedAlwaysAll,
    IgnoresExternalValues,
    LetsUnreadableIn,
    NoLimits,
    LastMemberWins,
    CodeIsNumber,
    DataIsBoolean,
    NoErrorCode,
    PlainText,
    DeniesWithStatus,
    DeniesWithCode,
    /// Takes its time for one request.
    Slow,
    MixesUp,
    NewIdForEachSave,
    UnknownIdCreates,
    OneIdForAll,
    /// A save is seen when it is asked for a second time.
    Late,
    SavesAnything,
    NoConfigId,
    BadConditions,
    NoConditions,
}

#[derive(Default)]
struct Kept {
    settings: HashMap<String, Vec<u8>>,
    late: HashMap<String, Vec<u8>>,
    last: Option<bool>,
}

#[derive(Clone)]
struct Server {
    wrong: Wrong,
    kept: Arc<Mutex<Kept>>,
    created: Arc<AtomicUsize>,
}

/// Starts it; the address.
pub(crate) async fn start(wrong: Wrong) -> String {
    let server = Server { wrong, kept: Arc::default(), created: Arc::default() };
    let (checks, saves) = (server.clone(), server.clone());
    let router = Router::new()
        .route("/getAuthConditions", get(async move || server.conditions()))
        .route("/saveNotify", post(async move |body: Bytes| saves.save(&body)))
        .route("/checkUserAuth", post(async move |body: Bytes| checks.check(body).await))
        .layer(DefaultBodyLimit::disable());
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn answer(status: u16, body: impl Into<String>) -> Response {
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, json)], body.into()).into_response()
}

impl Server {
    fn conditions(&self) -> Response {
        let one = match self.wrong {
            Wrong::BadConditions => json!({ "label": "等级", "name": "level", "type": "radio", "value": "" }),
            _ => json!({ "label": "年龄", "name": "age", "type": "number", "value": "", "children": [] }),
        };
        let data = if self.wrong == Wrong::NoConditions { json!({}) } else { json!([one]) };
        answer(200, json!({ "code": "200", "msg": "ok", "data": data }).to_string())
    }

    async fn check(&self, body: Bytes) -> Response {
        let slow = self.wrong == Wrong::Slow && body.windows(14).any(|word| word == b"\"values\":[2,2]");
        if slow {
            tokio::time::sleep(Duration::from_millis(1800)).await;
        }
        let body = self.spoil_body(&body);
        let (status, reply) = self.decide(&body);
        let reply = self.mix_up(reply).await;
        let reply = match self.wrong {
            Wrong::DeniesWithCode => reply.with_denied_code("403"),
            _ => reply,
        };
        let status = match self.wrong {
            Wrong::DeniesWithStatus if !reply.allowed && status == 200 => 403,
            _ => status,
        };
        let mut json: Value = serde_json::from_str(&reply.to_json()).unwrap();
        match self.wrong {
            Wrong::CodeIsNumber => json["code"] = reply.code.parse::<u16>().unwrap().into(),
            Wrong::DataIsBoolean => json["data"] = reply.allowed.into(),
            Wrong::NoErrorCode => {
                json.as_object_mut().unwrap().remove("errorCode");
            }
            _ => {}
        }
        if self.wrong == Wrong::PlainText {
            return (StatusCode::from_u16(status).unwrap(), json.to_string()).into_response();
        }
        answer(status, json.to_string())
    }

    /// What the wrong server reads is not what came.
    fn spoil_body(&self, body: &[u8]) -> Vec<u8> {
        let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
        match self.wrong {
            Wrong::LastMemberWins if CheckRequest::parse(body).is_err() => {
                return json.to_string().into_bytes();
            }
            Wrong::NoLimits => {
                let removed = json
                    .as_object_mut()
                    .and_then(|members| members.remove("padding").or(members.remove("deep")));
                return if removed.is_some() { json.to_string().into_bytes() } else { body.to_vec() };
            }
            _ => {}
        }
        // Its one mistake, and no other.
        if CheckRequest::parse(body).is_err() {
            return body.to_vec();
        }
        let before = json.clone();
        match self.wrong {
            Wrong::Floats => floats(&mut json),
            Wrong::NoCustomFields => {
                if let Some(user) = json.get_mut("userParam").and_then(Value::as_object_mut) {
                    user.remove("customFields");
                }
            }
            Wrong::CheckTypeIsBoolean
                if ![json!(true), json!(false), json!("false"), Value::Null].contains(&json["checkType"]) =>
            {
                json["checkType"] = false.into();
            }
            Wrong::IgnoresExternalValues => {
                if let Some(members) = json.as_object_mut() {
                    members.remove("externalConfigValues");
                }
            }
            Wrong::ChecksFirstConditionOnly => {
                if let Some(conditions) = json.get_mut("authParams").and_then(Value::as_array_mut) {
                    conditions.truncate(1);
                }
            }
            Wrong::MissingIsNotEqual
            | Wrong::SkipsUnknownTypes
            | Wrong::UnknownOperatorIsEqual
            | Wrong::SkipsEmptyValues
            | Wrong::SortsRanges
            | Wrong::IgnoresLetterCase
            | Wrong::Trims
            | Wrong::EmptyIsZero => self.spoil_conditions(&mut json),
            _ => return body.to_vec(),
        }
        if json == before { body.to_vec() } else { json.to_string().into_bytes() }
    }

    fn spoil_conditions(&self, json: &mut Value) {
        let user = json["userParam"].to_string();
        let Some(conditions) = json.get_mut("authParams").and_then(Value::as_array_mut) else { return };
        let known = ["text", "number", "select", "checkbox", "area", "cascader", "datetimerange"];
        let operators = ["EQ", "NEQ", "GT", "GTEQ", "LT", "LTEQ", "BETWEEN", "IN", "ALL"];
        let kind = |condition: &Value| condition["paramType"].as_str().unwrap_or_default().to_lowercase();
        match self.wrong {
            Wrong::MissingIsNotEqual => conditions.retain(|condition| {
                condition["operator"] != "NEQ"
                    || user.contains(condition["englishName"].as_str().unwrap_or("?"))
            }),
            Wrong::SkipsUnknownTypes => {
                conditions.retain(|condition| known.contains(&kind(condition).as_str()))
            }
            Wrong::SkipsEmptyValues => conditions
                .retain(|condition| ![json!(""), json!([]), Value::Null].contains(&condition["values"])),
            Wrong::UnknownOperatorIsEqual => {
                for condition in conditions {
                    let Some(operator) = condition.get_mut("operator") else { continue };
                    let word = operator.as_str().unwrap_or("?").to_uppercase();
                    if !operators.contains(&word.as_str()) && !operator.is_null() && !word.is_empty() {
                        *operator = "EQ".into();
                    }
                }
            }
            Wrong::SortsRanges => {
                for condition in conditions {
                    let number = |value: &Value| value.to_string().trim_matches('"').parse::<f64>().ok();
                    let values = condition.get_mut("values").and_then(Value::as_array_mut);
                    if let Some([low, high]) = values.map(Vec::as_mut_slice)
                        && (number(low), low.as_str()) > (number(high), high.as_str())
                    {
                        std::mem::swap(low, high);
                    }
                }
            }
            Wrong::IgnoresLetterCase | Wrong::Trims | Wrong::EmptyIsZero => {
                let change = |text: &str| match self.wrong {
                    Wrong::IgnoresLetterCase => text.to_lowercase(),
                    Wrong::Trims => text.trim().to_owned(),
                    _ if text.is_empty() => "0".to_owned(),
                    _ => text.to_owned(),
                };
                conditions
                    .iter_mut()
                    .filter_map(|condition| condition.get_mut("values"))
                    .for_each(|values| texts(values, &change));
                let fields = json.pointer_mut("/userParam/customFields").and_then(Value::as_array_mut);
                let values = fields.into_iter().flatten().filter_map(|field| field.get_mut("fieldValue"));
                values.for_each(|value| texts(value, &change));
            }
            _ => {}
        }
    }

    fn decide(&self, body: &[u8]) -> (u16, CheckReply) {
        let admission = CheckReply::from(&rabbitpre_auth::Decision::Allowed);
        let request = match CheckRequest::parse(body) {
            Ok(request) => request,
            Err(_) if self.wrong == Wrong::LetsUnreadableIn => return (200, admission),
            Err(error) => return (error.http_status(), CheckReply::from(&error)),
        };
        let setting = request.setting_id().and_then(|id| self.setting(id));
        if self.wrong == Wrong::UnknownSettingIsNone && request.setting_id().is_some() && setting.is_none() {
            return (200, admission);
        }
        let decision = Check::new(&request, setting.as_ref()).decide(&Attributes::default());
        match self.wrong {
            Wrong::LetsEverybodyIn => (200, admission),
            Wrong::LetsNobodyIn => {
                (200, CheckReply { allowed: false, error_code: "NOT_QUALIFIED".to_owned(), ..admission })
            }
            _ => (200, CheckReply::from(&decision)),
        }
    }

    fn setting(&self, id: &str) -> Option<Setting> {
        let mut kept = self.kept.lock().unwrap();
        let found = kept.settings.get(id).cloned();
        if let Some(late) = kept.late.remove(id) {
            kept.settings.insert(id.to_owned(), late);
        }
        let mut json: Value = serde_json::from_slice(&found?).unwrap();
        match self.wrong {
            Wrong::SavedAlwaysAll => json["externalConfigOperator"] = "ALL".into(),
            Wrong::IgnoresExternalValues => json["externalConfigValues"] = Value::Null,
            _ => {}
        }
        Some(Setting::parse(json.to_string().as_bytes()).unwrap())
    }

    /// Requests that come together get each other's answers.
    async fn mix_up(&self, reply: CheckReply) -> CheckReply {
        if self.wrong != Wrong::MixesUp {
            return reply;
        }
        self.kept.lock().unwrap().last = Some(reply.allowed);
        tokio::time::sleep(Duration::from_millis(3)).await;
        let allowed = self.kept.lock().unwrap().last.unwrap();
        if allowed {
            CheckReply::from(&rabbitpre_auth::Decision::Allowed)
        } else {
            CheckReply { allowed, ..reply }
        }
    }

    fn save(&self, body: &[u8]) -> Response {
        let parsed = SaveRequest::parse(body);
        let refused = |error: &SaveError| answer(error.http_status(), SaveReply::from(error).to_json());
        let request = match parsed {
            Ok(request) => request,
            Err(_) if self.wrong == Wrong::SavesAnything => {
                return answer(200, SaveReply::saved("anything".to_owned(), 0).to_json());
            }
            Err(error) => return refused(&error),
        };
        let mut kept = self.kept.lock().unwrap();
        let fresh = || format!("w-{}", self.created.fetch_add(1, Ordering::SeqCst));
        let id = match request.config_id().map(str::to_owned) {
            _ if self.wrong == Wrong::OneIdForAll => "w".to_owned(),
            Some(_) if self.wrong == Wrong::NewIdForEachSave => fresh(),
            Some(id) if kept.settings.contains_key(&id) || self.wrong == Wrong::UnknownIdCreates => id,
            Some(_) => return refused(&SaveError::UnknownId),
            None => fresh(),
        };
        if self.wrong == Wrong::Late && kept.settings.contains_key(&id) {
            kept.late.insert(id.clone(), body.to_vec());
        } else {
            kept.settings.insert(id.clone(), body.to_vec());
        }
        match self.wrong {
            Wrong::NoConfigId => answer(200, r#"{"code":200,"msg":"ok","data":{}}"#),
            _ => answer(200, SaveReply::saved(id, request.skipped()).to_json()),
        }
    }
}

/// As JavaScript reads them.
fn floats(json: &mut Value) {
    match json {
        Value::Number(number) => {
            *json = serde_json::from_str(&format!("{}", number.as_f64().unwrap())).unwrap()
        }
        Value::Array(items) => items.iter_mut().for_each(floats),
        Value::Object(members) => members.values_mut().for_each(floats),
        _ => {}
    }
}

fn texts(json: &mut Value, change: &impl Fn(&str) -> String) {
    match json {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, change)),
        _ => {}
    }
}
