//! WeBank's answers, member by member as the document prints them.

use ::webank::Code;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sign_core::UnixMillis;

use super::ledger::Grant;
use super::{JsonDataShape, StoredFile, Webank, WebankOptions};
use crate::exchange::{Reply, code_json};
use crate::time;

fn raw(options: &WebankOptions, text: &str) -> Box<RawValue> {
    RawValue::from_string(code_json(text, options.numbers)).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn written<T: Serialize>(reply: &T, code: &Code) -> Reply {
    let body = serde_json::to_string(reply).expect("texts under fixed names can be written");
    Reply::json(body, code.as_str())
}

fn message(code: &Code) -> &'static str {
    code.meaning().unwrap_or("未知异常信息")
}

/// webank SPEC.md §2.1.
#[derive(Serialize)]
struct TokenReply {
    msg: &'static str,
    access_token: String,
    code: Box<RawValue>,
    expire_time: Box<RawValue>,
    expire_in: Box<RawValue>,
    #[serde(rename = "transactionTime")]
    transaction_time: String,
}

/// webank SPEC.md §2.2.
#[derive(Serialize)]
struct TicketReply {
    code: Box<RawValue>,
    msg: &'static str,
    #[serde(rename = "transactionTime")]
    transaction_time: String,
    tickets: Tickets,
}

/// WB-2.
#[derive(Serialize)]
#[serde(untagged)]
enum Tickets {
    List(Vec<Ticket>),
    Bare(Ticket),
}

#[derive(Serialize)]
struct Ticket {
    value: String,
    expire_in: Box<RawValue>,
    expire_time: Box<RawValue>,
}

#[derive(Serialize)]
struct CredentialRefusal {
    code: Box<RawValue>,
    msg: &'static str,
    #[serde(rename = "transactionTime")]
    transaction_time: String,
}

pub(super) fn token(options: &WebankOptions, now: UnixMillis, grant: Grant) -> Reply {
    let code = Code::CREDENTIALS_OK;
    let reply = TokenReply {
        msg: message(&code),
        access_token: grant.value,
        code: raw(options, code.as_str()),
        expire_time: raw(options, &grant.until.to_string()),
        expire_in: raw(options, &grant.lifetime.as_secs().to_string()),
        transaction_time: time::compact(now),
    };
    written(&reply, &code)
}

pub(super) fn tickets(options: &WebankOptions, now: UnixMillis, grants: Vec<Grant>) -> Reply {
    let code = Code::CREDENTIALS_OK;
    let mut tickets: Vec<Ticket> = grants
        .into_iter()
        .map(|grant| Ticket {
            value: grant.value,
            expire_in: raw(options, &grant.lifetime.as_secs().to_string()),
            expire_time: raw(options, &grant.until.to_string()),
        })
        .collect();
    let tickets = match tickets.pop() {
        Some(only) if options.ticket_as_object && tickets.is_empty() => Tickets::Bare(only),
        last => {
            tickets.extend(last);
            Tickets::List(tickets)
        }
    };
    let reply = TicketReply {
        code: raw(options, code.as_str()),
        msg: message(&code),
        transaction_time: time::compact(now),
        tickets,
    };
    written(&reply, &code)
}

pub(super) fn credentials_refused(options: &WebankOptions, now: UnixMillis, code: &Code) -> Reply {
    let reply = CredentialRefusal {
        code: raw(options, code.as_str()),
        msg: message(code),
        transaction_time: time::compact(now),
    };
    written(&reply, code)
}

/// webank SPEC.md §3.2.
#[derive(Serialize)]
struct Envelope {
    #[serde(rename = "BizSeqNo")]
    biz_seq_no: String,
    #[serde(rename = "ConsumerSeqNo", skip_serializing_if = "Option::is_none")]
    consumer_seq_no: Option<String>,
    #[serde(rename = "ConsumerseqNo", skip_serializing_if = "Option::is_none")]
    consumer_seqno: Option<String>,
    #[serde(rename = "transactionTime")]
    transaction_time: String,
    code: Box<RawValue>,
    msg: &'static str,
    #[serde(rename = "jsonData", skip_serializing_if = "Option::is_none")]
    json_data: Option<Box<RawValue>>,
    #[serde(rename = "fileList", skip_serializing_if = "Option::is_none")]
    file_list: Option<Vec<ListedFile>>,
}

/// webank SPEC.md §4.3.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedFile {
    file_name: String,
    file_id: String,
    hash_value: String,
}

impl Webank {
    fn envelope(&self, now: UnixMillis, code: &Code) -> Envelope {
        let options = &self.0.options;
        let consumer = format!("{}{}", time::compact(now), self.0.serials.digits(18));
        let (usual, odd) = if options.lower_seq_no { (None, Some(consumer)) } else { (Some(consumer), None) };
        Envelope {
            biz_seq_no: self.0.serials.digits(32),
            consumer_seq_no: usual,
            consumer_seqno: odd,
            transaction_time: time::compact(now),
            code: raw(options, code.as_str()),
            msg: message(code),
            json_data: None,
            file_list: None,
        }
    }

    /// The gateway refuses: no `jsonData`.
    pub(super) fn refused(&self, now: UnixMillis, code: &Code) -> Reply {
        written(&self.envelope(now, code), code)
    }

    /// The gateway is content; `json` is the business system's answer.
    pub(super) fn content(&self, now: UnixMillis, json: String) -> Reply {
        let code = Code::OK;
        // WB-9
        let json_data = match self.0.options.json_data {
            JsonDataShape::Null => Some(RawValue::NULL.to_owned()),
            JsonDataShape::Object => {
                RawValue::from_string(json.clone()).or_else(|_| to_raw_value(&json)).ok()
            }
            JsonDataShape::Text => to_raw_value(&json).ok(),
        };
        written(&Envelope { json_data, ..self.envelope(now, &code) }, &code)
    }

    /// webank SPEC.md §4.3: the files stand beside the code.
    pub(super) fn listed(&self, now: UnixMillis, files: Vec<StoredFile>) -> Reply {
        let code = Code::OK;
        let listed = files
            .into_iter()
            .map(|file| ListedFile { file_name: file.name, file_id: file.id, hash_value: file.hash })
            .collect();
        written(&Envelope { file_list: Some(listed), ..self.envelope(now, &code) }, &code)
    }
}
