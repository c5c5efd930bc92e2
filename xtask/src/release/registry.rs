//! What the registry has, and publishing what it has not: its own answer decides, no file of ours.

use super::version::Version;
use crate::command::{cargo, program};

/// A place where packages are published.
pub(super) trait Registry {
    /// Does it have this version of a package?
    fn has(&self, name: &str, version: Version) -> Result<bool, String>;
    /// Brings the version that is checked out.
    fn publish(&self, name: &str) -> Result<(), String>;
}

/// Publishes in order what is not there yet, and returns how many that were.
///
/// # Errors
///
/// At the first one that fails; says how to go on. What is there stays there.
pub(super) fn publish_all(
    order: &[&str],
    version: Version,
    registry: &impl Registry,
    say: impl Fn(String),
) -> Result<usize, String> {
    // All answers first: where the registry cannot be asked, nothing is published on a guess.
    let there: Vec<bool> = order.iter().map(|name| registry.has(name, version)).collect::<Result<_, _>>()?;
    let mut published = 0;
    for (name, there) in order.iter().zip(there) {
        if there {
            say(format!("{name} {version} is there already"));
            continue;
        }
        registry.publish(name).map_err(|error| {
            format!(
                "`{name}` was not published: {error}\n{published} packages were published in this run; mend the cause and run \
                 `cargo xtask release --execute` again: it goes on with what the registry lacks (crates.io takes five new \
                 names at once, then one in ten minutes)"
            )
        })?;
        say(format!("{name} {version} published"));
        published += 1;
    }
    Ok(published)
}

/// The registry that cargo knows by this name.
pub(super) struct Cargo<'a> {
    pub(super) name: &'a str,
}

impl Registry for Cargo<'_> {
    fn has(&self, name: &str, version: Version) -> Result<bool, String> {
        // Outside of the workspace: inside, cargo would tell about the package that is here.
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let wanted = format!("{name}@{version}");
        // Offline, cargo says of what it never saw that it is not there.
        let args = ["info", "--config", "net.offline=false", "--registry", self.name, &wanted];
        let asked = program(&cargo, &args).folder(&std::env::temp_dir());
        answer(self.name, &wanted, asked.output())
    }

    fn publish(&self, name: &str) -> Result<(), String> {
        cargo(&["publish", "--locked", "--registry", self.name, "-p", name]).run()
    }
}

/// What `cargo info` means.
fn answer(registry: &str, wanted: &str, said: Result<String, String>) -> Result<bool, String> {
    match said {
        Ok(_) => Ok(true),
        Err(error) if error.contains("could not find") && error.contains(&format!("`{wanted}`")) => Ok(false),
        Err(error) => Err(format!(
            "the registry `{registry}` does not say whether it has `{wanted}`; publishing needs the network, and a guess could \
             leave half of a release behind\n{error}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    /// Keeps names, and fails once when it is given a certain one.
    #[derive(Default)]
    struct Memory {
        has: RefCell<BTreeSet<String>>,
        tried: RefCell<Vec<String>>,
        fails_at: RefCell<Option<&'static str>>,
        silent: bool,
    }

    impl Registry for Memory {
        fn has(&self, name: &str, _: Version) -> Result<bool, String> {
            if self.silent { Err("no network".to_owned()) } else { Ok(self.has.borrow().contains(name)) }
        }

        fn publish(&self, name: &str) -> Result<(), String> {
            self.tried.borrow_mut().push(name.to_owned());
            if self.fails_at.borrow_mut().take_if(|at| *at == name).is_some() {
                return Err("429".to_owned());
            }
            self.has.borrow_mut().insert(name.to_owned());
            Ok(())
        }
    }

    fn publish(registry: &Memory) -> Result<usize, String> {
        publish_all(&["a", "b", "c"], "0.1.0".parse().unwrap(), registry, |_| {})
    }

    #[test]
    fn what_failed_halfway_goes_on_where_it_failed() {
        let registry = Memory { fails_at: RefCell::new(Some("b")), ..Memory::default() };
        let message = publish(&registry).unwrap_err();
        assert!(message.starts_with("`b` was not published: 429\n1 packages were published"), "{message}");
        assert_eq!(publish(&registry), Ok(2));
        assert_eq!(*registry.tried.borrow(), ["a", "b", "b", "c"]);
        assert_eq!(publish(&registry), Ok(0));
        assert_eq!(registry.tried.borrow().len(), 4);
    }

    #[test]
    fn nothing_is_published_on_a_guess() {
        let registry = Memory { silent: true, ..Memory::default() };
        assert_eq!(publish(&registry), Err("no network".to_owned()));
        assert!(registry.tried.borrow().is_empty());
    }

    #[test]
    fn an_answer_is_told_from_none() {
        let ask = |said: Result<&str, &str>| {
            answer("crates-io", "a@0.1.0", said.map(str::to_owned).map_err(str::to_owned))
        };
        assert_eq!(ask(Ok("a #words\nversion: 0.1.0")), Ok(true));
        assert_eq!(ask(Err("error: could not find `a@0.1.0` in registry `x`")), Ok(false));
        let message = ask(Err("error: failed to query replaced source registry")).unwrap_err();
        assert!(
            message.contains("does not say whether it has `a@0.1.0`; publishing needs the network"),
            "{message}"
        );
        // Of another thing: not an answer to the question.
        assert!(ask(Err("error: could not find `Cargo.toml`")).is_err());
    }
}
