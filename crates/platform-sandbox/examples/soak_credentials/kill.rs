//! Kills whoever refreshes, in the middle of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use platform_state::{Address, Key, Lease, Owner, Store, Writer};

use crate::Failed;
use crate::bank::Banks;
use crate::settings::Settings;
use crate::worker::Workers;

#[derive(Default)]
pub(crate) struct Killed {
    count: u64,
    store: Option<Arc<dyn Store>>,
    last: Option<Instant>,
}

impl Killed {
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Every hour of simulated time, whoever holds the lease dies. He is found by asking for it.
    pub(crate) async fn look(
        &mut self,
        address: &str,
        banks: &Banks,
        settings: &Settings,
        workers: &mut Workers,
    ) -> Result<(), Failed> {
        let pause = settings.real(Duration::from_secs(3600)).max(Duration::from_secs(3));
        if self.last.is_some_and(|last| last.elapsed() < pause) {
            return Ok(());
        }
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(address.parse::<Address>()?.open().await?),
        };
        let host = banks.url().replace("http://", "");
        let key = Key::new("webank", &format!("{}@{host}", banks.access.webank.app_id))?;
        let me = Owner::new(Writer::this_process(), [0; 16]);
        match store.acquire(&key, &me, Duration::from_millis(1)).await? {
            Lease::Held => store.release(&key, &me).await?,
            Lease::Busy { by, .. } => {
                if workers.kill(by.pid)? {
                    self.count += 1;
                    self.last = Some(Instant::now());
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "killed: {} processes while they held the lease", self.count)
    }
}
