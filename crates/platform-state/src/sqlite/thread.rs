//! The thread on which a connection lives.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fault::Fault;
use super::file::File;
use crate::{ErrorKind, StateError};

/// A file with its thread. The thread ends after the last clone.
#[derive(Clone)]
pub(crate) struct Database {
    jobs: mpsc::Sender<Job>,
    name: Arc<str>,
    wait: Duration,
}

type Job = Box<dyn FnOnce(&mut File) + Send>;

/// A job whose time was used up by those before it may still try for so long: a queue alone makes nothing fail.
const AT_LEAST: Duration = Duration::from_millis(10);

impl Database {
    /// Opens the file on a thread of its own. Other processes are waited for at most for `wait`.
    pub(crate) async fn open(path: PathBuf, wait: Duration) -> Result<Self, StateError> {
        let name: Arc<str> = format!("sqlite:{}", path.display()).into();
        let (jobs, todo) = mpsc::channel::<Job>();
        let (opened, outcome) = oneshot::channel();
        let work = move || match File::open(path, wait) {
            Ok(mut file) => {
                // Nobody listens any more: `todo` is closed as well.
                let _ = opened.send(Ok(()));
                for job in todo {
                    job(&mut file);
                }
            }
            Err(fault) => {
                let _ = opened.send(Err(fault));
            }
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
            Ok(()) => Ok(Self { jobs, name, wait }),
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
        let outcome = match self.jobs.send(job) {
            Ok(()) => outcome.await.unwrap_or_else(|_| Err(ended())),
            Err(_) => Err(ended()),
        };
        outcome.map_err(|fault| fault.of(&self.name))
    }
}
