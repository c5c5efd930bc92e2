//! From rows to attributes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, Row, named_params};

use super::SqliteAttributesError;
use super::query::{Shape, SqliteQuery, is_pairs, one_column};
use crate::attributes::Attributes;
use crate::json::MAX_BODY;
use crate::value::{Number, Value};

/// What a value takes besides its text, roughly.
const VALUE: usize = 16;

/// Asks for the values of these names.
pub(super) fn ask(
    connection: &mut Connection,
    query: &SqliteQuery,
    shape: Shape,
    audid: &str,
    names: &[String],
) -> Result<Attributes<'static>, SqliteAttributesError> {
    // All answers are of one moment.
    let transaction = connection.transaction()?;
    let mut statement = transaction.prepare_cached(query.as_str())?;
    let mut found = Values { by_name: BTreeMap::new(), bytes: 0 };
    match shape {
        Shape::Rows => rows(&mut statement, audid, names, &mut found)?,
        Shape::ByName => {
            for name in names {
                let mut rows = statement.query(named_params! {":audid": audid, ":name": name})?;
                while let Some(row) = rows.next()? {
                    one_column(row.as_ref())?;
                    found.add(name, row, 0)?;
                }
            }
        }
    }
    Ok(found.into_attributes())
}

fn rows(
    statement: &mut CachedStatement<'_>,
    audid: &str,
    names: &[String],
    found: &mut Values,
) -> Result<(), SqliteAttributesError> {
    let mut rows = statement.query(named_params! {":audid": audid})?;
    let mut are_pairs = false;
    let mut is_first = true;
    while let Some(row) = rows.next()? {
        if is_first {
            // Only now the statement knows its columns: the table may have been altered since it was prepared.
            are_pairs = is_pairs(row.as_ref());
        }
        match (are_pairs, is_first) {
            (true, _) => pair(row, names, found)?,
            (false, true) => columns(row, names, found)?,
            // Which of two rows is true, nobody can tell.
            (false, false) => return Err(SqliteAttributesError::SeveralRows),
        }
        is_first = false;
    }
    Ok(())
}

fn columns(row: &Row<'_>, names: &[String], found: &mut Values) -> Result<(), SqliteAttributesError> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, column) in row.as_ref().column_names().enumerate() {
        let Ok(name) = names.binary_search_by(|name| name.as_str().cmp(column)) else { continue };
        let Some(name) = names.get(name) else { continue };
        if places.insert(name, place).is_some() {
            return Err(SqliteAttributesError::DoubledColumn { column: name.clone() });
        }
    }
    for (name, place) in places {
        found.add(name, row, place)?;
    }
    Ok(())
}

fn pair(row: &Row<'_>, names: &[String], found: &mut Values) -> Result<(), SqliteAttributesError> {
    let name = match row.get_ref(0)? {
        ValueRef::Text(name) => name,
        ValueRef::Null => return Ok(()),
        _ => return Err(SqliteAttributesError::NotAName),
    };
    if let Ok(place) = names.binary_search_by(|wanted| wanted.as_bytes().cmp(name))
        && let Some(name) = names.get(place)
    {
        found.add(name, row, 1)?;
    }
    Ok(())
}

struct Values {
    by_name: BTreeMap<String, Vec<Value<'static>>>,
    bytes: usize,
}

impl Values {
    fn add(&mut self, name: &str, row: &Row<'_>, column: usize) -> Result<(), SqliteAttributesError> {
        let (value, length) = value(row.get_ref(column)?, name)?;
        self.bytes += VALUE + length;
        if self.bytes > MAX_BODY {
            return Err(SqliteAttributesError::TooMuch);
        }
        match self.by_name.get_mut(name) {
            Some(values) => values.push(value),
            None => {
                self.by_name.insert(name.to_owned(), vec![value]);
            }
        }
        Ok(())
    }

    fn into_attributes(self) -> Attributes<'static> {
        let attributes = self.by_name.into_iter().map(|(name, mut values)| {
            // One value is no list: `EQ` of a text asks for the text.
            let only = if values.len() == 1 { values.pop() } else { None };
            (Cow::Owned(name), only.unwrap_or(Value::List(values)))
        });
        attributes.collect::<Attributes<'static>>()
    }
}

/// A cell's value, and the length of its text.
fn value(cell: ValueRef<'_>, name: &str) -> Result<(Value<'static>, usize), SqliteAttributesError> {
    let column = || name.to_owned();
    Ok(match cell {
        ValueRef::Null => (Value::Null, 0),
        ValueRef::Integer(number) => (Value::from(number), 0),
        // SPEC.md §4.5: numbers are decimal; the shortest decimal that is this number, an exponent where it is shorter
        ValueRef::Real(number) if number.is_finite() => {
            (Value::Number(Number::written(&format!("{number:?}"))).into_owned(), 0)
        }
        ValueRef::Real(_) => return Err(SqliteAttributesError::Infinite { column: column() }),
        ValueRef::Text(text) => {
            let text =
                std::str::from_utf8(text).map_err(|_| SqliteAttributesError::NotText { column: column() })?;
            (Value::from(text.to_owned()), text.len())
        }
        ValueRef::Blob(_) => return Err(SqliteAttributesError::Blob { column: column() }),
    })
}
