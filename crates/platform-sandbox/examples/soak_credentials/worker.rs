//! One process of many: calls as fast as it may, and tells in the end what became of them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use platform_http::system::UnixMillis;
use platform_http::{BaseUrl, Config};
use platform_state::Address;
use sign_core::Secret;
use webank::credentials::Policy;
use webank::{BusinessCall, CallPath, Client, Error, Outcome, Retry};

use crate::Failed;
use crate::bank::Banks;
use crate::clock::FastClock;
use crate::settings::Settings;
use crate::tally::{Counters, Tally};

/// Real time.
pub(crate) const LEASE: Duration = Duration::from_secs(1);
/// Real time.
pub(crate) const FETCH_TIMEOUT: Duration = Duration::from_millis(500);
/// Simulated time.
pub(crate) const MIN_INTERVAL: Duration = Duration::from_secs(180);

/// The processes, as their parent sees them.
pub(crate) struct Workers {
    children: Vec<Child>,
    start: Box<dyn Fn() -> std::io::Result<Child> + Send>,
}

impl Workers {
    pub(crate) fn start(settings: &Settings, address: &str, banks: &Banks) -> Result<Self, Failed> {
        let program = std::env::current_exe()?;
        let access = &banks.access.webank;
        let parameters = [
            ("SOAK_STATE", address.to_owned()),
            ("SOAK_URL", banks.url()),
            ("SOAK_APP_ID", access.app_id.clone()),
            ("SOAK_SECRET", access.secret.expose().to_owned()),
            ("SOAK_SINCE", banks.fast.since.get().to_string()),
            ("SOAK_SPEED", settings.speed.to_string()),
            ("SOAK_CALLS", settings.calls.to_string()),
            ("SOAK_SCENE", format!("{:?}", settings.scene)),
        ];
        let start = move || {
            let parameters = parameters.iter().map(|(name, value)| (*name, value));
            Command::new(&program)
                .arg("worker")
                .envs(parameters)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
        };
        let children = (0..settings.processes).map(|_| start()).collect::<Result<_, _>>()?;
        Ok(Self { children, start: Box::new(start) })
    }

    /// kill -9, and another one in its place. `false` when it is none of ours.
    pub(crate) fn kill(&mut self, pid: u32) -> Result<bool, Failed> {
        let Some(child) = self.children.iter_mut().find(|child| child.id() == pid) else { return Ok(false) };
        child.kill()?;
        child.wait()?;
        *child = (self.start)()?;
        Ok(true)
    }

    /// Lets all of them end, and sums up.
    pub(crate) fn end(mut self) -> Result<Tally, Failed> {
        self.children.iter_mut().for_each(|child| drop(child.stdin.take()));
        let mut sum = Tally::default();
        for child in &mut self.children {
            let mut line = String::new();
            let stdout = child.stdout.take().ok_or("no stdout")?;
            BufReader::new(stdout).read_line(&mut line)?;
            sum.add(serde_json::from_str(&line).map_err(|error| format!("a process died: {error}"))?);
            child.wait()?;
        }
        Ok(sum)
    }
}

fn parameter(name: &str) -> Result<String, Failed> {
    std::env::var(name).map_err(|_| format!("{name} is not set: this is started by the soak program").into())
}

async fn client() -> Result<Client, Failed> {
    let clock = FastClock {
        since: UnixMillis::new(parameter("SOAK_SINCE")?.parse()?),
        speed: parameter("SOAK_SPEED")?.parse()?,
    };
    let mut client = Client::builder(parameter("SOAK_APP_ID")?, Secret::new(parameter("SOAK_SECRET")?)?)
        .business(Config::new(BaseUrl::parse(&parameter("SOAK_URL")?)?))
        .clock(clock)
        .store(parameter("SOAK_STATE")?.parse::<Address>()?.open().await?);
    if parameter("SOAK_SCENE")? == "Calm" {
        return Ok(client.build()?);
    }
    let mut policy = Policy::default();
    policy.lease = LEASE;
    policy.fetch_timeout = FETCH_TIMEOUT;
    policy.poll = Duration::from_millis(20);
    policy.first_pause = Duration::from_millis(20);
    policy.longest_pause = Duration::from_millis(200);
    policy.min_interval = MIN_INTERVAL;
    // A correct client waits until the bank is back.
    policy.attempts = 1000;
    let mut retry = Retry::default();
    retry.attempts = 20;
    retry.quota = 1_000_000;
    client = client.policy(policy).retry(retry);
    Ok(client.build()?)
}

pub(crate) async fn run() -> Result<(), Failed> {
    let client = client().await?;
    let (stop, tally) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Tally::default())));
    let tasks: Vec<_> = (0..parameter("SOAK_CALLS")?.parse::<usize>()?)
        .map(|task| {
            let (client, stop, tally) = (client.clone(), Arc::clone(&stop), Arc::clone(&tally));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    // Half of the calls may be carried out twice.
                    call(&client, task % 2 == 0, &tally).await;
                }
            })
        })
        .collect();
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await?;
    }
    let counters = client.counters();
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    tally.counters = Counters {
        fetched: counters.fetched,
        adopted: counters.adopted,
        failed: counters.failed,
        refused: counters.refused,
        foreign_kicks: counters.foreign_kicks,
    };
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&*tally)?)?;
    Ok(())
}

async fn call(client: &Client, idempotent: bool, tally: &Mutex<Tally>) {
    let Ok(path) = CallPath::new("/api/s/soak/1") else { return };
    let call = BusinessCall::new(path, r#"{"SERVICE_CODE":"1"}"#);
    let call = if idempotent { call.idempotent() } else { call };
    let began = Instant::now();
    let ended = client.send(&call).await;
    let took = began.elapsed();
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    tally.slowest = tally.slowest.max(took);
    match ended {
        Ok(_) => tally.succeeded += 1,
        Err(Error::ForeignKick { .. }) => tally.kicked += 1,
        Err(error) if error.outcome() == Outcome::Unknown && !idempotent => tally.unknown += 1,
        Err(error) => *tally.failures.entry(error.to_string()).or_default() += 1,
    }
}
