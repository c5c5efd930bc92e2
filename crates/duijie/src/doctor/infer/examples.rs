//! The examples in a file, and the recipe that makes all of them.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::Duration;

use indicatif::ProgressBar;
use sign_doctor::{Case, Example, InferError, Inference, NamedSecret, Platform, Recipe, infer};

use super::line::{self, Wrong};
use crate::doctor::given::read_file;
use crate::doctor::veil::Veil;
use crate::exit::Failure;

/// Bytes of the shortest example: each candidate digests it, and there are millions.
const LONGEST: usize = 16 * 1024;

/// So many examples are searched with at first. The others are compared with what is found.
const SAMPLE: usize = 64;

/// A line that is no example.
#[derive(Debug)]
pub(super) struct Rejected {
    /// From 1; in a JSON array, the element.
    pub(super) line: usize,
    pub(super) wrong: Wrong,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Examples {
    /// With their lines; the shortest first, because that is the one that all candidates digest.
    examples: Vec<(usize, Example)>,
    /// In the order of the lines.
    pub(super) rejected: Vec<Rejected>,
}

impl Examples {
    /// Reads JSON lines, or one JSON document: an object over several lines or an array.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let text = read_file(path)?;
        let text = text.trim_start_matches('\u{feff}');
        let mut read = Self::default();
        match whole(text) {
            Some(elements) => elements.iter().zip(1..).for_each(|(element, at)| read.take(at, element)),
            None => {
                let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
                lines.for_each(|(at, line)| read.take(at, line));
            }
        }
        if read.examples.is_empty() && read.rejected.is_empty() {
            let shown = path.display();
            return Err(Failure::usage(format!(
                "`{shown}` holds no example: one JSON object a line is wanted"
            )));
        }
        read.examples.sort_by_cached_key(|(line, example)| (line::length(example), *line));
        Ok(read)
    }

