//! What is wrong with a request before any signature is compared.

mod clock;
mod platform;
mod values;

use serde::Serialize;
use sign_core::UnixMillis;

use crate::Case;
use crate::words::Words;

/// What a caller knows besides the request; all of it is optional.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The caller's clock.
    pub now: Option<UnixMillis>,
    /// The `Date` header of the platform's reply.
    pub date: Option<&'a str>,
    /// The body that travelled, where it is not among the parameters as it was signed.
    pub sent_body: Option<&'a str>,
}

/// Something that is wrong or looks wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The word for its kind, such as `stale-time-stamp`.
    pub kind: &'static str,
    /// Is it wrong, or does it look wrong?
    pub severity: Severity,
    /// What, in one sentence.
    pub message: Words,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The platform refuses it.
    Wrong,
    /// It may be meant so.
    Odd,
}

impl Case<'_> {
    /// What is wrong with the request, whatever its signature: the certain first.
    #[must_use]
    pub fn lint(&self, around: &Around<'_>) -> Vec<Remark> {
        let mut remarks = Remarks(Vec::new());
        if let Err(refusal) = self.check() {
            let message = refusal.to_string();
            remarks.wrong("refused", message.clone(), format!("平台会拒绝：{message}"));
        }
        if let Some(platform) = self.platform() {
            platform::look(self, platform, around, &mut remarks);
        }
        values::look(self, &mut remarks);
        values::secrets(self, &mut remarks);
        values::body(self, around, &mut remarks);
        clock::skew(around, &mut remarks);
        remarks.0.sort_by_key(|remark| remark.severity == Severity::Odd);
        remarks.0
    }
}

struct Remarks(Vec<Remark>);

impl Remarks {
    fn add(&mut self, kind: &'static str, severity: Severity, en: String, zh: String) {
        self.0.push(Remark { kind, severity, message: Words::new(en, zh) });
    }

    fn wrong(&mut self, kind: &'static str, en: String, zh: String) {
        self.add(kind, Severity::Wrong, en, zh);
    }

    fn odd(&mut self, kind: &'static str, en: String, zh: String) {
        self.add(kind, Severity::Odd, en, zh);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NamedSecret, Platform, Request};

    const SECRET: &str = "58b31d465652be856d7ed80977aa4ce4";
    const RIGHT: [(&str, &str); 4] =
        [("appcode", "a"), ("modulecode", "m"), ("timestamp", "1615978623"), ("nonce", "n")];

    #[track_caller]
    fn check(
        platform: Platform,
        parameters: &[(&str, &str)],
        secret: &str,
        around: Around<'_>,
        expected: &[&str],
    ) {
        let (recipe, request) = (platform.recipe(), Request::texts(parameters.iter().copied()));
        let secrets = [NamedSecret::new("S", secret).unwrap()];
        let case = Case::new(&recipe, &request, &secrets).unwrap().of(platform);
        let remarks = case.lint(&around);
        let kinds: Vec<_> = remarks.iter().map(|remark| remark.kind).collect();
        assert_eq!(kinds, expected, "{remarks:?}");
        assert!(!format!("{remarks:?}").contains(SECRET));
    }

    fn jinlaiban(change: impl Fn(&mut Vec<(&str, &str)>), around: Around<'_>, expected: &[&str]) {
        let mut parameters = RIGHT.to_vec();
        change(&mut parameters);
        check(Platform::Jinlaiban, &parameters, SECRET, around, expected);
    }

    fn at(seconds: u64) -> Around<'static> {
        Around { now: Some(UnixMillis::new(seconds * 1000)), ..Around::default() }
    }

    #[test]
    fn requests() {
        let none = Around::default();
        jinlaiban(|_| (), none, &[]);
        jinlaiban(|_| (), at(1_615_978_700), &[]);
        jinlaiban(|_| (), at(1_615_979_000), &["stale-time-stamp"]);
        jinlaiban(|it| it[2].1 = "1615978623000", at(1_615_978_623), &["time-stamp-unit"]);
        jinlaiban(|it| it[2].1 = "yesterday", none, &["time-stamp-form"]);
        jinlaiban(|it| it[0].0 = "appCode", none, &["name-case"]);
        jinlaiban(|it| it[2].0 = "time_stamp", none, &["name-case"]);
        jinlaiban(|it| it[3].1 = "", none, &["refused", "nonce-length"]);
        jinlaiban(|it| it[3].1 = "n ", none, &["white-space"]);
        jinlaiban(|it| it[3].1 = "%E4%B8%AD", none, &["encoded-value"]);
        jinlaiban(|it| it.push(("appsecret", SECRET)), none, &["secret-travels"]);
        let params = [
            ("appId", "a"),
            ("deviceId", "d"),
            ("deviceType", "WEB"),
            ("nonceStr", "ab-1"),
            ("timeStamp", "1574251924"),
            ("mobile", "1"),
        ];
        let expected = ["nonce-length", "nonce-characters", "unsigned"];
        check(Platform::YichangSha1, &params, SECRET, none, &expected);
    }

    #[test]
    fn secrets() {
        let secret = |secret: &str, expected: &[&str]| {
            check(Platform::Jinlaiban, &RIGHT, secret, Around::default(), expected);
        };
        secret(&format!("{SECRET}\n"), &["secret-white-space", "secret-length"]);
        secret(&format!("\"{SECRET}\""), &["secret-quoted"]);
        secret(&format!("\u{feff}{SECRET}"), &["secret-byte-order-mark", "secret-length"]);
        secret("short", &["secret-length"]);
    }

    #[test]
    fn clocks() {
        let around = |date| Around { date: Some(date), ..at(1_615_978_623) };
        jinlaiban(|_| (), around("Wed, 17 Mar 2021 10:57:03 GMT"), &[]);
        jinlaiban(|_| (), around("Wed, 17 Mar 2021 10:55:03 GMT"), &["clock-skew"]);
        jinlaiban(|_| (), around("2021"), &["date-header"]);
    }

    #[test]
    fn bodies() {
        let signed = [("app_id", "a"), ("version", "2.0.0"), ("body", r#"{"a":1,"b":2}"#)];
        let body = |sent, expected: &[&str]| {
            let around = Around { sent_body: Some(sent), ..Around::default() };
            check(Platform::Webank, &signed, SECRET, around, expected);
        };
        body(r#"{"a":1,"b":2}"#, &[]);
        body(r#"{"b": 2, "a": 1}"#, &["body-written-anew"]);
        body("other", &[]);
    }
}
