//! The recipes that are tried, the plain ones first.

use crate::catalogue::{BEFORE, NAMES};
use crate::engine::Choice;
use crate::plan::{Few, Frame, Plan};
use crate::prepared::Prepared;
use crate::{
    BodyForm, Collation, DigestKind, Encoding, Ends, Example, Fill, Order, Output, PairFormat, Place, Recipe,
    Required, Rounds, SecretForm, Selection, SortKey, TextForm,
};

/// Under these names signatures travel.
const SIGNATURES: [&str; 8] = ["sign", "signature", "Signature", "Sign", "sig", "sn", "SIGN", "SIGNATURE"];

/// Of so many parameters at most, any one or two are tried as not signed.
const FEW: usize = 16;

/// How much is varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// Raw values in UTF-8, the secret as it is, one digest.
    Plain,
    /// Everything.
    Full,
}

/// The stages of the search: how much is varied, over which selections of parameters.
pub(super) fn stages(example: &Example) -> Vec<(Effort, Vec<Selection>)> {
    let names: Vec<&str> = example.request.parameters().iter().map(|it| it.name.as_str()).collect();
    let own: Vec<String> =
        names.iter().filter(|name| SIGNATURES.contains(name)).map(|name| (*name).to_owned()).collect();
    let except = |more: &[&str]| {
        let all: Vec<String> = own.iter().cloned().chain(more.iter().map(|it| (*it).to_owned())).collect();
        if all.is_empty() { Selection::All } else { Selection::Except(all) }
    };
    let mut stages = vec![(Effort::Plain, vec![except(&[])]), (Effort::Full, vec![except(&[])])];
    let mut others: Vec<&str> =
        names.iter().copied().filter(|name| !name.is_empty() && !SIGNATURES.contains(name)).collect();
    others.dedup();
    if others.len() <= FEW {
        stages.push((Effort::Plain, others.iter().map(|one| except(&[one])).collect()));
        let mut pairs = Vec::new();
        let mut rest = others.as_slice();
        while let Some((one, behind)) = rest.split_first() {
            pairs.extend(behind.iter().map(|two| except(&[one, two])));
            rest = behind;
        }
        stages.push((Effort::Plain, pairs));
    }
    stages
}

/// What all recipes of one search share.
pub(super) fn base(selection: Selection, digest: DigestKind, output: Output, short: bool) -> Recipe {
    Recipe {
        name: "inferred".to_owned(),
        selection,
        required: Required::default(),
        nulls: Fill::Dropped,
        empties: Fill::Dropped,
        encoding: Encoding::Raw,
        body: BodyForm::AsSent,
        pair: PairFormat::NameEqualsValue,
        order: Order::GIVEN,
        separator: String::new(),
        secret: Place::Nowhere { instead: String::new() },
        secret_form: SecretForm::AsIssued,
        text: TextForm::Utf8,
        digest,
        hmac: false,
        rounds: Rounds::Once,
        output,
        short,
    }
}

const SEPARATORS: [&str; 11] = ["&", "", ",", "|", ";", "\n", " ", "#", "_", "-", ":"];

const ENCODINGS: [Encoding; 6] = [
    Encoding::Percent,
    Encoding::FormPhp,
    Encoding::Form,
    Encoding::Component,
    Encoding::PercentLower,
    Encoding::FormLower,
];

pub(super) struct Space {
    digest: DigestKind,
    pub(super) full: bool,
    bare: bool,
    nulls: bool,
    empties: bool,
    ascii: bool,
    count: u8,
}

impl Space {
    pub(super) fn new(example: &Example, base: &Recipe, effort: Effort) -> Self {
        let taken = || example.request.parameters().iter().filter(|it| base.selection.takes(&it.name));
        let text = |test: fn(&str) -> bool| taken().any(|it| it.value.text().is_some_and(test));
        Self {
            digest: base.digest,
            full: effort == Effort::Full,
            bare: taken().all(|it| it.name.is_empty()),
            nulls: taken().any(|it| it.value.text().is_none()),
            empties: text(str::is_empty),
            ascii: !text(|text| !text.is_ascii()),
            count: u8::try_from(taken().count()).unwrap_or(u8::MAX).min(6),
        }
    }