    fn take(&mut self, line: usize, text: &str) {
        match line::read(text) {
            Ok(example) => self.examples.push((line, example)),
            Err(wrong) => self.rejected.push(Rejected { line, wrong }),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.examples.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Over those secrets that could be shown: as part of a parameter's name, which is all that an answer takes from an
    /// example. Elsewhere a secret like `name` would only hide the word.
    pub(super) fn veil(&self) -> Veil {
        let parameters = self.examples.iter().flat_map(|(_, it)| it.request.parameters());
        let names: BTreeSet<String> = parameters.map(|it| it.name.to_lowercase()).collect();
        let named = |secret: &str| names.iter().any(|name| name.contains(&secret.trim().to_lowercase()));
        let mut secrets: Vec<&NamedSecret> = Vec::new();
        for (_, Example { secret, .. }) in &self.examples {
            let text = secret.secret.expose();
            if named(text) && !secrets.iter().any(|it| it.secret.expose() == text) {
                secrets.push(secret);
            }
        }
        Veil::new(&secrets.into_iter().cloned().collect::<Vec<_>>(), false)
    }

    /// The recipe, or why there is none.
    pub(super) fn infer(&self) -> Result<Inference, String> {
        if let Some(length) =
            self.examples.first().map(|(_, it)| line::length(it)).filter(|length| *length > LONGEST)
        {
            return Err(format!(
                "the shortest example has {length} bytes, and at most {LONGEST} can be searched with: give a shorter one"
            ));
        }
        let _spinner = Spinner::start();
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let mut chosen = self.sample();
        loop {
            let examples: Vec<Example> = chosen.iter().map(|(_, example)| example.clone()).collect();
            let lines: Vec<usize> = chosen.iter().map(|(line, _)| *line).collect();
            let found = infer(&examples, workers).map_err(|error| self.explain(&error, &lines))?;
            // What the recipe does not make is searched with as well: another recipe may make it.
            let others = self
                .examples
                .iter()
                .filter(|(line, example)| !makes(&found.recipe, example) && !lines.contains(line));
            let before = chosen.len();
            chosen.extend(others.take(before));
            if chosen.len() == before {
                return Ok(found);
            }
        }
    }

    /// The shortest, and those that tell most.
    fn sample(&self) -> Vec<&(usize, Example)> {
        let tells = |example: &Example| {
            let mut values = example.request.parameters().iter().map(|it| it.value.text());
            values
                .any(|text| text.is_none_or(|it| it.is_empty() || !it.is_ascii() || it.contains([' ', '/'])))
        };
        let (shortest, others) = self.examples.split_at(self.examples.len().min(1));
        let telling = others.iter().filter(|(_, example)| tells(example));
        let silent = others.iter().filter(|(_, example)| !tells(example));
        shortest.iter().chain(telling).chain(silent).take(SAMPLE).collect()
    }

    /// An error in terms of lines.
    fn explain(&self, error: &InferError, lines: &[usize]) -> String {
        let line = |number: usize| lines.get(number.saturating_sub(1)).copied().unwrap_or(number);
        match error {
            InferError::NoExample => format!("none of {} lines is an example", self.rejected.len()),
            InferError::Signature { number, error } => format!("line {}: {error}", line(*number)),
            InferError::Unknown { tried } => format!(
                "none of {tried} recipes makes the signature of line {}: is its secret right, are its values raw and \
                 complete? parameters that stand in the path or in headers must be given as well",
                line(1)
            ),
            InferError::Contradiction { number, fitting } => format!(
                "{fitting} recipes make the signature of line {}, none of them that of line {}: are both of one \
                 platform, and is each with its own secret?",
                line(1),
                line(*number)
            ),
            other => other.to_string(),
        }
    }

    /// The platforms of ours whose recipes make all examples.
    pub(super) fn platforms(&self) -> Vec<Platform> {
        let signs = |platform: &Platform| {
            let recipe = platform.recipe();
            self.examples.iter().all(|(_, example)| {
                let parameters = example.request.parameters();
                // Only WeBank signs values without names.
                let named = *platform == Platform::Webank || parameters.iter().all(|it| !it.name.is_empty());
                let secrets = std::slice::from_ref(&example.secret);
                let checked = Case::new(&recipe, &example.request, secrets).and_then(|case| case.check());
                let taken = parameters.iter().any(|it| recipe.selection.takes(&it.name));
                named && taken && checked.is_ok() && makes(&recipe, example)
            })
        };
        Platform::ALL.into_iter().filter(signs).collect()
    }
}

fn makes(recipe: &Recipe, example: &Example) -> bool {
    let secrets = std::slice::from_ref(&example.secret);
    let case = Case::new(recipe, &example.request, secrets);
    case.is_ok_and(|case| {
        let (made, given) = (case.sign_wrongly(&[]), example.signature.trim());
        // Base64 without its padding is the same.
        made.trim_end_matches('=') == given.trim_end_matches('=')
    })
}

/// The examples in a text that is one JSON document, an object over several lines or an array.
fn whole(text: &str) -> Option<Vec<String>> {
    if text.trim_start().starts_with('[') {
        let elements: Vec<&serde_json::value::RawValue> = serde_json::from_str(text).ok()?;
        return Some(elements.into_iter().map(|it| it.get().to_owned()).collect());
    }
    let over_lines = text.trim().contains('\n');
    (over_lines && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()).then(|| vec![text.to_owned()])
}

/// Shows that something is going on, where somebody looks at it.
struct Spinner(Option<ProgressBar>);

impl Spinner {
    fn start() -> Self {
        let spinner = std::io::stderr().is_terminal().then(ProgressBar::new_spinner);
        if let Some(spinner) = &spinner {
            spinner.enable_steady_tick(Duration::from_millis(200));
        }
        Self(spinner)
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(spinner) = &self.0 {
            spinner.finish_and_clear();
        }
    }
}
