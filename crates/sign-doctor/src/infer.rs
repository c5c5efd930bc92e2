//! From examples to the recipe: which way of signing makes all of these signatures?

mod example;
mod space;

pub use example::{Example, ExampleError};

use serde::Serialize;

use self::space::{Effort, Space};
use crate::engine::{Bench, Blocks, Core, Frames, Md5, Sha1, Sha256, Tables, Target};
use crate::got::{Got, Written};
use crate::plan::Plan;
use crate::words::{Words, chinese, english};
use crate::{Case, DigestKind, Fill, GotError, Letters, Output, Recipe, Selection};

/// A recipe that makes all the examples.
#[derive(Debug, Clone, Serialize)]
pub struct Inference {
    /// The likeliest.
    pub recipe: Recipe,
    /// Others that make them as well, the likely ones first; at most 50.
    pub alternatives: Vec<Recipe>,
    /// What the examples leave open: an example in which it matters would tell.
    pub undecided: Vec<Words>,
    /// How many candidates were tried.
    pub tried: u64,
}

/// No recipe was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InferError {
    /// There is nothing to infer from.
    #[error("no example is given: a recipe needs at least one")]
    NoExample,
    /// An example's signature is none.
    #[error("example {number}: {error}")]
    Signature {
        /// Which example, from 1.
        number: usize,
        /// What is wrong with it.
        error: GotError,
    },
    /// Nothing that is known fits.
    #[error(
        "none of {tried} recipes makes example 1: is its secret right, are its values raw and complete? parameters \
         that stand in the path or in headers must be given as well"
    )]
    Unknown {
        /// How many were tried.
        tried: u64,
    },
    /// What fits the first example does not fit another one.
    #[error(
        "{fitting} recipes make example 1, none of them example {number}: are both of one platform and one secret?"
    )]
    Contradiction {
        /// The example that none fits, from 1.
        number: usize,
        /// How many fit the ones before it.
        fitting: usize,
    },
}

/// How many alternatives are told.
const TOLD: usize = 50;

/// Finds the recipe that makes these examples, on so many threads; the result does not depend on their number.
///
/// ```
/// use sign_doctor::{Example, infer};
/// // The example of WeChat Pay's document, version 2
/// let example = Example::parse(r#"{"params":{"appid":"wxd930ea5d5a258f4f","mch_id":"10000100","device_info":"1000",
///     "body":"test","nonce_str":"ibuaiVcKdpRxkhJA"},"secret":"192006250b4c09247ec02edce69f6a2d",
///     "signature":"9A0A8659F005D6984697E2CA0A9CF3B7"}"#)?;
/// let found = infer(&[example], 1)?;
/// assert!(found.recipe.in_words()[3].en.contains("`…&key=SECRET`"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`InferError`]: an example is no example, nothing fits, or nothing fits all of them.
pub fn infer(examples: &[Example], workers: usize) -> Result<Inference, InferError> {
    let first = examples.first().ok_or(InferError::NoExample)?;
    let parsed = examples.iter().enumerate().map(|(at, example)| {
        Got::parse(&example.signature).map_err(|error| InferError::Signature { number: at + 1, error })
    });
    let parsed: Vec<Got> = parsed.collect::<Result<_, _>>()?;
    let mut got = parsed.first().cloned().ok_or(InferError::NoExample)?;
    if got.written == Written::Base64(None) {
        // Which base64 it is, another example may tell.
        let told = parsed.iter().map(|it| it.written).find(|it| matches!(it, Written::Base64(Some(_))));
        got.written = told.unwrap_or(got.written);
    }
    let (mut tried, mut fitting) = (0, None);
    for (effort, selections) in space::stages(first) {
        let mut fits = Vec::new();
        for selection in selections {
            let (found, count) = stage(first, &got, &selection, effort, workers.max(1));
            tried += count;
            fits.extend(found);
        }
        if fits.is_empty() {
            continue;
        }
        fits.sort_by_cached_key(|recipe| (space::cost(recipe), format!("{recipe:?}")));
        fits.dedup();
        let contradiction = narrow(&mut fits, examples);
        if let Some(recipe) = fits.first().cloned() {
            let undecided = undecided(&fits, examples);
            let alternatives = fits.into_iter().skip(1).take(TOLD).collect();
            return Ok(Inference { recipe, alternatives, undecided, tried });
        }
        // A more far-fetched recipe may fit them all.
        fitting = fitting.or(contradiction);
    }
    Err(fitting.unwrap_or(InferError::Unknown { tried }))
}

/// Keeps what makes every example; tells which example left nothing.
fn narrow(fits: &mut Vec<Recipe>, examples: &[Example]) -> Option<InferError> {
    for (at, example) in examples.iter().enumerate() {
        let before = fits.len();
        fits.retain(|recipe| {
            let secrets = std::slice::from_ref(&example.secret);
            Case::new(recipe, &example.request, secrets).is_ok_and(|case| {
                let (made, given) = (case.sign_wrongly(&[]), example.signature.trim());
                if recipe.output.letters().is_some() {
                    made == given
                } else {
                    made.trim_end_matches('=') == given.trim_end_matches('=')
                }
            })
        });
        if fits.is_empty() {
            return Some(InferError::Contradiction { number: at + 1, fitting: before });
        }
    }
    None
}

