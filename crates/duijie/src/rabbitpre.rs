//! `duijie rabbitpre`: decide, from files or as a server.

mod check;
mod serve;

use crate::{
    context::Context,
    exit::{Exit, Failure},
};

/// `duijie rabbitpre …`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Decide one check and say why, or JSON lines with `--batch`.
    Check(check::Args),
    /// Serve the three endpoints that the platform calls. Settings that are saved live as long as the process.
    Serve(serve::Args),
}

impl Command {
    pub(crate) fn is_line_oriented(&self) -> bool {
        matches!(self, Self::Check(args) if args.batch)
    }
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(args) => check::run(context, &args),
        Command::Serve(args) => serve::run(context, &args).await,
    }
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))
}
