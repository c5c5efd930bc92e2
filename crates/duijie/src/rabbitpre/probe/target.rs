//! The server under test: asked as the editor and the page ask, with everything that is remembered about its answers.

use std::{cell::RefCell, time::Duration};

use platform_http::Body;
use platform_sandbox::{CallError, Editor, Page};

use super::{
    found::{Expected, Found, judge},
    reply::{Answer, Saved},
};
use crate::{
    lang::Lang,
    probe::{Check, Report},
};

/// The attributes that the probe's own conditions ask for. Nobody else's are named so.
pub(super) const A: &str = "duijieProbeA";
pub(super) const B: &str = "duijieProbeB";

/// Where the probe can put an attribute of the user's, so that the server finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// `customFields`: values of any kind.
    Fields,
    /// A member of `userParam`: no lists.
    Member,
}

/// A check as JSON text, so that each digit goes as it is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Ask {
    /// Members of `userParam` beside `audid`.
    user: Vec<String>,
    /// Entries of `customFields`.
    fields: Vec<String>,
    conditions: Vec<String>,
    /// Further members of the body.
    extra: String,
}

impl Ask {
    /// The user has this: a name, and a value as JSON. An empty one is left out.
    pub(super) fn has(mut self, carrier: Carrier, name: &str, value: &str) -> Self {
        if value.is_empty() {
            return self;
        }
        let name = serde_json::Value::from(name);
        match carrier {
            Carrier::Member => self.user.push(format!("{name}:{value}")),
            Carrier::Fields => self.fields.push(format!(
                r#"{{"fieldId":{name},"fieldType":"text","fieldValue":{value},"fieldNumValue":null}}"#
            )),
        }
        self
    }

    /// A condition about this attribute; the other members as JSON.
    pub(super) fn condition(mut self, name: &str, members: &str) -> Self {
        let name = serde_json::Value::from(name);
        self.conditions.push(format!(
            r#"{{"chineseName":"探测","englishName":{name},{members}{}"option":[]}}"#,
            if members.is_empty() { "" } else { "," }
        ));
        self
    }

    /// Further members of the body, as JSON, `checkType` among them.
    pub(super) fn with(mut self, members: &str) -> Self {
        members.clone_into(&mut self.extra);
        self
    }

