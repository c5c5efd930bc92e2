//! The external check: what is saved under an id, and the external values (SPEC.md §4.8, §4.10 External check).

use crate::attributes::Lookup;
use crate::check::Denies;
use crate::operator::Combine;
use crate::program::Program;
use crate::settings::{Parts, Setting, combination, external_values, shown};
use crate::trace::{Reason, TraceEntry};
use crate::value::Value;

/// What a request says of its external check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExternalAsked<'r> {
    /// `externalConfigId`
    pub(crate) id: &'r Value<'r>,
    /// `externalConfigOperator`
    pub(crate) operator: &'r Value<'r>,
    /// `externalConfigValues`
    pub(crate) values: &'r Value<'r>,
}

/// The external check of a request whose setting is there (SPEC.md §4.8, §4.10 External check).
#[derive(Debug)]
pub(crate) struct External<'r> {
    setting: &'r Setting,
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
    pub(crate) fn new(asked: ExternalAsked<'r>, setting: Option<&'r Setting>) -> Result<Self, Reason> {
        // SPEC.md §4.10 External check: an id that is neither text nor number denies
        if asked.id.as_id().is_none() {
            return Err(Reason::NoSettingId);
        }
        let setting = setting.ok_or(Reason::UnknownSetting)?;
        let saved = setting.compiled.as_ref().map_err(|reason| *reason)?;
        // Operator and values come from the request where given, else from the saved setting.
        let given = match asked.operator {
            absent if combination(absent) == Ok(None) => &saved.operator,
            given => given,
        };
        let combine = combination(given).map(Option::unwrap_or_default);
        let shown = combine.map_or_else(|_| shown(given), |combine| Some(combine.as_str().to_owned()));
        let values = match external_values(asked.values) {
            Ok(Some(values)) => Ok(Values::Requested(values)),
            Ok(None) => match &saved.values {
                Ok(Some(values)) => Ok(Values::Saved(values)),
                Ok(None) => Ok(Values::None),
                Err(reason) => Err(*reason),
            },
            Err(reason) => Err(reason),
        };
        Ok(External { setting, saved: &saved.conditions, combine, shown, values })
    }

    fn values(&self) -> Option<&Program<'_>> {
        match &self.values {
            Ok(Values::Requested(values)) => Some(values),
            Ok(Values::Saved(values)) => Some(values),
            Ok(Values::None) | Err(_) => None,
        }
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = &Program<'_>> {
        std::iter::once(self.saved as &Program<'_>).chain(self.values())
    }

    /// Each group that is not empty must hold by the operator; both empty: deny.
    pub(crate) fn denies(&self, user: &impl Lookup) -> Option<Denies<'_>> {
        let whole = |reason| Some(Denies { condition: None, reason });
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
                    if let Some(denies) = group.denies(user) {
                        return Some(denies);
                    }
                }
            }
        }
        None
    }

    pub(crate) fn explain(&self, user: &impl Lookup) -> Vec<TraceEntry> {
        let (mut entries, saved_values) = self.setting.read_again(|body| {
            // It has been compiled before.
            let Ok(parts) = Parts::of(body) else { return Default::default() };
            let values = parts.values.ok().flatten().map(|values| values.explain(user));
            (parts.conditions.explain(user), values.unwrap_or_default())
        });
        let values = match &self.values {
            Ok(Values::Requested(values)) => values.explain(user),
            Ok(Values::Saved(_)) => saved_values,
            Ok(Values::None) | Err(_) => Vec::new(),
        };
        for mut entry in values {
            entry.operator.clone_from(&self.shown);
            entries.push(entry);
        }
        entries
    }
}
