//! What can be asked of `cargo xtask release`.

use super::plan::Wanted;
use super::version::Level;

/// What is released, and how much of it is done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(super) wanted: Wanted,
    /// Change, tag and publish, after all checks.
    pub(super) execute: bool,
    /// Even where a check could not be made.
    pub(super) accept_unchecked: bool,
    /// Check what is not committed. Not for a release.
    pub(super) allow_dirty: bool,
    /// Only these are built alone; all when empty. Not for a release.
    pub(super) packages: Vec<String>,
    /// Cargo's name of where it goes. The packages look for each other on crates.io, so another one must stand for it
    /// (`source.crates-io.replace-with`).
    pub(super) registry: String,
}

impl Options {
    pub(crate) fn parse(args: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            wanted: Wanted::Manifest,
            execute: false,
            accept_unchecked: false,
            allow_dirty: false,
            packages: Vec::new(),
            registry: "crates-io".to_owned(),
        };
        let mut args = args.iter().copied();
        while let Some(arg) = args.next() {
            let mut value = || args.next().map(str::to_owned).ok_or_else(|| format!("`{arg}` needs a name"));
            match arg {
                "--execute" => options.execute = true,
                "--accept-unchecked" => options.accept_unchecked = true,
                "--allow-dirty" => options.allow_dirty = true,
                "-p" | "--package" => options.packages.push(value()?),
                "--registry" => options.registry = value()?,
                "major" => options.wanted = Wanted::Next(Level::Major),
                "minor" => options.wanted = Wanted::Next(Level::Minor),
                "patch" => options.wanted = Wanted::Next(Level::Patch),
                version if !version.starts_with('-') => options.wanted = Wanted::Version(version.parse()?),
                unknown => {
                    return Err(format!(
                        "no option `{unknown}`; there are `--execute`, `--accept-unchecked`, `--allow-dirty`, `-p NAME` and \
                         `--registry NAME`, and `patch`, `minor`, `major` or a version"
                    ));
                }
            }
        }
        if options.execute && (options.allow_dirty || !options.packages.is_empty()) {
            return Err("`--execute` checks all of it, as it is committed: without `--allow-dirty` and `-p`"
                .to_owned());
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(args: &[&str], says: &str) {
        let message = Options::parse(args).unwrap_err();
        assert!(message.contains(says), "{message}");
    }

    #[test]
    fn nothing_is_executed_unless_asked_for() {
        let options = Options::parse(&[]).unwrap();
        assert_eq!((options.wanted, options.execute), (Wanted::Manifest, false));
        let options = Options::parse(&["minor", "--execute", "--registry", "ours"]).unwrap();
        assert_eq!((options.wanted, options.execute), (Wanted::Next(Level::Minor), true));
        assert_eq!(options.registry, "ours");
        let version = "0.3.0".parse().map(Wanted::Version);
        assert_eq!(Options::parse(&["0.3.0"]).map(|options| options.wanted), version);
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        refused(&["--exceute"], "no option `--exceute`");
        refused(&["-p"], "`-p` needs a name");
        refused(&["next"], "`next` is not a version");
        refused(&["--execute", "--allow-dirty"], "as it is committed");
        refused(&["--execute", "-p", "sign-core"], "as it is committed");
    }
}
