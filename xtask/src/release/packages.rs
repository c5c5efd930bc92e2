//! What is published, and in which order: out of `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::version::Version;

/// What `cargo metadata --no-deps` says.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    pub(super) target_directory: PathBuf,
}

/// A package of the workspace, as its manifest describes it.
#[derive(Debug, Clone, Deserialize, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    /// Registries that it may go to; none at all is `publish = false`.
    pub(super) publish: Option<Vec<String>>,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) readme: Option<String>,
    pub(super) rust_version: Option<String>,
    #[serde(default)]
    pub(super) keywords: Vec<String>,
    #[serde(default)]
    pub(super) categories: Vec<String>,
    #[serde(default)]
    pub(super) features: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) targets: Vec<Target>,
    #[serde(default)]
    pub(super) manifest_path: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Target {
    kind: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Dependency {
    name: String,
    req: String,
    kind: Option<String>,
    path: Option<PathBuf>,
}

impl Package {
    /// May it go to a registry?
    pub(super) fn is_published(&self) -> bool {
        self.publish.as_ref().is_none_or(|registries| !registries.is_empty())
    }

    /// The folder in its package, and the name of the package's file.
    pub(super) fn folder(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    /// Can more be asked for than what one has without asking?
    pub(super) fn has_features(&self) -> bool {
        let default = self.features.get("default").map(Vec::as_slice).unwrap_or_default();
        self.features.keys().any(|name| name != "default" && !default.contains(name))
    }

    /// Has it an interface that others compile against?
    pub(super) fn is_library(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "lib"))
    }

    /// Where its manifest lies below a folder, as git writes it.
    pub(super) fn manifest(&self, below: &Path) -> String {
        let path = self.manifest_path.strip_prefix(below).unwrap_or(&self.manifest_path);
        path.to_string_lossy().replace('\\', "/")
    }
}

impl Metadata {
    pub(super) fn parse(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| format!("`cargo metadata` is not understood: {error}"))
    }

    /// The packages that are published, each behind those that it needs; otherwise by name.
    ///
    /// # Errors
    ///
    /// When one of them needs a package that is not published, does not say which version it needs, or needs itself
    /// through others.
    pub(super) fn in_order(&self) -> Result<Vec<&Package>, String> {
        let published: BTreeMap<&str, &Package> = self
            .packages
            .iter()
            .filter(|package| package.is_published())
            .map(|package| (package.name.as_str(), package))
            .collect();
        let mut needs = BTreeMap::new();
        for (name, package) in &published {
            needs.insert(*name, needs_of(package, &published)?);
        }
        let mut order = Vec::new();
        let mut done = BTreeSet::new();
        while let Some(next) = needs
            .iter()
            .find(|(name, needs)| !done.contains(*name) && needs.is_subset(&done))
            .map(|(name, _)| *name)
        {
            done.insert(next);
            order.extend(published.get(next).copied());
        }
        if order.len() == published.len() {
            return Ok(order);
        }
        let circle: Vec<_> = published.keys().filter(|name| !done.contains(*name)).copied().collect();
        Err(format!("these need each other, so that none can be published first: {}", circle.join(", ")))
    }

    /// The one version of all that is published.
    ///
    /// # Errors
    ///
    /// When there are several, or it is no plain version.
    pub(super) fn version(&self) -> Result<Version, String> {
        let published = self.packages.iter().filter(|package| package.is_published());
        let versions: BTreeSet<&str> = published.map(|package| package.version.as_str()).collect();
        match versions.iter().collect::<Vec<_>>().as_slice() {
            [one] => one.parse(),
            others => Err(format!("all crates are released together, but there are the versions {others:?}")),
        }
    }
}

