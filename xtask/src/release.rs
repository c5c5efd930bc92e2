//! `cargo xtask release`: is this ready for strangers? Without `--execute` nothing is changed.
//!
//! ```text
//!  git, manifest ─► plan ─► version, what is left to do
//!  cargo metadata ─► packages ─► order
//!  tree · describe · changelog · semver · licences · rust-version · docs · unpacked ─► verdict
//!  --execute ─► execute ─► write: bump, changelog, commit; tag
//!                  └─────► registry, crates_io: publish in order what is not there
//! ```
//!
//! Only `--execute` needs the network. Where it was interrupted, running it again goes on: manifest, tags and the registry
//! say what is done.

mod bump;
mod changelog;
mod checks;
mod crates_io;
mod describe;
mod execute;
mod git;
mod options;
mod outcome;
mod packages;
mod plan;
mod registry;
mod unpacked;
mod version;
mod write;

pub(crate) use git::today;
pub(crate) use options::Options;

use crate::command::cargo;
use outcome::{Outcome, verdict};
use packages::{Metadata, Package};
use plan::{Plan, Seen, Wanted, plan};
use version::Version;

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
    let checked = write::Checked { version: metadata.version()?, head: git::head()? };
    let outcomes = check_all(options, &plan, &metadata, &order);
    println!();
    for (name, outcome) in &outcomes {
        println!("{name:<14}{outcome}");
    }
    let said = verdict(&outcomes, options.execute && !options.accept_unchecked)?;
    println!("\n{said}");
    if options.execute {
        let registry = crates_io::Cargo { name: &options.registry };
        let address = order.first().and_then(|package| package.repository.as_deref()).unwrap_or_default();
        let say = |said| println!("{said}");
        let published = execute::execute(&plan, &names, address, &checked, &registry, say)?;
        let before = names.len() - published;
        println!("{published} published, {before} were there; `git push --follow-tags` tells everybody");
        return Ok(());
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
    let dirty = options.allow_dirty || git::changes().is_ok_and(|changes| !changes.is_empty());
    let alone = unpacked::check(order, &options.packages, &metadata.target_directory, dirty);
    let alone = match alone {
        Ok(said) if !options.packages.is_empty() => {
            Outcome::NotChecked(format!("{said}; the others were left out"))
        }
        alone => Outcome::from(alone),
    };
    outcomes.push(("packages", alone));
    outcomes
}
