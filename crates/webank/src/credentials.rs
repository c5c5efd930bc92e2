//! Token and tickets, `SPEC.md §2`: their requests, their replies, and who fetches them when. No clock: time is an
//! argument.
//!
//! ```text
//!  readers ──▶ Coordinator ◀── what the driver brought back
//!                  │
//!                  └─ step ──▶ Read · Acquire · FetchToken · FetchTicket · Publish · Release · Pause · Wait
//! ```
//!
//! [`Coordinator`] is the state machine that keeps the processes which share an app id from kicking each other out;
//! [`crate::Client`] drives it.

mod coordinator;
mod pair;
mod policy;
mod shared;
mod verdict;

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sign_core::{Secret, json};

use crate::business::{loose, lossy};
use crate::{Code, Host, InputError, Method, Refusal, ReplyError, Request, Serials, VERSION};

pub use coordinator::{Coordinator, Counters, Event, FetchFault, Published, Step};
pub use pair::{Credentials, Writer};
pub use policy::Policy;
pub use shared::{Shared, SharedError};
pub use verdict::{Failure, Kick, Verdict, Want};

/// How long a token or a `sign` ticket lives where the reply does not say, `SPEC.md §2.1`, `§2.2`.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(3600);

/// How long a `user` ticket lives where the reply does not say, `SPEC.md §2.2`.
pub const USER_TICKET_LIFETIME: Duration = Duration::from_secs(300);

/// Token and ticket are refreshed together after this time at the latest, `SPEC.md §2.3`.
pub const REFRESH_AFTER: Duration = Duration::from_secs(20 * 60);

/// A token or ticket as granted. Shows its lifetime alone.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Granted {
    /// What was granted.
    pub value: Secret,
    /// How long it lives from receipt: `expire_in`, not the absolute time of a foreign clock (`SPEC.md §2.3`).
    pub lifetime: Duration,
}

/// Who a `user` ticket is for, `SPEC.md §2.2`. `USER_ID` is required; the rest is left out when absent.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub struct UserData {
    /// The partner's own user id.
    pub user_id: String,
    /// Kind of identity document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_type: Option<String>,
    /// Number of the identity document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_no: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Mobile number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// WeChat union id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub union_id: Option<String>,
    /// A JSON **string** inside the string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend_info: Option<String>,
}

/// Personal data all the way through: shows nothing.
impl fmt::Debug for UserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserData(***)")
    }
}

/// The request for an access token, `SPEC.md §2.1`. **Sending it kicks out the token before it.**
#[must_use]
pub fn token_request(app_id: &str, secret: &Secret) -> Request {
    Request::new(Method::Get, Host::Business, "/api/oauth2/access_token")
        .open("app_id", app_id)
        .hidden("secret", secret)
        .open("grant_type", "client_credential")
        .open("version", VERSION)
}

/// The request for a `sign` ticket, `SPEC.md §2.2`. **Sending it kicks out the ticket before it**, which lives five
/// minutes more.
#[must_use]
pub fn sign_ticket_request(app_id: &str, token: &Secret) -> Request {
    Request::new(Method::Get, Host::Business, "/api/oauth2/api_ticket")
        .open("app_id", app_id)
        .hidden("access_token", token)
        .open("type", "sign")
        .open("version", VERSION)
}

/// The request for a `user` ticket, `SPEC.md §2.2`: single use, 300 s, unique per app id, so never fetched ahead.
///
/// # Errors
/// [`InputError::Empty`] when `USER_ID` or the merchant is empty.
pub fn user_ticket_request(
    app_id: &str,
    token: &Secret,
    user: &UserData,
    merchant: &str,
) -> Result<Request, InputError> {
    check_user(user, merchant)?;
    // Compact JSON in one text; serialising strings cannot fail.
    let user_data = serde_json::to_string(user).map_err(|_| InputError::Empty("user_data"))?;
    let user_data = Secret::new(user_data).map_err(|_| InputError::Empty("user_data"))?;
    Ok(Request::new(Method::Get, Host::Business, "/api/oauth2/api_ticket")
        .open("app_id", app_id)
        .hidden("access_token", token)
        .open("type", "user")
        .open("version", VERSION)
        .hidden("user_data", &user_data)
        // Spelled so by the platform.
        .open("mechant_id", merchant))
}

