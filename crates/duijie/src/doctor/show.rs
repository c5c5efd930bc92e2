//! The way to a signature, stage by stage, for people: one way, or what was signed beside what should have been.
//!
//! ```text
//!   text       joined with `&`; the secret at the end as `…&appSecret=SECRET`
//!  -           a=1&b=2‹secret 32 B›
//!  +           a=1&b=2&appSecret=‹secret 32 B›
//!                     ^
//! ```

use serde::Serialize;
use sign_core::SegmentKind;
use sign_doctor::{Case, Mutation};
use unicode_width::UnicodeWidthStr as _;

use super::paint::Paint;
use super::veil::Veil;
use crate::lang::Lang;

/// The column in which a stage's lines begin, behind the mark.
const COLUMN: usize = 12;
/// Where a line is longer, the place where two ways part is shown once more by itself.
const NARROW: usize = 100;
/// How many characters around that place.
const AROUND: usize = 24;

/// A stage, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// `parameters`, `sorted`, `text`, `digest`, `signature`.
    pub(crate) name: &'static str,
    /// What happens here.
    pub(crate) title: String,
    /// What it comes to.
    pub(crate) lines: Vec<String>,
}

/// The stages of the right signature, or of one with mistakes. Secrets are hidden, unless the veil is lifted.
pub(crate) fn steps(case: &Case<'_>, mistakes: &[Mutation], lang: Lang, veil: &Veil) -> Vec<Step> {
    let lifted = veil.is_lifted().then(|| lifted(case, mistakes));
    let stages = case.stages(mistakes).stages.into_iter();
    stages
        .map(|stage| Step {
            name: stage.name,
            title: veil.hide(stage.title.get(lang.doctors())),
            lines: match (&lifted, stage.name) {
                (Some(text), "text") => vec![text.clone()],
                _ => stage.lines.iter().map(|line| veil.hide(line)).collect(),
            },
        })
        .collect()
}

/// The text to sign with its secret. What may be personal stays a length.
fn lifted(case: &Case<'_>, mistakes: &[Mutation]) -> String {
    let text = case.signing_text(mistakes);
    let piece = |(kind, piece): (SegmentKind, &str)| match kind {
        SegmentKind::Personal => format!("‹text {} B›", piece.len()),
        SegmentKind::Open | SegmentKind::Secret => piece.to_owned(),
    };
    text.segments().map(piece).collect()
}

/// One way.
pub(crate) fn list(steps: &[Step], paint: Paint, lang: Lang) -> String {
    let mut out = Lines::new(paint, lang);
    for step in steps {
        out.head(step.name, &step.title);
        step.lines.iter().for_each(|line| out.line(Mark::Same, line));
    }
    out.text
}

/// What was signed (`-`) beside what should have been (`+`); what is the same in both is there once.
pub(crate) fn compare(signed: &[Step], right: &[Step], paint: Paint, lang: Lang) -> String {
    let mut out = Lines::new(paint, lang);
    for (one, two) in signed.iter().zip(right) {
        if one.title == two.title {
            out.head(two.name, &two.title);
        } else {
            out.changed_head(two.name, &one.title, &two.title);
        }
        let pairs = aligned(&one.lines, &two.lines);
        // One text that became another: where they part is worth a mark. Digests differ in every character.
        if let ("text", [(Some(was), None), (None, Some(should))]) = (two.name, &pairs[..]) {
            out.parted(was, should);
            continue;
        }
        for pair in pairs {
            match pair {
                (Some(_), Some(line)) => out.line(Mark::Same, line),
                (Some(line), None) => out.line(Mark::Signed, line),
                (None, Some(line)) => out.line(Mark::Right, line),
                (None, None) => {}
            }
        }
    }
    out.text
}

/// What has no place on one line, or moves the cursor, made visible.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let hidden = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}');
        if character.is_control() || hidden {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Same,
    Signed,
    Right,
}

struct Lines {
    text: String,
    paint: Paint,
    lang: Lang,
}

/// A stage's name, as wide as its column.
fn column(name: &str, lang: Lang) -> String {
    let name = match (lang, name) {
        (Lang::Zh, "parameters") => "参数",
        (Lang::Zh, "sorted") => "排序",
        (Lang::Zh, "text") => "原文",
        (Lang::Zh, "digest") => "摘要",
        (Lang::Zh, "signature") => "签名",
        (_, name) => name,
    };
    format!("{name}{}", " ".repeat(COLUMN.saturating_sub(name.width())))
}