/// The packages that must be there before this one is: what it needs, also for its tests, because the lock file in the
/// package names these too. What has a path and no version is left out of the package's manifest by cargo.
fn needs_of<'a>(
    package: &'a Package,
    published: &BTreeMap<&str, &Package>,
) -> Result<BTreeSet<&'a str>, String> {
    let mut needs = BTreeSet::new();
    for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
        let (name, version) = (dependency.name.as_str(), dependency.req.as_str());
        let for_tests = dependency.kind.as_deref() == Some("dev");
        if name == package.name || (for_tests && version == "*") {
            continue;
        }
        if !published.contains_key(name) {
            return Err(format!("`{}` is published and needs `{name}`, which is not", package.name));
        }
        if version == "*" {
            return Err(format!("`{}` does not say which version of `{name}` it needs", package.name));
        }
        needs.insert(name);
    }
    Ok(needs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dependency by name, kind and version; each has a path.
    fn dependency((name, kind, req): (&str, Option<&str>, &str)) -> Dependency {
        let (name, req) = (name.to_owned(), req.to_owned());
        Dependency { name, req, kind: kind.map(str::to_owned), path: Some(PathBuf::from("x")) }
    }

    type Needs<'a> = &'a [(&'a str, Option<&'a str>, &'a str)];

    fn package(name: &str, published: bool, needs: Needs<'_>) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            publish: (!published).then(Vec::new),
            dependencies: needs.iter().copied().map(dependency).collect(),
            ..Package::default()
        }
    }

    #[track_caller]
    fn check(packages: Vec<Package>, expected: Result<&[&str], &str>) {
        let metadata = Metadata { packages, target_directory: PathBuf::new() };
        let order = metadata.in_order().map(|order| order.iter().map(|p| p.name.clone()).collect::<Vec<_>>());
        assert_eq!(
            order,
            expected.map(|names| names.iter().map(|n| (*n).to_owned()).collect()).map_err(str::to_owned)
        );
    }

    #[test]
    fn what_is_needed_comes_first() {
        let dev = Some("dev");
        check(
            vec![
                package("a", true, &[("c", None, "^0.1.0"), ("b", dev, "^0.1.0")]),
                package("b", true, &[("c", Some("build"), "^0.1.0")]),
                package("c", true, &[]),
                package("d", true, &[]),
            ],
            Ok(&["c", "b", "a", "d"]),
        );
    }

    #[test]
    fn what_is_not_published_is_left_out() {
        let tests = package("tests", false, &[("a", None, "*")]);
        // Without a version cargo takes it out of the package's manifest.
        check(
            vec![package("a", true, &[("tests", Some("dev"), "*"), ("a", Some("dev"), "*")]), tests.clone()],
            Ok(&["a"]),
        );
        check(
            vec![package("a", true, &[("tests", None, "^0.1.0")]), tests],
            Err("`a` is published and needs `tests`, which is not"),
        );
    }

    #[test]
    fn circles_and_missing_versions_are_named() {
        let two = |one: &str, other: &str| package(one, true, &[(other, None, "^0.1.0")]);
        check(
            vec![two("a", "b"), two("b", "a"), package("c", true, &[])],
            Err("these need each other, so that none can be published first: a, b"),
        );
        check(
            vec![package("a", true, &[("b", None, "*")]), package("b", true, &[])],
            Err("`a` does not say which version of `b` it needs"),
        );
    }

    #[test]
    fn a_library_is_told_from_a_command() {
        let parse = |kind: &str| {
            let json = format!(
                r#"{{"target_directory":"/w/target","packages":[{{"name":"a","version":"0.1.0","dependencies":[],
                "targets":[{{"kind":["{kind}"]}},{{"kind":["test"]}}],"manifest_path":"/w/crates/a/Cargo.toml"}}]}}"#
            );
            Metadata::parse(&json).unwrap().packages.remove(0)
        };
        assert!(parse("lib").is_library() && !parse("bin").is_library());
        assert_eq!(parse("lib").manifest(Path::new("/w")), "crates/a/Cargo.toml");
    }

    #[test]
    fn what_one_has_without_asking_is_nothing_to_ask_for() {
        let check = |default: &[&str], others: &[&str], expected: bool| {
            let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            let mut features: BTreeMap<_, _> =
                names(others).into_iter().map(|name| (name, Vec::new())).collect();
            features.insert("default".to_owned(), names(default));
            assert_eq!(Package { features, ..Package::default() }.has_features(), expected);
        };
        check(&[], &[], false);
        check(&["client"], &["client"], false);
        check(&["client"], &["client", "redis"], true);
        check(&[], &["pkcs12"], true);
    }

    #[test]
    fn all_have_one_version() {
        let mut packages = vec![package("a", true, &[]), package("b", true, &[]), package("c", false, &[])];
        let version = |packages: &[Package]| {
            Metadata { packages: packages.to_vec(), target_directory: PathBuf::new() }
                .version()
                .map(|v| v.to_string())
        };
        if let Some(last) = packages.last_mut() {
            "9.9.9".clone_into(&mut last.version);
        }
        assert_eq!(version(&packages), Ok("0.1.0".to_owned()));
        if let Some(first) = packages.first_mut() {
            "0.2.0".clone_into(&mut first.version);
        }
        let message = version(&packages).unwrap_err();
        assert!(message.contains("[\"0.1.0\", \"0.2.0\"]"), "{message}");
    }
}
