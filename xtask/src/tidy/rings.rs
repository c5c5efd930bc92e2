//! Arrows between crates point inward, and no protocol knows another.

use toml::{Table, Value};

use super::{Finding, Repository};
use crate::trees::PROTOCOL_CRATES;

/// Where each crate stands, see ARCHITECTURE.md. Inner rings know nothing of outer ones.
const RINGS: [(&str, u8); 10] = [
    ("sign-core", 0),
    ("jinlaiban", 1),
    ("yichang", 1),
    ("webank", 1),
    ("rabbitpre-auth", 1),
    ("sign-doctor", 1),
    ("platform-http", 2),
    ("platform-state", 2),
    ("platform-sandbox", 3),
    ("duijie", 3),
];

/// Golden vectors are for tests.
const TEST_ONLY: &str = "sign-vectors";

fn ring(name: &str) -> Option<u8> {
    RINGS.iter().find(|(known, _)| *known == name).map(|(_, ring)| *ring)
}

/// May a crate of one ring depend on one of another?
fn allowed(from: (&str, u8), to: (&str, u8), optional: bool) -> Result<(), String> {
    let protocol = |name| PROTOCOL_CRATES.contains(&name);
    if protocol(from.0) && protocol(to.0) {
        return Err(format!("depends on `{}`: a protocol must not know another", to.0));
    }
    match (from.1, to.1) {
        (1, 2) if optional => Ok(()),
        (1, 2) => Err(format!("depends on `{}` always: it must be optional, for a pure protocol", to.0)),
        (2, 1) => Err(format!("depends on `{}`: what all platforms share must not know one of them", to.0)),
        (from, to) if to <= from => Ok(()),
        (from, ring) => Err(format!("ring {from} depends on `{}` of ring {ring}: arrows point inward", to.0)),
    }
}

/// Checks what each crate needs to run and to build. What only its tests need is its own affair, except that no
/// protocol knows another.
pub(super) fn arrows(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in repository.folders("crates") {
        let path = format!("crates/{name}/Cargo.toml");
        let Some(manifest) = repository.text(&path).and_then(|text| text.parse::<Table>().ok()) else {
            findings.push(Finding::new(&path, 0, "is missing or not TOML"));
            continue;
        };
        if name == TEST_ONLY {
            continue;
        }
        let Some(own) = ring(name) else {
            findings.push(Finding::new(&path, 0, "stands in no ring: place it in xtask/src/tidy/rings.rs"));
            continue;
        };
        for (other, optional) in dependencies(&manifest, &["dependencies", "build-dependencies"]) {
            if other == TEST_ONLY {
                findings.push(Finding::new(&path, 0, format!("needs `{other}` to run: it is for tests")));
            } else if let Some(ring) = ring(&other)
                && let Err(what) = allowed((name, own), (&other, ring), optional)
            {
                findings.push(Finding::new(&path, 0, what));
            }
        }
        for (other, _) in dependencies(&manifest, &["dev-dependencies"]) {
            if PROTOCOL_CRATES.contains(&name) && PROTOCOL_CRATES.contains(&other.as_str()) {
                let what = format!("tests with `{other}`: a protocol must not know another");
                findings.push(Finding::new(&path, 0, what));
            }
        }
    }
    findings
}

/// The crates that a manifest names in its tables, those for one platform included, and whether they are optional.
fn dependencies(manifest: &Table, tables: &[&str]) -> Vec<(String, bool)> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let places = std::iter::once(manifest).chain(targets.filter_map(|(_, target)| target.as_table()));
    let found = places.flat_map(|place| tables.iter().filter_map(|name| place.get(*name)?.as_table()));
    found
        .flatten()
        .map(|(name, details)| {
            let optional = details.get("optional").and_then(Value::as_bool).unwrap_or(false);
            let package = details.get("package").and_then(Value::as_str).unwrap_or(name);
            (package.to_owned(), optional)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    #[track_caller]
    fn check(name: &str, manifest: &str, expected: &[&str]) {
        let path = format!("crates/{name}/Cargo.toml");
        let expected: Vec<_> = expected.iter().map(|what| format!("{path}: {what}")).collect();
        expect(arrows, &[(&path, manifest)], &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn inward_arrows_pass() {
        check(
            "webank",
            "[dependencies]\nsign-core = {}\nplatform-http = { optional = true }\nserde = \"1\"",
            &[],
        );
        check("duijie", "[dependencies]\nwebank = {}\nplatform-sandbox = {}\nplatform-http = {}", &[]);
        check("platform-state", "[dependencies]\nplatform-http = {}\nsign-core = {}", &[]);
        check("yichang", "[dev-dependencies]\nsign-vectors = {}\nplatform-sandbox = {}", &[]);
    }

    #[test]
    fn outward_arrows_are_found() {
        check(
            "sign-core",
            "[dependencies]\nwebank.workspace = true",
            &["ring 0 depends on `webank` of ring 1: arrows point inward"],
        );
        check(
            "platform-http",
            "[target.'cfg(unix)'.dependencies]\nduijie = {}",
            &["ring 2 depends on `duijie` of ring 3: arrows point inward"],
        );
        check(
            "platform-http",
            "[build-dependencies]\nx = { package = \"yichang\" }",
            &["depends on `yichang`: what all platforms share must not know one of them"],
        );
    }

    #[test]
    fn a_protocol_stays_pure_and_alone() {
        check(
            "webank",
            "[dependencies]\nplatform-http.workspace = true",
            &["depends on `platform-http` always: it must be optional, for a pure protocol"],
        );
        let knows = "a protocol must not know another";
        check(
            "webank",
            "[dependencies]\nyichang = { optional = true }\n[dev-dependencies]\njinlaiban = {}",
            &[&format!("depends on `yichang`: {knows}"), &format!("tests with `jinlaiban`: {knows}")],
        );
    }

    #[test]
    fn strangers_are_found() {
        check(
            "webank",
            "[dependencies]\nsign-vectors = {}",
            &["needs `sign-vectors` to run: it is for tests"],
        );
        check("new", "", &["stands in no ring: place it in xtask/src/tidy/rings.rs"]);
        check("webank", "[", &["is missing or not TOML"]);
    }
}
