//! Checks of the repository itself. Each check is a function from a [`Repository`] to findings, so that it can be
//! tried on a small repository that is made up; `cargo test -p xtask` runs all of them on the real one as well.

mod citations;
mod documents;
mod error_index;
mod fuzz_targets;
mod manifests;
mod packages;
mod repository;
mod rings;
mod sources;

use std::fmt;

use repository::Repository;

/// Something to mend.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

type Check = fn(&Repository) -> Vec<Finding>;

const CHECKS: &[Check] = &[
    sources::headers,
    sources::names,
    sources::ignored_tests,
    sources::paths_of_one_machine,
    rings::arrows,
    citations::sections,
    citations::errata,
    manifests::members,
    manifests::reasons,
    manifests::inheritance,
    packages::alone,
    documents::links,
    documents::code_map,
    error_index::current,
    error_index::complete,
    fuzz_targets::targets,
];

pub(crate) fn run() -> Result<(), String> {
    let repository = Repository::read(&crate::command::root())?;
    let findings: Vec<_> = CHECKS.iter().flat_map(|check| check(&repository)).collect();
    if findings.is_empty() {
        println!("{} files, {} checks: tidy", repository.len(), CHECKS.len());
        return Ok(());
    }
    let list: Vec<_> = findings.iter().map(ToString::to_string).collect();
    Err(format!("{} things to mend:\n{}", list.len(), list.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_repository_is_tidy() {
        if let Err(message) = run() {
            panic!("{message}");
        }
    }

    /// What a check says about made-up files, as text.
    #[track_caller]
    pub(super) fn expect(check: Check, files: &[(&str, &str)], expected: &[&str]) {
        let found: Vec<_> = check(&Repository::of(files)).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }
}
