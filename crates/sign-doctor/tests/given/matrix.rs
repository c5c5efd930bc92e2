//! Every mistake with every vector, and what the search says about it.

use sign_doctor::{Case, DigestKind, Letters, Mutation, NamedSecret, Output, Search, Verdict};

use super::Given;

/// What came of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    /// The first answer is the mistake, or one that makes the same text.
    pub(crate) named: usize,
    /// Another answer fits as well and came first, but the mistake is among them.
    pub(crate) among: usize,
    /// The mistake changes nothing for this vector: the signature is right.
    pub(crate) harmless: usize,
    /// Not found.
    pub(crate) missed: usize,
}

impl Count {
    pub(crate) const fn add(&mut self, other: Self) {
        self.named += other.named;
        self.among += other.among;
        self.harmless += other.harmless;
        self.missed += other.missed;
    }
}

/// The mistakes that the catalogue lists, and those that the look of a signature tells.
pub(crate) fn mutations(case: &Case<'_>) -> Vec<Mutation> {
    let own = case.recipe().output;
    let mut all = case.mutations();
    all.push(Mutation::Letters(if own == Output::Hex { Letters::Upper } else { Letters::Lower }));
    all.push(Mutation::Letters(Letters::Mixed));
    all.push(Mutation::Output(Output::Base64));
    all.push(Mutation::Output(Output::Base64OfHex));
    if case.recipe().digest == DigestKind::Md5 {
        all.push(Mutation::Short(true));
    }
    all
}

/// Secrets of another environment, so that they can be mixed up.
pub(crate) fn with_another(given: &Given) -> Vec<NamedSecret> {
    let mut secrets = given.secrets.clone();
    secrets.push(NamedSecret::new("TEST_SECRET", "another-environment-0123456789").unwrap());
    secrets
}

/// Makes these mistakes and asks.
pub(crate) fn ask(case: &Case<'_>, mistakes: &[Mutation], workers: usize) -> Count {
    let right = case.sign_wrongly(&[]);
    let got = case.sign_wrongly(mistakes);
    let mut count = Count::default();
    let search = Search::default().mistakes(mistakes.len()).workers(workers);
    let diagnosis = case.diagnose(&got, &search).unwrap();
    let text = |mistakes: &[Mutation]| case.signing_text(mistakes).expose();
    if got == right {
        assert_eq!(diagnosis.verdict, Verdict::Right, "{mistakes:?}");
        count.harmless = 1;
        return count;
    }
    let made: Vec<Vec<Mutation>> = diagnosis
        .explanations
        .iter()
        .map(|it| it.mistakes.iter().map(|mistake| mistake.mutation).collect())
        .collect();
    // Whatever is named makes what was got.
    for explanation in &made {
        assert_eq!(case.sign_wrongly(explanation), got, "{mistakes:?} told as {explanation:?}");
    }
    let same =
        |one: &Vec<Mutation>| one.len() == mistakes.len() && one.iter().all(|it| mistakes.contains(it));
    match made.first() {
        Some(first) if same(first) || text(first) == text(mistakes) => count.named = 1,
        Some(_) if made.iter().any(same) => count.among = 1,
        // All that fit make the same signature: whichever they are, they are the same in effect.
        Some(first) if first.len() <= mistakes.len() => count.among = 1,
        _ => count.missed = 1,
    }
    count
}

/// Numbers that look random and are the same each time (Vigna's splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// Two mistakes that can be made at once.
pub(crate) fn pair(case: &Case<'_>, all: &[Mutation], dice: &mut Dice) -> [Mutation; 2] {
    loop {
        let (one, two) = (all[dice.below(all.len())], all[dice.below(all.len())]);
        if one.goes_with(&two) && case.sign_wrongly(&[one, two]) != case.sign_wrongly(&[]) {
            return [one, two];
        }
    }
}
