//! What is soaked, and where the credentials are shared.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use platform_state::testing::RedisServer;

use crate::Failed;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    Faults,
    Calm,
    Strict,
    Kill,
    Rival,
}

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) store: String,
    pub(crate) scene: Scene,
    pub(crate) days: f64,
    pub(crate) speed: u32,
    pub(crate) processes: usize,
    pub(crate) calls: usize,
    pub(crate) faults: f64,
    pub(crate) seed: u64,
}

impl Settings {
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let mut settings = Self {
            store: "sqlite".to_owned(),
            scene: Scene::Faults,
            days: 2.0,
            speed: 600,
            processes: 8,
            calls: 64,
            faults: 5.0,
            seed: 1,
        };
        for arg in args {
            let (name, value) = arg.split_once('=').ok_or(format!("`{arg}` is not `name=value`"))?;
            match name {
                "store" if matches!(value, "sqlite" | "redis") => settings.store = value.to_owned(),
                "scene" => {
                    settings.scene = match value {
                        "faults" => Scene::Faults,
                        "calm" => Scene::Calm,
                        "strict" => Scene::Strict,
                        "kill" => Scene::Kill,
                        "rival" => Scene::Rival,
                        _ => return Err(format!("`{value}` is no scene").into()),
                    }
                }
                "days" => settings.days = value.parse()?,
                "speed" => settings.speed = value.parse::<u32>()?.max(1),
                "processes" => settings.processes = value.parse()?,
                "calls" => settings.calls = value.parse()?,
                "faults" => settings.faults = value.parse()?,
                "seed" => settings.seed = value.parse()?,
                _ => return Err(format!("`{arg}` is no setting").into()),
            }
        }
        Ok(settings)
    }

    /// How long it takes.
    pub(crate) fn real_time(&self) -> Duration {
        Duration::from_secs_f64(self.days * 86_400.0 / f64::from(self.speed))
    }

    /// Simulated time in real time.
    pub(crate) fn real(&self, simulated: Duration) -> Duration {
        simulated / self.speed
    }

    pub(crate) fn place(&self) -> Result<Place, Failed> {
        if self.store == "redis" {
            let server = RedisServer::start()?;
            return Ok(Place { address: server.url(), _server: Some(server), folder: None });
        }
        let folder = std::env::temp_dir().join(format!("soak-credentials-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let address = format!("sqlite:{}", folder.join("state.db").display());
        Ok(Place { address, _server: None, folder: Some(folder) })
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, scene, days, speed, processes, calls, faults, seed } = self;
        write!(
            f,
            "{scene:?} on {store}: {days} days at {speed}×, {processes} processes × {calls} calls in flight, {faults} % \
             faults, seed {seed}"
        )
    }
}

/// Where the credentials are shared; gone when dropped.
pub(crate) struct Place {
    pub(crate) address: String,
    _server: Option<RedisServer>,
    folder: Option<PathBuf>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // Left behind, it would be a few kilobytes in the folder for temporary files.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
