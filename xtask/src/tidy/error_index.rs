//! The index of codes is the one that the code makes, and names every code that the sources have.

use super::{Finding, Repository};

/// A file, what stands in it before each code, and what codes are made of.
type Source = (&'static str, &'static str, fn(&char) -> bool);

/// Where the codes are written down, what stands before each, and what they are made of.
const SOURCES: [Source; 6] = [
    ("crates/jinlaiban/src/reply.rs", CONSTANT, char::is_ascii_digit),
    ("crates/yichang/src/reply.rs", CONSTANT, char::is_ascii_digit),
    ("crates/webank/src/code.rs", " = \"", char::is_ascii_digit),
    ("crates/webank/src/callback/code.rs", CONSTANT, char::is_ascii_digit),
    ("crates/rabbitpre-auth/src/trace.rs", " => (\"", |it| it.is_ascii_lowercase() || *it == '-'),
    // HTTP statuses and the names of counters stand in the same way.
    ("crates/rabbitpre-auth/src/error.rs", " => \"", |it| it.is_ascii_uppercase() || *it == '_'),
];
const CONSTANT: &str = "Self = Self(Cow::Borrowed(\"";

/// Both pages are as the code makes them today.
pub(super) fn current(repository: &Repository) -> Vec<Finding> {
    let stale = crate::error_index::pages().into_iter().filter_map(|(path, text)| {
        let there = repository.text(path).unwrap_or_default();
        let line = there.lines().zip(text.lines()).position(|(there, made)| there != made);
        let what = "is not what the code makes: run `cargo xtask error-index`";
        (there != text).then(|| Finding::new(path, line.map_or(0, |line| line + 1), what))
    });
    stale.collect()
}

/// A code that was added to a source stands in the index.
pub(super) fn complete(repository: &Repository) -> Vec<Finding> {
    let pages = crate::error_index::pages();
    let mut findings = Vec::new();
    for (path, before, is_of_a_code) in SOURCES {
        for (index, line) in repository.text(path).unwrap_or_default().lines().enumerate() {
            let code =
                line.split_once(before).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
            let is_code = !code.is_empty() && code.chars().all(|it| is_of_a_code(&it));
            if is_code && pages.iter().any(|(_, text)| !text.contains(&format!("`{code}`"))) {
                let what = format!("`{code}` is not in the index of codes: add it in xtask/src/error_index");
                findings.push(Finding::new(path, index + 1, what));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    #[test]
    fn a_page_that_was_changed_by_hand_is_found() {
        let pages = crate::error_index::pages();
        let [(english, text), (chinese, words)] = &pages;
        expect(current, &[(english, text), (chinese, words)], &[]);
        let changed = text.replace("300", "301");
        let line = text.lines().position(|line| line.contains("300")).unwrap() + 1;
        let found = format!("{english}:{line}: is not what the code makes: run `cargo xtask error-index`");
        expect(current, &[(english, &changed), (chinese, words)], &[&found]);
    }

    #[test]
    fn a_code_that_nobody_explains_is_found() {
        let path = "crates/jinlaiban/src/reply.rs";
        let known = "pub const ERROR: Self = Self(Cow::Borrowed(\"300\"));\n";
        expect(complete, &[(path, known)], &[]);
        let new = format!("{known}pub const NEW: Self = Self(Cow::Borrowed(\"303\"));\n");
        let found = format!("{path}:2: `303` is not in the index of codes: add it in xtask/src/error_index");
        expect(complete, &[(path, &new)], &[&found]);
    }
}
