//! What `--execute` does, each step so that a run that ends behind it is finished by running it again:
//!
//! ```text
//!  ask the registry for all ─► write the version and commit, both or neither ─► tag ─► publish what is missing, in order
//! ```
//!
//! What is done is read off the manifest, the tags and the registry; nothing else is kept.

use super::plan::Plan;
use super::registry::{self, Registry};
use super::version::Version;

/// What a release changes here.
pub(super) trait Repository {
    /// Is it still what was checked?
    fn unchanged(&self) -> Result<(), String>;
    /// Writes the version wherever it stands, and commits: both or neither. False when all of it was there.
    fn commit(&self, plan: &Plan) -> Result<bool, String>;
    fn tag(&self, version: Version) -> Result<(), String>;
}

/// Does what is left to do, and returns how many packages it published.
pub(super) fn execute(
    plan: &Plan,
    names: &[&str],
    address: &str,
    repository: &impl Repository,
    registry: &impl Registry,
    say: impl Fn(String),
) -> Result<usize, String> {
    let (version, tag) = (plan.version, plan.version.tag());
    let there = registry::ask(names, version, address, registry)?;
    // The tag is made before anything is published.
    if plan.tag
        && let Some((name, _)) = there.iter().find(|(_, there)| *there)
    {
        return Err(format!(
            "the registry has `{name}` {version}, but there is no tag {tag} here: `git fetch --tags` and `git checkout {tag}` to \
             finish that release, or say what comes next (`patch`, `minor`, `major` or a version)"
        ));
    }
    repository.unchanged()?;
    if plan.tag {
        if repository.commit(plan)? {
            say(format!("committed: Release {version}"));
        }
        repository.tag(version)?;
        say(format!("tagged: {tag}"));
    }
    registry::publish_missing(&there, version, address, registry, say)
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Seen, Wanted, plan};
    use super::super::registry::tests::{Memory, OURS};
    use super::super::version::Level;
    use super::*;
    use std::cell::{Cell, RefCell};

    const NAMES: [&str; 3] = ["a", "b", "c"];

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    /// A repository whose commits are counted, beside a registry.
    struct World {
        manifest: Cell<Version>,
        commits: Cell<usize>,
        /// Each with the commit that it names.
        tags: RefCell<Vec<(Version, usize)>>,
        registry: Memory,
    }

    impl World {
        /// After 0.1.0, and a commit since.
        fn new(registry: Memory) -> Self {
            let tags = RefCell::new(vec![(version("0.1.0"), 0)]);
            Self { manifest: Cell::new(version("0.1.0")), commits: Cell::new(1), tags, registry }
        }

        /// One run of `cargo xtask release LEVEL --execute`.
        fn run(&self, wanted: Wanted) -> Result<usize, String> {
            let tags = self.tags.borrow().clone();
            let here = tags.iter().filter(|(_, commit)| *commit == self.commits.get()).map(|(tag, _)| *tag);
            let seen = Seen {
                manifest: self.manifest.get(),
                here: here.collect(),
                tags: tags.iter().map(|(tag, _)| *tag).collect(),
            };
            execute(&plan(wanted, &seen)?, &NAMES, OURS, self, &self.registry, |_| {})
        }
    }

    impl Repository for World {
        fn unchanged(&self) -> Result<(), String> {
            self.registry.step("the second look")
        }

        fn commit(&self, plan: &Plan) -> Result<bool, String> {
            self.registry.step("the commit")?;
            if plan.bump {
                self.manifest.set(plan.version);
                self.commits.set(self.commits.get() + 1);
            }
            Ok(plan.bump)
        }

        fn tag(&self, version: Version) -> Result<(), String> {
            self.registry.step("the tag")?;
            self.tags.borrow_mut().push((version, self.commits.get()));
            Ok(())
        }
    }

    const PATCH: Wanted = Wanted::Next(Level::Patch);

    /// Fails at a step, is run again, and is whole. False when there is no such step.
    fn interrupted(step: usize, lag: usize) -> bool {
        let fails_after = Cell::new(Some(step));
        let world = World::new(Memory { fails_after, lag, ..Memory::default() });
        let first = world.run(PATCH);
        let failed = world.registry.fails_after.take().is_none();
        if let Err(error) = &first {
            assert!(error.contains("failed"), "step {step}: {error}");
            let again = world.run(PATCH).or_else(|error| {
                assert!(
                    error.ends_with("to finish that release, leave the level out"),
                    "step {step}: {error}"
                );
                world.run(Wanted::Manifest)
            });
            assert!(again.is_ok(), "step {step}: {again:?}");
        }
        assert_eq!(world.manifest.get(), version("0.1.1"), "step {step}");
        assert_eq!(world.commits.get(), 2, "step {step}: bumped once");
        assert_eq!(*world.tags.borrow(), [(version("0.1.0"), 0), (version("0.1.1"), 2)], "step {step}");
        assert_eq!(*world.registry.given.borrow(), NAMES, "step {step}: each is given once, in order");
        failed
    }

    #[test]
    fn wherever_it_is_interrupted_it_is_finished() {
        // Three questions, the second look, commit, tag; for each package the way there and back, and the index.
        let steps = (0..).take_while(|step| interrupted(*step, 0)).count();
        assert_eq!(steps, 3 + 3 + 3 * 3);
    }

    #[test]
    fn an_index_that_lags_changes_nothing() {
        assert!(!interrupted(usize::MAX, 5));
    }

    #[test]
    fn a_release_without_its_tag_is_not_made_again() {
        let world = World::new(Memory::default());
        world.registry.has.borrow_mut().insert("b".to_owned(), 0);
        let message = world.run(PATCH).unwrap_err();
        let says = "the registry has `b` 0.1.1, but there is no tag v0.1.1 here: `git fetch --tags`";
        assert!(message.starts_with(says), "{message}");
        assert_eq!((world.commits.get(), world.tags.borrow().len()), (1, 1));
        assert!(world.registry.given.borrow().is_empty());
    }

    #[test]
    fn a_silent_registry_leaves_everything_as_it_was() {
        let world = World::new(Memory { fails_after: Cell::new(Some(0)), ..Memory::default() });
        assert_eq!(world.run(PATCH), Err("the question failed".to_owned()));
        assert_eq!((world.commits.get(), world.tags.borrow().len()), (1, 1));
    }
}
