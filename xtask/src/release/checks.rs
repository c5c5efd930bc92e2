//! The checks of a release that other tools make: each says what it could not check, and what would be needed.

use std::fs;

use super::changelog::{self, Found};
use super::git;
use super::outcome::Outcome;
use super::packages::Package;
use super::plan::Plan;
use super::write;
use crate::command::{cargo, nightly_cargo, program, root};

/// Nothing lies about that is not committed.
pub(super) fn tree() -> Outcome {
    git::changes().map_or_else(Outcome::Failed, |changes| clean(&changes))
}

fn clean(changes: &[String]) -> Outcome {
    let Some(first) = changes.first() else {
        return Outcome::Held("nothing that is not committed".to_owned());
    };
    let mut said = format!("{} files are not committed, the first: {first}", changes.len());
    let of_a_release = |change: &String| write::FILES.iter().any(|file| change == &format!(" M {file}"));
    if changes.iter().all(of_a_release) {
        said.push_str(&format!(
            "; where a release was interrupted before its commit, `git restore {}` and begin again",
            write::FILES.join(" ")
        ));
    }
    Outcome::Failed(said)
}

/// The changelog tells about the version.
pub(super) fn changelog(plan: &Plan) -> Outcome {
    let text = fs::read_to_string(root().join(changelog::PATH))
        .map_err(|error| format!("cannot read {}: {error}", changelog::PATH));
    let found = text.and_then(|text| changelog::look(&text, plan.version));
    Outcome::from(found.map(|found| match found {
        Found::Section => format!("it has a section for {}", plan.version),
        Found::Unreleased => format!("what is unreleased becomes {}", plan.version),
    }))
}

/// The interfaces of the libraries, against the release before.
pub(super) fn semver(plan: &Plan, packages: &[&Package]) -> Outcome {
    let Some(before) = plan.before else {
        return Outcome::NothingToCheck("no release before this one has a tag".to_owned());
    };
    if let Some(missing) = missing(
        cargo(&["semver-checks", "--version"]).output(),
        "cargo-semver-checks is not installed: `cargo install --locked cargo-semver-checks`",
    ) {
        return missing;
    }
    let tag = before.tag();
    // A command has no interface of this kind, and a package that is new has nothing to break.
    let had = |package: &&Package| package.is_library() && git::had(&tag, &package.manifest(&root()));
    let compared: Vec<&str> =
        packages.iter().copied().filter(had).map(|package| package.name.as_str()).collect();
    if compared.is_empty() {
        return Outcome::NothingToCheck(format!("{tag} has none of these libraries"));
    }
    // The manifest may still say the version before: the step is that of the plan.
    let step = plan.version.step_from(before);
    let mut args = vec!["semver-checks", "--baseline-rev", &tag, "--release-type", step.name()];
    args.extend(compared.iter().flat_map(|name| ["-p", name]));
    Outcome::from(cargo(&args).run().map(|()| {
        format!("{} libraries, no change that the step from {before} does not allow", compared.len())
    }))
}

/// The licences of what comes into the tree, and where it comes from.
pub(super) fn licences() -> Outcome {
    if let Some(missing) = missing(
        cargo(&["deny", "--version"]).output(),
        "cargo-deny is not installed: `cargo install --locked cargo-deny`",
    ) {
        return missing;
    }
    let args =
        ["deny", "--locked", "--offline", "check", "bans", "licenses", "sources", "--hide-inclusion-graph"];
    Outcome::from(
        cargo(&args).run().map(|()| "licences, sources and doubles are as deny.toml allows".to_owned()),
    )
}

/// The documentation as docs.rs builds it: nightly, `--cfg docsrs`, all features, no warning.
pub(super) fn docs(packages: &[&Package]) -> Outcome {
    if let Some(missing) = missing(
        nightly_cargo(&["--version"]).output(),
        "docs.rs uses a nightly compiler: `rustup toolchain install nightly --profile minimal`",
    ) {
        return missing;
    }
    let mut args = vec!["doc", "--no-deps", "--all-features", "--locked", "--offline"];
    args.extend(packages.iter().flat_map(|package| ["-p", package.name.as_str()]));
    let built = nightly_cargo(&args).env("RUSTDOCFLAGS", "--cfg docsrs -Dwarnings").run();
    Outcome::from(built.map(|()| "they build as docs.rs builds them".to_owned()))
}

