//! The external check: saved conditions and external values, one group each (SPEC.md §4.8, §4.10 External check).

mod table;

use self::table::SETTINGS;
use super::{
    saves::{body, quoted, saved},
    target::{A, Ask, B, Carrier, Target},
};
use crate::probe::{Check, Report};

/// A setting, and what it comes to for these users.
struct Setting {
    check: &'static str,
    section: &'static str,
    title: (&'static str, &'static str),
    /// `settingData` and further members, as JSON; A and B stand for the probe's attributes.
    members: &'static str,
    lines: &'static [Line],
}

/// One user.
struct Line {
    /// What the user has under A and B, as JSON; empty: nothing.
    a: &'static str,
    b: &'static str,
    /// Further members of the check, as JSON, each with a comma before it.
    request: &'static str,
    allowed: bool,
}

const fn yes(a: &'static str, b: &'static str, request: &'static str) -> Line {
    Line { a, b, request, allowed: true }
}

const fn no(a: &'static str, b: &'static str, request: &'static str) -> Line {
    Line { allowed: false, ..yes(a, b, request) }
}

impl Setting {
    fn members(&self) -> String {
        named(self.members)
    }
}

fn named(text: &str) -> String {
    text.replace("⟨A⟩", A).replace("⟨B⟩", B)
}

impl Line {
    fn ask(&self, carrier: Carrier, id: &str) -> Ask {
        let ask = Ask::default().has(carrier, A, self.a).has(carrier, B, self.b);
        ask.with(&format!(r#""checkType":true,"externalConfigId":{}{}"#, quoted(id), named(self.request)))
    }

    fn what(&self) -> String {
        let shown = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        format!("A {} B {}{}", shown(self.a), shown(self.b), self.request)
    }

    fn fits(&self, carrier: Carrier) -> bool {
        carrier == Carrier::Fields || ![self.a, self.b].iter().any(|had| had.starts_with(['[', '{']))
    }
}

/// Each setting replaces the one before, under one id.
pub(super) async fn check(target: &Target, id: Option<&str>, report: &mut Report) {
    for setting in SETTINGS {
        let mut check = Check::new(setting.check, setting.title).section(setting.section);
        let (Some(id), Some(carrier)) = (id, target.carrier) else {
            report.add(check.skip());
            continue;
        };
        if saved(target, &mut check, body(&quoted(id), &setting.members()), "saveNotify").await.is_some() {
            let lines = setting.lines.iter().filter(|line| line.fits(carrier));
            let asks: Vec<_> =
                lines.map(|line| (line.what(), line.ask(carrier, id), line.allowed.into())).collect();
            target.judge(&mut check, &asks).await;
        }
        report.add(check);
    }
}

#[cfg(test)]
mod tests {
    use rabbitpre_auth::{LineAnswer, check_line};

    use super::*;

    #[test]
    fn the_evaluator_agrees_with_every_line() {
        for setting in SETTINGS {
            for line in setting.lines {
                let (request, kept) =
                    (line.ask(Carrier::Fields, "c").to_json("1"), body(r#""c""#, &setting.members()));
                let text = format!(r#"{{"request":{request},"settings":{{"c":{kept}}}}}"#);
                match check_line(text.as_bytes()) {
                    Ok(LineAnswer::Decided(trace)) => {
                        assert_eq!(
                            trace.allowed,
                            line.allowed,
                            "{}: {} {trace:?}",
                            setting.check,
                            line.what()
                        );
                    }
                    other => panic!("{}: {} {other:?}", setting.check, line.what()),
                }
            }
        }
    }
}
