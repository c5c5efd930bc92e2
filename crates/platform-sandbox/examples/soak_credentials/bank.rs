//! The bank, which goes down and comes back with other tokens, and what it counted.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use platform_http::system::{Clock as _, SystemClock, UnixMillis};
use platform_sandbox::{
    Access, Fault, FaultKind, LogLimits, Operation, Sandbox, SandboxClock, Target, WebankCounts,
    WebankOptions, When,
};

use crate::Failed;
use crate::clock::FastClock;
use crate::settings::{Scene, Settings};

pub(crate) struct Banks {
    sandbox: Option<Sandbox>,
    address: SocketAddr,
    settings: Settings,
    clock: SandboxClock,
    pub(crate) fast: FastClock,
    pub(crate) access: Access,
    past: WebankCounts,
    past_faults: u64,
    restarts: u64,
    fetched_at: Vec<UnixMillis>,
}

/// How long the bank stays away.
const OUTAGE: Duration = Duration::from_millis(150);

impl Banks {
    pub(crate) async fn start(settings: &Settings) -> Result<Self, Failed> {
        let access = Access::from_seed(settings.seed);
        let since = SystemClock.now();
        let clock = SandboxClock::standing(since);
        clock.set_speed(settings.speed);
        let mut banks = Self {
            sandbox: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            settings: settings.clone(),
            clock,
            fast: FastClock { since, speed: settings.speed },
            access,
            past: WebankCounts::default(),
            past_faults: 0,
            restarts: 0,
            fetched_at: Vec::new(),
        };
        // Four ports in a row, which somebody else may have.
        for attempt in 0..50 {
            let port = 15_000 + u16::try_from((std::process::id() + attempt * 97) % 4_000)? * 4;
            banks.address.set_port(port);
            if let Ok(sandbox) = banks.open().await {
                banks.sandbox = Some(sandbox);
                return Ok(banks);
            }
        }
        Err("no four ports in a row are free".into())
    }

    async fn open(&self) -> Result<Sandbox, platform_sandbox::StartError> {
        let webank =
            WebankOptions { strict: self.settings.scene == Scene::Strict, ..WebankOptions::default() };
        // Each bank has tokens of its own.
        let seed = self.settings.seed + self.restarts;
        Sandbox::builder()
            .listen(self.address)
            .seed(seed)
            .access(self.access.clone())
            .clock(self.clock.clone())
            .webank(webank)
            .log(LogLimits { requests: 1000, body: 0 })
            .faults(self.faults().into_iter().collect())
            .start()
            .await
    }

    /// Many ways to fail, together as many percent as set; everything else takes a while, so that calls overlap.
    fn faults(&self) -> Vec<Fault> {
        let slow = Fault {
            kind: FaultKind::Slow(Duration::from_millis(120)),
            ..Fault::always(Operation::Call, FaultKind::Empty)
        };
        if !matches!(self.settings.scene, Scene::Faults | Scene::Strict) {
            return vec![slow];
        }
        let kinds = [
            FaultKind::CutBefore,
            FaultKind::CutAfter,
            FaultKind::Status(503),
            FaultKind::StatusAfter(500),
            FaultKind::Half,
            FaultKind::NotJson,
            // Longer than the processes wait for a token.
            FaultKind::Slow(Duration::from_millis(700)),
        ];
        let share = self.settings.faults * 10_000.0 / kinds.len() as f64;
        let when = When::Share { millionths: share as u32 };
        let targets = [Operation::Token, Operation::Ticket, Operation::Call].map(Target::from);
        let faults = targets
            .into_iter()
            .flat_map(|target| kinds.iter().map(move |kind| Fault { target, kind: kind.clone(), when }));
        faults.chain([slow]).collect()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", SocketAddr::new(self.address.ip(), self.address.port() + 2))
    }

    /// Goes down, and comes back having forgotten all tokens.
    pub(crate) async fn restart(&mut self) -> Result<(), Failed> {
        if let Some(sandbox) = self.sandbox.take() {
            self.past = sum(self.past, sandbox.webank().counts());
            self.past_faults += fetch_faults(&sandbox);
            sandbox.shutdown().await;
        }
        tokio::time::sleep(OUTAGE).await;
        self.restarts += 1;
        self.sandbox = Some(self.open().await?);
        Ok(())
    }

    /// Somebody outside fetches.
    pub(crate) fn kick(&mut self) {
        if let Some(sandbox) = &self.sandbox {
            sandbox.webank().kick();
        }
    }

    /// Looks often, and notes when somebody has fetched.
    pub(crate) fn watch(&mut self) {
        // The ticket ends a fetch. Where a rival came before it, a second token is fetched at once (webank, SPEC.md §2.3).
        let fetches = usize::try_from(self.ticket_fetches()).unwrap_or(usize::MAX);
        let now = self.clock.now();
        self.fetched_at.resize(fetches.max(self.fetched_at.len()), now);
    }

    /// The least distance between two fetches, but for the first one, which answers nothing.
    pub(crate) fn least_distance(&self) -> Duration {
        let forced = self.fetched_at.get(1..).unwrap_or_default();
        let distances = forced.windows(2).filter_map(|pair| match pair {
            [before, after] => Some(after.saturating_since(*before)),
            _ => None,
        });
        distances.min().unwrap_or_default()
    }

    fn counts(&self) -> WebankCounts {
        self.sandbox.as_ref().map_or(self.past, |sandbox| sum(self.past, sandbox.webank().counts()))
    }

    pub(crate) fn token_fetches(&self) -> u64 {
        self.counts().token_fetches
    }

    pub(crate) fn ticket_fetches(&self) -> u64 {
        self.counts().ticket_fetches
    }

    pub(crate) fn refused_kicked(&self) -> u64 {
        self.counts().refused_kicked
    }

    pub(crate) fn fetch_faults(&self) -> u64 {
        self.past_faults + self.sandbox.as_ref().map_or(0, fetch_faults)
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.restarts
    }
}

fn fetch_faults(sandbox: &Sandbox) -> u64 {
    sandbox.faults_met_at(Operation::Token) + sandbox.faults_met_at(Operation::Ticket)
}

fn sum(past: WebankCounts, now: WebankCounts) -> WebankCounts {
    let mut sum = past;
    sum.token_fetches += now.token_fetches;
    sum.ticket_fetches += now.ticket_fetches;
    sum.rival_fetches += now.rival_fetches;
    sum.passed += now.passed;
    sum.passed_on_grace += now.passed_on_grace;
    sum.refused_kicked += now.refused_kicked;
    sum.refused_expired += now.refused_expired;
    sum.refused_wrong += now.refused_wrong;
    sum
}

impl fmt::Display for Banks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts();
        write!(
            f,
            "bank: {} token and {} ticket fetches, {} by a rival; {} calls passed, {} of them on the previous ticket; \
             refused: {} kicked, {} expired, {} unknown",
            counts.token_fetches,
            counts.ticket_fetches,
            counts.rival_fetches,
            counts.passed,
            counts.passed_on_grace,
            counts.refused_kicked,
            counts.refused_expired,
            counts.refused_wrong
        )
    }
}
