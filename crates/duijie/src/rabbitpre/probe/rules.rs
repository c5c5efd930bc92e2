//! SPEC.md §4 as a table: one condition, what the user has, and whether it holds.

mod structures;
mod values;

use self::{structures::STRUCTURES, values::VALUES};
use super::target::{A, Ask, Carrier, Target};
use crate::probe::{Check, Report};

/// One check: rules that say one thing.
struct Rule {
    check: &'static str,
    section: &'static str,
    title: (&'static str, &'static str),
    lines: &'static [Line],
}

const fn rule(
    check: &'static str,
    section: &'static str,
    title: (&'static str, &'static str),
    lines: &'static [Line],
) -> Rule {
    Rule { check, section, title, lines }
}

/// The whole table.
fn rules() -> impl Iterator<Item = &'static Rule> {
    VALUES.iter().chain(STRUCTURES)
}

/// One condition, and one user.
struct Line {
    /// `paramType`; empty: absent.
    kind: &'static str,
    /// `operator`: a word, or JSON; empty: absent.
    operator: &'static str,
    /// `values` as JSON; empty: absent.
    values: &'static str,
    /// What the user has, as JSON; empty: nothing.
    had: &'static str,
    holds: bool,
}

/// The condition holds.
const fn yes(kind: &'static str, operator: &'static str, values: &'static str, had: &'static str) -> Line {
    Line { kind, operator, values, had, holds: true }
}

/// The condition does not hold.
const fn no(kind: &'static str, operator: &'static str, values: &'static str, had: &'static str) -> Line {
    Line { holds: false, ..yes(kind, operator, values, had) }
}

/// How much of a value a finding shows, in characters.
const SHOWN: usize = 80;

impl Line {
    /// The condition's members.
    fn members(&self) -> String {
        let mut members = Vec::new();
        if !self.kind.is_empty() {
            members.push(format!(r#""paramType":"{}""#, self.kind));
        }
        if self
            .operator
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic() && self.operator != "null")
        {
            members.push(format!(r#""operator":"{}""#, self.operator));
        } else if !self.operator.is_empty() {
            members.push(format!(r#""operator":{}"#, self.operator));
        }
        if !self.values.is_empty() {
            members.push(format!(r#""values":{}"#, self.values));
        }
        members.join(",")
    }

    fn ask(&self, carrier: Carrier) -> Ask {
        Ask::default().has(carrier, A, self.had).condition(A, &self.members())
    }

    /// The same for people: `number BETWEEN [18,10] ⟷ 15`. Nothing in it is anybody's.
    fn what(&self) -> String {
        let shown = |text: &'static str| match text {
            "" => "-".to_owned(),
            text if text.chars().count() > SHOWN => text.chars().take(SHOWN).chain(['…']).collect(),
            text => text.to_owned(),
        };
        format!("{} {} {} ⟷ {}", shown(self.kind), shown(self.operator), shown(self.values), shown(self.had))
    }

    /// Only `customFields` hold lists.
    fn fits(&self, carrier: Carrier) -> bool {
        carrier == Carrier::Fields || !self.had.starts_with(['[', '{'])
    }
}

/// Every rule of the table; without a carrier, none can be judged.
pub(super) async fn check(target: &Target, report: &mut Report) {
    for rule in rules() {
        let mut check = Check::new(rule.check, rule.title).section(rule.section);
        let Some(carrier) = target.carrier else {
            report.add(check.skip());
            continue;
        };
        let lines: Vec<_> = rule
            .lines
            .iter()
            .filter(|line| line.fits(carrier))
            .map(|line| (line.what(), line.ask(carrier), line.holds.into()))
            .collect();
        target.judge(&mut check, &lines).await;
        report.add(if lines.is_empty() { check.skip() } else { check });
    }
}

#[cfg(test)]
mod tests {
    use rabbitpre_auth::{LineAnswer, check_line};

    use super::*;

    /// The table says what the reference implementation does.
    #[test]
    fn the_evaluator_agrees_with_every_line() {
        for rule in rules() {
            assert!(!rule.lines.is_empty() && rule.section.starts_with('§'), "{}", rule.check);
            for line in rule.lines {
                for carrier in [Carrier::Fields, Carrier::Member] {
                    if !line.fits(carrier) {
                        continue;
                    }
                    let request = format!(r#"{{"request":{}}}"#, line.ask(carrier).to_json("1"));
                    match check_line(request.as_bytes()) {
                        Ok(LineAnswer::Decided(trace)) => {
                            assert_eq!(
                                trace.allowed,
                                line.holds,
                                "{}: {} {trace:?}",
                                rule.check,
                                line.what()
                            );
                        }
                        other => panic!("{}: {} {other:?}", rule.check, line.what()),
                    }
                }
            }
        }
    }

    #[test]
    fn checks_have_names_of_their_own_and_two_languages() {
        let names: std::collections::HashSet<_> = rules().map(|rule| rule.check).collect();
        assert_eq!(names.len(), rules().count());
        for rule in rules() {
            assert!(
                rule.title.0.chars().any(|c| c > '\u{2fff}') && rule.title.1.is_ascii(),
                "{}",
                rule.check
            );
        }
    }
}
