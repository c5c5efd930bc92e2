//! `duijie jinlaiban`: push records.

mod push;
mod reader;

pub(crate) use reader::{Format, read};

use crate::{
    context::Context,
    exit::{Exit, Failure},
};

/// `duijie jinlaiban …`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Push the records of a file, in batches of at most 2000.
    Push(push::Args),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Push(args) => push::run(context, &args).await,
    }
}
