//! `duijie manual DIR`: the man pages, one for each command, out of what the command line says of itself. Hidden, because
//! it is for those who package: `cargo xtask dist`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to write `duijie.1`, `duijie-sign.1` and so on; made if it is missing.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    write(&args.folder).map(|()| Exit::Done).map_err(|error| {
        Failure::failed(format!("cannot write man pages into `{}`: {error}", args.folder.display()))
    })
}

fn write(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    // Pages for what the parser adds by itself (`help`) would only say that there is `--help`.
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page_and_hidden_ones_have_none() {
        let folder = std::env::temp_dir().join(format!("duijie-manual-{}", std::process::id()));
        write(&folder).unwrap();
        let page = |name: &str| fs::read_to_string(folder.join(name));
        let main = page("duijie.1").unwrap();
        assert!(main.contains(".TH duijie 1") && main.contains("duijie\\-webank(1)"), "{main}");
        let call = page("duijie-webank-call.1").unwrap();
        assert!(call.contains("\\-\\-body"), "{call}");
        assert!(page("duijie-manual.1").is_err() && page("duijie-help.1").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
