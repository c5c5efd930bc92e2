//! A file and its query in one text.

use std::path::PathBuf;

use super::SqliteQuery;

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Place {
    pub(in crate::source) file: PathBuf,
    pub(in crate::source) query: SqliteQuery,
}

const SHAPE: &str =
    "write `sqlite:FILE?table=TABLE&key=COLUMN`, or `sqlite:FILE?query=SELECT … WHERE audid = :audid`";

impl Place {
    /// # Errors
    /// What is wrong, and what to write.
    pub(in crate::source) fn parse(address: &str) -> Result<Self, &'static str> {
        let rest = address.strip_prefix("sqlite:").ok_or(SHAPE)?;
        let (file, parameters) = rest.split_once('?').ok_or(SHAPE)?;
        if file.is_empty() || file.contains('\0') {
            return Err("`sqlite:` is followed by the path of a file; write `sqlite:FILE?…`");
        }
        // Two slashes are relative to some, absolute to others.
        if file.starts_with("//") {
            return Err("`sqlite:` is followed by the path itself, without `//`; write `sqlite:FILE?…`");
        }
        let (mut table, mut key, mut query) = (None, None, None);
        for parameter in parameters.split('&') {
            let (name, value) = parameter.split_once('=').ok_or(SHAPE)?;
            let place = match name {
                "table" => &mut table,
                "key" => &mut key,
                "query" => &mut query,
                _ => {
                    return Err(
                        "behind `?` there are only `table`, `key` and `query`; write `&` within them as `%26`",
                    );
                }
            };
            if place.is_some() {
                return Err("behind `?` stands a parameter twice; write it once");
            }
            let value = decoded(value)?;
            if value.is_empty() {
                return Err("behind `?` stands a parameter without a value; leave it out, or write one");
            }
            *place = Some(value);
        }
        let query = match (table, key, query) {
            (Some(table), key, None) => SqliteQuery::table(&table, key.as_deref().unwrap_or("audid")),
            (None, None, Some(query)) => SqliteQuery::sql(query),
            _ => return Err(SHAPE),
        };
        Ok(Place { file: file.into(), query })
    }
}

/// RFC 3986 §2.1. A plus sign is one: it adds in SQL.
fn decoded(text: &str) -> Result<String, &'static str> {
    const BROKEN: &str = "a `%` without two hexadecimal digits behind it; write a percent sign as `%25`";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
            let (Some(high), Some(low)) = (digit(), digit()) else { return Err(BROKEN) };
            bytes.push(u8::try_from(high * 16 + low).map_err(|_| BROKEN)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes)
        .map_err(|_| "what `%` stands for is not UTF-8; encode characters as their UTF-8 bytes")
}
