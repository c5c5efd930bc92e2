//! What the doctor says about a signature.

use serde::Serialize;

use crate::got::Got;
use crate::search::{Outcome, Search, search};
use crate::words::{Mistake, Words};
use crate::{Case, GotError, Mutation, Platform, Stages};

/// How many explanations are told.
const TOLD: usize = 50;

/// What a search came to.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// In one word.
    pub verdict: Verdict,
    /// Every explanation that fits, the fewest mistakes and the likeliest first; at most 50. All of them make the
    /// signature that was got, and most of them the same text.
    pub explanations: Vec<Explanation>,
    /// Explanations that fit, but are not told.
    pub omitted: usize,
    /// How many candidates were tried.
    pub tried: u64,
    /// Up to how many mistakes at once every combination was tried.
    pub exhausted: usize,
    /// What this rules out, where nothing fits.
    pub excluded: Vec<Words>,
    /// What to look at next.
    pub next: Vec<Words>,
}

/// What a search came to, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The signature is right.
    Right,
    /// It is wrong, and how it came about is known.
    Mistaken,
    /// It is wrong, and nothing that was tried makes it.
    Unexplained,
}

/// Mistakes that together make the signature that was got.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// One, two or three.
    pub mistakes: Vec<Mistake>,
    /// Does it make the very text that the first explanation makes? Then nothing tells them apart.
    pub same_text: bool,
}

impl Case<'_> {
    /// Says which mistakes make this signature: as it was got, in hexadecimal or base64, with white space around it
    /// or not.
    ///
    /// ```
    /// use sign_doctor::{Case, Lang, NamedSecret, Platform, Request, Search, Verdict};
    /// let recipe = Platform::Jinlaiban.recipe();
    /// let request = Request::texts([("uid", "1000"), ("timestamp", "1548047628")]);
    /// let secrets = [NamedSecret::new("APPSECRET", "58b31d465652be856d7ed80977aa4ce4")?];
    /// let case = Case::new(&recipe, &request, &secrets)?.of(Platform::Jinlaiban);
    ///
    /// let diagnosis = case.diagnose("60e7d4f5f4bdb9f3b96b5a4a9a4b2a4e", &Search::default())?;
    /// assert_eq!(diagnosis.verdict, Verdict::Unexplained);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`GotError`]: what was got is no signature at all.
    pub fn diagnose(&self, got: &str, options: &Search<'_>) -> Result<Diagnosis, GotError> {
        let got = Got::parse(got)?;
        let outcome = search(self, &got, options);
        Ok(self.told(&got, outcome))
    }

    fn told(&self, got: &Got, outcome: Outcome) -> Diagnosis {
        let verdict = match outcome.fits.first() {
            None => Verdict::Unexplained,
            Some(none) if none.is_empty() => Verdict::Right,
            Some(_) => Verdict::Mistaken,
        };
        let omitted = outcome.fits.len().saturating_sub(TOLD);
        let mut explanations = Vec::new();
        if verdict == Verdict::Mistaken {
            let first = outcome.fits.first().map(|mutations| self.text_bytes(mutations));
            explanations.extend(outcome.fits.iter().take(TOLD).map(|mutations| Explanation {
                mistakes: mutations.iter().map(|mutation| Mistake::new(self, *mutation)).collect(),
                same_text: Some(self.text_bytes(mutations)) == first,
            }));
        }
        let unexplained = verdict == Verdict::Unexplained;
        Diagnosis {
            verdict,
            explanations,
            omitted,
            tried: outcome.tried,
            exhausted: outcome.exhausted,
            excluded: if unexplained { self.excluded(got, &outcome) } else { Vec::new() },
            next: if unexplained { self.next(got) } else { Vec::new() },
        }
    }

    /// The stages on the way to the signature: the right ones, or those of an explanation.
    #[must_use]
    pub fn stages(&self, mistakes: &[Mutation]) -> Stages {
        Stages::of(self, mistakes)
    }

    fn excluded(&self, got: &Got, outcome: &Outcome) -> Vec<Words> {
        let count = self.mutations().len();
        let tried = outcome.tried;
        let up_to = outcome.exhausted;
        vec![
            Words::new(
                format!("{count} kinds of mistakes, alone and up to {up_to} at once: {tried} candidates"),
                format!("{count} 种错误，单独及至多 {up_to} 种同时出现：共试了 {tried} 个候选"),
            ),
            Words::new(
                format!(
                    "{} in its usual forms over these parameters with {}",
                    got.digest,
                    self.secret_names()
                ),
                format!("用这些参数和密钥 {} 以各种常见方式计算的 {}", self.secret_names(), got.digest),
            ),
        ]
    }

    fn secret_names(&self) -> String {
        self.secrets().iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn next(&self, got: &Got) -> Vec<Words> {
        let mut next = vec![
            Words::new(
                "is it the secret of this environment and this app? give the others as well, they are tried too",
                "密钥是不是这个环境、这个应用的？把其他密钥也给出来，会一并尝试",
            ),
            Words::new(
                "are these the very values that were signed? a nonce or time stamp made again, or a body written anew, \
                 changes everything",
                "这些值是不是签名时用的原值？重新生成的随机串、时间戳或重新序列化的报文都会让签名完全不同",
            ),
        ];
        match self.platform() {
            Some(Platform::Webank) => next.push(Words::new(
                "is the ticket still the one that signed? fetching a new one, from anywhere, ends the old one \
                 (webank SPEC.md §2.3)",
                "ticket 是不是签名时的那一个？任何地方重新获取都会让旧的失效（webank SPEC.md §2.3）",
            )),
            Some(Platform::WebankCallback) => next.push(Words::new(
                "is `Plain` taken as it was received, before decoding, and the salt the current one? \
                 (webank SPEC.md §5)",
                "`Plain` 是不是收到时未解码的原文？salt 是不是当前的？（webank SPEC.md §5）",
            )),
            _ => {}
        }
        next.push(Words::new(
            format!(
                "a signature of this length is taken for {}; SM3, SHA-512 and cut digests are not tried",
                got.digest
            ),
            format!("按长度判断为 {}；未尝试 SM3、SHA-512 和被截断的摘要", got.digest),
        ));
        if let Err(refusal) = self.check() {
            next.insert(
                0,
                Words::new(
                    format!("the platform would refuse this request anyway: {refusal}"),
                    format!("平台本来就会拒绝这个请求：{refusal}"),
                ),
            );
        }
        next
    }
}
