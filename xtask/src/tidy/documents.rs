//! The documents: their links lead somewhere, and the code map shows what is there.

use super::{Finding, Repository};

const MAP: &str = "ARCHITECTURE.md";

/// Relative links lead to files that are there.
pub(super) fn links(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repository.ending(".md") {
        let mut fenced = false;
        for (index, line) in text.lines().enumerate() {
            fenced ^= line.trim_start().starts_with("```");
            for target in targets(line).filter(|_| !fenced) {
                if resolve(path, target).is_none_or(|file| !repository.has(&file)) {
                    findings.push(Finding::new(path, index + 1, format!("`{target}` leads nowhere")));
                }
            }
        }
    }
    findings
}

/// The relative links of a line, without the place in the file.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let links = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    links.filter(|link| !link.contains("://") && !link.starts_with("mailto:")).filter_map(|link| {
        let file = link.split('#').next().unwrap_or_default();
        (!file.is_empty()).then_some(file)
    })
}

/// The path from the root; [`None`] when it leads out of the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<_> = from.split('/').collect();
    parts.pop();
    for part in link.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop()?;
        } else {
            parts.push(part);
        }
    }
    Some(parts.join("/"))
}

/// The code map names every package, and no crate that is not there.
pub(super) fn code_map(repository: &Repository) -> Vec<Finding> {
    let Some(map) = repository.text(MAP) else {
        return vec![Finding::new(MAP, 0, "is missing: the code map names every crate")];
    };
    let mut findings = Vec::new();
    let crates = repository.folders("crates");
    for name in crates.iter().chain(&["benches", "fuzz", "xtask"]).filter(|name| !names(map, name)) {
        findings.push(Finding::new(MAP, 0, format!("does not name `{name}`")));
    }
    for (index, line) in map.lines().enumerate() {
        for rest in line.split("crates/").skip(1) {
            let end = rest.find(|character: char| !is_of_a_name(character)).unwrap_or(rest.len());
            let name = rest.split_at_checked(end).map_or(rest, |(name, _)| name);
            if !name.is_empty() && !crates.contains(&name) {
                findings.push(Finding::new(MAP, index + 1, format!("`crates/{name}` is not there")));
            }
        }
    }
    findings
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-' || character == '_'
}

/// Is the name there as a word?
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let around =
            text.split_at_checked(at).and_then(|(before, rest)| Some((before, rest.strip_prefix(name)?)));
        around.is_some_and(|(before, after)| {
            !before.ends_with(is_of_a_name) && !after.starts_with(is_of_a_name)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let good =
            "[a](docs/a.md#x) [b](https://b) [c](#c) ![d](./docs) [e](docs/a.md \"E\")\n```\n[f](f)\n```\n";
        expect(links, &[("README.md", good), ("docs/a.md", "[up](../README.md)")], &[]);
        expect(
            links,
            &[("README.md", "[a](docs/a.md)\n"), ("docs/b.md", "\n[x](../../x.md) [y](y)")],
            &[
                "README.md:1: `docs/a.md` leads nowhere",
                "docs/b.md:2: `../../x.md` leads nowhere",
                "docs/b.md:2: `y` leads nowhere",
            ],
        );
    }

    #[test]
    fn a_code_map_that_does_not_match_is_found() {
        let crates = ("crates/sign-core/src/lib.rs", "");
        expect(code_map, &[crates], &["ARCHITECTURE.md: is missing: the code map names every crate"]);
        let good = "crates/sign-core/ benches, `fuzz` and xtask; crates/\n";
        expect(code_map, &[crates, (MAP, good)], &[]);
        expect(
            code_map,
            &[crates, (MAP, "sign-core-extra fuzz xtasks\ncrates/old/src")],
            &[
                "ARCHITECTURE.md: does not name `sign-core`",
                "ARCHITECTURE.md: does not name `benches`",
                "ARCHITECTURE.md: does not name `xtask`",
                "ARCHITECTURE.md:2: `crates/old` is not there",
            ],
        );
    }
}
