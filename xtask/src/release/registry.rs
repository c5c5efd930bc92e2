//! What the registry has, and bringing what it has not: its own answer decides, no file of ours.

use super::version::Version;

/// What a registry has of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Has {
    /// Nobody has the name yet.
    Nothing,
    /// Other versions, with the repository that they name.
    Others(Option<String>),
    /// This version, with the repository that it names.
    ThisVersion(Option<String>),
}

/// What came of giving a package to a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Now,
    /// It came there before; the index did not say so yet.
    Before,
}

/// A place where packages are published.
pub(super) trait Registry {
    /// What does it have of this version of a package?
    fn look(&self, name: &str, version: Version) -> Result<Has, String>;
    /// Brings the version that is checked out.
    fn publish(&self, name: &str) -> Result<Taken, String>;
    /// Some seconds, in which an index may learn of what was brought.
    fn wait(&self);
}

/// How often the index is asked for what was brought, with a wait before each time but the first.
const LOOKS: usize = 31;

/// Asks for all of them, before anything is changed: which are there?
///
/// # Errors
///
/// Where the registry cannot be asked, so that nothing is published on a guess; and where a name belongs to somebody else:
/// half of a release would be stopped there, or go on with a stranger's package.
pub(super) fn ask<'a>(
    order: &[&'a str],
    version: Version,
    repository: &str,
    registry: &impl Registry,
) -> Result<Vec<(&'a str, bool)>, String> {
    let answer = |name: &&'a str| Ok((*name, is_there(name, version, repository, registry)?));
    order.iter().map(answer).collect()
}

fn is_there(
    name: &str,
    version: Version,
    repository: &str,
    registry: &impl Registry,
) -> Result<bool, String> {
    let (there, of) = match registry.look(name, version)? {
        Has::Nothing => return Ok(false),
        Has::Others(of) => (false, of),
        Has::ThisVersion(of) => (true, of),
    };
    if of.as_deref().is_some_and(|of| same(of, repository)) {
        return Ok(there);
    }
    let of = of.map_or("no repository".to_owned(), |of| format!("`{of}`"));
    Err(format!(
        "`{name}` is somebody else's in the registry: it names {of}, ours is `{repository}`; our package needs another \
         name"
    ))
}

/// The same address, but for what does not matter in one.
fn same(one: &str, other: &str) -> bool {
    let plain = |url: &str| url.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
    plain(one) == plain(other)
}

/// Publishes in order what is not there, and returns how many that were. Each is waited for, because the next may need it.
///
/// # Errors
///
/// At the first one that fails; says how to go on. What is there stays there.
pub(super) fn publish_missing(
    packages: &[(&str, bool)],
    version: Version,
    repository: &str,
    registry: &impl Registry,
    say: impl Fn(String),
) -> Result<usize, String> {
    let mut published = 0;
    for &(name, there) in packages {
        if there {
            say(format!("{name} {version} is there already"));
            continue;
        }
        say(format!("{name} {version} is being published"));
        let taken = registry.publish(name).or_else(|error| {
            // An upload whose answer was lost is an upload.
            match is_there(name, version, repository, registry) {
                Ok(true) => Ok(Taken::Before),
                _ => Err(error),
            }
        });
        let shown = taken.and_then(|taken| shown(name, version, repository, registry).map(|()| taken));
        match shown {
            Ok(Taken::Now) => published += 1,
            Ok(Taken::Before) => say(format!("{name} {version} had come there before")),
            Err(error) => {
                return Err(format!(
                    "`{name}` was not published: {error}\n{published} packages were published in this run; mend the cause and \
                     run `cargo xtask release --execute` again, at the tag {}: it goes on with what the registry lacks \
                     (crates.io takes five new names at once, then one in ten minutes)",
                    version.tag()
                ));
            }
        }
    }
    Ok(published)
}

