//! Counts instructions with valgrind's callgrind: the same on a busy machine as on an idle one.
//!
//! A path is run once as often as the example says and once twice as often; the difference is the path alone, without
//! the start of the program and the making of the inputs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::command::{cargo, program};

/// Instructions of one call.
pub(super) type Counts = BTreeMap<String, u64>;

/// What decides about the counts besides our code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) rustc: String,
    pub(super) valgrind: String,
    /// Decides which `memcpy` is called.
    pub(super) libc: String,
    /// As the program sees them under valgrind, which does not offer all that the processor has.
    pub(super) features: String,
}

/// The version of valgrind.
pub(super) fn version() -> Result<String, String> {
    let version = program("valgrind", &["--version"]).output().map_err(|error| {
        format!("counting instructions needs valgrind (Debian: apt-get install valgrind; Linux and FreeBSD only)\n{error}")
    })?;
    Ok(version.trim().to_owned())
}

/// The example that runs one path.
pub(super) struct Example(String);

impl Example {
    /// Builds it as a release is built, whatever the environment asks for.
    pub(super) fn build() -> Result<Self, String> {
        let args = ["build", "--release", "--locked", "-p", "benches", "--example", "instructions"];
        let said = cargo(&args)
            .arg("--message-format=json")
            .without("RUSTFLAGS")
            .without("CARGO_ENCODED_RUSTFLAGS")
            .output()?;
        let binary = |line: &str| -> Option<PathBuf> {
            let message: Value = serde_json::from_str(line).ok()?;
            let is_it = message.get("target")?.get("name")?.as_str()? == "instructions";
            message.get("executable")?.as_str().filter(|_| is_it).map(PathBuf::from)
        };
        let found = said.lines().filter_map(binary).next_back();
        let path = found.ok_or("cargo built no example `instructions`")?;
        Ok(Self(path.to_string_lossy().into_owned()))
    }

    pub(super) fn machine(&self) -> Result<Machine, String> {
        let valgrind = version()?;
        let rustc = program("rustc", &["--version"]).output()?.trim().to_owned();
        let libc = program("ldd", &["--version"]).output().unwrap_or_default();
        let libc = libc.lines().next().unwrap_or("unknown").to_owned();
        let features = program("valgrind", &["--tool=none", &self.0, "features"]).output()?.trim().to_owned();
        Ok(Machine { rustc, valgrind, libc, features })
    }

    /// The names of the paths.
    pub(super) fn paths(&self) -> Result<Vec<String>, String> {
        let printed = program(&self.0, &[]).output()?;
        serde_json::from_str(&printed).map_err(|error| format!("the example prints no names: {error}"))
    }

    /// Instructions of one call of a path.
    pub(super) fn count(&self, path: &str) -> Result<u64, String> {
        let calls: u64 = {
            let printed = program(&self.0, &[path, "1"]).output()?;
            printed.trim().parse().map_err(|_| format!("the example says nothing of `{path}`"))?
        };
        let (once, twice) = (self.collect(path, "1")?, self.collect(path, "2")?);
        twice
            .checked_sub(once)
            .and_then(|difference| difference.checked_div(calls))
            .ok_or_else(|| format!("`{path}` counts {once}, then {twice}: that cannot be"))
    }

    fn collect(&self, path: &str, times: &str) -> Result<u64, String> {
        let args = ["--tool=callgrind", "--callgrind-out-file=/dev/null", &self.0, path, times];
        let said = program("valgrind", &args).remarks()?;
        collected(&said).ok_or_else(|| format!("valgrind does not say what it counted:\n{said}"))
    }
}

/// The number in valgrind's `==1234== Collected : 5678`.
fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found() {
        let said =
            "==7== Events    : Ir\n==7== Collected : 2115381\n==7== \n==7== I   refs:      2,115,381\n";
        assert_eq!(collected(said), Some(2_115_381));
        assert_eq!(collected("==7== Collected : none"), None);
    }
}
