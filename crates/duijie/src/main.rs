//! The command `duijie`: four platforms from the command line, and a sandbox to try them in.
//!
//! ```text
//!  main ─ parses, dispatches, turns the result into an exit code
//!   ├─ demo         all four platforms, end to end, against the sandbox in this process
//!   ├─ sandbox      serves the simulated platforms until stopped
//!   ├─ sign, verify signatures of all schemes; `sign --batch` for JSON lines
//!   ├─ doctor       which mistake made a signature
//!   ├─ jinlaiban, yichang, webank, rabbitpre   the platforms' own calls
//!   └─ completions
//! ```
#![expect(clippy::print_stderr, reason = "a command's messages go to stderr")]

mod cli;
mod config;
mod context;
mod demo;
mod doctor;
mod exit;
mod jinlaiban;
mod lang;
mod lines;
mod logging;
mod manual;
mod output;
mod probe;
mod rabbitpre;
mod sandbox;
mod secret;
mod sign;
mod state;
mod verify;
mod webank;
mod yichang;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use cli::{Cli, Command};
use context::Context;
use exit::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(cli.common.verbose, matches!(cli.command, Command::Demo(_)));
    let json = cli.common.json && !cli.command.is_line_oriented();
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.report(json);
            failure.exit.into()
        }
    }
}

fn run(cli: Cli) -> Result<exit::Exit, Failure> {
    // Needs neither configuration nor runtime, and should start at once.
    if let Command::Completions { shell } = cli.command {
        // Into memory first: the generator panics where it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "duijie", &mut script);
        return output::whole(|out| out.write_all(&script));
    }
    if let Command::Manual(args) = cli.command {
        return manual::run(&args);
    }
    let context = Context::new(&cli.common)?;
    match cli.command {
        Command::Sign(args) => sign::run(&context, &args),
        Command::Verify(args) => verify::run(&context, &args),
        Command::Doctor(command) => doctor::run(&context, &command),
        command => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
            runtime.block_on(async {
                match command {
                    Command::Demo(args) => demo::run(&context, &args).await,
                    Command::Sandbox(args) => sandbox::run(&context, &args).await,
                    Command::Jinlaiban(command) => jinlaiban::run(&context, command).await,
                    Command::Yichang(command) => yichang::run(&context, command).await,
                    Command::Webank(command) => webank::run(&context, command).await,
                    Command::Rabbitpre(command) => rabbitpre::run(&context, command).await,
                    Command::Sign(_)
                    | Command::Verify(_)
                    | Command::Doctor(_)
                    | Command::Completions { .. }
                    | Command::Manual(_) => Ok(exit::Exit::Done),
                }
            })
        }
    }
}