    fn texts(&self) -> Vec<TextForm> {
        let mut texts = vec![TextForm::Utf8];
        if self.full {
            texts.extend([TextForm::Lower, TextForm::Upper, TextForm::Percent, TextForm::Form]);
            texts.extend((!self.ascii).then_some(TextForm::Gbk));
        }
        texts
    }

    const fn pairs(&self) -> &'static [PairFormat] {
        if self.bare { &[PairFormat::Value] } else { &PairFormat::ALL }
    }

    /// The charsets and pair formats that frames are made for.
    pub(super) fn grounds(&self) -> Vec<(TextForm, PairFormat)> {
        self.texts().into_iter().flat_map(|text| self.pairs().iter().map(move |pair| (text, *pair))).collect()
    }

    fn orders(&self) -> Vec<Order> {
        let mut orders: Vec<_> = Order::all()
            .filter(|order| !self.bare || matches!(order.by, SortKey::Given | SortKey::Value))
            .collect();
        let by = if self.bare { SortKey::Value } else { SortKey::Name };
        orders.push(Order { by, collation: Collation::Bytes, descending: true });
        orders
    }

    /// Everything but secret and digest. The plain ones have raw values in UTF-8; of the others, each has one
    /// far-fetched thing.
    pub(super) fn plans<'a>(
        &self,
        base: Plan<'a>,
        prepared: &Prepared<'_>,
    ) -> (Vec<Plan<'a>>, Vec<Plan<'a>>) {
        let fills = |there: bool| -> &[Fill] { if there { &Fill::ALL } else { &[Fill::Dropped] } };
        let (mut plain, mut odd) = (Vec::new(), Vec::new());
        for pair in self.pairs() {
            for order in self.orders() {
                for separator in SEPARATORS {
                    for nulls in fills(self.nulls) {
                        for empties in fills(self.empties) {
                            let mut plan = Plan { order, separator, ..base };
                            plan.globals.pair = *pair;
                            plan.globals.nulls = *nulls;
                            plan.globals.empties = *empties;
                            plain.push(plan);
                        }
                    }
                }
            }
        }
        if self.full {
            let changes = |encoding: &Encoding| {
                let values = || prepared.entries.iter().filter_map(|entry| entry.value.as_deref());
                values().any(|value| encoding.apply(value) != value)
            };
            for encoding in ENCODINGS.into_iter().filter(changes) {
                odd.extend(plain.iter().map(|plan| {
                    let mut plan = *plan;
                    plan.globals.encoding = encoding;
                    plan
                }));
            }
            for text in self.texts() {
                odd.extend(plain.iter().filter(|_| text != TextForm::Utf8).map(|plan| {
                    let mut plan = *plan;
                    plan.globals.text = text;
                    plan
                }));
            }
        }
        (plain, odd)
    }

    /// Secret and digest; the far-fetched ones as well, or only plain ones.
    pub(super) fn frames(&self, odd: bool) -> Vec<Choice<'static>> {
        let mut places: Vec<Place<&'static str>> =
            BEFORE.into_iter().map(|before| Place::End { before, after: "" }).collect();
        places.extend([",", "|", "#", ":", "\n", "_"].map(|before| Place::End { before, after: "" }));
        places.extend(["", "&", ",", "|", ":"].map(|after| Place::Front { before: "", after }));
        places.extend(["key=", "appSecret=", "secret="].map(|before| Place::Front { before, after: "&" }));
        places.extend(["", "&"].map(|between| Place::BothEnds { after: between, before: between }));
        places.push(Place::Sorted);
        if !self.bare {
            places.extend(NAMES.map(|name| Place::SortedAs { name }));
        }
        places.extend((1..self.count).map(|count| Place::Behind { count }));
        let plain = places.iter().map(|place| (*place, false));
        let keyed = std::iter::once(Place::Nowhere { instead: "" }).chain(places.iter().copied());
        let (forms, rounds): (&[SecretForm], &[Rounds]) = if odd {
            const FORMS: [SecretForm; 5] = [
                SecretForm::AsIssued,
                SecretForm::Md5,
                SecretForm::Md5Upper,
                SecretForm::Upper,
                SecretForm::Base64Decoded,
            ];
            (&FORMS, &[Rounds::Once, Rounds::OfHex, Rounds::OfUpperHex, Rounds::OfBytes])
        } else {
            (&[SecretForm::AsIssued], &[Rounds::Once])
        };
        let mut frames = Vec::new();
        for (place, hmac) in plain.chain(keyed.map(|place| (place, true))) {
            for form in forms {
                for rounds in rounds {
                    // One far-fetched thing at a time.
                    if *form != SecretForm::AsIssued && *rounds != Rounds::Once {
                        continue;
                    }
                    let (form, rounds, digest) = (*form, *rounds, self.digest);
                    let frame = Frame { secret: 0, form, place, ends: Ends::Bare, digest, hmac, rounds };
                    frames.push((frame, Few::default()));
                }
            }
        }
        frames
    }
}

