//! Running other programs at the root of the workspace.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program with its arguments, run at the root of the workspace.
pub(crate) struct Program(Command);

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Any program.
pub(crate) fn program(name: &str, args: &[&str]) -> Program {
    let mut command = Command::new(name);
    command.args(args).current_dir(root());
    Program(command)
}

/// The cargo that runs us.
pub(crate) fn cargo(args: &[&str]) -> Program {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    program(&cargo, args)
}

/// The nightly cargo, through rustup: only its proxy understands `+nightly`.
pub(crate) fn nightly_cargo(args: &[&str]) -> Program {
    let mut nightly = program("cargo", &["+nightly"]);
    nightly.0.args(args);
    // Set by the stable cargo that runs us; they would lead nightly's cargo to the stable compiler.
    for name in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        nightly.0.env_remove(name);
    }
    nightly
}

impl Program {
    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it elsewhere than at the root of the workspace.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Takes an environment variable away.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// Appends an argument that need not be UTF-8.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    /// Reads its input from a file.
    pub(crate) fn input(mut self, file: fs::File) -> Self {
        self.0.stdin(file);
        self
    }

    /// The command as a person would type it.
    pub(crate) fn line(&self) -> String {
        let words = std::iter::once(self.0.get_program()).chain(self.0.get_args());
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }

    /// Runs it; its output goes where ours goes.
    pub(crate) fn run(mut self) -> Result<(), String> {
        let line = self.line();
        let status = self.0.status().map_err(|error| format!("cannot start `{line}`: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("`{line}` failed: {status}")) }
    }

    /// Runs it and returns what it printed.
    pub(crate) fn output(self) -> Result<String, String> {
        self.streams().map(|(stdout, _)| stdout)
    }

    /// Runs it and returns what it said on the side.
    pub(crate) fn remarks(self) -> Result<String, String> {
        self.streams().map(|(_, stderr)| stderr)
    }

    /// Runs it to its end, good or bad: what it printed, and what was wrong. What it says on the side goes where ours goes.
    pub(crate) fn told(mut self) -> Result<(String, Option<String>), String> {
        let line = self.line();
        self.0.stderr(std::process::Stdio::inherit());
        let output = self.0.output().map_err(|error| format!("cannot start `{line}`: {error}"))?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = (!output.status.success()).then(|| format!("`{line}` failed: {}", output.status));
        Ok((stdout, wrong))
    }

    fn streams(mut self) -> Result<(String, String), String> {
        let line = self.line();
        let output = self.0.output().map_err(|error| format!("cannot start `{line}`: {error}"))?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            Ok((stdout, stderr))
        } else {
            Err(format!("`{line}` failed: {}\n{}", output.status, stderr.trim_end()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_the_command() {
        let missing = program("no-such-program-here", &["x"]).run().unwrap_err();
        assert!(missing.starts_with("cannot start `no-such-program-here x`: "), "{missing}");
        let failed = cargo(&["no-such-subcommand-here"]).output().unwrap_err();
        assert!(failed.contains("no-such-subcommand-here` failed: exit status"), "{failed}");
    }

    #[test]
    fn programs_run_at_the_root() {
        assert!(root().join("xtask/src/main.rs").is_file());
    }
}
