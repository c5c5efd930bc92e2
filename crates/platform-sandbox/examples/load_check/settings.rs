//! What is played, how long, with how many.

use std::fmt;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::Failed;

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    scene: String,
    pub(crate) connections: usize,
    pub(crate) rounds: usize,
    pub(crate) round: Duration,
    pub(crate) threads: usize,
    pub(crate) figures_held: bool,
}

impl Settings {
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Self, Failed> {
        // The driver is a thread of its own.
        let threads = available_parallelism().map_or(1, |all| (all.get() - 1).max(1));
        let mut settings = Self {
            scene: "all".to_owned(),
            connections: 64,
            rounds: 8,
            round: Duration::from_secs(2),
            threads,
            figures_held: true,
        };
        for arg in args {
            let (name, value) = arg.split_once('=').ok_or(format!("`{arg}` is not `name=value`"))?;
            match name {
                "scene" if matches!(value, "all" | "speed" | "crowd" | "sources") => {
                    value.clone_into(&mut settings.scene);
                }
                "connections" => settings.connections = value.parse::<usize>()?.max(1),
                "rounds" => settings.rounds = value.parse::<usize>()?.max(1),
                "seconds" => settings.round = Duration::try_from_secs_f64(value.parse()?)?,
                "threads" => settings.threads = value.parse::<usize>()?.max(1),
                "figures" if matches!(value, "held" | "shown") => settings.figures_held = value == "held",
                _ => return Err(format!("`{arg}` is no setting").into()),
            }
        }
        Ok(settings)
    }

    pub(crate) fn plays(&self, scene: &str) -> bool {
        self.scene == "all" || self.scene == scene
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scene, connections, rounds, round, threads, figures_held } = self;
        let figures = if *figures_held { "held" } else { "shown" };
        write!(
            f,
            "scene {scene}, {connections} connections, {rounds} rounds of {round:?}, servers of {threads} threads, figures \
             {figures}"
        )
    }
}
