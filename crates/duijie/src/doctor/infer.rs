//! `duijie doctor infer`: how does this platform sign? From examples to the recipe: in words, as JSON, as code.
//!
//! ```text
//!  file ─ examples ─ line (or why it is none)
//!              └───── sign_doctor::infer ─ report: words · JSON · code in six languages
//! ```

mod examples;
mod line;
mod report;

use std::path::PathBuf;

use serde_json::json;
use sign_doctor::{Inference, Language, Unprintable};

use self::examples::{Examples, Rejected};
use self::report::Report;
use super::veil::Veil;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output;

/// `duijie doctor infer`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// JSON lines, `{"params":{…}|"values":[…],"secret":"…","signature":"…"}` each; `-` for stdin. Values are raw: not
    /// percent-encoded.
    #[arg(value_name = "EXAMPLES")]
    examples: PathBuf,
    /// Print the recipe as code in this language, ready to be pasted; the words go to stderr then. May be repeated, or
    /// a list with commas.
    #[arg(long, value_enum, value_name = "LANGUAGE", value_delimiter = ',')]
    code: Vec<Printed>,
}

const EXAMPLES: &str = "\
Examples:
  duijie doctor infer examples.jsonl
  duijie doctor infer examples.jsonl --code python > sign.py
  echo '{\"values\":[\"2015063000000001\",\"apple\",\"1435660288\"],\"secret\":\"12345678\",
         \"signature\":\"f89f9594663708c1605f3d736d01d2d4\"}' | duijie doctor infer -

Exit codes: 0 a recipe makes all examples; 1 none does; 2 the file cannot be read; 3 a recipe makes all examples, but
some lines were none.";

/// A language to print code in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Printed {
    /// With the crate sign-core.
    Rust,
    /// Java 11 and later.
    Java,
    /// Python 3.
    Python,
    /// PHP 8.
    Php,
    /// Go.
    Go,
    /// JavaScript for Node.
    #[value(alias = "js")]
    Javascript,
    /// All of them.
    All,
}

impl Printed {
    const fn languages(self) -> &'static [Language] {
        match self {
            Self::Rust => &[Language::Rust],
            Self::Java => &[Language::Java],
            Self::Python => &[Language::Python],
            Self::Php => &[Language::Php],
            Self::Go => &[Language::Go],
            Self::Javascript => &[Language::JavaScript],
            Self::All => &Language::ALL,
        }
    }
}

/// A recipe in a language, or why there is no code.
type Code = (Language, Result<String, Unprintable>);

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let read = Examples::read(&args.examples)?;
    let found = read.infer();
    let veil = read.veil();
    for Rejected { line, wrong } in &read.rejected {
        let member = wrong.member.map_or_else(String::new, |member| format!(" `{member}`:"));
        eprintln!("duijie: line {line}:{member} {}", veil.hide(&wrong.reason));
    }
    match found {
        Ok(found) => tell(context, args, &read, &found, &veil),
        Err(message) => nothing(context, &read, &veil.hide(&message)),
    }
}

fn tell(
    context: &Context,
    args: &Args,
    read: &Examples,
    found: &Inference,
    veil: &Veil,
) -> Result<Exit, Failure> {
    let report = Report {
        found,
        platforms: read.platforms(),
        examples: read.len(),
        rejected: &read.rejected,
        lang: context.lang,
    };
    let mut languages: Vec<Language> = Vec::new();
    for language in args.code.iter().flat_map(|it| it.languages()) {
        if !languages.contains(language) {
            languages.push(*language);
        }
    }
    let codes = report::codes(&found.recipe, &languages);
    for (_, code) in &codes {
        if let Err(error) = code {
            eprintln!("duijie: {error}");
        }
    }
    if context.json {
        let mut document = report.document(&codes);
        veil.hide_in(&mut document);
        output::json(&document)?;
    } else if codes.is_empty() {
        output::whole(|out| out.write_all(veil.hide(&report.page()).as_bytes()))?;
    } else {
        eprint!("{}", veil.hide(&report.page()));
        output::whole(|out| out.write_all(veil.hide(&report::code(&codes)).as_bytes()))?;
    }
    if !codes.is_empty() && codes.iter().all(|(_, code)| code.is_err()) {
        return Ok(Exit::Failed);
    }
    Ok(if read.rejected.is_empty() { Exit::Done } else { Exit::Rejected })
}

/// Says that nothing fits, and what was tried.
fn nothing(context: &Context, read: &Examples, message: &str) -> Result<Exit, Failure> {
    eprintln!("duijie: {message}");
    let tried = if read.is_empty() { &[] } else { report::tried(context.lang) };
    if !tried.is_empty() {
        eprintln!("{}", context.lang.pick("试过的有：", "what was tried:"));
        tried.iter().for_each(|line| eprintln!("  - {line}"));
    }
    if context.json {
        output::json(&json!({
            "error": message,
            "exit": Exit::Failed as u8,
            "tried": tried,
            "examples": read.len(),
            "rejected": report::rejected(&read.rejected),
        }))?;
    }
    Ok(Exit::Failed)
}
