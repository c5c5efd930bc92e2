//! `cargo xtask dist`: what is handed to people who do not compile, in `target/dist`.
//!
//! ```text
//!  duijie                     optimised, stripped (the profile `dist` of the root manifest)
//!  completions/, man/man1/    made by `duijie` itself
//!  duijie.cdx.json            what is in it: CycloneDX 1.5, out of cargo's tree, with licences and checksums
//!  THIRD-PARTY-LICENSES.txt   the licences of what is in it
//!  README.md, LICENSE-*, CHANGELOG.md
//!  SHA256SUMS                 of all of them; `sha256sum -c SHA256SUMS`
//!  duijie-VERSION-TARGET.tar.gz, .sha256    all of that in one file, and its sum
//! ```

mod archive;
mod bom;
mod digest;
mod notices;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{cargo, program, root};

/// Stripped, at most.
const MOST_BYTES: u64 = 15_000_000;
/// From the start to the end of `--version`, at most, in the middle of some runs.
const SLOWEST_START: Duration = Duration::from_millis(10);
const STARTS: usize = 21;

/// Shell, and the file name that it looks for.
const COMPLETIONS: [(&str, &str); 3] = [("bash", "duijie.bash"), ("zsh", "_duijie"), ("fish", "duijie.fish")];

/// What to do with all this.
const INSTALL: &str = include_str!("dist/install.md");

pub(crate) fn run() -> Result<(), String> {
    let target = target_directory()?;
    let built = build(&target)?;
    let dist = target.join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).map_err(|error| failed(&dist, &error))?;
    }
    let command = dist.join(built.file_name().ok_or("cargo built a file without a name")?);
    create(&dist.join("completions"))?;
    copy(&built, &command)?;
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        copy(&root().join(name), &dist.join(name))?;
    }
    let line = command.to_string_lossy().into_owned();
    for (shell, name) in COMPLETIONS {
        let script = program(&line, &["completions", shell]).output()?;
        write(&dist.join("completions").join(name), script.as_bytes())?;
    }
    program(&line, &["manual"]).arg(dist.join("man").join("man1")).run()?;
    let tree = tree::read("duijie")?;
    let bill = bom::make(&tree, &digest::of_file(&command)?);
    write(&dist.join("duijie.cdx.json"), bill.as_bytes())?;
    write(&dist.join("THIRD-PARTY-LICENSES.txt"), notices::make(&tree)?.as_bytes())?;
    write(&dist.join("README.md"), INSTALL.as_bytes())?;
    write(&dist.join("SHA256SUMS"), digest::sums(&dist)?.as_bytes())?;
    let name = format!("duijie-{}-{}", tree.root.1, tree::host()?);
    println!("{}", archive::make(&dist, &target.join("dist-build").join("archive"), &name)?.display());
    judge(&command, &line)
}

/// Builds the command into a folder of its own: cargo's name for the profile's folder is ours for what is handed out.
fn build(target: &Path) -> Result<PathBuf, String> {
    let args = [
        "build",
        "--profile",
        "dist",
        "--locked",
        "-p",
        "duijie",
        "--message-format=json-render-diagnostics",
    ];
    let said = cargo(&args).arg("--target-dir").arg(target.join("dist-build")).output()?;
    let binary = |line: &str| -> Option<PathBuf> {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message.get("target")?.get("name")?.as_str()? == "duijie";
        message.get("executable")?.as_str().filter(|_| is_it).map(PathBuf::from)
    };
    said.lines().filter_map(binary).next_back().ok_or_else(|| "cargo built no `duijie`".to_owned())
}

/// Size and start are promised. The size is held to; the start is told, for it depends on who else uses the machine.
fn judge(command: &Path, line: &str) -> Result<(), String> {
    let bytes = fs::metadata(command).map_err(|error| failed(command, &error))?.len();
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let since = Instant::now();
        program(line, &["--version"]).output()?;
        starts.push(since.elapsed());
    }
    starts.sort_unstable();
    let middle = starts.get(STARTS / 2).copied().unwrap_or_default();
    let fastest = starts.first().copied().unwrap_or_default();
    println!("{} size: {bytes} bytes, at most {MOST_BYTES}", mark(bytes <= MOST_BYTES));
    println!(
        "{} start: `--version` in {middle:.1?} (the fastest of {STARTS}: {fastest:.1?}), at most {SLOWEST_START:?}",
        mark(middle <= SLOWEST_START)
    );
    if bytes <= MOST_BYTES {
        Ok(())
    } else {
        Err(format!("`duijie` has {bytes} bytes, more than {MOST_BYTES}"))
    }
}

fn mark(held: bool) -> &'static str {
    if held { "✓" } else { "✗" }
}

fn target_directory() -> Result<PathBuf, String> {
    let said = cargo(&["metadata", "--no-deps", "--locked", "--format-version", "1"]).output()?;
    let metadata: Value =
        serde_json::from_str(&said).map_err(|error| format!("`cargo metadata`: {error}"))?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    folder.map(PathBuf::from).ok_or_else(|| "`cargo metadata` names no target directory".to_owned())
}

fn create(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(|_| ()).map_err(|error| failed(to, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
