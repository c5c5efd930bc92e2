//! Attributes from SQLite files: shapes of answers, kinds of values, and what is refused at the start.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rabbitpre_auth::{
    AttributeSource, Attributes, CheckRequest, OpenError, SourceAddress, SourceOptions, SqliteAttributes,
    SqliteAttributesError as Failure, SqliteQuery,
};
use rusqlite::Connection;

/// A database that goes away with the test.
struct Database(PathBuf);

impl Database {
    fn new(sql: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("rabbitpre-sqlite-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let database = Database(folder);
        database.connect().execute_batch(sql).unwrap();
        database
    }

    fn path(&self) -> PathBuf {
        self.0.join("users.db")
    }

    fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    async fn open(&self, query: SqliteQuery) -> Result<SqliteAttributes, Failure> {
        Ok(SqliteAttributes::open(self.path(), query).await?.deadline(PATIENCE))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Long enough for a busy machine, where an answer is expected.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where none is.
const IMPATIENCE: Duration = Duration::from_millis(100);

async fn ask(
    source: &dyn AttributeSource,
    audid: &str,
    names: &[&str],
) -> Result<Attributes<'static>, Failure> {
    let request = format!(r#"{{"userParam":{{"audid":{audid}}}}}"#);
    let request = CheckRequest::parse(request.as_bytes()).unwrap();
    match source.fetch(request.user(), names).await {
        Ok(answer) => Ok((*answer).clone()),
        Err(error) => Err(*error.downcast::<Failure>().unwrap()),
    }
}

/// What the query answers for the user 1 and the names a, b and c.
async fn gives(sql: &str, query: &str, expected: &str) {
    let database = Database::new(sql);
    let source = database.open(SqliteQuery::sql(query)).await.unwrap();
    let answer = ask(&source, "1", &["c", "b", "a", "b"]).await.unwrap();
    assert!(answer == Attributes::parse(expected.as_bytes()).unwrap(), "{query}: {expected}");
}

/// What one value, as SQL, is as JSON.
async fn value(sql: &str, expected: &str) {
    let database = Database::new("");
    let source = database.open(SqliteQuery::sql(format!("SELECT {sql} AS a WHERE :audid"))).await.unwrap();
    let answer = ask(&source, "1", &["a"]).await.unwrap();
    let expected = format!(r#"{{"a":{expected}}}"#);
    assert!(answer == Attributes::parse(expected.as_bytes()).unwrap(), "{sql}: {expected}");
}

#[tokio::test]
async fn values_keep_what_they_are() {
    value("9007199254740993", "9007199254740993").await;
    value("-9223372036854775808", "-9223372036854775808").await;
    value("0", "0").await;
    value("0.1", "0.1").await;
    value("0.1 + 0.2", "0.30000000000000004").await;
    value("30.0", "30.0").await;
    value("1e300", "1e300").await;
    value("1.5e-7", "1.5e-7").await;
    value("-0.0", "-0.0").await;
    value("''", r#""""#).await;
    value("'007'", r#""007""#).await;
    value("'北京市'", r#""北京市""#).await;
    value("'[1,2]'", r#""[1,2]""#).await;
    value("1 = 1", "1").await;
    value("NULL", "null").await;
}

async fn unreadable(sql: &str, expected: Failure) {
    let database = Database::new("");
    let source = database.open(SqliteQuery::sql(format!("SELECT {sql} WHERE :audid"))).await.unwrap();
    assert_eq!(ask(&source, "1", &["a"]).await.unwrap_err(), expected, "{sql}");
}

#[tokio::test]
async fn other_values_are_errors_where_they_are_read() {
    let column = || "a".to_owned();
    unreadable("x'00' AS a", Failure::Blob { column: column() }).await;
    unreadable("CAST(x'ff' AS TEXT) AS a", Failure::NotText { column: column() }).await;
    unreadable("9e999 AS a", Failure::Infinite { column: column() }).await;
    unreadable("1 AS a, 2 AS a", Failure::DoubledColumn { column: column() }).await;
    unreadable("CAST(zeroblob(1048576) AS TEXT) AS a", Failure::TooMuch).await;
    unreadable("1 AS name, 2 AS value", Failure::NotAName).await;
    let database = Database::new("");
    let query = "SELECT x'00' AS z, 1 AS y, 2 AS y, 3 AS a WHERE :audid";
    let source = database.open(SqliteQuery::sql(query)).await.unwrap();
    assert_eq!(ask(&source, "1", &["a"]).await.unwrap().len(), 1);
}

const USERS: &str = "CREATE TABLE users (audid TEXT, a INT, b TEXT, d TEXT);
    INSERT INTO users VALUES ('1', 30, NULL, 'x'), ('2', 31, 'y', 'x'), ('3', 1, 'p', 'x'), ('3', 2, 'q', 'x')";

#[tokio::test]
async fn a_row_is_a_user() {
    gives(USERS, "SELECT * FROM users WHERE audid = :audid", r#"{"a":30,"b":null}"#).await;
    gives(USERS, "SELECT b AS c FROM users WHERE audid = :audid + 1", r#"{"c":"y"}"#).await;
    gives(USERS, "SELECT * FROM users WHERE audid = :audid || 'x'; -- nobody", "{}").await;
    let database = Database::new(USERS);
    let source = database.open(SqliteQuery::table("users", "audid")).await.unwrap();
    assert!(ask(&source, "9", &["a"]).await.unwrap().is_empty());
    assert!(ask(&source, "1", &[]).await.unwrap().is_empty());
    // Which of two rows is true, nobody can tell.
    assert_eq!(ask(&source, "3", &["a"]).await.unwrap_err(), Failure::SeveralRows);
    let counters = source.counters();
    assert_eq!((counters.asked, counters.failed), (3, 1));
}

const PAIRS: &str = "CREATE TABLE facts (audid TEXT, k TEXT, v);
    INSERT INTO facts VALUES ('1', 'a', 'x'), ('1', 'b', 1), ('1', 'a', 2), ('1', 'z', x'00'), ('2', 'a', 'y'),
    ('1', NULL, 5), ('1', 'c', NULL)";

#[tokio::test]
async fn rows_may_be_names_and_values() {
    let query = "SELECT k AS name, v AS Value FROM facts WHERE audid = :audid";
    gives(PAIRS, query, r#"{"a":["x",2],"b":1,"c":null}"#).await;
    gives(PAIRS, "SELECT v FROM facts WHERE audid = :audid AND k = :name", r#"{"a":["x",2],"b":1,"c":null}"#)
        .await;
    // Another order makes them attributes.
    gives("", "SELECT 1 AS value, 2 AS name WHERE :audid", "{}").await;
}

async fn finds(column: &str, stored: &str, audid: &str, expected: bool) {
    let sql = format!(
        "CREATE TABLE \"u s\"\"ers\" (\"a'd\"\"id\" {column}, a INT); INSERT INTO \"u s\"\"ers\" VALUES ({stored}, 1)"
    );
    let database = Database::new(&sql);
    let source = database.open(SqliteQuery::table("u s\"ers", "a'd\"id")).await.unwrap();
    let found = ask(&source, audid, &["a"]).await.unwrap();
    assert_eq!(found.len(), usize::from(expected), "{column} {stored} {audid}");
}

#[tokio::test]
async fn a_table_is_searched_digit_by_digit() {
    finds("TEXT", "'1'", "1", true).await;
    finds("TEXT", "'1'", r#""01""#, false).await;
    finds("TEXT", "'01'", r#""01""#, true).await;
    finds("INTEGER PRIMARY KEY", "9007199254740993", "9007199254740993", true).await;
    finds("INTEGER PRIMARY KEY", "9007199254740993", "9007199254740992", false).await;
    // SQLite would compare these as numbers.
    finds("INTEGER", "7", r#""007""#, false).await;
    finds("INTEGER", "7", r#""7.0""#, false).await;
    finds("INTEGER", "7", r#"" 7""#, false).await;
    finds("TEXT COLLATE NOCASE", "'oAbc'", r#""oabc""#, false).await;
    finds("TEXT COLLATE NOCASE", "'oAbc'", r#""oAbc""#, true).await;
    finds("TEXT", "'x'", r#""' OR 1=1 --""#, false).await;
    finds("TEXT", "'x''y'", r#""x'y""#, true).await;
}

async fn refused(query: SqliteQuery, expected: fn(&Failure) -> bool, shown: &str) {
    let database = Database::new(USERS);
    let error = database.open(query).await.unwrap_err();
    assert!(expected(&error), "{error:?}");
    assert!(error.to_string().contains(shown), "{error}");
    let users: i64 =
        database.connect().query_row("SELECT count(*) FROM users", (), |row| row.get(0)).unwrap();
    assert_eq!(users, 4, "nothing was changed");
}

#[tokio::test]
async fn queries_that_cannot_work_are_refused_at_the_start() {
    use Failure::{NoAudid, NotReading, OtherParameter, Query, SeveralColumns, SeveralStatements};
    let sql = |text: &str| SqliteQuery::sql(text);
    let not_reading = |error: &_| matches!(error, NotReading);
    refused(sql("DELETE FROM users WHERE audid = :audid"), not_reading, "write a `SELECT`").await;
    refused(sql("DELETE FROM users WHERE audid = :audid RETURNING *"), not_reading, "changes").await;
    refused(sql("ATTACH :audid AS other"), not_reading, "gives no columns").await;
    refused(sql(""), not_reading, "gives no columns").await;
    refused(sql("SELECT * FROM users"), |error| matches!(error, NoAudid), "WHERE audid = :audid").await;
    let other = |error: &_| matches!(error, OtherParameter { .. });
    refused(sql("SELECT * FROM users WHERE audid = ?"), other, "`?`").await;
    refused(sql("SELECT * FROM users WHERE audid = :audid OR b = :b"), other, "`:b`").await;
    let several = |error: &_| matches!(error, SeveralStatements);
    refused(sql("SELECT a FROM users WHERE audid = :audid; DELETE FROM users"), several, "write one").await;
    let columns = |error: &_| matches!(error, SeveralColumns { columns: 2 });
    refused(sql("SELECT a, b FROM users WHERE audid = :audid AND b = :name"), columns, "let it give one")
        .await;
    let query = |error: &_| matches!(error, Query { .. });
    refused(sql("SELEC"), query, "syntax error").await;
    refused(SqliteQuery::table("none", "audid"), query, "no such table: none").await;
    refused(SqliteQuery::table("users", "id"), query, "no such column").await;
    // SQLite may take what is in double quotes, and is no column, for a text.
    refused(sql("SELECT a FROM users WHERE \"id\" = :audid"), query, "no such column").await;
    refused(sql("SELECT a\0"), query, "").await;
}

#[tokio::test]
async fn files_that_are_no_databases_are_refused_at_the_start() {
    let database = Database::new("");
    let open = async |name: &str| {
        SqliteAttributes::open(database.0.join(name), SqliteQuery::table("t", "k")).await.unwrap_err()
    };
    let error = open("missing.db").await;
    assert!(matches!(error, Failure::File { error: std::io::ErrorKind::NotFound, .. }), "{error}");
    assert!(!database.0.join("missing.db").exists(), "it is not made");
    assert!(matches!(open("").await, Failure::File { error: std::io::ErrorKind::IsADirectory, .. }));
    fs::write(database.0.join("text.db"), "x".repeat(4096)).unwrap();
    let error = open("text.db").await;
    assert!(matches!(error, Failure::Failed { .. }), "{error:?}");
    let error = SqliteAttributes::open_address("sqlite:users.db").await.unwrap_err();
    assert!(matches!(error, Failure::Address { .. }), "{error:?}");
}

#[tokio::test]
async fn it_is_opened_by_its_address() {
    let database = Database::new(USERS);
    let options = SourceOptions::default().deadline(PATIENCE).at_a_time(1).cache(PATIENCE);
    let path = database.path();
    let path = path.to_str().unwrap();
    for tail in
        ["table=users", "table=%75sers&key=audid", "query=SELECT a FROM users WHERE audid %3d :audid%2b0"]
    {
        let address = SourceAddress::parse(&format!("sqlite:{path}?{tail}")).unwrap();
        let source = address.open(options.clone()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(ask(&*source, "1", &["a"]).await.unwrap().len(), 1, "{tail}");
        }
        assert_eq!(source.counters().answered_from_cache, 1);
    }
    let address = SourceAddress::parse(&format!("sqlite:{path}?table=none")).unwrap();
    let error = address.open(options).await.err();
    assert!(matches!(error, Some(OpenError::Sqlite(Failure::Query { .. }))), "{error:?}");
}

const ENDLESS: &str = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) AS a FROM c WHERE :audid";

async fn until(source: &SqliteAttributes, shown: &str) {
    while !format!("{source:?}").contains(shown) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_query_without_end_is_broken_off() {
    let database = Database::new("");
    let source = database.open(SqliteQuery::sql(ENDLESS)).await.unwrap().connections(1);
    let error = ask(&source.clone().deadline(IMPATIENCE), "1", &["a"]).await.unwrap_err();
    assert_eq!(error, Failure::Late { deadline: IMPATIENCE });
    // The thread ends as well: its connection comes back.
    until(&source, "free_connections: 1").await;
    let second = source.clone();
    let second = tokio::spawn(async move { ask(&second, "1", &["a"]).await });
    until(&source, "free_connections: 0").await;
    let error = ask(&source.clone().deadline(IMPATIENCE), "1", &["a"]).await.unwrap_err();
    assert_eq!(error, Failure::Busy { deadline: IMPATIENCE });
    // Whoever goes away ends his query, too.
    second.abort();
    until(&source, "free_connections: 1").await;
}

#[tokio::test]
async fn a_deadline_may_be_longer_than_anybody_counts() {
    let database = Database::new(USERS);
    let source = database.open(SqliteQuery::table("users", "audid")).await.unwrap().deadline(Duration::MAX);
    assert_eq!(ask(&source, "1", &["a"]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_writer_is_waited_for_until_the_deadline() {
    let database = Database::new(USERS);
    let source = database.open(SqliteQuery::table("users", "audid")).await.unwrap();
    let writer = database.connect();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = ask(&source.clone().deadline(IMPATIENCE), "1", &["a"]).await.unwrap_err();
    assert!(matches!(error, Failure::Locked | Failure::Late { .. }), "{error:?}");
    writer.execute_batch("UPDATE users SET a = 99; COMMIT").unwrap();
    let answer = ask(&source, "1", &["a"]).await.unwrap();
    assert!(answer == Attributes::parse(br#"{"a":99}"#).unwrap());
}

#[tokio::test]
async fn a_file_that_is_replaced_is_opened_anew() {
    let database = Database::new(USERS);
    let source = database.open(SqliteQuery::table("users", "audid")).await.unwrap();
    assert_eq!(ask(&source, "1", &["a"]).await.unwrap().len(), 1);
    let other =
        Database::new("CREATE TABLE users (audid TEXT, a TEXT); INSERT INTO users VALUES ('1', 'new')");
    fs::rename(other.path(), database.path()).unwrap();
    assert!(ask(&source, "1", &["a"]).await.unwrap() == Attributes::parse(br#"{"a":"new"}"#).unwrap());
    // One in which the query means nothing is an error, and so is none.
    fs::rename(Database::new("CREATE TABLE other (x)").path(), database.path()).unwrap();
    let error = ask(&source, "1", &["a"]).await.unwrap_err();
    assert!(matches!(error, Failure::Query { .. }), "{error:?}");
    fs::remove_file(database.path()).unwrap();
    let error = ask(&source, "1", &["a"]).await.unwrap_err();
    assert!(matches!(error, Failure::File { .. }), "{error:?}");
}

#[tokio::test]
async fn a_table_that_is_altered_is_read_by_its_new_columns() {
    let database = Database::new(
        "CREATE TABLE users (audid TEXT, x INT, a INT); INSERT INTO users VALUES ('1', 99, 17)",
    );
    let source = database.open(SqliteQuery::table("users", "audid")).await.unwrap().connections(1);
    let check = async |sql: &str, expected: Result<&str, Failure>| {
        database.connect().execute_batch(sql).unwrap();
        // Twice: the first question learns of it.
        for _ in 0..2 {
            let answer = ask(&source, "1", &["a", "b"]).await;
            match &expected {
                Ok(json) => assert!(answer.unwrap() == Attributes::parse(json.as_bytes()).unwrap(), "{sql}"),
                Err(error) => assert_eq!(answer.unwrap_err(), *error, "{sql}"),
            }
        }
    };
    check("", Ok(r#"{"a":17}"#)).await;
    check("ALTER TABLE users RENAME a TO old; ALTER TABLE users RENAME x TO a", Ok(r#"{"a":99}"#)).await;
    check("ALTER TABLE users DROP old; ALTER TABLE users ADD b INT DEFAULT 5", Ok(r#"{"a":99,"b":5}"#)).await;
    check(
        "DROP TABLE users; CREATE TABLE users (b INT, a INT, audid TEXT); INSERT INTO users VALUES (1, 2, '1')",
        Ok(r#"{"a":2,"b":1}"#),
    )
    .await;
    let other = Database::new("CREATE TABLE v (value); INSERT INTO v VALUES (1)");
    let query = SqliteQuery::sql("SELECT * FROM v WHERE :audid <> :name");
    let source = other.open(query).await.unwrap().connections(1);
    assert_eq!(ask(&source, "1", &["a"]).await.unwrap().len(), 1);
    other.connect().execute_batch("ALTER TABLE v ADD more").unwrap();
    assert_eq!(ask(&source, "1", &["a"]).await.unwrap_err(), Failure::SeveralColumns { columns: 2 });
}

#[tokio::test]
async fn many_ask_at_a_time() {
    let database = Database::new(USERS);
    let source = database.open(SqliteQuery::table("users", "audid")).await.unwrap().connections(2);
    let asks: Vec<_> = (0..200)
        .map(|number| {
            let source = source.clone();
            tokio::spawn(async move { ask(&source, if number % 2 == 0 { "1" } else { "2" }, &["a"]).await })
        })
        .collect();
    for (number, asked) in asks.into_iter().enumerate() {
        let expected = if number % 2 == 0 { r#"{"a":30}"# } else { r#"{"a":31}"# };
        assert!(asked.await.unwrap().unwrap() == Attributes::parse(expected.as_bytes()).unwrap());
    }
    assert_eq!(source.counters().failed, 0);
}
