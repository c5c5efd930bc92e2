//! The steps of a demonstration: what was done, whether it held, how long it took, what was said.

use std::{
    fmt::Display,
    io::{self, Write},
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::lang::Lang;

/// What a step shows when it holds: a value for the next steps, and words for the table.
pub(super) type Shown<T> = Result<(T, String), String>;

/// The steps so far.
pub(super) struct Steps {
    lang: Lang,
    done: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    platform: &'static str,
    step: &'static str,
    ok: bool,
    millis: f64,
    words: String,
}

impl Steps {
    pub(super) const fn new(lang: Lang) -> Self {
        Self { lang, done: Vec::new() }
    }

    /// Runs a step. [`None`] when it did not hold: the steps that need its value are then not run.
    pub(super) async fn run<T>(
        &mut self,
        platform: &'static str,
        title: (&'static str, &'static str),
        work: impl Future<Output = Shown<T>>,
    ) -> Option<T> {
        let started = Instant::now();
        let shown = work.await;
        self.note(platform, title, started.elapsed(), shown)
    }

    fn note<T>(
        &mut self,
        platform: &'static str,
        (zh, en): (&'static str, &'static str),
        elapsed: Duration,
        shown: Shown<T>,
    ) -> Option<T> {
        let (value, words) = match shown {
            Ok((value, words)) => (Some(value), words),
            Err(words) => (None, words),
        };
        let millis = (elapsed.as_secs_f64() * 10_000.0).round() / 10.0;
        self.done.push(Step { platform, step: self.lang.pick(zh, en), ok: value.is_some(), millis, words });
        value
    }

    /// Did every step hold? Nothing done is nothing shown.
    pub(super) fn all_held(&self) -> bool {
        !self.done.is_empty() && self.done.iter().all(|step| step.ok)
    }

    pub(super) fn document(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Document<'a> {
            ok: bool,
            steps: &'a [Step],
        }
        Document { ok: self.all_held(), steps: &self.done }
    }

    pub(super) fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let column =
            |text: fn(&Step) -> &str| self.done.iter().map(|step| width(text(step))).max().unwrap_or(0);
        let (platforms, titles) = (column(|step| step.platform), column(|step| step.step));
        for step in &self.done {
            let mark = if step.ok { '✓' } else { '✗' };
            writeln!(
                out,
                "{mark} {}  {}  {:>7.1} ms  {}",
                padded(step.platform, platforms),
                padded(step.step, titles),
                step.millis,
                step.words
            )?;
        }
        let (held, all) = (self.done.iter().filter(|step| step.ok).count(), self.done.len());
        match self.lang {
            Lang::Zh => writeln!(out, "{held}/{all} 步通过"),
            Lang::En => writeln!(out, "{held} of {all} steps held"),
        }
    }
}

/// Fails a step whose claim does not hold.
pub(super) fn holds(claim: bool, otherwise: impl Display) -> Result<(), String> {
    if claim { Ok(()) } else { Err(otherwise.to_string()) }
}

/// Columns on a terminal: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if u32::from(c) >= 0x1100 { 2 } else { 1 }).sum()
}

fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_step_that_does_not_hold_fails_the_whole() {
        let mut steps = Steps::new(Lang::En);
        assert!(!steps.all_held());
        let value = steps.run("宜昌", ("登录", "log in"), async { Ok((7, "success".to_owned())) }).await;
        assert_eq!((value, steps.all_held()), (Some(7), true));
        let nothing =
            steps.run("p", ("失败", "fail"), async { Err::<((), String), _>("no".to_owned()) }).await;
        assert_eq!((nothing, steps.all_held()), (None, false));
        let mut table = Vec::new();
        steps.table(&mut table).unwrap();
        let table = String::from_utf8(table).unwrap();
        assert!(table.starts_with("✓ 宜昌  log in  ") && table.contains("\n✗ p     fail    "), "{table}");
        assert!(table.ends_with("1 of 2 steps held\n"), "{table}");
    }
}
