//! What this program does when a test starts it as another process.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _, stdout};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use platform_state::{Address, Put, StateError, Store};

use crate::crowd::increment;
use crate::{key, run as block_on, secret, writer};

const TASK: &str = "PLATFORM_STATE_TASK";
const ADDRESS: &str = "PLATFORM_STATE_ADDRESS";

/// A command that starts this program for a task.
pub(crate) fn command(task: &str, address: &str) -> Command {
    // Another user may not be allowed to reach the program by its path.
    let own = Path::new("/proc/self/exe");
    let program = if own.exists() { own.to_owned() } else { env::current_exe().unwrap() };
    let mut command = Command::new(program);
    command.env(TASK, task).env(ADDRESS, address).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// The lines that a process writes.
pub(crate) fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok)
}

/// The only line that a process writes, after it has ended.
pub(crate) fn answer(command: &mut Command) -> String {
    let done = command.output().unwrap();
    String::from_utf8(done.stdout).unwrap().trim_end().to_owned()
}

/// Does what the environment tells, if it tells anything.
pub(crate) fn run() -> bool {
    let (Ok(task), Ok(address)) = (env::var(TASK), env::var(ADDRESS)) else { return false };
    block_on(async move {
        let store = match address.parse::<Address>().unwrap().open().await {
            Ok(store) => store,
            Err(error) => return say(&error_line(&error)),
        };
        match task.as_str() {
            "increment" => {
                for _ in 0..200 {
                    increment(&*store).await;
                }
                say("done");
            }
            "increment for ever" => loop {
                say(&increment(&*store).await.to_string());
            },
            "use" => {
                increment(&*store).await;
                say("ok");
            }
            "fill" => fill(&*store).await,
            _ => panic!("unknown task `{task}`"),
        }
    });
    true
}

/// Fills the store until it refuses, then looks whether what it took is there.
async fn fill(store: &dyn Store) {
    let value = secret(&"x".repeat(64 * 1024));
    let mut taken = 0;
    let error = loop {
        match store.swap(&key(&format!("cell {taken}")), 0, Put::new(&value, &writer(1))).await {
            Ok(_) if taken < 1000 => taken += 1,
            Ok(_) => return say("nothing refuses"),
            Err(error) => break error,
        }
    };
    for number in 0..taken {
        let entry = store.read(&key(&format!("cell {number}"))).await.unwrap().unwrap();
        assert_eq!(entry.value.expose(), value.expose());
    }
    say(&format!("{taken} {}", error_line(&error)));
}

fn error_line(error: &StateError) -> String {
    format!("{:?}: {error}", error.kind())
}

fn say(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}
