//! `duijie webank callback`: the bank's calls, verified for an application in any language, and a bank to try it with.

mod door;
mod probe;
mod report;
mod serve;

use sign_core::Secret;

use crate::{
    context::Context,
    exit::{Exit, Failure},
    secret::SecretArgs,
};

/// How salts are given.
const SALTS: &str = "\
The salt is taken from WEBANK_CALLBACK_SALT, unless told otherwise. While salts rotate it holds several, the current one \
first, with commas between them. Blanks around each are no part of it: a salt with a comma in it, or with blanks at its \
ends, cannot be given here.";

/// `duijie webank callback …`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Verify the bank's calls, hand the decoded JSON to an application, and sign its answers.
    #[command(after_help = SALTS)]
    Serve(serve::Args),
    /// Play the bank against a server, and report what it does wrong. Its handlers run: use a test system.
    #[command(after_help = SALTS)]
    Probe(probe::Args),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Serve(args) => serve::run(context, &args).await,
        Command::Probe(args) => probe::run(context, &args).await,
    }
}

/// The salts, the current one first; several while they rotate.
fn salts(args: &SecretArgs) -> Result<(Secret, Vec<Secret>), Failure> {
    let given = args.find("WEBANK_CALLBACK_SALT", None)?;
    let mut salts = Vec::new();
    for salt in given.expose().split(',') {
        let salt = Secret::new(salt.trim()).map_err(|_| {
            Failure::usage(
                "one of the salts is empty: WEBANK_CALLBACK_SALT holds one, or several with commas between them",
            )
        })?;
        salts.push(salt);
    }
    let mut salts = salts.into_iter();
    let first = salts.next().ok_or_else(|| Failure::usage("no salt: set WEBANK_CALLBACK_SALT"))?;
    Ok((first, salts.collect()))
}