    /// The setting saved under this id must hold as well.
    pub(super) fn saved(self, id: &str) -> Self {
        let id = serde_json::Value::from(id);
        self.with(&format!(r#""checkType":"true","externalConfigId":{id}"#))
    }

    pub(super) fn to_json(&self, audid: &str) -> String {
        let mut user = vec![format!(r#""audid":{audid}"#)];
        user.extend(self.user.iter().cloned());
        if !self.fields.is_empty() {
            user.push(format!(r#""customFields":[{}]"#, self.fields.join(",")));
        }
        let extra = if self.extra.is_empty() { r#""checkType":"false""# } else { self.extra.as_str() };
        format!(
            r#"{{"interfaceName":"checkUserAuth",{extra},"userParam":{{{}}},"authParams":[{}],"externalExtras":{{}}}}"#,
            user.join(","),
            self.conditions.join(",")
        )
    }
}

/// The server under test.
pub(super) struct Target {
    pub(super) editor: Editor,
    pub(super) page: Page,
    pub(super) lang: Lang,
    pub(super) deadline: Duration,
    /// `audid` as JSON.
    pub(super) audid: String,
    /// Where attributes are found; set by the first checks.
    pub(super) carrier: Option<Carrier>,
    /// What each answer's form lacks, gathered.
    pub(super) flaws: RefCell<Vec<Found>>,
    pub(super) save_flaws: RefCell<Vec<Found>>,
    pub(super) slowest: RefCell<Duration>,
    /// The settings that stay behind.
    pub(super) left: RefCell<Vec<String>>,
}

impl Target {
    /// Sends a check; remembers what is wrong with the answer's form.
    pub(super) async fn check(&self, ask: &Ask) -> Result<Answer, CallError> {
        self.check_body(ask.to_json(&self.audid)).await
    }

    pub(super) async fn check_body(&self, body: impl Into<Body>) -> Result<Answer, CallError> {
        let answer = Answer::read(&self.page.send(body).await?);
        self.remember(answer.elapsed, &answer.flaws, &self.flaws);
        Ok(answer)
    }

    /// Sends a save; remembers the id that was given.
    pub(super) async fn save(&self, body: impl Into<Body>) -> Result<Saved, CallError> {
        let saved = Saved::read(&self.editor.send(body).await?);
        if let Some(id) = &saved.id {
            let mut left = self.left.borrow_mut();
            if !left.contains(id) {
                left.push(id.clone());
            }
        }
        self.remember(saved.elapsed, &saved.flaws, &self.save_flaws);
        Ok(saved)
    }

    fn remember(&self, elapsed: Duration, flaws: &[Found], into: &RefCell<Vec<Found>>) {
        self.slowest.replace_with(|slowest| elapsed.max(*slowest));
        let mut known = into.borrow_mut();
        for flaw in flaws {
            if !known.contains(flaw) {
                known.push(flaw.clone());
            }
        }
    }

    /// Sends checks, and adds what is wrong with their answers to `check`.
    pub(super) async fn judge(&self, check: &mut Check, asks: &[(String, Ask, Expected)]) {
        for (what, ask, expected) in asks {
            let answer = self.check(ask).await;
            self.conclude(check, &answer, *expected, what);
        }
    }

    pub(super) fn conclude(
        &self,
        check: &mut Check,
        answer: &Result<Answer, CallError>,
        expected: Expected,
        what: &str,
    ) {
        if let Ok(answer) = answer {
            check.answered(answer.status, answer.code.as_deref(), answer.elapsed);
        }
        for found in judge(answer, expected, what) {
            found.add_to(check, self.lang);
        }
    }

    /// The last checks: of the answers' form, and of how long they took.
    pub(super) fn form(&self, report: &mut Report) {
        let titles = [
            (
                "check-reply",
                "§3",
                ("鉴权应答的格式（全部应答）", "the form of answers to checks (all of them)"),
            ),
            (
                "save-reply",
                "§2",
                ("保存应答的格式（全部应答）", "the form of answers to saves (all of them)"),
            ),
        ];
        for ((name, section, title), flaws) in titles.into_iter().zip([&self.flaws, &self.save_flaws]) {
            let mut check = Check::new(name, title).section(section);
            flaws.borrow().iter().for_each(|flaw| flaw.add_to(&mut check, self.lang));
            report.add(check);
        }
        let title = ("最慢的应答", "the slowest answer");
        let mut check = Check::new("in-time", title).section("§3");
        let (slowest, limit) = (self.slowest.borrow().as_millis(), self.deadline.as_millis());
        if slowest > limit {
            let (zh, en) = (
                format!("用了 {slowest} 毫秒；平台只等 {limit} 毫秒"),
                format!("it took {slowest} ms; the platform waits {limit} ms"),
            );
            Found::error(zh, en).add_to(&mut check, self.lang);
        } else if slowest > limit / 3 {
            let (zh, en) = (
                format!("用了 {slowest} 毫秒：平台最多等 {limit} 毫秒，高峰时会超时"),
                format!(
                    "it took {slowest} ms of the {limit} ms that the platform waits: at peak times, too long"
                ),
            );
            Found::warning(zh, en).add_to(&mut check, self.lang);
        }
        report.add(check);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_can_be_asked_about() {
        let name = "等\"级\\\n";
        for carrier in [Carrier::Fields, Carrier::Member] {
            let ask = Ask::default()
                .has(carrier, name, r#""gold""#)
                .condition(name, r#""paramType":"text","values":"gold""#);
            let line = format!(r#"{{"request":{}}}"#, ask.to_json("1"));
            let answer = rabbitpre_auth::check_line(line.as_bytes()).unwrap().to_json();
            assert!(answer.starts_with(r#"{"allowed":true"#), "{answer}");
        }
    }
}