impl Lines {
    const fn new(paint: Paint, lang: Lang) -> Self {
        Self { text: String::new(), paint, lang }
    }

    fn head(&mut self, name: &str, title: &str) {
        let name = self.paint.bold(&column(name, self.lang));
        let title = self.paint.dim(&visible(title));
        self.push(&format!("  {name}{title}"));
    }

    fn changed_head(&mut self, name: &str, signed: &str, right: &str) {
        let head = self.paint.bold(&column(name, self.lang));
        let signed = self.paint.bad(&visible(signed));
        self.push(&format!("{} {head}{signed}", self.paint.bad("-")));
        self.line(Mark::Right, right);
    }

    fn line(&mut self, mark: Mark, line: &str) {
        let line = visible(line);
        let blank = " ".repeat(COLUMN);
        let text = match mark {
            Mark::Same => format!("  {blank}{line}"),
            Mark::Signed => format!("{}{blank}{}", self.paint.bad("- "), self.paint.bad(&line)),
            Mark::Right => format!("{}{blank}{}", self.paint.good("+ "), self.paint.good(&line)),
        };
        self.push(&text);
    }

    fn parted(&mut self, signed: &str, right: &str) {
        let (signed, right) = (visible(signed), visible(right));
        self.line(Mark::Signed, &signed);
        self.line(Mark::Right, &right);
        let same = signed.chars().zip(right.chars()).take_while(|(a, b)| a == b).count();
        let head: String = right.chars().take(same).collect();
        if head.width() <= NARROW {
            let blank = " ".repeat(COLUMN.saturating_add(2).saturating_add(head.width()));
            self.push(&format!("{blank}{}", self.paint.odd("^")));
            return;
        }
        let place = same.saturating_add(1);
        let title = match self.lang {
            Lang::Zh => format!("从第 {place} 个字符起不同："),
            Lang::En => format!("they part at character {place}:"),
        };
        self.line(Mark::Same, &title);
        for (mark, text) in [(Mark::Signed, &signed), (Mark::Right, &right)] {
            let from = same.saturating_sub(AROUND);
            let piece: String = text.chars().skip(from).take(AROUND.saturating_mul(2)).collect();
            let more = if text.chars().count() > same.saturating_add(AROUND) { "…" } else { "" };
            self.line(mark, &format!("…{piece}{more}"));
        }
        let before: String = right.chars().skip(same.saturating_sub(AROUND)).take(same.min(AROUND)).collect();
        let blank = " ".repeat(COLUMN.saturating_add(3).saturating_add(before.width()));
        self.push(&format!("{blank}{}", self.paint.odd("^")));
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// More lines are not brought together, but shown one way after the other.
const MOST_LINES: usize = 512;

/// The lines of two ways side by side: by the longest sequence that both have.
fn aligned<'a>(one: &'a [String], two: &'a [String]) -> Vec<(Option<&'a str>, Option<&'a str>)> {
    let (mut pairs, mut i, mut j) = (Vec::new(), 0, 0);
    let lengths = if one.len().max(two.len()) <= MOST_LINES { common(one, two) } else { Vec::new() };
    let length = |i: usize, j: usize| lengths.get(i).and_then(|row| row.get(j)).copied().unwrap_or_default();
    loop {
        match (one.get(i), two.get(j)) {
            (None, None) => return pairs,
            (Some(a), Some(b)) if a == b => {
                pairs.push((Some(a.as_str()), Some(b.as_str())));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), other) if other.is_none() || length(i + 1, j) >= length(i, j + 1) => {
                pairs.push((Some(a.as_str()), None));
                i += 1;
            }
            (_, b) => {
                pairs.push((None, b.map(String::as_str)));
                j += 1;
            }
        }
    }
}