/// Waits until the index shows it.
fn shown(name: &str, version: Version, repository: &str, registry: &impl Registry) -> Result<(), String> {
    for look in 0..LOOKS {
        if look > 0 {
            registry.wait();
        }
        if is_there(name, version, repository, registry)? {
            return Ok(());
        }
    }
    Err(format!(
        "the registry took `{name}` {version}, but its index still does not show it; wait some minutes"
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    pub(in super::super) const OURS: &str = "https://github.com/ours/it";

    /// Keeps packages, shows them late, and fails at a step.
    #[derive(Default)]
    pub(in super::super) struct Memory {
        /// How many waits until a package is shown.
        pub(in super::super) has: RefCell<BTreeMap<String, usize>>,
        /// How often each was given to it, also in vain.
        pub(in super::super) given: RefCell<Vec<String>>,
        pub(in super::super) foreign: Option<&'static str>,
        pub(in super::super) lag: usize,
        /// How many steps until one fails.
        pub(in super::super) fails_after: Cell<Option<usize>>,
    }

    impl Memory {
        /// One step; fails when it is the one that should.
        pub(in super::super) fn step(&self, what: &str) -> Result<(), String> {
            match self.fails_after.get() {
                Some(0) => {
                    self.fails_after.set(None);
                    Err(format!("{what} failed"))
                }
                left => {
                    self.fails_after.set(left.map(|left| left - 1));
                    Ok(())
                }
            }
        }
    }

    impl Registry for Memory {
        fn look(&self, name: &str, _: Version) -> Result<Has, String> {
            self.step("the question")?;
            if self.foreign == Some(name) {
                return Ok(Has::ThisVersion(Some("https://github.com/theirs/it".to_owned())));
            }
            let shown = self.has.borrow().get(name).is_some_and(|waits| *waits == 0);
            Ok(if shown { Has::ThisVersion(Some(format!("{OURS}.git/"))) } else { Has::Nothing })
        }

        fn publish(&self, name: &str) -> Result<Taken, String> {
            self.step("the way there")?;
            self.given.borrow_mut().push(name.to_owned());
            if self.has.borrow().contains_key(name) {
                return Ok(Taken::Before);
            }
            self.has.borrow_mut().insert(name.to_owned(), self.lag);
            self.step("the way back").map(|()| Taken::Now)
        }

        fn wait(&self) {
            self.has.borrow_mut().values_mut().for_each(|waits| *waits = waits.saturating_sub(1));
        }
    }

    const ORDER: [&str; 3] = ["a", "b", "c"];

    fn publish(registry: &Memory) -> Result<usize, String> {
        let version = "0.1.0".parse().unwrap();
        let there = ask(&ORDER, version, OURS, registry)?;
        publish_missing(&there, version, OURS, registry, |_| {})
    }

    #[test]
    fn what_failed_halfway_goes_on_where_it_failed() {
        // Three questions, `a` with its way there, back and into the index; then `b`, whose way there fails.
        let registry = Memory { fails_after: Cell::new(Some(6)), ..Memory::default() };
        let message = publish(&registry).unwrap_err();
        let says = "`b` was not published: the way there failed\n1 packages were published in this run";
        assert!(message.starts_with(says), "{message}");
        assert_eq!(publish(&registry), Ok(2));
        assert_eq!(*registry.given.borrow(), ["a", "b", "c"]);
        assert_eq!(publish(&registry), Ok(0));
        assert_eq!(registry.given.borrow().len(), 3);
    }

    #[test]
    fn an_upload_whose_answer_was_lost_is_an_upload() {
        let registry = Memory { fails_after: Cell::new(Some(4)), ..Memory::default() };
        assert_eq!(publish(&registry), Ok(2));
        assert_eq!(*registry.given.borrow(), ["a", "b", "c"]);
    }

    #[test]
    fn an_index_that_lags_is_waited_for() {
        let registry = Memory { lag: LOOKS - 1, ..Memory::default() };
        assert_eq!(publish(&registry), Ok(3));
        assert_eq!(*registry.given.borrow(), ["a", "b", "c"]);
    }

    #[test]
    fn an_index_that_lags_too_long_is_said_and_later_goes_on() {
        let registry = Memory { lag: LOOKS + 5, ..Memory::default() };
        let message = publish(&registry).unwrap_err();
        let says = "`a` was not published: the registry took `a` 0.1.0, but its index still does not show it; wait some \
                    minutes\n0 packages were published";
        assert!(message.starts_with(says), "{message}");
        // Still not shown: it is given again, and the registry knows it. By then the index has it.
        let registry = Memory { lag: 0, ..registry };
        assert_eq!(publish(&registry), Ok(2));
        assert_eq!(*registry.given.borrow(), ["a", "a", "b", "c"]);
    }

    #[test]
    fn nothing_is_published_on_a_guess() {
        for question in 0..3 {
            let registry = Memory { fails_after: Cell::new(Some(question)), ..Memory::default() };
            assert_eq!(publish(&registry), Err("the question failed".to_owned()));
            assert!(registry.given.borrow().is_empty());
        }
    }

    #[test]
    fn a_name_of_somebody_else_stops_all_of_it() {
        let registry = Memory { foreign: Some("c"), ..Memory::default() };
        let message = publish(&registry).unwrap_err();
        let says = "`c` is somebody else's in the registry: it names `https://github.com/theirs/it`, ours is";
        assert!(message.starts_with(says), "{message}");
        assert!(registry.given.borrow().is_empty());
    }

    #[test]
    fn addresses_are_compared_without_their_trimmings() {
        assert!(same("https://github.com/ours/it.git", OURS) && same("https://GitHub.com/ours/it/", OURS));
        assert!(!same("https://github.com/ours/it2", OURS));
    }
}
