//! What a command is made of: cargo's tree for this machine, with what manifests and lock file say of each part.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Table;

use crate::command::{cargo, program, root};

/// A package, in one version.
pub(super) type Id = (String, String);

/// A part of what is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) license: Option<String>,
    pub(super) description: Option<String>,
    pub(super) repository: Option<String>,
    /// SHA-256 of the package, by Cargo.lock; ours have none.
    pub(super) checksum: Option<String>,
    /// Where it lies unpacked.
    pub(super) folder: PathBuf,
    /// Runs while it is built, and is not in the binary.
    pub(super) builds_only: bool,
    pub(super) needs: BTreeSet<Id>,
}

/// A package and all that it is made of.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Id,
    /// Itself included.
    pub(super) parts: BTreeMap<Id, Part>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    description: Option<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Asks cargo.
pub(super) fn read(name: &str) -> Result<Tree, String> {
    let host = host()?;
    let listed = |edges: &str| {
        let args = [
            "tree", "--locked", "-p", name, "-e", edges, "--target", &host, "--prefix", "none", "--format",
            "{p}",
        ];
        cargo(&args).output().map(|said| ids(&said))
    };
    // Macros write code while it is built.
    let runs = listed("normal,no-proc-macro")?;
    let builds = listed("normal,build")?;
    let metadata =
        cargo(&["metadata", "--locked", "--format-version", "1", "--filter-platform", &host]).output()?;
    let lock =
        fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    join(name, &runs, &builds, &metadata, &lock)
}

/// The machine that we build for.
pub(super) fn host() -> Result<String, String> {
    let said = program("rustc", &["-vV"]).output()?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "`rustc -vV` names no host".to_owned())
}

/// `name v1.2.3 …` in each line.
fn ids(printed: &str) -> BTreeSet<Id> {
    let id = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    printed.lines().filter_map(id).collect()
}

fn join(
    name: &str,
    runs: &BTreeSet<Id>,
    builds: &BTreeSet<Id>,
    metadata: &str,
    lock: &str,
) -> Result<Tree, String> {
    let metadata: Metadata = serde_json::from_str(metadata)
        .map_err(|error| format!("`cargo metadata` is not understood: {error}"))?;
    let checksums = checksums(lock)?;
    let by_id: BTreeMap<&str, Id> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), (package.name.clone(), package.version.clone())))
        .collect();
    let mut needs: BTreeMap<&Id, BTreeSet<Id>> = BTreeMap::new();
    for node in &metadata.resolve.nodes {
        let wanted = node
            .deps
            .iter()
            .filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")));
        let ids = wanted.filter_map(|edge| by_id.get(edge.pkg.as_str()));
        // What other members ask of a dependency is in cargo's metadata, but not in this tree.
        let ids = ids.filter(|id| builds.contains(*id)).cloned().collect();
        if let Some(id) = by_id.get(node.id.as_str()) {
            needs.insert(id, ids);
        }
    }
    let mut parts = BTreeMap::new();
    for package in &metadata.packages {
        let id = (package.name.clone(), package.version.clone());
        if builds.contains(&id) {
            let part = Part {
                license: package.license.clone(),
                description: package.description.clone(),
                repository: package.repository.clone(),
                checksum: checksums.get(&id).cloned(),
                folder: package.manifest_path.parent().map(Path::to_owned).unwrap_or_default(),
                builds_only: !runs.contains(&id),
                needs: needs.get(&id).cloned().unwrap_or_default(),
            };
            parts.insert(id, part);
        }
    }
    if let Some(lost) = builds.iter().find(|id| !parts.contains_key(*id)) {
        return Err(format!("`cargo tree` has {} {}, `cargo metadata` has not", lost.0, lost.1));
    }
    let root = parts.keys().find(|(part, _)| part == name).cloned();
    let root = root.ok_or_else(|| format!("`cargo tree` does not name `{name}` itself"))?;
    Ok(Tree { root, parts })
}

/// What Cargo.lock says of packages from a registry.
fn checksums(lock: &str) -> Result<BTreeMap<Id, String>, String> {
    let lock: Table = lock.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let text = |package: &toml::Value, name: &str| Some(package.get(name)?.as_str()?.to_owned());
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let one =
        |package| Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?));
    Ok(packages.filter_map(one).collect())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const METADATA: &str = r#"{"packages":[
        {"id":"1","name":"app","version":"0.1.0","license":"MIT","description":"an app","repository":null,"manifest_path":"/w/Cargo.toml"},
        {"id":"2","name":"lib","version":"1.0.0","license":"MIT/Apache-2.0","description":null,"repository":"https://x","manifest_path":"/w/Cargo.toml"},
        {"id":"3","name":"cc","version":"2.0.0","license":null,"description":null,"repository":null,"manifest_path":"/w/Cargo.toml"},
        {"id":"4","name":"other","version":"1.0.0","license":"MIT","description":null,"repository":null,"manifest_path":"/w/Cargo.toml"}],
      "resolve":{"nodes":[
        {"id":"1","deps":[{"pkg":"2","dep_kinds":[{"kind":null}]},{"pkg":"3","dep_kinds":[{"kind":"dev"}]}]},
        {"id":"2","deps":[{"pkg":"3","dep_kinds":[{"kind":"build"}]},{"pkg":"4","dep_kinds":[{"kind":null}]}]},
        {"id":"3","deps":[]},{"id":"4","deps":[]}]}}"#;
    const LOCK: &str = "[[package]]\nname = 'app'\nversion = '0.1.0'\n[[package]]\nname = 'lib'\nversion = '1.0.0'\nchecksum = 'ab'\n";

    fn id(name: &str, version: &str) -> Id {
        (name.to_owned(), version.to_owned())
    }

    /// An app on a library that something builds; and a package that others of the workspace need.
    pub(in super::super) fn tree() -> Tree {
        let runs = ids("app v0.1.0 (/somewhere)\nlib v1.0.0\n");
        let builds = ids("app v0.1.0 (/somewhere)\nlib v1.0.0\ncc v2.0.0\nlib v1.0.0 (*)\n\n");
        join("app", &runs, &builds, METADATA, LOCK).unwrap()
    }

    #[test]
    fn a_tree_is_what_the_command_needs() {
        let tree = tree();
        assert_eq!(tree.root, id("app", "0.1.0"));
        let names: Vec<_> = tree.parts.keys().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["app", "cc", "lib"]);
        let part = |name: &str, version: &str| tree.parts.get(&id(name, version)).unwrap();
        assert_eq!(part("app", "0.1.0").needs, BTreeSet::from([id("lib", "1.0.0")]));
        assert_eq!(part("lib", "1.0.0").needs, BTreeSet::from([id("cc", "2.0.0")]));
        assert_eq!(part("lib", "1.0.0").checksum.as_deref(), Some("ab"));
        assert!(part("cc", "2.0.0").builds_only && !part("lib", "1.0.0").builds_only);
    }

    #[test]
    fn what_only_one_of_them_knows_is_an_error() {
        let unknown = ids("app v0.1.0\nghost v1.0.0\n");
        let message = join("app", &unknown, &unknown, METADATA, LOCK).unwrap_err();
        assert_eq!(message, "`cargo tree` has ghost 1.0.0, `cargo metadata` has not");
    }
}