fn stage(
    example: &Example,
    got: &Got,
    selection: &Selection,
    effort: Effort,
    workers: usize,
) -> (Vec<Recipe>, u64) {
    match got.digest {
        DigestKind::Md5 => run::<Md5>(example, got, selection, effort, workers),
        DigestKind::Sha1 => run::<Sha1>(example, got, selection, effort, workers),
        DigestKind::Sha256 => run::<Sha256>(example, got, selection, effort, workers),
    }
}

fn run<B: Blocks>(
    example: &Example,
    got: &Got,
    selection: &Selection,
    effort: Effort,
    workers: usize,
) -> (Vec<Recipe>, u64) {
    let output = match got.written {
        Written::Hex(Some(Letters::Upper)) => Output::UpperHex,
        Written::Hex(_) => Output::Hex,
        Written::Base64(output) => output.unwrap_or(Output::Base64),
        Written::Base64OfHex => Output::Base64OfHex,
    };
    let base = space::base(selection.clone(), got.digest, output, got.short);
    let secrets = std::slice::from_ref(&example.secret);
    let Ok(case) = Case::new(&base, &example.request, secrets) else { return (Vec::new(), 0) };
    let prepared = case.prepared(false);
    let space = Space::new(example, &base, effort);
    let choices = [space.frames(space.full), space.frames(false)];
    let sets = choices.each_ref().map(|choices| -> Vec<_> {
        let frames = |(text, pair)| ((text, pair), Frames::<B>::new(choices, text, pair, secrets, true));
        space.grounds().into_iter().map(frames).collect()
    });
    let (plain, odd) = space.plans(Plan::of(&base), &prepared);
    // One far-fetched thing at a time: odd plans in plain frames, odd frames around plain plans.
    let target = Target::new(got);
    let work = |mine: usize| {
        let (mut bench, mut core, mut tables) = (Bench::new(), Core::default(), Tables::default());
        let (mut fits, mut tried) = (Vec::new(), 0);
        for (plans, sets) in [&plain, &odd].into_iter().zip(&sets) {
            for plan in plans.iter().skip(mine).step_by(workers) {
                let ground = (plan.globals.text, plan.globals.pair);
                let Some((_, frames)) = sets.iter().find(|(known, _)| *known == ground) else { continue };
                core.arrange(&mut tables, &prepared, plan, plan.order);
                tried += frames.len() as u64;
                frames.fit(&mut bench, &mut core, &tables, plan, &target, |(frame, _)| {
                    fits.push(space::recipe(&base, &Plan { frame: *frame, ..*plan }));
                });
            }
        }
        (fits, tried)
    };
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (1..workers).map(|mine| scope.spawn(move || work(mine))).collect();
        let (mut fits, mut tried) = work(0);
        for thread in threads {
            match thread.join() {
                Ok((more, count)) => {
                    fits.extend(more);
                    tried += count;
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (fits, tried)
    })
}

/// What recipes that fit differ in, and what was never seen.
fn undecided(fits: &[Recipe], examples: &[Example]) -> Vec<Words> {
    let Some(first) = fits.first() else { return Vec::new() };
    let mut open = Vec::new();
    let orders: Vec<_> =
        fits.iter().map(|recipe| recipe.order).filter(|order| *order != first.order).collect();
    if let Some(other) = orders.first() {
        open.push(Words::new(
            format!("the parameters may also be {}", english::order(other)),
            format!("参数也可能{}", chinese::order(other)),
        ));
    }
    if let Some(other) = fits.iter().find(|recipe| recipe.encoding != first.encoding) {
        open.push(Words::new(
            format!("the values may also be {}", english::encoding(other.encoding)),
            format!("值也可能：{}", chinese::encoding(other.encoding)),
        ));
    }
    if let Some(other) = fits.iter().find(|recipe| recipe.selection != first.selection) {
        let names = |selection: &Selection| match selection {
            Selection::Except(names) | Selection::Only(names) => names.join(", "),
            Selection::All => String::new(),
        };
        open.push(Words::new(
            format!("the parameters that take no part may also be: {}", names(&other.selection)),
            format!("不参与签名的也可能是：{}", names(&other.selection)),
        ));
    }
    let values = || examples.iter().flat_map(|it| it.request.parameters()).map(|it| it.value.text());
    if !values().any(|value| value == Some("")) {
        open.push(Words::new(
            "no example has an empty value: taken to be left out",
            "没有空值的例子：假定空值不参与签名",
        ));
    }
    if !values().any(|value| value.is_none()) {
        open.push(Words::new(
            "no example has a null: taken to be left out",
            "没有 null 的例子：假定 null 不参与签名",
        ));
    }
    if first.nulls != Fill::Dropped && fits.iter().any(|recipe| recipe.nulls != first.nulls) {
        open.push(Words::new("nulls may also be treated otherwise", "null 也可能有别的处理方式"));
    }
    open
}