/// What a user ticket cannot be asked for without.
pub(crate) fn check_user(user: &UserData, merchant: &str) -> Result<(), InputError> {
    if user.user_id.is_empty() {
        return Err(InputError::Empty("USER_ID"));
    }
    if merchant.is_empty() {
        return Err(InputError::Empty("mechant_id"));
    }
    Ok(())
}

#[derive(Deserialize)]
struct CredentialReply {
    #[serde(deserialize_with = "json::text")]
    code: String,
    #[serde(default)]
    msg: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "json::optional_text")]
    access_token: Option<String>,
    #[serde(default, deserialize_with = "json::optional_text")]
    expire_in: Option<String>,
    #[serde(default)]
    tickets: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "json::optional_text")]
    value: Option<String>,
    #[serde(rename = "BizSeqNo", default)]
    biz_seq_no: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct TicketEntry {
    #[serde(deserialize_with = "json::text")]
    value: String,
    #[serde(default, deserialize_with = "json::optional_text")]
    expire_in: Option<String>,
}

fn granted(value: String, expire_in: Option<&str>, default: Duration) -> Result<Granted, ReplyError> {
    let lifetime = match expire_in {
        None | Some("") => default,
        // What has ended when it is granted is no grant.
        Some(text) => match text.parse() {
            Ok(0) | Err(_) => return Err(ReplyError::Member("expire_in")),
            Ok(seconds) => Duration::from_secs(seconds),
        },
    };
    Ok(Granted { value: Secret::new(value).map_err(|_| ReplyError::Member("value"))?, lifetime })
}

fn read(body: &[u8]) -> Result<CredentialReply, ReplyError> {
    let reply: CredentialReply =
        serde_json::from_str(&lossy(body)).map_err(|error| ReplyError::not_json(&error))?;
    // SPEC.md §2.1: success is exactly 60850000.
    if reply.code != Code::CREDENTIALS_OK.as_str() {
        let serials = Serials { biz_seq_no: loose(reply.biz_seq_no.as_deref()), consumer_seq_no: None };
        let msg = loose(reply.msg.as_deref()).unwrap_or_default();
        return Err(ReplyError::Refused(Refusal { code: Code::new(reply.code), msg, serials }));
    }
    Ok(reply)
}

/// Reads the reply to [`token_request`].
///
/// # Errors
/// [`ReplyError::Refused`] for any code but `60850000`; otherwise what the reply lacks.
pub fn read_token(body: &[u8]) -> Result<Granted, ReplyError> {
    let reply = read(body)?;
    let token = reply.access_token.ok_or(ReplyError::Member("access_token"))?;
    granted(token, reply.expire_in.as_deref(), DEFAULT_LIFETIME)
}

