//! Where the journal of a push lies, and what people do with it: `status`, `retry`, `export`.

use std::{env, path::PathBuf, sync::Arc};

use jinlaiban::{Journal, RedisJournal, SqliteJournal, State, StateError};
use platform_state::ErrorKind;

use crate::{
    context::Context,
    exit::{Exit, Failure},
    output,
};

/// Records that are looked at or changed at once.
const AT_ONCE: usize = 1000;

/// `--spool` and `--state`.
#[derive(clap::Args)]
pub(crate) struct JournalArgs {
    /// Keep the records in this folder until they are accepted. Several processes of this machine may share it; it serves
    /// one base URL, appcode and modulecode.
    #[arg(long, value_name = "DIR")]
    spool: Option<PathBuf>,
    /// Keep them on a Redis server that several machines share. An address with a password stands in DUIJIE_STATE.
    #[arg(long, value_name = "redis://HOST", conflicts_with = "spool")]
    state: Option<String>,
}

/// `duijie jinlaiban status` and `retry`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    journal: JournalArgs,
}

/// `duijie jinlaiban export`.
#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    /// The folder of the journal.
    #[arg(long, value_name = "DIR")]
    spool: Option<PathBuf>,
    /// Which records: queued, sending, unknown, accepted or refused (the default). Given once more, the journal's address,
    /// `redis://HOST`.
    #[arg(long, value_name = "STATE|redis://HOST", action = clap::ArgAction::Append)]
    state: Vec<String>,
}

impl JournalArgs {
    /// The journal, made where it is missing; [`None`] when none is named.
    pub(super) async fn open(&self) -> Result<Option<Arc<dyn Journal>>, Failure> {
        match self.place()? {
            None => Ok(None),
            Some(Place::Folder(folder)) => {
                Ok(Some(Arc::new(SqliteJournal::open(folder).await.map_err(failure)?)))
            }
            Some(Place::Server(url)) => {
                Ok(Some(Arc::new(RedisJournal::connect(&url).await.map_err(failure)?)))
            }
        }
    }

    /// The journal that is there.
    async fn find(&self) -> Result<Arc<dyn Journal>, Failure> {
        let missing = || Failure::usage("name the journal: --spool DIR, or --state redis://HOST");
        match self.place()?.ok_or_else(missing)? {
            Place::Folder(folder) => match SqliteJournal::find(&folder).await.map_err(failure)? {
                Some(journal) => Ok(Arc::new(journal)),
                None => Err(Failure::usage(format!(
                    "there is no journal in `{}`: check --spool",
                    folder.display()
                ))),
            },
            Place::Server(url) => Ok(Arc::new(RedisJournal::connect(&url).await.map_err(failure)?)),
        }
    }

    fn place(&self) -> Result<Option<Place>, Failure> {
        if let Some(folder) = &self.spool {
            return Ok(Some(Place::Folder(folder.clone())));
        }
        let environment = env::var("DUIJIE_STATE").ok().filter(|url| url.starts_with("redis"));
        match (&self.state, environment) {
            // Passwords are secrets: other users of a machine can read its command lines.
            (Some(url), _) if url.contains('@') => Err(Failure::usage(
                "--state must hold no user and password: put the whole address into DUIJIE_STATE",
            )),
            (Some(url), _) if !url.starts_with("redis://") && !url.starts_with("rediss://") => Err(
                Failure::usage("--state is `redis://HOST` or `rediss://HOST`; a folder is named by --spool"),
            ),
            (Some(url), _) => Ok(Some(Place::Server(url.clone()))),
            (None, environment) => Ok(environment.map(Place::Server)),
        }
    }
}

enum Place {
    Folder(PathBuf),
    Server(String),
}

impl ExportArgs {
    /// Which records of which journal. `--state` names either: a state by its name, an address by its colon.
    fn split(&self) -> Result<(State, JournalArgs), Failure> {
        let (mut wanted, mut address) = (None, None);
        for given in &self.state {
            let doubled = match given.parse::<State>() {
                Ok(state) => wanted.replace(state).is_some(),
                Err(_) if given.contains(':') => address.replace(given.clone()).is_some(),
                Err(error) => {
                    return Err(Failure::usage(format!(
                        "--state `{given}`: {error}; or an address, redis://HOST"
                    )));
                }
            };
            if doubled {
                return Err(Failure::usage("--state names one state and one address at most"));
            }
        }
        if address.is_some() && self.spool.is_some() {
            return Err(Failure::usage("name one journal: --spool DIR or --state redis://HOST"));
        }
        let journal = JournalArgs { spool: self.spool.clone(), state: address };
        Ok((wanted.unwrap_or(State::Refused), journal))
    }
}

