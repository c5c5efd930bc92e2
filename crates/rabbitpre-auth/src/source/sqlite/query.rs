//! The query, and what it must be like.

use rusqlite::{Connection, Error, Statement};

use super::SqliteAttributesError;

/// What is asked of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteQuery(String);

/// How answers come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One row, whose columns are the attributes, or rows of `name` and `value`.
    Rows,
    /// Rows of one value, for each name.
    ByName,
}

impl SqliteQuery {
    /// A query with the parameter `:audid`, and perhaps `:name`; see [`SqliteAttributes`](crate::SqliteAttributes).
    ///
    /// `:audid` is a text. SQLite compares it with a column of type INTEGER as a number, so that `007` finds the user `7`:
    /// where ids are numbers, write `audid = :audid AND CAST(audid AS TEXT) = :audid`.
    #[must_use]
    pub fn sql(query: impl Into<String>) -> Self {
        SqliteQuery(query.into())
    }

    /// The row of `table` whose column `key` is the user's `audid`, digit by digit (RP-3); its columns are the attributes.
    /// Both names are taken as they are, whatever characters they have.
    ///
    /// ```
    /// # use rabbitpre_auth::SqliteQuery;
    /// let query = SqliteQuery::table("users", "audid");
    /// assert_eq!(
    ///     query.as_str(),
    ///     r#"SELECT * FROM "users" AS t WHERE t."audid" = :audid AND CAST(t."audid" AS TEXT) = :audid COLLATE BINARY"#
    /// );
    /// ```
    #[must_use]
    pub fn table(table: &str, key: &str) -> Self {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let (table, key) = (quoted(table), quoted(key));
        // The first comparison uses the index, the second lets `007` not be 7, nor `a` be `A` where the column says so.
        SqliteQuery(format!(
            "SELECT * FROM {table} AS t WHERE t.{key} = :audid AND CAST(t.{key} AS TEXT) = :audid COLLATE BINARY"
        ))
    }

    /// As it is given to SQLite.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can be asked of this database, and how it answers.
    pub(super) fn examine(&self, connection: &Connection) -> Result<Shape, SqliteAttributesError> {
        let statement = connection.prepare(&self.0).map_err(|error| match error {
            Error::MultipleStatement => SqliteAttributesError::SeveralStatements,
            error => SqliteAttributesError::of_query(&error),
        })?;
        if statement.column_count() == 0 || !statement.readonly() {
            return Err(SqliteAttributesError::NotReading);
        }
        let mut by_name = false;
        let mut has_audid = false;
        for index in 1..=statement.parameter_count() {
            match statement.parameter_name(index) {
                Some(":audid") => has_audid = true,
                Some(":name") => by_name = true,
                other => {
                    let name = other.unwrap_or("?").to_owned();
                    return Err(SqliteAttributesError::OtherParameter { name });
                }
            }
        }
        if !has_audid {
            return Err(SqliteAttributesError::NoAudid);
        }
        if by_name { one_column(&statement).map(|()| Shape::ByName) } else { Ok(Shape::Rows) }
    }
}

/// With `:name` the one column is the value.
pub(super) fn one_column(statement: &Statement<'_>) -> Result<(), SqliteAttributesError> {
    match statement.column_count() {
        1 => Ok(()),
        columns => Err(SqliteAttributesError::SeveralColumns { columns }),
    }
}

/// Whether rows are a name and a value each.
pub(super) fn is_pairs(statement: &Statement<'_>) -> bool {
    let columns = statement.column_names();
    columns.len() == 2
        && columns.zip(["name", "value"]).all(|(name, wanted)| name.eq_ignore_ascii_case(wanted))
}
