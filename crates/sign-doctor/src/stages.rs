//! The way to a signature, stage by stage, for people; secrets are masked.

use std::fmt;

use serde::Serialize;
use sign_core::{SegmentKind, SigningText, TextSink as _};
use zeroize::Zeroizing;

use crate::text::{rows, signature, taken, write};
use crate::words::{Words, chinese, english};
use crate::{Case, Mutation};

/// A secret that is shorter is no secret; masking it would mask every other letter.
const SHORTEST: usize = 4;

/// The stages of one signature.
#[derive(Debug, Clone, Serialize)]
pub struct Stages {
    /// In their order: the parameters, sorted, joined, with the secret, digested.
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Its word in JSON: `parameters`, `sorted`, `text`, `digest`, `signature`.
    pub name: &'static str,
    /// What happens here.
    pub title: Words,
    /// What it comes to, the secret masked; personal business content is shown as its length.
    pub lines: Vec<String>,
}

impl Stages {
    pub(crate) fn of(case: &Case<'_>, mistakes: &[Mutation]) -> Self {
        let prepared = case.prepared(mistakes.iter().any(crate::case::is_wide));
        let plan = case.plan(&prepared, mistakes);
        let mask = Mask::new(case);
        let list = |rows: Vec<crate::text::Row>| {
            let line = |row: crate::text::Row| {
                let mut line = String::new();
                let body = prepared.entries.get(row.entry).is_some_and(|entry| entry.body);
                plan.globals.pair.write(&row.name, &row.value, |text, value| {
                    if value && body {
                        line.push_str(&format!("‹text {} B›", text.len()));
                    } else {
                        line.push_str(&mask.apply(text));
                    }
                });
                line
            };
            rows.into_iter().map(line).collect::<Vec<_>>()
        };
        let mut text = SigningText::default();
        write(&prepared, &plan, case.secrets(), &mut |kind, piece| match kind {
            SegmentKind::Open => {
                let masked = mask.apply(piece);
                text.open(&if masked == piece { plan.globals.text.shown(piece) } else { masked });
            }
            SegmentKind::Personal => text.personal(&plan.globals.text.shown(piece)),
            SegmentKind::Secret => text.secret(&plan.globals.text.shown(piece)),
        });
        let keyed = if plan.frame.hmac { "HMAC-" } else { "" };
        let digest = format!("{keyed}{}", plan.frame.digest);
        let how = Words::new(
            format!("{digest}, {}", english::rounds(plan.frame.rounds)),
            format!("{digest}，{}", chinese::rounds(plan.frame.rounds)),
        );
        let stage = |name, title, lines| Stage { name, title, lines };
        let order = Words::new(english::order(&plan.order), chinese::order(&plan.order));
        let place = Words::new(
            format!(
                "joined with {}; the secret {}; {}",
                english::joined(plan.separator),
                english::place(&plan.frame.place, plan.separator),
                english::text_form(plan.globals.text),
            ),
            format!(
                "用{}连接；密钥{}；{}",
                chinese::joined(plan.separator),
                chinese::place(&plan.frame.place, plan.separator),
                chinese::text_form(plan.globals.text),
            ),
        );
        let parameters = Words::new("the parameters that take part", "参与签名的参数");
        let written = Words::new(
            format!("written as {}", english::output(plan.output)),
            format!("写成{}", chinese::output(plan.output)),
        );
        Self {
            stages: vec![
                stage("parameters", parameters, list(taken(&prepared, &plan))),
                stage("sorted", order, list(rows(&prepared, &plan))),
                stage("text", place, vec![text.to_string()]),
                stage("digest", how, Vec::new()),
                stage("signature", written, vec![signature(&prepared, &plan, case.secrets())]),
            ],
        }
    }

    /// The stage of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The first stage that differs from another way's, and at which character of which line.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<Difference> {
        let differs = |(one, two): (&Stage, &Stage)| {
            let lines = one.lines.len().max(two.lines.len());
            (0..lines).find_map(|line| {
                let (a, b) = (one.lines.get(line), two.lines.get(line));
                if a == b {
                    return None;
                }
                let (a, b) = (a.map_or("", String::as_str), b.map_or("", String::as_str));
                let character = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
                Some(Difference { stage: one.name, line, character })
            })
        };
        self.stages.iter().zip(&other.stages).find_map(differs)
    }
}

/// Where two ways part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The stage.
    pub stage: &'static str,
    /// The line in it, from 0.
    pub line: usize,
    /// The character in the line, from 0.
    pub character: usize,
}

/// Hides secrets wherever they stand: people send them as parameters, too.
struct Mask(Vec<Zeroizing<String>>);

impl Mask {
    fn new(case: &Case<'_>) -> Self {
        let secrets = case.secrets().iter().map(|named| named.secret.expose());
        Self(
            secrets
                .filter(|secret| secret.len() >= SHORTEST)
                .map(|it| Zeroizing::new(it.to_owned()))
                .collect(),
        )
    }

    fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            let hidden = format!("‹secret {} B›", secret.len());
            text.replace(secret.as_str(), &hidden)
        })
    }
}

impl fmt::Display for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for stage in &self.stages {
            writeln!(f, "{}: {}", stage.name, stage.title.en)?;
            for line in &stage.lines {
                writeln!(f, "    {line}")?;
            }
        }
        Ok(())
    }
}
