//! What the code cites exists: sections of a protocol's `SPEC.md`, and errata by their ids.

use std::collections::BTreeSet;

use super::{Finding, Repository};
use crate::trees::PROTOCOL_CRATES;

/// The prefix of each protocol's errata.
const ERRATA: [(&str, &str); 4] =
    [("JL", "jinlaiban"), ("YC", "yichang"), ("WB", "webank"), ("RP", "rabbitpre-auth")];

/// This tool's own tests cite what does not exist.
const OURSELVES: &str = "xtask/";

fn spec_of<'a>(repository: &'a Repository, name: &str) -> &'a str {
    repository.text(&format!("crates/{name}/SPEC.md")).unwrap_or_default()
}

/// Every `§` names a section of the protocol that the code is about.
pub(super) fn sections(repository: &Repository) -> Vec<Finding> {
    let known = PROTOCOL_CRATES.map(|name| (name, sections_of(spec_of(repository, name))));
    let mut findings = Vec::new();
    for (path, text) in repository.ending(".rs").chain(repository.ending("SPEC.md")) {
        for (index, line) in text.lines().enumerate() {
            for (before, section) in cited_sections(line) {
                if let Some((name, known)) =
                    protocol(path, before).and_then(|name| known.iter().find(|it| it.0 == name))
                    && !known.contains(&section)
                {
                    findings.push(Finding::new(
                        path,
                        index + 1,
                        format!("{name}'s SPEC.md has no §{section}"),
                    ));
                }
            }
        }
    }
    findings
}

/// Every id of an erratum stands in the table of its protocol.
pub(super) fn errata(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repository.ending("").filter(|(path, _)| !path.starts_with(OURSELVES)) {
        for (index, line) in text.lines().enumerate() {
            for (prefix, name) in ERRATA {
                for id in cited_errata(line, prefix) {
                    if !spec_of(repository, name).lines().any(|row| row.starts_with(&format!("| {id} |"))) {
                        findings.push(Finding::new(
                            path,
                            index + 1,
                            format!("{name}'s SPEC.md has no erratum {id}"),
                        ));
                    }
                }
            }
        }
    }
    findings
}

/// The protocol whose document a line cites: the crate's own; in other crates the last one that the line names before
/// the sign, otherwise the one that the file is named after. [`None`] for other documents.
fn protocol(path: &str, before: &str) -> Option<&'static str> {
    if path.starts_with(OURSELVES) || names_an_rfc(before) {
        return None;
    }
    let own = PROTOCOL_CRATES.into_iter().find(|name| path.starts_with(&format!("crates/{name}/")));
    let named = || {
        let places = PROTOCOL_CRATES.into_iter().filter_map(|name| Some((before.rfind(name)?, name)));
        places.max().map(|(_, name)| name)
    };
    let filed = || {
        let is = |part: &str, name: &str| part == name || name.split('-').next() == Some(part);
        let mut parts = path.trim_end_matches(".rs").split('/');
        parts.find_map(|part| PROTOCOL_CRATES.into_iter().find(|name| is(part, name)))
    };
    own.or_else(named).or_else(filed)
}

/// Is it `RFC 9562 §…`?
fn names_an_rfc(before: &str) -> bool {
    let mut words = before.split_whitespace().rev();
    let (number, rfc) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    number.bytes().all(|byte| byte.is_ascii_digit()) && rfc.ends_with("RFC")
}

/// The sections that a line cites, each with the text before the sign.
fn cited_sections(line: &str) -> impl Iterator<Item = (&str, String)> {
    line.match_indices('§').filter_map(|(at, sign)| {
        let (before, after) = line.split_at_checked(at)?;
        let section = number(after.strip_prefix(sign)?);
        (!section.is_empty()).then_some((before, section))
    })
}

/// `4.10` at the start of `4.10, Limits`; `4` at that of `4.`.
fn number(text: &str) -> String {
    let mut parts = Vec::new();
    for part in text.split('.') {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        let whole = digits.len() == part.len();
        if digits.is_empty() {
            break;
        }
        parts.push(digits);
        if !whole {
            break;
        }
    }
    parts.join(".")
}

/// The sections that a document has: headings `## 4 …` and `### 4.10 …`, the items of numbered lists below them
/// (`4.3`), and items that bring their number (`- 4.1 …`).
fn sections_of(spec: &str) -> BTreeSet<String> {
    let mut sections = BTreeSet::new();
    let mut heading = String::new();
    for line in spec.lines() {
        if let Some(title) = line.strip_prefix("##") {
            heading = number(title.trim_start_matches('#').trim_start());
            sections.insert(heading.clone());
        } else if let Some(item) = line.strip_prefix("- ") {
            sections.insert(number(item));
        } else if let Some((item, _)) = line.split_once(". ")
            && !item.is_empty()
            && item.bytes().all(|byte| byte.is_ascii_digit())
        {
            sections.insert(format!("{heading}.{item}"));
        }
    }
    sections.remove("");
    sections
}

/// The ids with this prefix that a line cites.
fn cited_errata<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = String> + 'a {
    line.match_indices(prefix).filter_map(move |(at, _)| {
        let (before, after) = line.split_at_checked(at)?;
        let digits: String =
            after.strip_prefix(prefix)?.strip_prefix('-')?.chars().take_while(char::is_ascii_digit).collect();
        let inside_a_word =
            before.ends_with(|character: char| character.is_ascii_alphanumeric() || character == '-');
        (!digits.is_empty() && !inside_a_word).then(|| format!("{prefix}-{digits}"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    const SPEC: &str = "# W\n## 2 Signature\n1. Take.\n2. Drop.\n### 2.3 Life\n## 4 Files\n- 4.1 Up\n\n| id |\n| WB-1 | x |\n";

    #[test]
    fn sections_are_headings_and_items() {
        let sections: Vec<_> = sections_of(SPEC).into_iter().collect();
        assert_eq!(sections, ["2", "2.1", "2.2", "2.3", "4", "4.1"]);
    }

    #[track_caller]
    fn check(path: &str, line: &str, expected: &[&str]) {
        let expected: Vec<_> =
            expected.iter().map(|what| format!("{path}:1: webank's SPEC.md has no {what}")).collect();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        let files = [("crates/webank/SPEC.md", SPEC), (path, line)];
        expect(if line.contains('§') { sections } else { errata }, &files, &expected);
    }

    #[test]
    fn a_section_that_is_not_there_is_found() {
        check("crates/webank/src/a.rs", "// SPEC.md §2.2, §4.1: as RFC 9562 §5.4 says (`§2`).", &[]);
        check("crates/webank/src/a.rs", "// SPEC.md §2.4, §4.1, §3.", &["§2.4", "§3"]);
        check("crates/sign-core/src/a.rs", "// §9 of nothing we know", &[]);
        check("crates/platform-sandbox/src/a.rs", "// yichang and webank `SPEC.md §9`", &["§9"]);
        check("crates/platform-sandbox/src/webank/a.rs", "// SPEC.md §9", &["§9"]);
    }

    #[test]
    fn an_erratum_that_is_not_there_is_found() {
        check("crates/sign-core/src/a.rs", "// WB-1, aWB-7, X-WB-7, WB-x", &[]);
        check("README.md", "(WB-1) (WB-12)", &["erratum WB-12"]);
        check("crates/sign-vectors/vectors/a.jsonl", "WB-2", &["erratum WB-2"]);
    }
}