pub(super) fn failure(error: StateError) -> Failure {
    match error.kind() {
        ErrorKind::Input => Failure::usage(error),
        _ => Failure::failed(error),
    }
}

pub(super) async fn status(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let journal = args.journal.find().await?;
    let counts = journal.counts().await.map_err(failure)?;
    let target = journal.target().await.map_err(failure)?;
    if context.json {
        let mut document = serde_json::Map::from_iter(
            State::ALL.map(|state| (state.name().to_owned(), counts.of(state).into())),
        );
        document.insert("target".to_owned(), target.into());
        return output::json(&document);
    }
    output::whole(|out| {
        writeln!(out, "{}", target.as_deref().unwrap_or("-"))?;
        State::ALL.iter().try_for_each(|state| {
            let name = context.lang.pick(chinese(*state), state.name());
            writeln!(out, "{name} {}", counts.of(*state))
        })
    })
}

const fn chinese(state: State) -> &'static str {
    match state {
        State::Queued => "待发送",
        State::Sending => "发送中",
        State::Unknown => "结果未知",
        State::Accepted => "已接收",
        State::Refused => "被拒绝",
    }
}

/// Queues what was refused; `push` sends it.
pub(super) async fn retry(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let journal = args.journal.find().await?;
    // No more than there are now: what is refused meanwhile waits for the next time.
    let refused = usize::try_from(journal.counts().await.map_err(failure)?.refused).unwrap_or(usize::MAX);
    let mut queued = 0_usize;
    while queued < refused {
        let more = journal.retry(AT_ONCE.min(refused - queued)).await.map_err(failure)?;
        if more == 0 {
            break;
        }
        queued = queued.saturating_add(more);
    }
    if context.json {
        return output::json(&serde_json::json!({ "queued": queued }));
    }
    output::whole(|out| match context.lang.pick(true, false) {
        true => writeln!(out, "{queued} 条重新排队；用 `duijie jinlaiban push`（可不带文件）发送"),
        false => writeln!(
            out,
            "queued {queued} again; `duijie jinlaiban push`, with or without a file, sends them"
        ),
    })
}

/// Writes records as JSON lines that can be pushed: refused ones as a rejects file has them.
pub(super) async fn export(args: &ExportArgs) -> Result<Exit, Failure> {
    let (state, journal) = args.split()?;
    let journal = journal.find().await?;
    let (mut from, mut line) = (None, 0_u64);
    loop {
        let page = journal.export(state, from, AT_ONCE).await.map_err(failure)?;
        let mut lines = Vec::new();
        for record in &page.records {
            line = line.saturating_add(1);
            write(&mut lines, line, record).map_err(Failure::failed)?;
        }
        output::whole(|out| out.write_all(&lines))?;
        from = page.next;
        if from.is_none() {
            return Ok(Exit::Done);
        }
    }
}

fn write(out: &mut Vec<u8>, line: u64, record: &jinlaiban::Exported) -> serde_json::Result<()> {
    let text = record.content.as_ref().map(|content| String::from_utf8_lossy(content).into_owned());
    match (text, &record.refusal) {
        (Some(text), Some((code, message))) => {
            let record = serde_json::value::RawValue::from_string(text)?;
            serde_json::to_writer(
                &mut *out,
                &Refused { line, error: format!("{code} {message}"), record: &record },
            )?;
        }
        (Some(text), None) => out.extend_from_slice(text.as_bytes()),
        // What was accepted is not kept.
        (None, _) => serde_json::to_writer(&mut *out, &serde_json::json!({ "id": record.id }))?,
    }
    out.push(b'\n');
    Ok(())
}

/// A line of a rejects file.
#[derive(serde::Serialize)]
struct Refused<'a> {
    line: u64,
    error: String,
    record: &'a serde_json::value::RawValue,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &[&str], expected: Result<(State, Option<&str>), &str>) {
        let args = ExportArgs { spool: None, state: given.iter().map(ToString::to_string).collect() };
        match (args.split(), expected) {
            (Ok((state, journal)), Ok(expected)) => assert_eq!((state, journal.state.as_deref()), expected),
            (Err(failure), Err(words)) => {
                assert!(failure.exit == Exit::Usage && failure.to_string().contains(words), "{failure}");
            }
            (got, _) => panic!("{:?}", got.map(|(state, _)| state)),
        }
    }

    #[test]
    fn state_names_a_state_or_an_address() {
        check(&[], Ok((State::Refused, None)));
        check(&["queued"], Ok((State::Queued, None)));
        check(&["redis://host"], Ok((State::Refused, Some("redis://host"))));
        check(&["redis://host", "unknown"], Ok((State::Unknown, Some("redis://host"))));
        check(&["refuse"], Err("queued, sending, unknown, accepted or refused; or an address"));
        check(&["queued", "refused"], Err("one state"));
    }
}
