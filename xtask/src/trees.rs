//! What each crate pulls in: the pure protocols no runtime and no client, no protocol another protocol, and the core
//! nothing but what its manifest is proud of.

use std::collections::BTreeSet;

use crate::command::cargo;

/// The four protocols.
pub(crate) const PROTOCOL_CRATES: [&str; 4] = ["jinlaiban", "yichang", "webank", "rabbitpre-auth"];

/// What the pure part of a protocol must not pull in.
const IMPURE: [&str; 10] = [
    "tokio",
    "reqwest",
    "hyper",
    "axum",
    "rustls",
    "getrandom",
    "rusqlite",
    "redis",
    "platform-http",
    "platform-state",
];

/// All that `sign-core` may pull in. Behind md-5, sha1 and sha2 stand their traits, buffers and processor detection (by
/// libc on ARM); behind thiserror the crates of its macro.
const CORE: [&str; 21] = [
    "sign-core",
    "md-5",
    "sha1",
    "sha2",
    "digest",
    "block-buffer",
    "crypto-common",
    "hybrid-array",
    "typenum",
    "cfg-if",
    "cpufeatures",
    "libc",
    "hex",
    "subtle",
    "zeroize",
    "thiserror",
    "thiserror-impl",
    "proc-macro2",
    "quote",
    "syn",
    "unicode-ident",
];

pub(crate) fn run() -> Result<(), String> {
    for name in PROTOCOL_CRATES {
        let pure = tree(name, &["--no-default-features"])?;
        none_of(name, "without default features", &pure, &IMPURE)?;
        let others: Vec<_> = PROTOCOL_CRATES.into_iter().filter(|other| *other != name).collect();
        none_of(name, "with all features", &tree(name, &["--all-features"])?, &others)?;
        println!("{name}: {} crates without default features", pure.len());
    }
    let core = tree("sign-core", &[])?;
    all_of("sign-core", &core, &CORE)?;
    println!("sign-core: {} crates", core.len());
    Ok(())
}

/// The names of the crates that `name` needs to run, itself included.
fn tree(name: &str, features: &[&str]) -> Result<BTreeSet<String>, String> {
    let mut args =
        vec!["tree", "--locked", "-p", name, "-e", "normal", "--prefix", "none", "--format", "{p}"];
    args.extend(features);
    let tree = names(&cargo(&args).output()?);
    if tree.contains(name) { Ok(tree) } else { Err(format!("`cargo tree` does not name `{name}` itself")) }
}

/// The first word of each line.
fn names(printed: &str) -> BTreeSet<String> {
    printed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn none_of(name: &str, how: &str, tree: &BTreeSet<String>, banned: &[&str]) -> Result<(), String> {
    match banned.iter().find(|banned| tree.contains(**banned)) {
        None => Ok(()),
        Some(found) => {
            Err(format!("`{name}` {how} pulls in `{found}`; see `cargo tree -p {name} -i {found}`"))
        }
    }
}

fn all_of(name: &str, tree: &BTreeSet<String>, allowed: &[&str]) -> Result<(), String> {
    match tree.iter().find(|found| !allowed.contains(&found.as_str())) {
        None => Ok(()),
        Some(found) => {
            Err(format!("`{name}` pulls in `{found}`, which is not on the list in xtask/src/trees.rs"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str =
        "jinlaiban v0.1.0 (/somewhere)\nserde v1.0.0\nserde_core v1.0.0\nserde v1.0.0 (*)\n\n";

    #[test]
    fn names_are_the_first_words() {
        assert_eq!(names(PRINTED).into_iter().collect::<Vec<_>>(), ["jinlaiban", "serde", "serde_core"]);
    }

    #[test]
    fn a_banned_crate_is_found() {
        let tree = names(PRINTED);
        assert_eq!(none_of("jinlaiban", "pure", &tree, &["tokio"]), Ok(()));
        let message = none_of("jinlaiban", "pure", &tree, &["tokio", "serde"]).unwrap_err();
        assert_eq!(message, "`jinlaiban` pure pulls in `serde`; see `cargo tree -p jinlaiban -i serde`");
    }

    #[test]
    fn a_crate_that_is_not_on_the_list_is_found() {
        let tree = names(PRINTED);
        assert_eq!(all_of("jinlaiban", &tree, &["jinlaiban", "serde", "serde_core"]), Ok(()));
        let message = all_of("jinlaiban", &tree, &["jinlaiban", "serde"]).unwrap_err();
        assert!(message.contains("`serde_core`"), "{message}");
    }
}
