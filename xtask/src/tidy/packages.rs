//! What is packed for a registry can be built there: cargo leaves dev-dependencies on unpublished crates out of a package,
//! so the tests that need them must be left out as well.

use toml::{Table, Value};

use super::{Finding, Repository};

/// A test or example of a published crate that names an unpublished one is excluded from the package.
pub(super) fn alone(repository: &Repository) -> Vec<Finding> {
    let manifests: Vec<(&str, Table)> = repository
        .ending("/Cargo.toml")
        .filter_map(|(path, text)| Some((path.strip_suffix("Cargo.toml")?, text.parse().ok()?)))
        .collect();
    let unpublished: Vec<String> = manifests
        .iter()
        .filter(|(_, manifest)| !is_published(manifest))
        .filter_map(|(_, manifest)| Some(package(manifest, "name")?.as_str()?.replace('-', "_")))
        .collect();
    let mut findings = Vec::new();
    for (folder, manifest) in manifests.iter().filter(|(_, manifest)| is_published(manifest)) {
        let excluded: Vec<&str> = package(manifest, "exclude")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (path, text) in repository.ending(".rs") {
            let inside = path.strip_prefix(folder).filter(|inside| is_test(inside));
            let Some(inside) = inside.filter(|inside| !excluded.iter().any(|place| covers(place, inside)))
            else {
                continue;
            };
            for name in unpublished.iter().filter(|name| text.contains(&format!("{name}::"))) {
                let what = format!(
                    "names `{name}`, which is not published: `exclude = [\"{inside}\"]` in {folder}Cargo.toml"
                );
                findings.push(Finding::new(path, 0, what));
            }
        }
    }
    findings
}

fn package<'a>(manifest: &'a Table, name: &str) -> Option<&'a Value> {
    manifest.get("package")?.get(name)
}

fn is_published(manifest: &Table) -> bool {
    package(manifest, "publish").and_then(Value::as_bool) != Some(false)
}

fn is_test(inside: &str) -> bool {
    ["tests/", "examples/", "benches/"].iter().any(|folder| inside.starts_with(folder))
}

/// A file, or a folder that it lies in.
fn covers(place: &str, file: &str) -> bool {
    file.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::expect;
    use super::*;

    const VECTORS: (&str, &str) =
        ("crates/the-vectors/Cargo.toml", "[package]\nname = 'the-vectors'\npublish = false\n");

    #[test]
    fn a_test_that_cannot_be_built_from_its_package_is_found() {
        let test = ("crates/a/tests/b.rs", "use the_vectors::all;");
        let manifest = ("crates/a/Cargo.toml", "[package]\nname = 'a'\n");
        let says = "crates/a/tests/b.rs: names `the_vectors`, which is not published: `exclude = [\"tests/b.rs\"]` in \
                    crates/a/Cargo.toml";
        expect(alone, &[VECTORS, manifest, test], &[says]);
        for exclude in ["tests/b.rs", "tests"] {
            let manifest = format!("[package]\nname = 'a'\nexclude = ['{exclude}']\n");
            expect(alone, &[VECTORS, ("crates/a/Cargo.toml", &manifest), test], &[]);
        }
        let other = "[package]\nname = 'a'\nexclude = ['tests/b']\n";
        expect(alone, &[VECTORS, ("crates/a/Cargo.toml", other), test], &[says]);
    }

    #[test]
    fn what_is_not_packed_may_name_anything() {
        let own = ("crates/the-vectors/tests/c.rs", "the_vectors::all()");
        let plain = ("crates/a/tests/d.rs", "a::all()");
        expect(alone, &[VECTORS, ("crates/a/Cargo.toml", "[package]\nname = 'a'\n"), own, plain], &[]);
    }
}