/// Reads the reply to a ticket request: the tickets in the order of the types asked for. `default` is the lifetime
/// where the reply names none.
///
/// # Errors
/// [`ReplyError::Refused`] for any code but `60850000`; otherwise what the reply lacks.
pub fn read_tickets(body: &[u8], default: Duration) -> Result<Vec<Granted>, ReplyError> {
    let reply = read(body)?;
    // WB-2: the sample is lost; an array, a bare object, or the members themselves.
    let entries = match reply.tickets.as_deref().map(RawValue::get) {
        Some(list) if list.starts_with('[') => serde_json::from_str::<Vec<TicketEntry>>(list),
        Some(object) if object.starts_with('{') => serde_json::from_str(object).map(|entry| vec![entry]),
        _ => match reply.value {
            Some(value) => Ok(vec![TicketEntry { value, expire_in: reply.expire_in }]),
            None => return Err(ReplyError::Member("tickets")),
        },
    }
    .map_err(|_| ReplyError::Member("tickets"))?;
    if entries.is_empty() {
        return Err(ReplyError::Member("tickets"));
    }
    entries.into_iter().map(|entry| granted(entry.value, entry.expire_in.as_deref(), default)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_hide_their_secrets_and_send_them() {
        let secret = Secret::new("s&cret").unwrap();
        let request = token_request("wx1", &secret);
        assert_eq!(
            request.encoded_query(),
            "app_id=wx1&secret=s%26cret&grant_type=client_credential&version=2.0.0"
        );
        assert_eq!(
            format!("{request:?}"),
            "Request(GET /api/oauth2/access_token?app_id=wx1&secret=***&grant_type=client_credential&version=2.0.0)"
        );
        let request = sign_ticket_request("wx1", &secret);
        assert_eq!(request.encoded_query(), "app_id=wx1&access_token=s%26cret&type=sign&version=2.0.0");
    }

    #[test]
    fn user_data_is_compact_json_and_personal() {
        let token = Secret::new("t").unwrap();
        let user = UserData { user_id: "u 1".into(), id_no: Some("411528".into()), ..UserData::default() };
        let request = user_ticket_request("wx1", &token, &user, "m1").unwrap();
        assert_eq!(
            request.encoded_query(),
            "app_id=wx1&access_token=t&type=user&version=2.0.0\
             &user_data=%7B%22USER_ID%22%3A%22u+1%22%2C%22ID_NO%22%3A%22411528%22%7D&mechant_id=m1"
        );
        assert!(!format!("{request} {user:?}").contains("4115"));
        let nobody = UserData::default();
        assert_eq!(
            user_ticket_request("wx1", &token, &nobody, "m1").unwrap_err(),
            InputError::Empty("USER_ID")
        );
        assert_eq!(
            user_ticket_request("wx1", &token, &user, "").unwrap_err(),
            InputError::Empty("mechant_id")
        );
    }

    #[test]
    fn the_documents_token_reply_is_read() {
        let body = r#"{"msg": "系统处理成功","access_token":"55350620","code": "60850000",
            "expire_time": "1516178421000","expire_in": "3600","transactionTime": "20180117154021"}"#;
        let token = read_token(body.as_bytes()).unwrap();
        assert_eq!((token.value.expose(), token.lifetime), ("55350620", Duration::from_secs(3600)));
    }

    #[track_caller]
    fn check_tickets(body: &str, expected: Result<&[(&str, u64)], ReplyError>) {
        let got = read_tickets(body.as_bytes(), USER_TICKET_LIFETIME).map(|all| {
            all.iter().map(|t| (t.value.expose().to_owned(), t.lifetime.as_secs())).collect::<Vec<_>>()
        });
        let expected = expected.map(|all| all.iter().map(|(v, s)| ((*v).to_owned(), *s)).collect());
        assert_eq!(got, expected, "{body}");
    }

    #[test]
    fn tickets_come_as_list_object_or_members() {
        check_tickets(
            r#"{"code":60850000,"tickets":[{"value":"a","expire_in":"3600"},{"value":"b","expire_in":300}]}"#,
            Ok(&[("a", 3600), ("b", 300)]),
        );
        check_tickets(r#"{"code":"60850000","tickets":{"value":"a"}}"#, Ok(&[("a", 300)]));
        check_tickets(r#"{"code":"60850000","value":"a","expire_in":"10"}"#, Ok(&[("a", 10)]));
        check_tickets(r#"{"code":"60850000"}"#, Err(ReplyError::Member("tickets")));
        check_tickets(r#"{"code":"60850000","tickets":[]}"#, Err(ReplyError::Member("tickets")));
        check_tickets(r#"{"code":"60850000","tickets":[{"value":""}]}"#, Err(ReplyError::Member("value")));
        check_tickets(
            r#"{"code":"60851004","msg":"access_token已过期"}"#,
            Err(ReplyError::Refused(Refusal {
                code: Code::TOKEN_EXPIRED,
                msg: "access_token已过期".into(),
                serials: Serials::default(),
            })),
        );
    }
}