/// The oldest compiler that the manifests promise.
pub(super) fn rust_version(packages: &[&Package]) -> Outcome {
    let Some(promised) = packages.first().and_then(|package| package.rust_version.clone()) else {
        return Outcome::Failed("no `rust-version`".to_owned());
    };
    match program("rustc", &["--version"]).output() {
        Err(error) => Outcome::Failed(error),
        Ok(said) if is_of(&said, &promised) => {
            Outcome::Held(format!("{promised} is the compiler of all these checks: {}", said.trim()))
        }
        Ok(_) => oldest(&promised, packages),
    }
}

/// Checks with the compiler that is promised, where rustup has it.
fn oldest(promised: &str, packages: &[&Package]) -> Outcome {
    let toolchain = format!("{promised}.0");
    if let Some(missing) = missing(
        program("rustup", &["run", &toolchain, "cargo", "--version"]).output(),
        &format!(
            "the promised compiler is not installed: `rustup toolchain install {toolchain} --profile minimal`"
        ),
    ) {
        return missing;
    }
    let mut args = vec!["run", &toolchain, "cargo", "check", "--locked", "--offline", "--all-features"];
    args.extend(packages.iter().flat_map(|package| ["-p", package.name.as_str()]));
    // Set by the cargo that runs us; they would lead to its own compiler.
    let checked = ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"]
        .iter()
        .fold(program("rustup", &args), |command, name| command.without(name));
    Outcome::from(checked.run().map(|()| format!("they compile with {toolchain}")))
}

fn is_of(said: &str, promised: &str) -> bool {
    let version = said.split_whitespace().nth(1).unwrap_or_default();
    version.strip_prefix(promised).is_some_and(|rest| rest.starts_with('.'))
}

/// A tool that cannot be started is something that was not checked.
fn missing(tool: Result<String, String>, what: &str) -> Option<Outcome> {
    tool.err().map(|_| Outcome::NotChecked(what.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promised_compiler_is_told_from_others() {
        assert!(is_of("rustc 1.95.0 (59807616e 2026-04-14)\n", "1.95"));
        assert!(!is_of("rustc 1.96.0 (x)", "1.95") && !is_of("rustc 1.950.0", "1.95") && !is_of("", "1.95"));
    }

    #[test]
    fn what_an_interrupted_release_left_is_told_from_work() {
        let check = |changes: &[&str], hint: bool| {
            let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
            let said = clean(&changes).to_string();
            assert!(said.starts_with(&format!("✗ {} files are not committed", changes.len())), "{said}");
            assert_eq!(said.contains("`git restore Cargo.toml Cargo.lock "), hint, "{said}");
        };
        check(&[" M Cargo.toml", " M Cargo.lock"], true);
        check(&[" M Cargo.toml", " M crates/webank/src/lib.rs"], false);
        check(&["?? Cargo.toml.orig"], false);
        assert_eq!(clean(&[]), Outcome::Held("nothing that is not committed".to_owned()));
    }

    #[test]
    fn a_missing_tool_is_said_and_how_to_get_it() {
        let absent = missing(Err("error: no such command".to_owned()), "get it");
        assert_eq!(absent, Some(Outcome::NotChecked("get it".to_owned())));
        assert_eq!(missing(Ok("tool 1.0".to_owned()), "get it"), None);
    }

    #[test]
    fn without_an_earlier_release_there_is_nothing_to_compare_with() {
        let plan = Plan { version: "0.1.0".parse().unwrap(), before: None, bump: false, tag: true };
        let says = "no release before this one has a tag".to_owned();
        assert_eq!(semver(&plan, &[]), Outcome::NothingToCheck(says));
    }
}
