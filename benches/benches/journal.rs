//! Making records durable, beside its floor: the same rows written to SQLite by hand in the same transactions.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a bench fails by panicking; criterion's macro makes a function"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use platform_state::{Item, Journal as _, SqliteJournal};
use rusqlite::Connection;

const AT_ONCE: usize = 2000;

fn items(round: u64) -> Vec<Item> {
    let record = benches::batch(1);
    let content = serde_json::to_vec(record.records()).unwrap();
    (0..AT_ONCE).map(|number| Item::new(format!("BENCH-{round:06}-{number:06}"), content.clone())).collect()
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("bench-journal-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// With the settings of the journal: on the disk when the transaction ends, and unused pages wiped.
fn by_hand(folder: &std::path::Path) -> Connection {
    let connection = Connection::open(folder.join("hand.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
             CREATE TABLE record (
                place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, content BLOB NOT NULL, state INTEGER NOT NULL
             ) STRICT",
        )
        .unwrap();
    connection
}

fn insert(connection: &mut Connection, round: u64, content: &[u8]) {
    let transaction = connection.transaction().unwrap();
    {
        let mut insert =
            transaction.prepare_cached("INSERT INTO record (id, content, state) VALUES (?1, ?2, 0)").unwrap();
        for number in 0..AT_ONCE {
            insert.execute((format!("BENCH-{round:06}-{number:06}"), content)).unwrap();
        }
    }
    transaction.commit().unwrap();
}

fn enqueue(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut group = criterion.benchmark_group("journal/2000 records durable");
    group.sample_size(20);
    group.throughput(Throughput::Elements(AT_ONCE as u64));

    let place = folder("hand");
    let content = serde_json::to_vec(benches::batch(1).records()).unwrap();
    let (mut connection, mut round) = (by_hand(&place), 0);
    group.bench_function("floor: the same rows by hand", |bencher| {
        bencher.iter(|| {
            round += 1;
            insert(&mut connection, round, &content);
        });
    });
    drop(connection);
    std::fs::remove_dir_all(place).unwrap();

    let place = folder("ours");
    let journal = runtime.block_on(SqliteJournal::open(&place)).unwrap();
    let mut round = 0;
    group.bench_function("enqueue", |bencher| {
        bencher.iter_custom(|rounds| {
            let mut took = Duration::ZERO;
            for _ in 0..rounds {
                round += 1;
                let items = items(round);
                let since = Instant::now();
                runtime.block_on(journal.enqueue(round, items)).unwrap();
                took += since.elapsed();
            }
            took
        });
    });
    drop(journal);
    std::fs::remove_dir_all(place).unwrap();
    group.finish();
}

criterion_group!(journal, enqueue);
criterion_main!(journal);
