//! `cargo xtask release`: is this ready for strangers? Without `--execute` nothing is changed.
//!
//! ```text
//!  git, manifest ─► plan ─► version, what is left to do
//!  cargo metadata ─► packages ─► order
//!  tree · describe · changelog · semver · licences · rust-version · docs · unpacked ─► verdict
//!  --execute ─► bump, changelog, commit ─► tag ─► publish in order what the registry lacks
//! ```
//!
//! Only `--execute` needs the network. Where it was interrupted, running it again goes on: files, tags and the registry say
//! what is done.

mod bump;
mod changelog;
mod checks;
mod describe;
mod git;
mod options;
mod outcome;
mod packages;
mod plan;
mod registry;
mod unpacked;
mod version;

use std::fs;

pub(crate) use options::Options;

use crate::command::{cargo, root};
use outcome::{Outcome, verdict};
use packages::{Metadata, Package};
use plan::{Plan, Seen, Wanted, plan};
use version::Version;

/// Lock files that name our packages with their versions.
const LOCKED: [&str; 3] = ["Cargo.toml", "fuzz/Cargo.toml", "benches/peers/Cargo.toml"];

pub(crate) fn run(options: &Options) -> Result<(), String> {
    let metadata = read_metadata()?;
    let order = metadata.in_order()?;
    let names: Vec<&str> = order.iter().map(|package| package.name.as_str()).collect();
    if let Some(unknown) = options.packages.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("`{unknown}` is not published; these are: {}", names.join(" ")));
    }
    let (tags, here) = git::tags()?;
    let plan = plan(options.wanted, &Seen { manifest: metadata.version()?, tags, here })?;
    println!("version {}, after {}", plan.version, plan.before.map_or("none".to_owned(), Version::tag));
    println!("in this order: {}", names.join(" "));
    let outcomes = check_all(options, &plan, &metadata, &order);
    println!();
    for (name, outcome) in &outcomes {
        println!("{name:<14}{outcome}");
    }
    let said = verdict(&outcomes, options.execute && !options.accept_unchecked)?;
    println!("\n{said}");
    if options.execute {
        return execute(options, &plan, &metadata, &names);
    }
    println!(
        "nothing was changed; `--execute` would {}{}ask the registry `{}` what it has of {}, and publish the rest",
        if plan.bump { "bump, commit, " } else { "" },
        if plan.tag { "tag, " } else { "" },
        options.registry,
        plan.version
    );
    Ok(())
}

/// What costs nothing and is easily broken: the order, what registries show, the changelog, and that every crate packs.
pub(crate) fn run_cheap() -> Result<(), String> {
    let metadata = read_metadata()?;
    let order = metadata.in_order()?;
    let missing = describe::missing(&order);
    if !missing.is_empty() {
        return Err(missing.join("; "));
    }
    let (tags, here) = git::tags()?;
    if let Ok(plan) = plan(Wanted::Manifest, &Seen { manifest: metadata.version()?, tags, here })
        && let Outcome::Failed(message) = checks::changelog(&plan)
    {
        return Err(message);
    }
    let names: Vec<&str> = order.iter().map(|package| package.name.as_str()).collect();
    unpacked::pack(&names, true)?;
    println!("published in this order: {}", names.join(" "));
    Ok(())
}

fn read_metadata() -> Result<Metadata, String> {
    let args = ["metadata", "--no-deps", "--offline", "--locked", "--format-version", "1"];
    Metadata::parse(&cargo(&args).output()?)
}

fn check_all(
    options: &Options,
    plan: &Plan,
    metadata: &Metadata,
    order: &[&Package],
) -> Vec<(&'static str, Outcome)> {
    let described = match describe::missing(order).as_slice() {
        [] => Outcome::Held("all of them say what a registry shows".to_owned()),
        missing => Outcome::Failed(missing.join("; ")),
    };
    let mut outcomes = vec![
        (
            "tree",
            if options.allow_dirty {
                Outcome::NotChecked("`--allow-dirty`".to_owned())
            } else {
                checks::tree()
            },
        ),
        ("descriptions", described),
        ("changelog", checks::changelog(plan)),
        ("semver", checks::semver(plan, order)),
        ("licences", checks::licences()),
        ("rust-version", checks::rust_version(order)),
        ("docs", checks::docs(order)),
    ];
    let pairs: Vec<_> = order.iter().map(|one| (one.name.as_str(), one.version.as_str())).collect();
    let dirty = options.allow_dirty || git::changes().is_ok_and(|changes| !changes.is_empty());
    let alone = unpacked::check(&pairs, &options.packages, &metadata.target_directory, dirty);
    let alone = match alone {
        Ok(said) if !options.packages.is_empty() => {
            Outcome::NotChecked(format!("{said}; the others were left out"))
        }
        alone => Outcome::from(alone),
    };
    outcomes.push(("packages", alone));
    outcomes
}

/// Does what is left to do.
fn execute(options: &Options, plan: &Plan, metadata: &Metadata, names: &[&str]) -> Result<(), String> {
    if plan.tag {
        if write_version(plan, metadata.version()?)? {
            git::commit(plan.version)?;
            println!("committed: Release {}", plan.version);
        }
        git::tag(plan.version)?;
        println!("tagged: {}", plan.version.tag());
    }
    let registry = registry::Cargo { name: &options.registry };
    let published = registry::publish_all(names, plan.version, &registry, |said| println!("{said}"))?;
    println!(
        "{published} published, {} were there; `git push --follow-tags` tells everybody",
        names.len() - published
    );
    Ok(())
}

/// Writes the version into the manifest, the lock files and the changelog. False when all of them had it.
fn write_version(plan: &Plan, from: Version) -> Result<bool, String> {
    let mut written = false;
    if plan.bump {
        rewrite("Cargo.toml", |text| bump::bumped(text, from, plan.version))?;
        for manifest in LOCKED {
            cargo(&["update", "--workspace", "--offline", "--quiet", "--manifest-path", manifest]).run()?;
        }
        written = true;
    }
    let changelog = read(changelog::PATH)?;
    if changelog::look(&changelog, plan.version)? == changelog::Found::Unreleased {
        let today = git::today()?;
        rewrite(changelog::PATH, |text| changelog::stamp(text, plan.version, &today))?;
        written = true;
    }
    Ok(written)
}

fn rewrite(path: &str, make: impl Fn(&str) -> Result<String, String>) -> Result<(), String> {
    let made = make(&read(path)?)?;
    fs::write(root().join(path), made).map_err(|error| format!("cannot write {path}: {error}"))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("cannot read {path}: {error}"))
}
