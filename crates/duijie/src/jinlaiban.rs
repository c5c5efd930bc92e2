//! `duijie jinlaiban`: push records, and look after the journal that keeps them.

mod ahead;
mod durable;
mod journal;
mod pipe;
mod push;
mod records;
mod rejects;

use crate::{
    context::Context,
    exit::{Exit, Failure},
};

/// `duijie jinlaiban …`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Push the records of a file, in batches of at most 2000.
    Push(push::Args),
    /// How many records of a journal are in which state.
    Status(journal::Args),
    /// Queue what the platform refused; `push` sends it again.
    Retry(journal::Args),
    /// Write a journal's records as JSON lines that can be corrected and pushed.
    Export(journal::ExportArgs),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Push(args) => push::run(context, &args).await,
        Command::Status(args) => journal::status(context, &args).await,
        Command::Retry(args) => journal::retry(context, &args).await,
        Command::Export(args) => journal::export(&args).await,
    }
}
