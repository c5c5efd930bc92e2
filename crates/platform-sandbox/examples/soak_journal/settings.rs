//! What is soaked, and where the journal is.

use std::fmt;
use std::path::PathBuf;

use platform_sandbox::FaultSchedule;
use platform_state::testing::RedisServer;

use crate::Failed;

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) journal: String,
    pub(crate) records: u64,
    pub(crate) processes: u64,
    pub(crate) workers: usize,
    pub(crate) kills: u64,
    pub(crate) faults: f64,
    pub(crate) lease: u64,
    pub(crate) seed: u64,
}

impl Settings {
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let mut settings = Self {
            journal: "sqlite".to_owned(),
            records: 1_000_000,
            processes: 1,
            workers: 2,
            kills: 100,
            faults: 5.0,
            lease: 3000,
            seed: 1,
        };
        for arg in args {
            let (name, value) = arg.split_once('=').ok_or(format!("`{arg}` is not `name=value`"))?;
            match name {
                "journal" if matches!(value, "sqlite" | "redis") => settings.journal = value.to_owned(),
                "records" => settings.records = value.parse()?,
                "processes" => settings.processes = value.parse::<u64>()?.max(1),
                "workers" => settings.workers = value.parse()?,
                "kills" => settings.kills = value.parse()?,
                "faults" => settings.faults = value.parse()?,
                "lease" => settings.lease = value.parse()?,
                "seed" => settings.seed = value.parse()?,
                _ => return Err(format!("`{arg}` is no setting").into()),
            }
        }
        Ok(settings)
    }

    /// All kinds of faults, together as often as was asked for.
    pub(crate) fn schedule(&self) -> Result<FaultSchedule, Failed> {
        const KINDS: [&str; 10] = [
            "cut-before",
            "cut-after",
            "cut-up=5000",
            "status=500",
            "status-after=500",
            "code=300",
            "slow=300ms",
            "half",
            "empty",
            "not-json",
        ];
        if self.faults <= 0.0 {
            return Ok(FaultSchedule::none());
        }
        let share = self.faults / KINDS.len() as f64;
        Ok(KINDS.map(|kind| format!("jinlaiban:{kind}@{share:.4}%")).join(",").parse()?)
    }

    pub(crate) fn place(&self) -> Result<Place, Failed> {
        if self.journal == "redis" {
            let server = RedisServer::start()?;
            return Ok(Place { address: server.url(), _server: Some(server), folder: None });
        }
        let folder = std::env::temp_dir().join(format!("soak-journal-{}", std::process::id()));
        Ok(Place { address: folder.display().to_string(), _server: None, folder: Some(folder) })
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { journal, records, processes, workers, kills, faults, lease, seed } = self;
        write!(
            f,
            "{records} records through {journal}: {processes} processes × {workers} workers, {kills} kills, {faults} % \
             faults, lease {lease} ms, seed {seed}"
        )
    }
}

/// Where the journal is; gone when dropped.
pub(crate) struct Place {
    pub(crate) address: String,
    _server: Option<RedisServer>,
    folder: Option<PathBuf>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // Left behind, it would lie in the folder for temporary files.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Numbers that follow from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// splitmix64.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}
