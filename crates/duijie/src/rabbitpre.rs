//! `duijie rabbitpre`: decide, from files or as a server; probe anybody's server.

mod check;
mod probe;
mod serve;
mod table;

use std::{path::Path, sync::Arc};

use rabbitpre_auth::{AttributeSource, ReadError, SourceAddress, SourceOptions};

use crate::{
    context::Context,
    exit::{Exit, Failure},
};

/// `duijie rabbitpre …`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Decide one check and say why, or JSON lines with `--batch`.
    Check(check::Args),
    /// Play the editor and the H5 page against a server, and report what it does wrong. It saves settings: use a test system.
    Probe(probe::Args),
    /// Serve the three endpoints that the platform calls, with `/healthz` and `/metrics`.
    Serve(Box<serve::Args>),
}

impl Command {
    pub(crate) fn is_line_oriented(&self) -> bool {
        matches!(self, Self::Check(args) if args.batch)
    }
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(context, &args).await,
        Command::Probe(args) => probe::run(context, &args).await,
        Command::Serve(args) => serve::run(context, &args).await,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))
}

/// Users' attributes, from wherever they are. What cannot be read stops the command.
async fn source(address: &str, options: SourceOptions) -> Result<Arc<dyn AttributeSource>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::usage(format!("--attributes: {error}"));
    let address = SourceAddress::parse(address).map_err(|error| wrong(&error))?;
    address.open(options).await.map_err(|error| wrong(&error))
}

/// Which file, and where in it: editors count lines, not bytes.
fn unreadable(what: &str, path: &Path, bytes: &[u8], error: ReadError) -> String {
    let at = match error {
        ReadError::TooDeep { at }
        | ReadError::DoubledMember { at }
        | ReadError::LoneSurrogate { at }
        | ReadError::NotJson { at, .. } => at,
        ReadError::TooLarge => return format!("{what} `{}`: {error}", path.display()),
    };
    let before = bytes.get(..at).unwrap_or(bytes);
    let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
    let column =
        String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count().saturating_add(1);
    format!("{what} `{}`, line {line}, column {column}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, place: &str) {
        let error = rabbitpre_auth::read(text.as_bytes()).unwrap_err();
        let told = unreadable("request", Path::new("r.json"), text.as_bytes(), error);
        assert!(told.starts_with(&format!("request `r.json`, {place}: ")), "{told}");
    }

    #[test]
    fn a_mistake_has_its_line() {
        check("", "line 1, column 1");
        check("{\n \"年\": x}", "line 2, column 7");
        check("{\n \"a\": 1,\n \"a\": 2\n}", "line 4, column 2");
    }
}
