//! The fuzz targets: the manifest lists what is there, and each has seeds.

use super::{Finding, Repository};

const MANIFEST: &str = "fuzz/Cargo.toml";

/// The manifest's binaries, the files in `fuzz_targets` and the folders in `seeds` have the same names.
pub(super) fn targets(repository: &Repository) -> Vec<Finding> {
    let listed = match crate::fuzz::targets(repository.text(MANIFEST).unwrap_or_default()) {
        Ok(listed) => listed,
        Err(message) => return vec![Finding::new(MANIFEST, 0, message)],
    };
    let files: Vec<_> = repository
        .ending(".rs")
        .filter_map(|(path, _)| path.strip_prefix("fuzz/fuzz_targets/")?.strip_suffix(".rs"))
        .collect();
    let seeds = repository.folders("fuzz/seeds");
    let mut findings = Vec::new();
    let mut found = |what: String| findings.push(Finding::new(MANIFEST, 0, what));
    for name in &listed {
        if !files.contains(&name.as_str()) {
            found(format!("`{name}` is listed, but fuzz/fuzz_targets/{name}.rs is not there"));
        }
        if !seeds.contains(&name.as_str()) {
            found(format!("`{name}` has no seeds in fuzz/seeds/{name}"));
        }
    }
    let known = |name: &&&str| !listed.iter().any(|listed| listed == **name);
    for name in files.iter().filter(known) {
        found(format!("`{name}` is in fuzz/fuzz_targets, but not listed"));
    }
    for name in seeds.iter().filter(known) {
        found(format!("fuzz/seeds/{name} belongs to no target"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    #[test]
    fn targets_that_do_not_match_are_found() {
        let manifest = (MANIFEST, "[[bin]]\nname = \"a\"\n");
        expect(targets, &[manifest, ("fuzz/fuzz_targets/a.rs", ""), ("fuzz/seeds/a/1", "")], &[]);
        expect(
            targets,
            &[manifest, ("fuzz/fuzz_targets/b.rs", ""), ("fuzz/seeds/c/1", "")],
            &[
                "fuzz/Cargo.toml: `a` is listed, but fuzz/fuzz_targets/a.rs is not there",
                "fuzz/Cargo.toml: `a` has no seeds in fuzz/seeds/a",
                "fuzz/Cargo.toml: `b` is in fuzz/fuzz_targets, but not listed",
                "fuzz/Cargo.toml: fuzz/seeds/c belongs to no target",
            ],
        );
        expect(targets, &[], &["fuzz/Cargo.toml: fuzz/Cargo.toml has no [[bin]]"]);
    }
}
