//! What every source file keeps to.

use super::{Finding, Repository};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "helpers", "helper", "types", "misc"];

/// Paths that exist on somebody's machine only. In pieces, so that this file does not hold them.
const FOREIGN: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/tmp/br", "ief"), concat!("/ro", "ot/"), concat!("../sha", "red/")];

/// Every source file begins by saying what it is for.
pub(super) fn headers(repository: &Repository) -> Vec<Finding> {
    let bare = repository.ending(".rs").filter(|(_, text)| !text.starts_with("//! "));
    bare.map(|(path, _)| Finding::new(path, 1, "does not begin with `//! ` and what the file is for"))
        .collect()
}

/// No file is named after nothing.
pub(super) fn names(repository: &Repository) -> Vec<Finding> {
    let empty = repository.ending(".rs").filter_map(|(path, _)| {
        let name = path.trim_end_matches(".rs").split('/').find(|part| EMPTY_NAMES.contains(part))?;
        Some(Finding::new(path, 0, format!("`{name}` says nothing: name it after what it does")))
    });
    empty.collect()
}

/// A test that does not run says why.
pub(super) fn ignored_tests(repository: &Repository) -> Vec<Finding> {
    let bare = [concat!("#[ign", "ore]"), concat!("#[ign", "ore = \"\"]")];
    lines(repository, ".rs", |line| {
        bare.iter().any(|bare| line.contains(bare)).then(|| "an ignored test without a reason".to_owned())
    })
}

/// Nothing depends on, or tells about, one machine's folders.
pub(super) fn paths_of_one_machine(repository: &Repository) -> Vec<Finding> {
    lines(repository, "", |line| {
        let found = FOREIGN.iter().find(|foreign| line.contains(**foreign))?;
        Some(format!("`{found}` is a path of somebody's machine"))
    })
}

/// Asks about each line of each file whose path ends so.
fn lines(repository: &Repository, end: &str, ask: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repository.ending(end) {
        for (index, line) in text.lines().enumerate() {
            findings.extend(ask(line).map(|what| Finding::new(path, index + 1, what)));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    #[test]
    fn a_file_without_a_header_is_found() {
        let good = ("a.rs", "//! What it is for.\n");
        expect(headers, &[good, ("b.md", "# B")], &[]);
        let what = "does not begin with `//! ` and what the file is for";
        let found = [format!("b.rs:1: {what}"), format!("c.rs:1: {what}")];
        expect(headers, &[good, ("b.rs", "use x;"), ("c.rs", "")], &found.each_ref().map(String::as_str));
    }

    #[test]
    fn an_empty_name_is_found() {
        expect(names, &[("a/src/commonly.rs", ""), ("a/types.md", "")], &[]);
        let what = "says nothing: name it after what it does";
        let found =
            [format!("a/src/utils.rs: `utils` {what}"), format!("a/tests/common/mod.rs: `common` {what}")];
        let files = [("a/src/utils.rs", ""), ("a/tests/common/mod.rs", "")];
        expect(names, &files, &found.each_ref().map(String::as_str));
    }

    #[test]
    fn an_ignored_test_without_a_reason_is_found() {
        expect(ignored_tests, &[("a.rs", "//! a\n#[ignore = \"needs redis\"]\n")], &[]);
        let bare = format!("//! a\n    {}\n", concat!("#[ign", "ore]"));
        expect(ignored_tests, &[("a.rs", &bare)], &["a.rs:2: an ignored test without a reason"]);
        let empty = concat!("#[ign", "ore = \"\"]");
        expect(ignored_tests, &[("a.rs", empty)], &["a.rs:1: an ignored test without a reason"]);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        expect(paths_of_one_machine, &[("a.md", "see work/here and /api/s/work"), ("b.sh", "")], &[]);
        for foreign in FOREIGN {
            let found = format!("a.toml:2: `{foreign}` is a path of somebody's machine");
            expect(paths_of_one_machine, &[("a.toml", &format!("\nx = \"{foreign}x\""))], &[&found]);
        }
    }
}
