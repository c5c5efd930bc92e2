//! The whole check: the request's conditions, then the external check (SPEC.md §4.1, §4.8, §4.10).

use std::fmt;

use crate::attributes::{Attributes, Lookup, User};
use crate::operator::Combine;
use crate::program::Program;
use crate::settings::{Setting, combination, external_values, shown};
use crate::trace::{Reason, Trace, TraceEntry};
use crate::value::{NULL, Value};
use crate::wire::CheckRequest;

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
    pub condition: Option<String>,
    /// Why.
    pub reason: Reason,
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
    request: &'r CheckRequest<'r>,
    conditions: Program<'r>,
    /// `None` if `checkType` is false (SPEC.md §4.8).
    external: Option<Result<External<'r>, Reason>>,
}

impl<'r> Check<'r> {
    /// Compiles the request. `setting` is what is saved under [`CheckRequest::setting_id`]; without it a check
    /// that asks for one is denied.
    #[must_use]
    pub fn new(request: &'r CheckRequest<'r>, setting: Option<&'r Setting>) -> Self {
        Check {
            request,
            conditions: Program::compile(request.conditions()),
            external: request.check_type().then(|| External::new(request, setting)),
        }
    }

    /// The attributes the check reads, with repetitions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let external = self.external.iter().flatten();
        self.conditions
            .names()
            .chain(external.flat_map(|external| external.groups()).flat_map(|group| group.names()))
    }

    /// Decides, given what the attribute source knows about the user.
    #[must_use]
    pub fn decide(&self, source: &Attributes<'_>) -> Decision {
        self.decide_for(&User { source, param: self.request.user() })
    }

    /// The same decision as long as `going` says so, which is asked before each condition. [`None`] when it did not to
    /// the end: the request asks for more work than there is time for, and nobody is let in.
    #[must_use]
    pub fn decide_while(&self, source: &Attributes<'_>, going: impl Fn() -> bool) -> Option<Decision> {
        let user = Patient { user: User { source, param: self.request.user() }, going };
        let decision = self.decide_for(&user);
        (user.going)().then_some(decision)
    }

    fn decide_for(&self, user: &impl Lookup) -> Decision {
        if let Some((rule, reason)) = self.conditions.first_denial(user) {
            return Decision::Denied(Denial { condition: Some(rule.label.clone().into_owned()), reason });
        }
        match self
            .external
            .as_ref()
            .map(|external| external.as_ref().map_or_else(external_denial, |e| e.denial(user)))
        {
            None | Some(None) => Decision::Allowed,
            Some(Some(denial)) => Decision::Denied(denial),
        }
    }

    /// The same decision, with an account of every condition (SPEC.md §4.9).
    #[must_use]
    pub fn explain(&self, source: &Attributes<'_>) -> Trace {
        let user = User { source, param: self.request.user() };
        let mut entries = self.conditions.explain(&user);
        let mut external = None;
        if let Some(Ok(check)) = &self.external {
            entries.extend(check.explain(&user));
        }
        if let Some(check) = &self.external {
            let denial = check.as_ref().map_or_else(external_denial, |check| check.denial(&user));
            external = denial.filter(|denial| denial.condition.is_none()).map(|denial| denial.reason);
        }
        Trace { allowed: self.decide(source).is_allowed(), external, entries }
    }
}

/// A user whose attributes are there as long as somebody has patience: without attributes every condition denies, and
/// at once (SPEC.md §4.7).
struct Patient<'a, F> {
    user: User<'a>,
    going: F,
}

impl<F: Fn() -> bool> Lookup for Patient<'_, F> {
    fn attribute(&self, name: &str) -> Option<&Value<'_>> {
        if (self.going)() { self.user.attribute(name) } else { None }
    }
}

const fn external_denial(reason: &Reason) -> Option<Denial> {
    Some(Denial { condition: None, reason: *reason })
}

/// The external check of a request whose setting is there (SPEC.md §4.8, §4.10 External check).
#[derive(Debug)]
struct External<'r> {
    saved: &'r Program<'static>,
    combine: Result<Combine, Reason>,
    /// The operator in force, as a trace shows it.
    shown: Option<String>,
    values: Result<Values<'r>, Reason>,
}

/// The external values, where they come from.
#[derive(Debug)]
enum Values<'r> {
    Requested(Program<'r>),
    Saved(&'r Program<'static>),
    None,
}

impl<'r> External<'r> {
    fn new(request: &'r CheckRequest<'r>, setting: Option<&'r Setting>) -> Result<Self, Reason> {
        // SPEC.md §4.10 External check: an id that is neither text nor number denies
        if request.setting_id().is_none() {
            return Err(Reason::NoSettingId);
        }
        let saved = setting.ok_or(Reason::UnknownSetting)?.compiled.as_ref().map_err(|reason| *reason)?;
        // Operator and values come from the request where given, else from the saved setting.
        let member = |name| request.member(name).unwrap_or(&NULL);
        let given = match member("externalConfigOperator") {
            absent if combination(absent) == Ok(None) => &saved.operator,
            given => given,
        };
        let combine = combination(given).map(Option::unwrap_or_default);
        let shown = combine.map_or_else(|_| shown(given), |combine| Some(combine.as_str().to_owned()));
        let values = match external_values(member("externalConfigValues")) {
            Ok(Some(values)) => Ok(Values::Requested(values)),
            Ok(None) => match &saved.values {
                Ok(Some(values)) => Ok(Values::Saved(values)),
                Ok(None) => Ok(Values::None),
                Err(reason) => Err(*reason),
            },
            Err(reason) => Err(reason),
        };
        Ok(External { saved: &saved.conditions, combine, shown, values })
    }

    fn values(&self) -> Option<&Program<'_>> {
        match &self.values {
            Ok(Values::Requested(values)) => Some(values),
            Ok(Values::Saved(values)) => Some(values),
            Ok(Values::None) | Err(_) => None,
        }
    }

    fn groups(&self) -> impl Iterator<Item = &Program<'_>> {
        std::iter::once(self.saved as &Program<'_>).chain(self.values())
    }

    /// Each group that is not empty must hold by the operator; both empty: deny.
    fn denial(&self, user: &impl Lookup) -> Option<Denial> {
        let whole = |reason| Some(Denial { condition: None, reason });
        let combine = match (&self.combine, &self.values) {
            (Ok(combine), Ok(_)) => combine,
            (Err(reason), _) | (_, Err(reason)) => return whole(*reason),
        };
        if self.groups().all(Program::is_empty) {
            return whole(Reason::NothingToCheck);
        }
        let reasons = [Reason::NoSavedConditionHolds, Reason::NoExternalValueHolds];
        for (group, reason) in self.groups().zip(reasons).filter(|(group, _)| !group.is_empty()) {
            match combine {
                Combine::In if !group.any_holds(user) => return whole(reason),
                Combine::In => {}
                Combine::All => {
                    if let Some((rule, reason)) = group.first_denial(user) {
                        return Some(Denial { condition: Some(rule.label.clone().into_owned()), reason });
                    }
                }
            }
        }
        None
    }

    fn explain(&self, user: &impl Lookup) -> Vec<TraceEntry> {
        let mut entries = self.saved.explain(user);
        for mut entry in self.values().map(|values| values.explain(user)).unwrap_or_default() {
            entry.operator.clone_from(&self.shown);
            entries.push(entry);
        }
        entries
    }
}

/// Decides one check; see [`Check`] for the steps in between.
#[must_use]
pub fn check(request: &CheckRequest<'_>, source: &Attributes<'_>, setting: Option<&Setting>) -> Decision {
    Check::new(request, setting).decide(source)
}
