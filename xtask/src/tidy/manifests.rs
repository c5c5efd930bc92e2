//! The manifests: members match the folders, each dependency has one version and a reason.

use toml::{Table, Value};

use super::{Finding, Repository};

const ROOT: &str = "Cargo.toml";

/// The members are exactly the packages that are there, and each line says what it is.
pub(super) fn members(repository: &Repository) -> Vec<Finding> {
    let text = repository.text(ROOT).unwrap_or_default();
    let manifest: Table = text.parse().unwrap_or_default();
    let workspace = manifest.get("workspace").and_then(Value::as_table);
    let list = |name| -> Vec<&str> {
        let list = workspace.and_then(|workspace| workspace.get(name)).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    };
    let listed: Vec<_> = list("members").into_iter().chain(list("exclude")).collect();
    let packages: Vec<&str> =
        repository.ending("/Cargo.toml").map(|(path, _)| path.trim_end_matches("/Cargo.toml")).collect();
    let mut findings = Vec::new();
    for package in packages.iter().filter(|package| !listed.contains(*package)) {
        findings.push(Finding::new(ROOT, 0, format!("`{package}` is neither a member nor excluded")));
    }
    for member in listed.iter().filter(|member| !packages.contains(*member)) {
        findings.push(Finding::new(ROOT, 0, format!("`{member}` is listed, but is no package")));
    }
    for (index, line) in text.lines().enumerate() {
        let entry = line.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
        if entry.is_some_and(|entry| listed.contains(&entry)) && !line.contains("# ") {
            findings.push(Finding::new(ROOT, index + 1, "a member without a comment that says what it is"));
        }
    }
    findings
}

/// Each dependency from elsewhere has its reason behind it; the peers' as well, which are no member.
pub(super) fn reasons(repository: &Repository) -> Vec<Finding> {
    let peers = crate::perf::PEERS_MANIFEST;
    let places = [(ROOT, "[workspace.dependencies"), (peers, "[dependencies"), (peers, "[dev-dependencies")];
    places.into_iter().flat_map(|(path, table)| reasons_in(repository, path, table)).collect()
}

fn reasons_in(repository: &Repository, path: &str, table: &str) -> Vec<Finding> {
    let text = repository.text(path).unwrap_or_default();
    let mut inside = false;
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.starts_with(table);
        } else if inside && line.contains('=') && !line.contains("path = \"") && !line.starts_with('#') {
            let name = line.split([' ', '=', '.']).next().unwrap_or_default();
            if line.split_once(" # ").is_none_or(|(_, reason)| reason.trim().is_empty()) {
                findings.push(Finding::new(
                    path,
                    index + 1,
                    format!("`{name}` has no reason behind it (`# …`)"),
                ));
            }
        }
    }
    findings
}

/// Members take versions and lints from the workspace.
pub(super) fn inheritance(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let inherits = |value: &Value| value.get("workspace").and_then(Value::as_bool) == Some(true);
    // Workspaces of their own say everything themselves.
    let own = |path: &str| path == "fuzz/Cargo.toml" || path == crate::perf::PEERS_MANIFEST;
    for (path, text) in repository.ending("/Cargo.toml").filter(|(path, _)| !own(path)) {
        let manifest: Table = text.parse().unwrap_or_default();
        if !manifest.get("lints").is_some_and(inherits) {
            findings.push(Finding::new(path, 0, "does not inherit the lints: `[lints] workspace = true`"));
        }
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = manifest.get(table).and_then(Value::as_table).into_iter().flatten();
            for (name, _) in dependencies.filter(|(_, value)| !inherits(value) && value.get("path").is_none())
            {
                let what = format!(
                    "`{name}` has a version of its own: put it into the workspace's, with its reason"
                );
                findings.push(Finding::new(path, 0, what));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    const MEMBERS: &str =
        "[workspace]\nmembers = [\n    \"crates/a\", # first\n    \"xtask\",\n]\nexclude = [\"fuzz\"]\n";

    #[test]
    fn members_that_do_not_match_are_found() {
        let comment = "Cargo.toml:4: a member without a comment that says what it is";
        let there = [("crates/a/Cargo.toml", ""), ("xtask/Cargo.toml", ""), ("fuzz/Cargo.toml", "")];
        let [a, xtask, fuzz] = there;
        expect(members, &[("Cargo.toml", MEMBERS), a, xtask, fuzz], &[comment]);
        expect(
            members,
            &[("Cargo.toml", &MEMBERS.replace("\"xtask\",", "\"xtask\", # chores")), a, xtask, fuzz],
            &[],
        );
        expect(
            members,
            &[("Cargo.toml", MEMBERS), a, xtask, ("crates/b/Cargo.toml", "")],
            &[
                "Cargo.toml: `crates/b` is neither a member nor excluded",
                "Cargo.toml: `fuzz` is listed, but is no package",
                comment,
            ],
        );
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\na = { path = \"a\" }\nb = \"1\" # because\nc = { version = \"1\" }\n\
                        d = \"1\" # \n[workspace.lints.rust]\ne = \"warn\"\n";
        expect(
            reasons,
            &[("Cargo.toml", manifest)],
            &[
                "Cargo.toml:4: `c` has no reason behind it (`# …`)",
                "Cargo.toml:5: `d` has no reason behind it (`# …`)",
            ],
        );
        let peers =
            "[dependencies]\na = \"1\" # because\nb = { path = \"..\" }\n[dev-dependencies]\nc = \"1\"";
        expect(
            reasons,
            &[("benches/peers/Cargo.toml", peers)],
            &["benches/peers/Cargo.toml:5: `c` has no reason behind it (`# …`)"],
        );
    }

    #[test]
    fn what_is_not_inherited_is_found() {
        let good = "[lints]\nworkspace = true\n[dependencies]\na.workspace = true\nb = { workspace = true, features = [] }";
        expect(
            inheritance,
            &[
                ("crates/a/Cargo.toml", good),
                ("fuzz/Cargo.toml", ""),
                ("benches/peers/Cargo.toml", "[dependencies]\na = \"1\""),
                ("Cargo.toml", ""),
            ],
            &[],
        );
        expect(
            inheritance,
            &[("crates/a/Cargo.toml", "[dev-dependencies]\na = \"1\"")],
            &[
                "crates/a/Cargo.toml: does not inherit the lints: `[lints] workspace = true`",
                "crates/a/Cargo.toml: `a` has a version of its own: put it into the workspace's, with its reason",
            ],
        );
    }
}
