//! Who soaks how long: the programs, their share of the time, and what fills it.

use std::time::Duration;

/// A program with the settings of one scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Soak {
    /// What RELIABILITY.md calls it.
    pub(super) name: &'static str,
    /// An example of `platform-sandbox`.
    pub(super) program: &'static str,
    fixed: &'static [&'static str],
    /// Its part of the time, in hundredths.
    hundredths: u32,
    length: Length,
}

/// How a program is told how long to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    /// Simulated days, at 600 of the bank's seconds in one of ours.
    Days,
    /// Records, at so many a second; and as many kills.
    Records { a_second: u64 },
    /// Calls, at so many a second.
    Calls { a_second: u64 },
    /// Rounds of a second. The scenes take seven or eight of them for each, with warming up.
    Rounds,
    /// A file of so many MiB a second, four times over.
    Mebibytes { a_second: u64 },
}

/// Simulated seconds in a real one.
const SPEED: f64 = 600.0;
/// More is nothing new: the run then ends before its time.
const MOST_MEBIBYTES: u64 = 4096;

pub(super) const SOAKS: [Soak; 10] = [
    Soak::credentials("credentials, faults, SQLite", &["store=sqlite", "scene=faults"], 14),
    Soak::credentials("credentials, faults, Redis", &["store=redis", "scene=faults"], 14),
    Soak::credentials("credentials, kill -9 of whoever fetches", &["store=sqlite", "scene=kill"], 10),
    Soak::credentials("credentials, a rival outside", &["store=sqlite", "scene=rival"], 8),
    Soak::credentials("credentials, nothing fails", &["store=sqlite", "scene=calm"], 8),
    Soak::journal("journal in a file, 2 processes", &["journal=sqlite", "processes=2"]),
    Soak::journal("journal on Redis, 4 processes", &["journal=redis", "processes=4"]),
    Soak {
        name: "callbacks, repeated at once at two services",
        program: "soak_callbacks",
        fixed: &["store=sqlite"],
        hundredths: 6,
        length: Length::Calls { a_second: 400 },
    },
    Soak {
        name: "rules under load, a crowd, bad sources",
        program: "load_check",
        fixed: &["figures=shown", "seconds=1"],
        hundredths: 14,
        length: Length::Rounds,
    },
    Soak {
        name: "large files",
        program: "large_files",
        fixed: &[],
        hundredths: 6,
        length: Length::Mebibytes { a_second: 25 },
    },
];

impl Soak {
    const fn credentials(name: &'static str, fixed: &'static [&'static str], hundredths: u32) -> Self {
        Self { name, program: "soak_credentials", fixed, hundredths, length: Length::Days }
    }

    const fn journal(name: &'static str, fixed: &'static [&'static str]) -> Self {
        let length = Length::Records { a_second: 6000 };
        Self { name, program: "soak_journal", fixed, hundredths: 10, length }
    }

    /// Its part of the whole time.
    pub(super) fn share(&self, whole: Duration) -> Duration {
        whole * self.hundredths / 100
    }

    /// What it is started with.
    pub(super) fn settings(&self, whole: Duration, seed: u64) -> Vec<String> {
        let seconds = self.share(whole).as_secs_f64();
        let mut settings: Vec<String> = self.fixed.iter().map(|&setting| setting.to_owned()).collect();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to some thousands"
        )]
        let whole_seconds = seconds.max(1.0) as u64;
        match self.length {
            // Days with four digits, so that the line can be typed again.
            Length::Days => settings.push(format!("days={:.4}", seconds * SPEED / 86_400.0)),
            Length::Records { a_second } => {
                let records = whole_seconds * a_second;
                settings.push(format!("records={records}"));
                settings.push(format!("kills={}", (records / 10_000).clamp(2, 100)));
            }
            Length::Calls { a_second } => settings.push(format!("calls={}", whole_seconds * a_second)),
            Length::Rounds => settings.push(format!("rounds={}", (whole_seconds / 8).max(1))),
            Length::Mebibytes { a_second } => {
                return vec![(whole_seconds * a_second).clamp(16, MOST_MEBIBYTES).to_string()];
            }
        }
        if self.is_seeded() {
            settings.push(format!("seed={seed}"));
        }
        settings
    }

    /// Does chance decide anything in it? The load and the files are the same in every run.
    pub(super) fn is_seeded(&self) -> bool {
        matches!(self.length, Length::Days | Length::Records { .. } | Length::Calls { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_the_whole() {
        assert_eq!(SOAKS.iter().map(|soak| soak.hundredths).sum::<u32>(), 100);
    }

    #[track_caller]
    fn check(name: &str, minutes: u64, expected: &[&str]) {
        let soak = SOAKS.iter().find(|soak| soak.name == name).unwrap();
        assert_eq!(soak.settings(Duration::from_secs(minutes * 60), 7), expected);
    }

    #[test]
    fn settings_follow_from_time_and_seed() {
        // 84 s at 600 × are 14 hours.
        check("credentials, faults, SQLite", 10, &["store=sqlite", "scene=faults", "days=0.5833", "seed=7"]);
        let journal = ["journal=sqlite", "processes=2", "records=360000", "kills=36", "seed=7"];
        check("journal in a file, 2 processes", 10, &journal);
        check("rules under load, a crowd, bad sources", 10, &["figures=shown", "seconds=1", "rounds=10"]);
        check("callbacks, repeated at once at two services", 10, &["store=sqlite", "calls=14400", "seed=7"]);
        check("large files", 10, &["900"]);
        check("large files", 1000, &["4096"]);
    }

    #[test]
    fn no_time_is_too_short_to_do_anything() {
        check(
            "journal on Redis, 4 processes",
            0,
            &["journal=redis", "processes=4", "records=6000", "kills=2", "seed=7"],
        );
        check("large files", 0, &["25"]);
    }
}
