//! 晋来办: one record, pushed. Below stands the README's first program, word for word; `tests/pages.rs` compares them.
//!
//! Environment: `JINLAIBAN_BASE_URL`, `JINLAIBAN_APPCODE`, `JINLAIBAN_MODULECODE`, `JINLAIBAN_APPSECRET`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program tells whoever runs it")]

use std::env::var;

use jinlaiban::{Client, Credentials, Record, Secret};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = Secret::new(var("JINLAIBAN_APPSECRET")?)?;
    let credentials = Credentials::new(var("JINLAIBAN_APPCODE")?, var("JINLAIBAN_MODULECODE")?, secret)?;
    let client = Client::builder(credentials).url(&var("JINLAIBAN_BASE_URL")?).build()?;

    let record = Record::from_json(
        r#"{"id":"1000","user_id":"8a8180ac6d6c68e1016d706ad7bc0035","busi_item":"无房证明查询",
            "create_date":"2021-03-17 18:57:03"}"#,
    )?;
    let report = client.push_all([record]).await; // any number: split at 2000, each batch signed for itself
    println!("accepted {}", report.accepted());
    for (batch, error) in report.failures() {
        eprintln!("{} records not accepted: {error}", batch.len());
    }
    Ok(())
}
