//! The thread on which a connection lives.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;
use super::file::File;
use crate::{ErrorKind, StateError};

/// A file with its thread. The thread ends with the last clone, which waits a moment for the file to be closed: so the
/// log is gone when a process ends, and whoever opens the file anew does not meet its closing.
#[derive(Clone)]
pub(crate) struct Database {
    thread: Arc<Thread>,
    name: Arc<str>,
    wait: Duration,
}

struct Thread {
    /// [`None`] at the end.
    jobs: Option<mpsc::Sender<Job>>,
    /// Disconnected when the file is closed.
    closed: Mutex<mpsc::Receiver<()>>,
}

/// How long the closing of a file is waited for: a job that waits for other processes may take longer.
const CLOSING: Duration = Duration::from_secs(1);

impl Drop for Thread {
    fn drop(&mut self) {
        drop(self.jobs.take());
        let closed = self.closed.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Nothing is ever sent: it is closed, or the time is over.
        let _ = closed.recv_timeout(CLOSING);
    }
}

type Job = Box<dyn FnOnce(&mut File) + Send>;

/// A job whose time was used up by those before it may still try for so long: a queue alone makes nothing fail.
const AT_LEAST: Duration = Duration::from_millis(10);

/// How long nothing must have been changed before the log is emptied.
const IDLE: Duration = Duration::from_secs(1);

/// Opens the file, says so, and does the jobs.
fn work(
    path: PathBuf,
    wait: Duration,
    opened: oneshot::Sender<Result<(), Fault>>,
    todo: &mpsc::Receiver<Job>,
) {
    match File::open(path, wait) {
        Ok(mut file) => {
            // Nobody listens any more: `todo` is closed as well.
            let _ = opened.send(Ok(()));
            work_off(todo, &mut file);
        }
        Err(fault) => {
            let _ = opened.send(Err(fault));
        }
    }
}

/// Does the jobs until nobody can send one any more, and empties the log where there is time.
fn work_off(todo: &mpsc::Receiver<Job>, file: &mut File) {
    // How many rows were changed: when the log was emptied, and when it was looked at last.
    let (mut emptied, mut seen, mut looked) = (0, 0, Instant::now());
    loop {
        match todo.recv_timeout(IDLE) {
            Ok(job) => job(file),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        }
        if looked.elapsed() < IDLE {
            continue;
        }
        looked = Instant::now();
        let changed = file.changes();
        if changed == seen && changed != emptied {
            // Not now is soon enough: where it fails, the next change or the end of the process comes to it.
            if let Err(fault) = file.connection(AT_LEAST).and_then(empty_log) {
                tracing::debug!(reason = ?fault.kind(), "the log is not emptied");
            }
            emptied = changed;
        }
        seen = changed;
    }
}

/// Brings what stands in the log into the file, and cuts the log off: what was deleted from the file is overwritten there,
/// not in the log. Where another process is reading or writing, the log may stay.
pub(crate) fn empty_log(connection: &mut Connection) -> Result<(), Fault> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?)
}

impl Database {
    /// Opens the file on a thread of its own. Other processes are waited for at most for `wait`.
    pub(crate) async fn open(path: PathBuf, wait: Duration) -> Result<Self, StateError> {
        let name: Arc<str> = format!("sqlite:{}", path.display()).into();
        let (jobs, todo) = mpsc::channel::<Job>();
        let (opened, outcome) = oneshot::channel();
        let (closing, closed) = mpsc::channel::<()>();
        let work = move || {
            // Dropped after the file.
            let _closing = closing;
            work(path, wait, opened, &todo);
        };
        let ended = || Fault::new(ErrorKind::Unavailable, "the thread of this store has ended; restart");
        let started = thread::Builder::new().name("platform-state".to_owned()).spawn(work);
        let outcome = match started {
            Ok(_) => outcome.await.unwrap_or_else(|_| Err(ended())),
            Err(error) => {
                Err(Fault::new(ErrorKind::Unavailable, format!("no thread can be started: {error}")))
            }
        };
        match outcome {
            Ok(()) => {
                let thread = Thread { jobs: Some(jobs), closed: Mutex::new(closed) };
                Ok(Self { thread: Arc::new(thread), name, wait })
            }
            Err(fault) => Err(fault.of(&name)),
        }
    }

    /// The address of the file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Runs a job on the connection, after those before it. Once begun it runs to its end, whoever still waits.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StateError> {
        let asked = Instant::now();
        let (tell, outcome) = oneshot::channel();
        let wait = self.wait;
        let job = Box::new(move |file: &mut File| {
            // Whoever went away before his turn wants nothing any more.
            if tell.is_closed() {
                return;
            }
            let left = wait.saturating_sub(asked.elapsed()).max(AT_LEAST.min(wait));
            // Whoever went away since is not told.
            let _ = tell.send(file.connection(left).and_then(job));
        });
        let ended =
            || Fault::new(ErrorKind::Unavailable, "the thread of this store has ended; open it again");
        let sent = self.thread.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        let outcome = if sent { outcome.await.unwrap_or_else(|_| Err(ended())) } else { Err(ended()) };
        outcome.map_err(|fault| fault.of(&self.name))
    }
}
