//! What this program does when a test starts it as another process: it saves settings until it is killed.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::process::{Child, Command, Stdio};

use platform_state::Address;
use rabbitpre_auth::{SettingsStore as _, StateSettings};

use crate::{run as block_on, setting};

const ADDRESS: &str = "RABBITPRE_SETTINGS_ADDRESS";
const PREFIX: &str = "RABBITPRE_SETTINGS_PREFIX";

/// Starts this program as one that saves.
pub(crate) fn start(address: &str, prefix: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(ADDRESS, address).env(PREFIX, prefix);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

/// The ids that a process has been answered, with the number of the setting that it has saved under each. It is killed
/// after so many, or its store is.
pub(crate) fn answered(
    mut child: Child,
    until: usize,
    kill: impl FnOnce(&mut Child),
) -> Vec<(String, usize)> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut said: Vec<String> = lines.by_ref().take(until).collect();
    kill(&mut child);
    // What it has said before it was killed counts, too; a line that it did not finish does not.
    said.extend(lines);
    child.wait().unwrap();
    let pair = |line: &String| {
        let (id, number) = line.strip_suffix(" saved")?.split_once(' ')?;
        Some((id.to_owned(), number.parse().ok()?))
    };
    said.iter().filter_map(pair).collect()
}

/// Does what the environment tells, if it tells anything.
pub(crate) fn run() -> bool {
    let (Ok(address), Ok(prefix)) = (env::var(ADDRESS), env::var(PREFIX)) else { return false };
    block_on(async {
        let store = address.parse::<Address>().unwrap().open().await.unwrap();
        let settings = StateSettings::new(store, prefix).unwrap();
        let mut out = stdout().lock();
        for number in 1.. {
            let Ok(id) = settings.save(None, setting(number)).await else { return };
            writeln!(out, "{id} {number} saved").unwrap();
            out.flush().unwrap();
            if number % 3 == 0 {
                let Ok(id) = settings.save(Some(&id), setting(number + 1_000_000)).await else { return };
                writeln!(out, "{id} {} saved", number + 1_000_000).unwrap();
                out.flush().unwrap();
            }
        }
    });
    true
}
