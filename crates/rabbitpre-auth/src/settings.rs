//! Saved settings: what the editor saved, compiled; and where they are kept (SPEC.md §2, §4.8).

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crate::decimal::scalar_text;
use crate::json::{ReadError, read};
use crate::operator::Combine;
use crate::path::{PathSet, node};
use crate::program::Program;
use crate::rule::{Expected, Relation, Rule, Test};
use crate::trace::Reason;
use crate::value::Value;
use crate::wire::{SaveRequest, SettingItem};

/// A future of a trait that is used through `dyn`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A saved setting: the body of the save, and what it compiles to.
#[derive(Debug, Clone)]
pub struct Setting {
    body: Value<'static>,
    pub(crate) compiled: Result<Compiled, Reason>,
}

/// The parts of a setting that a check reads.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) conditions: Program<'static>,
    /// `externalConfigOperator` as written.
    pub(crate) operator: Value<'static>,
    pub(crate) values: Result<Option<Program<'static>>, Reason>,
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
        Setting { body: body.clone().into_owned(), compiled: Compiled::new(body) }
    }

    /// The body of the save, for a store to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::wire::json(&self.body)
    }
}

impl From<SaveRequest<'_>> for Setting {
    fn from(request: SaveRequest<'_>) -> Self {
        Self::from_value(&request.into_value())
    }
}

impl Compiled {
    fn new(body: &Value<'_>) -> Result<Self, Reason> {
        let members = body.as_object().ok_or(Reason::UnreadableSetting)?;
        let items = SettingItem::of(members.member("settingData")).ok_or(Reason::UnreadableSetting)?;
        let conditions = items.into_iter().map(SettingItem::written).collect::<Program<'_>>();
        Ok(Compiled {
            conditions: conditions.into_owned(),
            operator: members.member("externalConfigOperator").clone().into_owned(),
            values: external_values(members.member("externalConfigValues"))
                .map(|values| values.map(Program::into_owned)),
        })
    }
}

/// `externalConfigOperator`: `None` if it is not given, that is null, absent or `""`; `[]` and `{}` are unknown
/// (SPEC.md §4.10 External check).
pub(crate) fn combination(given: &Value<'_>) -> Result<Option<Combine>, Reason> {
    match given {
        Value::Null => Ok(None),
        Value::Text(word) if word.is_empty() => Ok(None),
        Value::Text(word) => Combine::parse(word).map(Some).ok_or(Reason::UnknownCombination),
        _ => Err(Reason::UnknownCombination),
    }
}

/// `externalConfigValues`: `None` if they are not given, that is null, absent or empty
/// (SPEC.md §4.10 External check).
pub(crate) fn external_values<'a>(given: &'a Value<'a>) -> Result<Option<Program<'a>>, Reason> {
    match given {
        Value::Null => Ok(None),
        Value::Text(text) if text.is_empty() => Ok(None),
        Value::List(entries) if entries.is_empty() => Ok(None),
        // A lone text as values is one entry; another kind denies.
        Value::Text(_) | Value::List(_) => {
            Ok(Some(Program { rules: given.elements().iter().map(external_value).collect() }))
        }
        _ => Err(Reason::UnreadableExternalValues),
    }
}

/// SPEC.md §4.8: the first node names an attribute, the rest is a cascader path in it.
fn external_value<'a>(entry: &'a Value<'a>) -> Rule<'a> {
    let nodes = match entry {
        Value::Text(_) => std::slice::from_ref(entry),
        Value::List(nodes) => nodes,
        _ => &[],
    };
    let name = nodes.first().and_then(node).unwrap_or_default();
    let test = match nodes {
        _ if name.is_empty() => Err(Reason::UnreadableValues),
        [_] => Ok(Test::Content),
        [_, path @ ..] => {
            PathSet::single(path).map(|set| Test::Paths(Relation::Some, set)).ok_or(Reason::UnreadableValues)
        }
        [] => Err(Reason::UnreadableValues),
    };
    Rule { label: name.clone(), name, operator: None, expected: Expected::Borrowed(entry), test }
}

/// How an operator is shown in a trace: the word that is in force, or what was written instead.
pub(crate) fn shown(given: &Value<'_>) -> Option<String> {
    scalar_text(given).filter(|word| !word.is_empty()).map(Cow::into_owned)
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
}

/// Settings in memory, gone with the process.
pub struct MemorySettings {
    /// Names the process in each id, so that a later process does not give out the same ones.
    prefix: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    settings: HashMap<String, Arc<Setting>>,
    created: u64,
}

impl MemorySettings {
    /// An empty store. Ids are `prefix` and a number; give each process another prefix.
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        MemorySettings { prefix: prefix.into(), kept: Mutex::default() }
    }

    /// Keeps a setting under an id of the caller's choosing.
    pub fn insert(&self, id: impl Into<String>, setting: Setting) {
        self.kept().settings.insert(id.into(), Arc::new(setting));
    }

    /// The setting under the id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Setting>> {
        self.kept().settings.get(id).cloned()
    }

    /// Replaces the setting under the id, or creates one; the same as [`SettingsStore::save`].
    ///
    /// # Errors
    /// [`StoreError::UnknownId`] if there is nothing to replace.
    pub fn put(&self, id: Option<&str>, setting: Setting) -> Result<String, StoreError> {
        let mut kept = self.kept();
        let id = match id {
            Some(id) if kept.settings.contains_key(id) => id.to_owned(),
            Some(_) => return Err(StoreError::UnknownId),
            None => loop {
                kept.created += 1;
                let id = format!("{}{}", self.prefix, kept.created);
                // One may be there already, by `insert`.
                if !kept.settings.contains_key(&id) {
                    break id;
                }
            },
        };
        kept.settings.insert(id.clone(), Arc::new(setting));
        Ok(id)
    }

    /// A panic elsewhere leaves whole settings behind: each change is one insertion.
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemorySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemorySettings({} settings)", self.kept().settings.len())
    }
}

impl SettingsStore for MemorySettings {
    fn load<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>> {
        Box::pin(async move { Ok(self.get(id)) })
    }

    fn save<'a>(&'a self, id: Option<&'a str>, setting: Setting) -> Pending<'a, Result<String, StoreError>> {
        Box::pin(async move { self.put(id, setting) })
    }
}

impl<S: SettingsStore + ?Sized> SettingsStore for Arc<S> {
    fn load<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<Arc<Setting>>, StoreError>> {
        (**self).load(id)
    }

    fn save<'a>(&'a self, id: Option<&'a str>, setting: Setting) -> Pending<'a, Result<String, StoreError>> {
        (**self).save(id, setting)
    }
}
