//! User tickets: 300 s, single use, one at a time (`webank SPEC.md §2.2`, `§2.3`).

use std::fmt;

use ::webank::Code;
use serde::Deserialize;
use sign_core::{Secret, UnixMillis};

/// Whom a user ticket lets in. `Debug` shows the merchant alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserLogin {
    /// `USER_ID`.
    pub user_id: String,
    /// `mechant_id`, spelled so.
    pub merchant_id: String,
    /// The whole `user_data` as it came: JSON.
    pub user_data: String,
}

impl fmt::Debug for UserLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserLogin").field("merchant_id", &self.merchant_id).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "read to check that these members are texts")]
struct UserData {
    user_id: String,
    #[serde(default)]
    id_type: String,
    #[serde(default)]
    id_no: String,
    #[serde(default)]
    user_name: String,
    #[serde(default)]
    mobile: String,
    #[serde(default)]
    union_id: String,
    extend_info: Option<String>,
}

impl UserLogin {
    /// Reads `user_data`, strictly.
    pub(super) fn read(user_data: &str, merchant_id: &str) -> Result<Self, &'static str> {
        let data: UserData = serde_json::from_str(user_data)
            .map_err(|_| "`user_data` is not a JSON object of the documented texts")?;
        if data.user_id.is_empty() {
            return Err("`USER_ID` is empty");
        }
        // webank SPEC.md §2.2: compact JSON.
        if !is_compact(user_data) {
            return Err("`user_data` is not compact: there is white space between its members");
        }
        // webank SPEC.md §2.2: EXTEND_INFO is a JSON text inside the text.
        let nested = data.extend_info.as_deref().map(serde_json::from_str::<serde::de::IgnoredAny>);
        if let Some(Err(_)) = nested {
            return Err("`EXTEND_INFO` is not a text that holds JSON");
        }
        if merchant_id.is_empty() {
            return Err("parameter `mechant_id` is missing or empty");
        }
        Ok(Self {
            user_id: data.user_id,
            merchant_id: merchant_id.to_owned(),
            user_data: user_data.to_owned(),
        })
    }
}

/// Is there no white space outside of texts?
fn is_compact(json: &str) -> bool {
    let (mut inside, mut escaped) = (false, false);
    json.bytes().all(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b' ' | b'\t' | b'\r' | b'\n' if !inside => return false,
            _ => {}
        }
        true
    })
}

/// The one live user ticket, and those that were.
#[derive(Default)]
pub(super) struct UserTickets {
    live: Option<(Secret, UnixMillis, UserLogin)>,
}

impl UserTickets {
    /// webank SPEC.md §2.3: unique per app_id, so the earlier one ends.
    pub(super) fn add(&mut self, ticket: Secret, until: UnixMillis, login: UserLogin) {
        self.live = Some((ticket, until, login));
    }

    pub(super) fn end(&mut self) {
        self.live = None;
    }

    pub(super) fn redeem(&mut self, ticket: &str, now: UnixMillis) -> Result<UserLogin, Code> {
        match self.live.take_if(|(live, ..)| live.expose() == ticket) {
            Some((_, until, login)) if until > now => Ok(login),
            Some(_) => Err(Code::TICKET_EXPIRED),
            None => Err(Code::BAD_TICKET),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(user_data: &str, expected: Result<&str, &str>) {
        let login = UserLogin::read(user_data, "m");
        assert_eq!(login.as_ref().map(|login| login.user_id.as_str()).map_err(|error| *error), expected);
    }

    #[test]
    fn user_data_is_read_strictly() {
        check(r#"{"USER_ID":"u 1","ID_NO":"x \" y"}"#, Ok("u 1"));
        check(r#"{"USER_ID":"u","EXTEND_INFO":"{\"a\": 1}"}"#, Ok("u"));
        check(r#"{"USER_ID":"u","EXTEND_INFO":"a"}"#, Err("`EXTEND_INFO` is not a text that holds JSON"));
        check(r#"{"USER_ID":""}"#, Err("`USER_ID` is empty"));
        let shape = Err("`user_data` is not a JSON object of the documented texts");
        check("", shape);
        check("{}", shape);
        check(r#"{"USER_ID":1}"#, shape);
        check(r#"{"USER_ID":"u","PHONE":"1"}"#, shape);
        let blank = Err("`user_data` is not compact: there is white space between its members");
        check(r#"{"USER_ID": "u"}"#, blank);
        assert_eq!(
            UserLogin::read(r#"{"USER_ID":"u"}"#, "").unwrap_err(),
            "parameter `mechant_id` is missing or empty"
        );
    }

    #[test]
    fn a_ticket_is_used_once_and_one_lives_at_a_time() {
        let mut tickets = UserTickets::default();
        let login = UserLogin::read(r#"{"USER_ID":"u"}"#, "m").unwrap();
        let add = |tickets: &mut UserTickets, value: &str| {
            tickets.add(Secret::new(value).unwrap(), UnixMillis::new(10), login.clone());
        };
        let at = UnixMillis::new;
        add(&mut tickets, "a");
        assert_eq!(tickets.redeem("x", at(0)), Err(Code::BAD_TICKET));
        assert_eq!(tickets.redeem("a", at(9)).unwrap().user_id, "u");
        assert_eq!(tickets.redeem("a", at(9)), Err(Code::BAD_TICKET));
        add(&mut tickets, "b");
        add(&mut tickets, "c");
        assert_eq!(tickets.redeem("b", at(0)), Err(Code::BAD_TICKET));
        assert_eq!(tickets.redeem("c", at(10)), Err(Code::TICKET_EXPIRED));
    }
}
