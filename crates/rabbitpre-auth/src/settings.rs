//! Saved settings: what the editor saved, compiled; and where they are kept (SPEC.md §2, §4.8).

mod external;
mod memory;
#[cfg(feature = "server")]
mod state;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

pub(crate) use self::external::{combination, external_values, shown};
pub use self::memory::MemorySettings;
#[cfg(feature = "server")]
pub use self::state::{StateSettings, StateSettingsError};
use crate::json::{ReadError, read, read_file};
use crate::program::Program;
use crate::trace::Reason;
use crate::value::Value;
use crate::wire::{SaveRequest, SettingItem};

/// A future of a trait that is used through `dyn`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A saved setting: the body of the save, and what it compiles to.
#[derive(Clone)]
pub struct Setting {
    /// As JSON: as a tree it would take many times the memory.
    json: Box<str>,
    pub(crate) compiled: Result<Compiled, Reason>,
}

/// The parts of a setting that a check reads.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    /// They decide; what it takes to explain is read again from the JSON.
    pub(crate) conditions: Program<'static>,
    /// `externalConfigOperator` as written; `[]` for any list or object.
    pub(crate) operator: Value<'static>,
    /// They decide, like the conditions.
    pub(crate) values: Result<Option<Program<'static>>, Reason>,
}

/// The same, of a body that is at hand.
pub(crate) struct Parts<'v> {
    pub(crate) conditions: Program<'v>,
    operator: &'v Value<'v>,
    pub(crate) values: Result<Option<Program<'v>>, Reason>,
}

impl Setting {
    /// Reads what [`Setting::to_json`] wrote, or the body of a save.
    ///
    /// A body that is JSON but no setting is kept all the same; checks against it are denied.
    ///
    /// # Errors
    /// [`ReadError`]: not JSON, too large or too deep.
    pub fn parse(json: &[u8]) -> Result<Self, ReadError> {
        read(json).map(|body| Self::from_value(&body))
    }

    /// The same from JSON that has been read already.
    #[must_use]
    pub fn from_value(body: &Value<'_>) -> Self {
        let json = crate::wire::json(body).into_boxed_str();
        Setting { json, compiled: Parts::of(body).map(Parts::into_decider) }
    }

    /// The body of the save, for a store to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json.clone().into_string()
    }

    /// What was saved, read once more: whoever asks for it has time.
    pub(crate) fn read_again<T>(&self, look: impl FnOnce(&Value<'_>) -> T) -> T {
        // We have written it, from what was read.
        look(&read_file(self.json.as_bytes()).unwrap_or(Value::Null))
    }
}

/// Shows nothing of what was saved.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting({} bytes)", self.json.len())
    }
}

impl From<SaveRequest<'_>> for Setting {
    fn from(request: SaveRequest<'_>) -> Self {
        Self::from_value(&request.into_value())
    }
}

impl<'v> Parts<'v> {
    pub(crate) fn of(body: &'v Value<'v>) -> Result<Self, Reason> {
        let members = body.as_object().ok_or(Reason::UnreadableSetting)?;
        let items = SettingItem::of(members.member("settingData")).ok_or(Reason::UnreadableSetting)?;
        Ok(Parts {
            conditions: items.into_iter().map(SettingItem::written).collect(),
            operator: members.member("externalConfigOperator"),
            values: external_values(members.member("externalConfigValues")),
        })
    }

    fn into_decider(self) -> Compiled {
        Compiled {
            conditions: self.conditions.into_decider(),
            operator: match self.operator {
                // Neither is an operator, whatever is in it.
                Value::List(_) | Value::Object(_) => Value::List(Vec::new()),
                scalar => scalar.clone().into_owned(),
            },
            values: self.values.map(|values| values.map(Program::into_decider)),
        }
    }
}

/// Why a store did not do what it was asked to.
#[derive(Debug)]
pub enum StoreError {
    /// Nothing is saved under the id that was to be replaced; nothing has changed.
    UnknownId,
    /// The store itself failed.
    Failed(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownId => "no setting is saved under this id; save it without an id",
            Self::Failed(_) => "the settings store failed; look after it",
        })
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::UnknownId => None,
            Self::Failed(cause) => Some(&**cause),
        }
    }
}

/// What a [`SettingsStore`] has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SettingsCounters {
    /// How often the place where settings are kept was asked.
    pub loaded: u64,
    /// How many settings were compiled because what was found there was new.
    pub compiled: u64,
    /// How often nobody had to be asked.
    pub answered_from_cache: u64,
}

/// Keeps settings. When [`SettingsStore::save`] answers, the setting is as durable as the store can make it.
pub trait SettingsStore: Send + Sync {
    /// The setting under the id, or `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Failed`]; the check is then denied as not decidable.
    fn load<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>>;

    /// Replaces the setting under the id, or creates one under a new id. Returns its id.
    ///
    /// A new id is never one that was given out before, not even by an earlier process: the platform keeps
    /// ids, and a page must not end up with another page's setting.
    ///
    /// # Errors
    /// [`StoreError::UnknownId`] if there is nothing to replace, [`StoreError::Failed`].
    fn save<'a>(&'a self, id: Option<&'a str>, setting: Setting) -> Pending<'a, Result<String, StoreError>>;

    /// What was done so far, for whoever watches; all 0 for a store that does not count.
    fn counters(&self) -> SettingsCounters {
        SettingsCounters::default()
    }
}

impl<S: SettingsStore + ?Sized> SettingsStore for Arc<S> {
    fn load<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>> {
        (**self).load(id)
    }

    fn save<'a>(&'a self, id: Option<&'a str>, setting: Setting) -> Pending<'a, Result<String, StoreError>> {
        (**self).save(id, setting)
    }

    fn counters(&self) -> SettingsCounters {
        (**self).counters()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::Attributes;

    #[test]
    fn a_setting_keeps_what_decides_and_the_json() {
        let json = r#"{"userId":"u","settingData":[{"name":"phone","value":["13900000000"]}],"externalConfigOperator":[["13900000000"]],"externalConfigValues":[["phone","13900000000"]]}"#;
        let setting = Setting::parse(format!("  {json}\n").as_bytes()).unwrap();
        assert_eq!(setting.to_json(), json);
        let compiled = setting.compiled.as_ref().unwrap();
        assert_eq!(compiled.operator, Value::List(Vec::new()));
        // Neither can explain: it has not kept what it takes.
        let user = Attributes::parse(br#"{"phone":"13900000000"}"#).unwrap();
        let values = compiled.values.as_ref().unwrap().as_ref().unwrap();
        assert!(compiled.conditions.holds(&user) && compiled.conditions.explain(&user).is_empty());
        assert!(values.holds(&user) && values.explain(&user).is_empty());
        // What was saved can.
        let expected =
            setting.read_again(|body| Parts::of(body).unwrap().conditions.explain(&user)[0].expected.clone());
        assert_eq!(expected, Value::from(vec!["13900000000"]));
        assert!(!format!("{setting:?}").contains("139"), "{setting:?}");
    }
}
