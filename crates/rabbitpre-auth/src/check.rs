//! The whole check: the request's conditions, then the external check (SPEC.md §4.1, §4.8, §4.10).

use std::fmt;

use crate::attributes::{Attributes, Lookup, User};
use crate::external::{External, ExternalAsked};
use crate::label::Label;
use crate::patience::Patient;
use crate::program::Program;
use crate::programs::Kept;
use crate::settings::Setting;
use crate::trace::{Reason, Trace, TraceEntry};
use crate::wire::{CheckRequest, UserParam};

/// May the user take part?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allowed,
    /// No, and why.
    Denied(Denial),
}

impl Decision {
    /// Whether the user may take part.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// What denied. `Display` is the answer's `msg`: Chinese, and nothing of what the user has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// What people call the condition that denied; `None` if it was the external check as a whole.
    pub condition: Option<Label>,
    /// Why.
    pub reason: Reason,
}

/// What denies, before anybody keeps it: a [`Denial`] holds a copy of the label, which is made once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Denies<'p> {
    /// `None` if it is the external check as a whole.
    pub(crate) condition: Option<&'p Label>,
    pub(crate) reason: Reason,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason.chinese();
        match &self.condition {
            Some(label) => write!(f, "鉴权不通过：条件「{label}」：{reason}"),
            None => write!(f, "鉴权不通过：{reason}"),
        }
    }
}

/// A check, compiled: everything but the user's attributes is in it.
///
/// ```
/// use rabbitpre_auth::{Attributes, Check, CheckRequest};
///
/// let request = CheckRequest::parse(r#"{"userParam":{"audid":1},"authParams":[
///     {"chineseName":"城市","englishName":"city","paramType":"select","values":["北京","上海"]}]}"#.as_bytes())?;
/// let check = Check::new(&request, None);
/// let user = Attributes::parse(r#"{"city":"上海"}"#.as_bytes()).unwrap();
/// assert!(check.decide(&user).is_allowed());
/// assert_eq!(check.explain(&user).entries[0].had, "**".into());
/// # Ok::<(), rabbitpre_auth::Undecidable>(())
/// ```
#[derive(Debug)]
pub struct Check<'r> {
    user: &'r UserParam<'r>,
    conditions: Conditions<'r>,
    /// `None` if `checkType` is false (SPEC.md §4.8).
    external: Option<Result<External<'r>, Reason>>,
}

/// The conditions of the request, compiled.
#[derive(Debug)]
pub(crate) enum Conditions<'r> {
    /// For this check.
    Compiled(Program<'r>),
    /// For one before it, with the same conditions.
    Kept(&'r Kept),
}

impl Conditions<'_> {
    #[inline]
    const fn program(&self) -> &Program<'_> {
        match self {
            Conditions::Compiled(program) => program,
            Conditions::Kept(kept) => kept.program(),
        }
    }

    fn explain(&self, user: &impl Lookup) -> Vec<TraceEntry> {
        match self {
            Conditions::Compiled(program) => program.explain(user),
            Conditions::Kept(kept) => kept.explain(user),
        }
    }
}

impl<'r> Check<'r> {
    /// Compiles the request. `setting` is what is saved under [`CheckRequest::setting_id`]; without it a check
    /// that asks for one is denied.
    #[must_use]
    pub fn new(request: &'r CheckRequest<'r>, setting: Option<&'r Setting>) -> Self {
        let conditions = Conditions::Compiled(Program::compile(request.conditions()));
        Self::of(request.user(), conditions, request.asked(), setting)
    }

    pub(crate) fn of(
        user: &'r UserParam<'r>,
        conditions: Conditions<'r>,
        asked: Option<ExternalAsked<'r>>,
        setting: Option<&'r Setting>,
    ) -> Self {
        Check { user, conditions, external: asked.map(|asked| External::new(asked, setting)) }
    }

    /// The attributes the check reads, with repetitions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let external = self.external.iter().flatten();
        let external = external.flat_map(|external| external.groups()).flat_map(|group| group.names());
        self.conditions.program().names().chain(external)
    }

    /// Decides, given what the attribute source knows about the user.
    #[must_use]
    pub fn decide(&self, source: &Attributes<'_>) -> Decision {
        self.decide_for(&User { source, param: self.user })
    }

    /// The same decision as long as `going` says so, which is asked before whatever takes long. [`None`] when it did
    /// not to the end: the request asks for more work than there is time for, and nobody is let in.
    #[must_use]
    pub fn decide_while(&self, source: &Attributes<'_>, going: impl Fn() -> bool) -> Option<Decision> {
        let user = Patient::new(User { source, param: self.user }, going);
        let decision = self.decide_for(&user);
        user.to_the_end().then_some(decision)
    }

    #[inline]
    fn decide_for(&self, user: &impl Lookup) -> Decision {
        match self.conditions.program().denies(user).or_else(|| self.external_denies(user)) {
            Some(Denies { condition, reason }) => {
                Decision::Denied(Denial { condition: condition.cloned(), reason })
            }
            None => Decision::Allowed,
        }
    }

    fn external_denies(&self, user: &impl Lookup) -> Option<Denies<'_>> {
        match self.external.as_ref()? {
            Ok(external) => external.denies(user),
            Err(reason) => Some(Denies { condition: None, reason: *reason }),
        }
    }

    /// The same decision, with an account of every condition (SPEC.md §4.9).
    #[must_use]
    pub fn explain(&self, source: &Attributes<'_>) -> Trace {
        let user = User { source, param: self.user };
        let mut entries = self.conditions.explain(&user);
        if let Some(Ok(check)) = &self.external {
            entries.extend(check.explain(&user));
        }
        let whole = self.external_denies(&user).filter(|denies| denies.condition.is_none());
        let external = whole.map(|denies| denies.reason);
        Trace { allowed: self.decide(source).is_allowed(), external, entries }
    }
}

/// Decides one check; see [`Check`] for the steps in between.
#[must_use]
pub fn check(request: &CheckRequest<'_>, source: &Attributes<'_>, setting: Option<&Setting>) -> Decision {
    Check::new(request, setting).decide(source)
}