/// The recipe of a plan.
pub(super) fn recipe(base: &Recipe, plan: &Plan<'_>) -> Recipe {
    Recipe {
        nulls: plan.globals.nulls,
        empties: plan.globals.empties,
        encoding: plan.globals.encoding,
        pair: plan.globals.pair,
        text: plan.globals.text,
        order: plan.order,
        separator: plan.separator.to_owned(),
        secret: plan.frame.place.owned(),
        secret_form: plan.frame.form,
        hmac: plan.frame.hmac,
        rounds: plan.frame.rounds,
        ..base.clone()
    }
}

/// How far-fetched a recipe is.
pub(super) fn cost(recipe: &Recipe) -> u32 {
    let selection = match &recipe.selection {
        Selection::All => 0,
        Selection::Except(names) | Selection::Only(names) => {
            names.iter().filter(|name| !SIGNATURES.contains(&name.as_str())).map(|_| 4).sum()
        }
    };
    let bare = recipe.pair == PairFormat::Value;
    let order = match (recipe.order.by, recipe.order.collation) {
        (SortKey::Name, Collation::Bytes) => 0,
        (SortKey::Name, Collation::Utf16) | (SortKey::Pair, Collation::Bytes) => 1,
        (SortKey::Pair, Collation::Utf16) => 2,
        (SortKey::Given, _) => 3,
        (SortKey::Value, _) if bare => 1,
        (_, Collation::IgnoreCase) => 4,
        (SortKey::Value, _) => 6,
    };
    let pair = match recipe.pair {
        PairFormat::NameEqualsValue => 0,
        PairFormat::Value => 2,
        PairFormat::NameValue => 3,
        PairFormat::NameColonValue => 6,
    };
    let separator = match (recipe.separator.as_str(), recipe.pair) {
        ("&", PairFormat::NameEqualsValue) | ("", PairFormat::Value | PairFormat::NameValue) => 0,
        ("&" | "", _) => 2,
        _ => 5,
    };
    let place = match &recipe.secret {
        Place::End { after, .. } if after.is_empty() => 0,
        Place::Nowhere { .. } if recipe.hmac => 0,
        Place::Sorted | Place::SortedAs { .. } => 3,
        Place::BothEnds { .. } | Place::Front { .. } => 2,
        Place::Behind { .. } => 4,
        Place::End { .. } | Place::EndTwice { .. } | Place::Nowhere { .. } => 8,
    };
    let otherwise = |same: bool, cost: u32| if same { 0 } else { cost };
    selection
        + order
        + u32::from(recipe.order.descending) * 6
        + pair
        + separator
        + place
        + otherwise(recipe.encoding == Encoding::Raw, 5)
        + otherwise(recipe.text == TextForm::Utf8, 7)
        + otherwise(recipe.secret_form == SecretForm::AsIssued, 7)
        + otherwise(recipe.rounds == Rounds::Once, 7)
        + otherwise(!recipe.hmac, 1)
        + otherwise(recipe.nulls == Fill::Dropped, 1)
        + otherwise(recipe.empties == Fill::Dropped, 1)
}
