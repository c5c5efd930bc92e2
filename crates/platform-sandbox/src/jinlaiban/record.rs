//! A record as it arrived, read as strictly as the document writes it.

use std::fmt;

use ::jinlaiban::CreateDate;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// One record of a push (`jinlaiban SPEC.md §3`), every member as it came. `Debug` shows the id alone.
#[derive(Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushedRecord {
    /// Unique per business event.
    pub id: String,
    /// The platform's user id.
    pub user_id: String,
    /// Perhaps masked.
    #[serde(default, deserialize_with = "text")]
    pub user_phone: Option<String>,
    /// `未认证用户` when there is none.
    #[serde(default, deserialize_with = "text")]
    pub user_name: Option<String>,
    /// The item.
    pub busi_item: String,
    /// Its description.
    #[serde(default, deserialize_with = "text")]
    pub busi_detail: Option<String>,
    /// `yyyy-MM-dd HH:mm:ss`, China time.
    pub create_date: String,
}

/// jinlaiban SPEC.md §3: null optional members are left out, so a null is a mistake.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

impl fmt::Debug for PushedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushedRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why `data` is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RecordsError {
    #[error("`data` is not a JSON array (column {column})")]
    NotArray { column: usize },
    #[error("`data` is empty")]
    Empty,
    #[error("record {number} of `data`: {reason}")]
    Record { number: usize, reason: String },
}

pub(super) fn read(data: &str) -> Result<Vec<PushedRecord>, RecordsError> {
    let raw: Vec<&RawValue> =
        serde_json::from_str(data).map_err(|error| RecordsError::NotArray { column: error.column() })?;
    if raw.is_empty() {
        return Err(RecordsError::Empty);
    }
    (1..)
        .zip(raw)
        .map(|(number, raw)| one(raw).map_err(|reason| RecordsError::Record { number, reason }))
        .collect()
}

fn one(raw: &RawValue) -> Result<PushedRecord, String> {
    let record: PushedRecord = serde_json::from_str(raw.get()).map_err(|error| explain(&error))?;
    let required = [("id", &record.id), ("user_id", &record.user_id), ("busi_item", &record.busi_item)];
    if let Some((name, _)) = required.iter().find(|(_, value)| value.is_empty()) {
        return Err(format!("`{name}` is empty"));
    }
    // jinlaiban SPEC.md §3: without a name it is `未认证用户`.
    if record.user_name.as_deref() == Some("") {
        return Err("`user_name` is empty: leave it out or write `未认证用户`".into());
    }
    CreateDate::parse(&record.create_date).map_err(|error| format!("`create_date`: {error}"))?;
    Ok(record)
}

/// The parser's words quote values, which may be personal; only those that quote a name are passed on.
fn explain(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let names = ["missing field", "unknown field", "duplicate field"];
    match names.iter().find(|start| message.starts_with(**start)) {
        Some(_) => message.split(',').next().unwrap_or_default().to_owned(),
        None => format!("not an object of texts (column {})", error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"1","user_id":"u","busi_item":"查询","create_date":"2021-03-17 18:57:03"}"#;

    #[track_caller]
    fn check(data: &str, expected: &str) {
        let error = read(data).map(|records| records.len()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn records_are_read_strictly() {
        assert_eq!(read(&format!("[{GOOD},{GOOD}]")).unwrap().len(), 2);
        check("", "not a JSON array");
        check("{}", "not a JSON array");
        check("[", "not a JSON array");
        check("[]", "`data` is empty");
        check(&format!("[{GOOD},1]"), "record 2 of `data`: not an object of texts");
        check(&format!("[{}]", GOOD.replace("\"1\"", "1")), "not an object of texts");
        check(&format!("[{}]", GOOD.replace("\"1\"", "null")), "not an object of texts");
        check(&format!("[{}]", GOOD.replace("\"1\"", "\"\"")), "`id` is empty");
        check(&format!("[{}]", GOOD.replace("\"u\"", "\"\"")), "`user_id` is empty");
        check(&format!("[{}]", GOOD.replace("查询", "")), "`busi_item` is empty");
        check(&format!("[{}]", GOOD.replace("busi_item", "busi_itme")), "unknown field `busi_itme`");
        check(&format!("[{}]", GOOD.replace("\"user_id\":\"u\",", "")), "missing field `user_id`");
        check(&format!("[{}]", GOOD.replace("{", "{\"id\":\"0\",")), "duplicate field `id`");
        check(&format!("[{}]", GOOD.replace("{", "{\"user_phone\":null,")), "not an object of texts");
        check(&format!("[{}]", GOOD.replace("{", "{\"user_name\":\"\",")), "`user_name` is empty");
        check(&format!("[{}]", GOOD.replace("03-17", "02-30")), "`create_date`");
        check(&format!("[{}]", GOOD.replace("17 18", "17   18")), "`create_date`");
    }

    #[test]
    fn no_reason_quotes_a_value() {
        let error = read(&format!("[{}]", GOOD.replace("{", "{\"user_phone\":13800138000,"))).unwrap_err();
        assert!(!error.to_string().contains("138001"), "{error}");
    }
}
