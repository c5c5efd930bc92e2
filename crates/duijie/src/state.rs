//! Where a command keeps what the next one should know: `--state`.

use std::{env, sync::Arc};

use platform_state::{Address, ErrorKind, StateError, Store};

use crate::exit::Failure;

/// `--state`, for commands that keep something.
#[derive(clap::Args)]
pub(crate) struct StateArg {
    /// Keep what the next command should know here: `sqlite:FILE` for the processes of this machine, `redis://HOST` for
    /// several machines. By default what DUIJIE_STATE names, where a password may stand; else nothing is kept.
    #[arg(long, value_name = "ADDRESS")]
    state: Option<String>,
}

impl StateArg {
    /// The store, if one is named.
    pub(crate) async fn open(&self) -> Result<Option<Arc<dyn Store>>, Failure> {
        let Some(address) = self.address()? else { return Ok(None) };
        address.open().await.map(Some).map_err(failure)
    }

    /// The address, if one is named; nothing is opened.
    pub(crate) fn address(&self) -> Result<Option<Address>, Failure> {
        address(self.state.as_deref(), env::var("DUIJIE_STATE").ok())
    }
}

/// The flag's, else the environment's. Passwords are secrets, so they may stand in the environment alone: other users of
/// a machine can read its command lines.
fn address(flag: Option<&str>, environment: Option<String>) -> Result<Option<Address>, Failure> {
    if flag.is_some_and(|flag| flag.starts_with("redis") && flag.contains('@')) {
        return Err(Failure::usage(
            "--state must hold no user and password: put the whole address into DUIJIE_STATE",
        ));
    }
    // A variable that a script forgot to set: without its state, a process would kick the others out.
    if flag == Some("") {
        return Err(Failure::usage("--state is empty: name a store, or leave it out"));
    }
    let text = flag.map(str::to_owned).or(environment).filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(failure)).transpose()
}

pub(crate) fn failure(error: StateError) -> Failure {
    match error.kind() {
        ErrorKind::Input => Failure::usage(error),
        _ => Failure::failed(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[track_caller]
    fn check(flag: Option<&str>, environment: Option<&str>, expected: Option<&str>) {
        let got = address(flag, environment.map(str::to_owned)).unwrap();
        assert_eq!(got.map(|address| address.to_string()).as_deref(), expected);
    }

    #[test]
    fn the_flag_goes_before_the_environment() {
        check(None, None, None);
        check(None, Some(""), None);
        check(Some("sqlite:a@b"), Some("memory:"), Some("sqlite:a@b"));
        check(None, Some("memory:"), Some("memory:"));
        assert!(address(Some(""), None).is_err());
        let usage = |flag| address(Some(flag), None).is_err_and(|failure| failure.exit == Exit::Usage);
        assert!(usage("redis://:s3cret@host") && usage("state.db"));
        let refused = address(Some("redis://:s3cret@host"), None).unwrap_err();
        assert!(!refused.to_string().contains("s3cret"));
    }
}