/// For each pair of places, how long the longest common sequence behind them is.
fn common(one: &[String], two: &[String]) -> Vec<Vec<usize>> {
    let mut rows = vec![vec![0; two.len() + 1]];
    for a in one.iter().rev() {
        let mut row = vec![0];
        let below = rows.last().cloned().unwrap_or_default();
        for (at, b) in two.iter().enumerate().rev() {
            let right = row.last().copied().unwrap_or_default();
            let down = below.get(at).copied().unwrap_or_default();
            let next = below.get(at + 1).copied().unwrap_or_default();
            row.push(if a == b { next + 1 } else { right.max(down) });
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// Where two ways part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// The stage.
    stage: &'static str,
    /// The line in it, from 0; [`None`] where only what happens there differs.
    line: Option<usize>,
    /// The character in the line, from 0.
    character: usize,
}

/// The first stage in which two ways differ.
pub(crate) fn difference(signed: &[Step], right: &[Step]) -> Option<Difference> {
    signed.iter().zip(right).find_map(|(one, two)| {
        let longer = one.lines.len().max(two.lines.len());
        let line = (0..longer).find(|at| one.lines.get(*at) != two.lines.get(*at));
        let Some(line) = line else {
            return (one.title != two.title).then_some(Difference {
                stage: two.name,
                line: None,
                character: 0,
            });
        };
        let text = |step: &'_ Step| step.lines.get(line).cloned().unwrap_or_default();
        let (a, b) = (text(one), text(two));
        let character = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        Some(Difference { stage: two.name, line: Some(line), character })
    })
}

/// At which character, from 1, a body that is not shown was signed otherwise than it should have been.
pub(crate) fn unseen(case: &Case<'_>, mistakes: &[Mutation]) -> Option<usize> {
    let (signed, right) = (case.signing_text(mistakes), case.signing_text(&[]));
    let bodies = |text: &sign_core::SigningText| {
        let personal = text.segments().filter(|(kind, _)| *kind == SegmentKind::Personal);
        personal.map(|(_, body)| zeroize::Zeroizing::new(body.to_owned())).collect::<Vec<_>>()
    };
    let pairs = bodies(&signed).into_iter().zip(bodies(&right));
    let mut parted = pairs.filter(|(one, two)| one != two);
    parted
        .next()
        .map(|(one, two)| one.chars().zip(two.chars()).take_while(|(a, b)| a == b).count().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &'static str, title: &str, lines: &[&str]) -> Step {
        Step { name, title: title.to_owned(), lines: lines.iter().map(|it| (*it).to_owned()).collect() }
    }

    #[track_caller]
    fn check(signed: Step, right: Step, expected: &str) {
        assert_eq!(compare(&[signed], &[right], Paint::Plain, Lang::En), expected);
    }

    #[test]
    fn what_is_the_same_is_there_once() {
        let same = || step("sorted", "sorted", &["a=1", "b=2"]);
        check(same(), same(), "  sorted      sorted\n              a=1\n              b=2\n");
        check(
            step("sorted", "not sorted", &["b=2", "a=1", "c=3"]),
            step("sorted", "sorted by name", &["a=1", "b=2", "c=3"]),
            "- sorted      not sorted\n+             sorted by name\n-             b=2\n              a=1\n\
             +             b=2\n              c=3\n",
        );
        check(
            step("digest", "MD5", &[]),
            step("digest", "SHA-1", &[]),
            "- digest      MD5\n+             SHA-1\n",
        );
    }

    #[test]
    fn a_mark_stands_where_two_texts_part() {
        check(
            step("text", "joined", &["名=1&x"]),
            step("text", "joined", &["名=1x"]),
            "  text        joined\n-             名=1&x\n+             名=1x\n                  ^\n",
        );
        let long = "x".repeat(150);
        check(
            step("text", "joined", &[&format!("{long}a{long}")]),
            step("text", "joined", &[&format!("{long}b")]),
            &format!(
                "  text        joined\n-             {long}a{long}\n+             {long}b\n\
                 \u{20}             they part at character 151:\n\
                 -             …{0}a{1}…\n+             …{0}b\n{2}^\n",
                "x".repeat(24),
                "x".repeat(23),
                " ".repeat(14 + 1 + 24)
            ),
        );
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(visible("a\n\u{1b}[2J\u{202e}b\u{feff}"), "a\\n\\u{1b}[2J\\u{202e}b\\u{feff}");
    }

    #[test]
    fn the_first_difference_is_told() {
        let text = |line| [step("sorted", "s", &[]), step("text", "t", &[line])];
        let at = |stage, line, character| Some(Difference { stage, line, character });
        assert_eq!(difference(&text("ab"), &text("ac")), at("text", Some(0), 1));
        assert_eq!(difference(&text("ab"), &text("ab")), None);
        let digest = |title| [step("digest", title, &[])];
        assert_eq!(difference(&digest("MD5"), &digest("SHA-1")), at("digest", None, 0));
    }
}
