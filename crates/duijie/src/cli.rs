//! What can be said on the command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::lang::Lang;

/// 对接: four Chinese open platforms made right, and a sandbox to try them in.
///
/// Results go to stdout, everything else to stderr. Secrets come from the environment or from files, never from
/// flags. Exit codes: 0 done, 1 failed, 2 usage, 3 done but some input was rejected, 4 outcome unknown (sent, no
/// answer).
#[derive(Parser)]
#[command(name = "duijie", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Understood by every command, before or after its name.
#[derive(Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// One JSON document on stdout.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell more on stderr: -v info, -vv debug, -vvv trace. `RUST_LOG` goes before.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Read base URLs, ids and where secrets are to be found from this TOML file.
    #[arg(long, global = true, value_name = "FILE", env = "DUIJIE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Which profile of the configuration file.
    #[arg(long, global = true, value_name = "NAME", env = "DUIJIE_PROFILE", default_value = "default")]
    pub(crate) profile: String,
    /// Give up on a request after this time: `500ms`, `10s`, `2m`, or seconds. A file takes as long as it takes, as long as
    /// no silence of its connection is longer than this.
    #[arg(long, global = true, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// Send requests through this HTTP proxy, or the one in `DUIJIE_PROXY`; loopback is reached directly.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Trust this PEM file's certificate authority as well.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Print the request that would be sent, secrets masked, and send nothing.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Language of results and reports; by default the locale's. Errors and logs are English.
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub(crate) lang: Option<Lang>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show all four platforms working, end to end, against the sandbox in this process.
    Demo(crate::demo::Args),
    /// Serve the four platforms, simulated on loopback, until stopped.
    Sandbox(crate::sandbox::Args),
    /// Sign a request, or JSON lines with `--batch`.
    Sign(crate::sign::Args),
    /// Verify a signature.
    Verify(crate::verify::Args),
    /// Say which mistake made a signature: from flags, a URL, a curl command or a JSON document.
    #[command(subcommand)]
    Doctor(crate::doctor::Command),
    /// 晋来办: push business records.
    #[command(subcommand)]
    Jinlaiban(crate::jinlaiban::Command),
    /// 宜昌: single sign-on and to-do list.
    #[command(subcommand)]
    Yichang(crate::yichang::Command),
    /// 微众银行: credentials and signed calls.
    #[command(subcommand)]
    Webank(crate::webank::Command),
    /// 兔展: decide whether a user may take part.
    #[command(subcommand)]
    Rabbitpre(crate::rabbitpre::Command),
    /// Print a completion script for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write the man pages into a folder.
    #[command(hide = true)]
    Manual(crate::manual::Args),
}

impl Command {
    /// Does it answer with one JSON line per line of input, so that a failure is no further document?
    pub(crate) fn is_line_oriented(&self) -> bool {
        match self {
            Self::Sign(args) => args.batch,
            Self::Rabbitpre(command) => command.is_line_oriented(),
            _ => false,
        }
    }
}

/// Reads `500ms`, `10s`, `2m` or plain seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.strip_prefix(digits).unwrap_or_default();
    let number: u64 =
        digits.parse().map_err(|_| format!("`{text}` is not a time like `500ms`, `10s` or `2m`"))?;
    let time = match unit {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        _ => return Err(format!("`{unit}` is not a unit of time: use `ms`, `s` or `m`")),
    };
    if time.is_zero() { Err("the time must be above zero".to_owned()) } else { Ok(time) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(duration(text).ok(), expected.map(Duration::from_millis), "{text}");
    }

    #[test]
    fn times_have_units() {
        check("500ms", Some(500));
        check("10", Some(10_000));
        check("10s", Some(10_000));
        check("2m", Some(120_000));
        for bad in ["", "s", "0", "-1s", "1h", "1.5s", "十s"] {
            check(bad, None);
        }
    }
}
