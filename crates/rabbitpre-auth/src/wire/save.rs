//! The body of a save (SPEC.md §2, §4.10 Limits).

use crate::error::SaveError;
use crate::json::read;
use crate::rule::Written;
use crate::value::{NULL, Object, Value};

/// A setting that the platform's editor asks us to keep. Unknown members are kept.
///
/// Types and operators are taken as they are; the evaluation denies what it does not know.
#[derive(Debug, Clone)]
pub struct SaveRequest<'a> {
    members: Object<'a>,
    skipped: usize,
}

impl<'a> SaveRequest<'a> {
    /// Reads a body of at most 1 MiB.
    ///
    /// # Errors
    /// [`SaveError`], code 400: unreadable, without `userId`, or with `settingData` that is no list of objects.
    pub fn parse(body: &'a [u8]) -> Result<Self, SaveError> {
        let Value::Object(members) = read(body)? else { return Err(SaveError::NotAnObject) };
        if members.member("userId").as_id().is_none() {
            return Err(SaveError::NoUserId);
        }
        let Value::List(entries) = members.member("settingData") else {
            return Err(SaveError::NoSettingData);
        };
        if !entries.iter().all(|entry| entry.as_object().is_some()) {
            return Err(SaveError::NoSettingData);
        }
        let id = members.member("externalConfigId");
        if !matches!(id, Value::Null | Value::Text(_) | Value::Number(_)) {
            return Err(SaveError::UnreadableId);
        }
        let skipped = entries.iter().filter_map(Value::as_object).filter(|entry| entry.is_empty()).count();
        Ok(SaveRequest { members, skipped })
    }

    /// The id of the setting to replace; `None` creates a new one.
    #[must_use]
    pub fn config_id(&self) -> Option<&str> {
        self.members.member("externalConfigId").as_id()
    }

    /// `userId`: the editor's user.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.members.member("userId").as_id().unwrap_or_default()
    }

    /// How many `{}` entries of `settingData` are skipped (RP-8).
    #[must_use]
    pub const fn skipped(&self) -> usize {
        self.skipped
    }

    /// The saved conditions, `{}` entries left out.
    #[must_use]
    pub fn items(&self) -> Vec<SettingItem<'_, 'a>> {
        SettingItem::of(self.members.member("settingData")).unwrap_or_default()
    }

    /// A member by its exact name: `authScope`, `sceneType`, `componentId` …
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value<'a>> {
        self.members.get(name)
    }

    /// The whole body.
    #[must_use]
    pub fn into_value(self) -> Value<'a> {
        Value::Object(self.members)
    }
}

/// One condition of `settingData[]`: `{label, name, value, type?, operator?}`.
#[derive(Debug, Clone, Copy)]
pub struct SettingItem<'r, 'a>(&'r Object<'a>);

impl<'r, 'a> SettingItem<'r, 'a> {
    /// The items of `settingData`; `None` if it is no list of objects, and so if it is absent.
    pub(crate) fn of(setting_data: &'r Value<'a>) -> Option<Vec<Self>> {
        match setting_data {
            Value::List(entries) => {
                let objects = entries.iter().map(Value::as_object).collect::<Option<Vec<_>>>()?;
                // RP-8: `{}` entries are skipped
                Some(objects.into_iter().filter(|item| !item.is_empty()).map(SettingItem).collect())
            }
            _ => None,
        }
    }

    /// A member by its exact name; null if there is none.
    #[must_use]
    pub fn member(&self, name: &str) -> &'r Value<'a> {
        self.0.get(name).unwrap_or(&NULL)
    }
}

impl<'r> SettingItem<'r, 'r> {
    pub(crate) fn written(self) -> Written<'r> {
        let values = self.member("value");
        let given = self.member("type");
        let absent = matches!(given, Value::Null) || given.as_text() == Some("");
        let param_type = if absent { implied_type(values) } else { given };
        Written::read([
            self.member("name"),
            self.member("label"),
            param_type,
            self.member("operator"),
            values,
        ])
    }
}

static TEXT: Value<'static> = Value::Text(std::borrow::Cow::Borrowed("text"));
static SELECT: Value<'static> = Value::Text(std::borrow::Cow::Borrowed("select"));
static CASCADER: Value<'static> = Value::Text(std::borrow::Cow::Borrowed("cascader"));

/// SPEC.md §4.10 Types and operators: what a saved value without a type is.
fn implied_type(value: &Value<'_>) -> &'static Value<'static> {
    match value {
        Value::Object(_) => &CASCADER,
        Value::List(entries) if entries.iter().any(|e| matches!(e, Value::Object(_) | Value::List(_))) => {
            &CASCADER
        }
        Value::List(_) => &SELECT,
        _ => &TEXT,
    }
}
