//! 晋来办: a nightly job that pushes a file of records through a journal. Killed at any point and run again, it loses
//! nothing and sends nothing twice that was accepted.
//!
//! `nightly_push FILE`; environment: `JINLAIBAN_BASE_URL`, `JINLAIBAN_APPCODE`, `JINLAIBAN_MODULECODE`,
//! `JINLAIBAN_APPSECRET`, and `SPOOL`, the journal's folder.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a job tells the log of whoever runs it")]

use std::{env, error::Error, fs::File, io::BufReader, path::PathBuf, process::ExitCode, sync::Arc};

use jinlaiban::{Client, Credentials, Entry, Format, Pusher, PusherSettings, Reader, Secret, SqliteJournal};

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let path = PathBuf::from(env::args_os().nth(1).ok_or("usage: nightly_push FILE")?);
    let secret = Secret::new(env::var("JINLAIBAN_APPSECRET")?)?;
    let credentials =
        Credentials::new(env::var("JINLAIBAN_APPCODE")?, env::var("JINLAIBAN_MODULECODE")?, secret)?;
    let client = Client::builder(credentials).url(&env::var("JINLAIBAN_BASE_URL")?).build()?;
    let journal = SqliteJournal::open(env::var("SPOOL").unwrap_or_else(|_| "spool".to_owned())).await?;
    let pusher = Pusher::open(client, Arc::new(journal), PusherSettings::default()).await?;

    let format = Format::of(&path).ok_or("the file ends in neither .jsonl, .json nor .csv")?;
    let (feed, mut records, mut rejected) = (pusher.feed()?, Vec::new(), 0);
    for entry in Reader::new(BufReader::new(File::open(&path)?), format) {
        match entry? {
            Entry::Record(found) => records.push(found.record),
            Entry::Rejected(why) => {
                eprintln!("{why}"); // line, member and reason; never a value
                rejected += 1;
            }
        }
        if records.len() == 2000 {
            feed.enqueue(&std::mem::take(&mut records)).await?; // on the disk when it returns
        }
    }
    feed.enqueue(&records).await?;
    drop(feed); // nothing more comes: `run` may end

    let report = pusher.run(2).await;
    let totals = report.totals;
    println!("accepted {}, refused {}, rejected {rejected}", totals.accepted, totals.refused);
    if let Err(error) = report.ended {
        eprintln!("{error}"); // whose fault, and what to do; what is not settled is in the journal, for the next run
        return Ok(ExitCode::FAILURE);
    }
    Ok(if rejected + totals.refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
