//! A request, a recipe and the secrets: signing, rightly or with a mistake.

use sign_core::{SigningText, TextSink as _};

use crate::catalogue::catalogue;
use crate::plan::Plan;
use crate::prepared::Prepared;
use crate::text;
use crate::{Mutation, NamedSecret, Platform, Recipe, Request, Value};

/// What is examined: how it should be signed, what was signed, and with which secrets. The first secret is the right
/// one; the others are those it may have been mixed up with.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    recipe: &'a Recipe,
    platform: Option<Platform>,
    request: &'a Request,
    secrets: &'a [NamedSecret],
}

impl<'a> Case<'a> {
    /// A case of any platform.
    ///
    /// # Errors
    /// [`Refusal::NoSecret`]: the caller gave none.
    pub fn new(
        recipe: &'a Recipe,
        request: &'a Request,
        secrets: &'a [NamedSecret],
    ) -> Result<Self, Refusal> {
        if secrets.is_empty() {
            return Err(Refusal::NoSecret);
        }
        Ok(Self { recipe, platform: None, request, secrets })
    }

    /// Says that the recipe is this platform's, so that mistakes are told with the sections of its `SPEC.md`.
    #[must_use]
    pub const fn of(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// How it should be signed.
    #[must_use]
    pub const fn recipe(&self) -> &'a Recipe {
        self.recipe
    }

    /// Whose recipe it is, if it is known.
    #[must_use]
    pub const fn platform(&self) -> Option<Platform> {
        self.platform
    }

    /// What was signed.
    #[must_use]
    pub const fn request(&self) -> &'a Request {
        self.request
    }

    /// With which secrets, the right one first.
    #[must_use]
    pub const fn secrets(&self) -> &'a [NamedSecret] {
        self.secrets
    }

    /// Can this request be signed at all?
    ///
    /// # Errors
    /// [`Refusal`] says what the platform would refuse: the caller's mistake.
    pub fn check(&self) -> Result<(), Refusal> {
        for name in &self.recipe.required.names {
            match self.request.get(name) {
                None if self.recipe.required.may_be_absent => {}
                None => return Err(Refusal::Missing { name: name.clone() }),
                Some(value)
                    if value.text().is_none_or(|it| it.is_empty() && !self.recipe.required.may_be_empty) =>
                {
                    return Err(Refusal::Empty { name: name.clone() });
                }
                Some(_) => {}
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for (at, parameter) in self.request.parameters().iter().enumerate() {
            let name = parameter.name.as_str();
            if !self.recipe.selection.takes(name) {
                continue;
            }
            if !name.is_empty() && seen.contains(&name) {
                return Err(Refusal::Twice { name: name.to_owned() });
            }
            seen.push(name);
            let whole = |text: &str| text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
            match &parameter.value {
                Value::Json(_) => return Err(Refusal::Unsupported { name: self.request.label(at) }),
                Value::Number(text) if !whole(text) => {
                    return Err(Refusal::Unsupported { name: self.request.label(at) });
                }
                Value::Null | Value::Number(_) | Value::Text(_) => {}
            }
        }
        Ok(())
    }

    /// The signature, as the platform wants it.
    ///
    /// ```
    /// use sign_doctor::{Case, NamedSecret, Platform, Request};
    /// let recipe = Platform::Jinlaiban.recipe();
    /// let request = Request::texts([("uid", "1000"), ("timestamp", "1548047628")]);
    /// let secrets = [NamedSecret::new("the example's secret", "58b31d465652be856d7ed80977aa4ce4")?];
    /// let case = Case::new(&recipe, &request, &secrets)?;
    /// assert_eq!(case.sign()?, "15540d3398e5ed2a37533e3fc032e1a0"); // jinlaiban SPEC.md §2
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Case::check`].
    pub fn sign(&self) -> Result<String, Refusal> {
        self.check()?;
        Ok(self.sign_wrongly(&[]))
    }

    /// The mistakes that can be made with this request, the likely ones first. Those that are told by the look of the
    /// signature alone (its letters, its length) are not on the list.
    #[must_use]
    pub fn mutations(&self) -> Vec<Mutation> {
        catalogue(self.recipe, &self.prepared(false), self.secrets, false)
    }

    /// The signature that somebody gets who makes these mistakes, at most three of them; requests that a platform
    /// refuses are signed all the same.
    #[must_use]
    pub fn sign_wrongly(&self, mistakes: &[Mutation]) -> String {
        let prepared = self.prepared(mistakes.iter().any(is_wide));
        text::signature(&prepared, &self.plan(&prepared, mistakes), self.secrets)
    }

    /// The text to sign with these mistakes, at most three; none of them gives the right one. It shows itself masked.
    #[must_use]
    pub fn signing_text(&self, mistakes: &[Mutation]) -> SigningText {
        let prepared = self.prepared(mistakes.iter().any(is_wide));
        let plan = self.plan(&prepared, mistakes);
        let mut text = SigningText::default();
        text::write(&prepared, &plan, self.secrets, &mut |kind, piece| {
            text.segment(kind, &plan.globals.text.shown(piece));
        });
        text
    }

    /// The bytes that go into the digest, secret included.
    pub(crate) fn text_bytes(&self, mistakes: &[Mutation]) -> zeroize::Zeroizing<Vec<u8>> {
        let prepared = self.prepared(mistakes.iter().any(is_wide));
        let plan = self.plan(&prepared, mistakes);
        let mut bytes = zeroize::Zeroizing::new(Vec::new());
        text::write(&prepared, &plan, self.secrets, &mut |_, text| {
            bytes.extend_from_slice(&plan.globals.text.apply(text));
        });
        bytes
    }

    pub(crate) fn prepared(&self, wide: bool) -> Prepared<'a> {
        Prepared::new(self.recipe, self.request, wide)
    }

    pub(crate) fn plan(&self, prepared: &Prepared<'_>, mistakes: &[Mutation]) -> Plan<'a> {
        mistakes.iter().fold(Plan::of(self.recipe), |plan, mutation| plan.with(*mutation, prepared))
    }
}

pub(crate) fn is_wide(mutation: &Mutation) -> bool {
    matches!(mutation, Mutation::Time(_, form) if form.is_wide())
}

/// A request cannot be signed: the caller's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No secret was given.
    #[error("no secret is given: nothing can be signed without one")]
    NoSecret,
    /// A required parameter is not there.
    #[error("parameter `{name}` is missing: the platform requires it")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A required parameter is null or empty.
    #[error("required parameter `{name}` is empty: give it a value before signing")]
    Empty {
        /// Its name.
        name: String,
    },
    /// A name is given twice, so that it is not clear which value the platform will read.
    #[error("parameter `{name}` is given twice: give it once")]
    Twice {
        /// Its name.
        name: String,
    },
    /// Neither text nor a whole number: nobody says how it is written before it is signed.
    #[error("parameter `{name}` is neither a text nor a whole number: make it the text that is sent")]
    Unsupported {
        /// Its name, or `value 3`.
        name: String,
    },
}
