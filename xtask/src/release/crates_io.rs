//! The registry that cargo knows by a name: asked with `cargo info`, given to with `cargo publish`.

use std::path::Path;
use std::thread;
use std::time::Duration;

use super::registry::{Has, Registry, Taken};
use super::version::Version;
use crate::command::{cargo, program, root};

/// Between two looks into the index. Cargo itself has waited for a minute before.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Cargo<'a> {
    pub(super) name: &'a str,
}

impl Registry for Cargo<'_> {
    fn look(&self, name: &str, version: Version) -> Result<Has, String> {
        if let Some(said) = self.info(&format!("{name}@{version}"))? {
            return Ok(Has::ThisVersion(repository(&said)));
        }
        let any = self.info(name)?;
        Ok(any.map_or(Has::Nothing, |said| Has::Others(repository(&said))))
    }

    fn publish(&self, name: &str) -> Result<Taken, String> {
        let args =
            ["publish", "--locked", "--config", "net.offline=false", "--registry", self.name, "-p", name];
        taken(cargo(&args).remarks())
    }

    fn wait(&self) {
        thread::sleep(PAUSE);
    }
}

impl Cargo<'_> {
    /// What is told about a package; [`None`] when it is not there.
    fn info(&self, wanted: &str) -> Result<Option<String>, String> {
        // Outside of the workspace: inside, cargo would tell about the package that is here.
        let outside = root().ancestors().last().map_or_else(root, Path::to_owned);
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        // Offline, cargo says of what it never saw that it is not there.
        let args = ["info", "--config", "net.offline=false", "--registry", self.name, wanted];
        answer(self.name, wanted, program(&cargo, &args).folder(&outside).output())
    }
}

/// What `cargo info` means.
fn answer(registry: &str, wanted: &str, said: Result<String, String>) -> Result<Option<String>, String> {
    match said {
        Ok(said) => Ok(Some(said)),
        Err(error) if error.contains("could not find") && error.contains(&format!("`{wanted}`")) => Ok(None),
        Err(error) => Err(format!(
            "the registry `{registry}` does not say whether it has `{wanted}`; publishing needs the network, and a guess could \
             leave half of a release behind\n{error}"
        )),
    }
}

/// The line `repository: …` of what `cargo info` prints.
fn repository(said: &str) -> Option<String> {
    said.lines().find_map(|line| line.strip_prefix("repository: ")).map(|url| url.trim().to_owned())
}

/// What `cargo publish` means.
fn taken(said: Result<String, String>) -> Result<Taken, String> {
    match said {
        Ok(_) => Ok(Taken::Now),
        // Cargo's words where the index has it, and those of crates.io where only its database has.
        Err(error) if ["already exists on", "already uploaded"].iter().any(|words| error.contains(words)) => {
            Ok(Taken::Before)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_from_none() {
        let ask = |said: Result<&str, &str>| {
            answer("crates-io", "a@0.1.0", said.map(str::to_owned).map_err(str::to_owned))
        };
        assert_eq!(ask(Ok("a #words\nversion: 0.1.0")), Ok(Some("a #words\nversion: 0.1.0".to_owned())));
        assert_eq!(ask(Err("error: could not find `a@0.1.0` in registry `x`")), Ok(None));
        let message = ask(Err("error: failed to query replaced source registry")).unwrap_err();
        assert!(
            message.contains("does not say whether it has `a@0.1.0`; publishing needs the network"),
            "{message}"
        );
        // Of another thing: not an answer to the question.
        assert!(ask(Err("error: could not find `Cargo.toml`")).is_err());
    }

    #[test]
    fn the_repository_is_what_cargo_prints() {
        let said = "a #words\nWhat it is; repository: none\nversion: 0.1.0\nrepository: https://x/y\n";
        assert_eq!(repository(said).as_deref(), Some("https://x/y"));
        assert_eq!(repository("a\nversion: 0.1.0\n"), None);
    }

    #[test]
    fn what_came_there_before_is_told_from_a_failure() {
        let given = |said: Result<&str, &str>| taken(said.map(str::to_owned).map_err(str::to_owned));
        assert_eq!(given(Ok("Uploading")), Ok(Taken::Now));
        assert_eq!(given(Err("error: crate a@0.1.0 already exists on crates.io index")), Ok(Taken::Before));
        let api =
            "error: failed to publish to registry\nCaused by: crate version `0.1.0` is already uploaded";
        assert_eq!(given(Err(api)), Ok(Taken::Before));
        let limit = "the remote server responded with an error (status 429 Too Many Requests)";
        assert_eq!(given(Err(limit)), Err(limit.to_owned()));
    }
}
