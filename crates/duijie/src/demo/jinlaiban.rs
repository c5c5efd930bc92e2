//! 晋来办: a file of records is pushed, also when an answer is lost.

use jinlaiban::{Batch, Client, Credentials, Entry, Format, Outcome, ReadError, Reader, Record};
use platform_sandbox::{Fault, FaultKind, Operation, Sandbox};

use super::steps::{Shown, Steps, holds};

const PLATFORM: &str = "晋来办";
const SAMPLE: &str = include_str!("../../samples/records.jsonl");

pub(super) async fn show(steps: &mut Steps, sandbox: &Sandbox) {
    let title = ("读取样例文件", "read the sample file");
    let Some(records) = steps.run(PLATFORM, title, async { sample() }).await else { return };
    let title = ("推送，超过 2000 条自动分批", "push, split at 2000 records");
    let Some(client) = steps.run(PLATFORM, title, push(sandbox, &records)).await else { return };
    let title = ("应答丢失后重发，不会重复", "an answer is lost: sent again, counted once");
    steps.run(PLATFORM, title, lost_answer(sandbox, &client, &records)).await;
}

fn sample() -> Shown<Vec<Record>> {
    let record = |entry: Result<Entry, _>| match entry {
        Ok(Entry::Record(found)) => Ok(found.record),
        Ok(Entry::Rejected(rejected)) => Err(rejected.to_string()),
        Err(error) => Err(ReadError::to_string(&error)),
    };
    let records: Vec<_> =
        Reader::new(SAMPLE.as_bytes(), Format::Lines).map(record).collect::<Result<_, _>>()?;
    let count = records.len();
    holds(count > Batch::MAX, "the sample does not fill a batch")?;
    Ok((records, format!("{count} records")))
}

async fn push(sandbox: &Sandbox, records: &[Record]) -> Shown<Client> {
    let access = &sandbox.access().jinlaiban;
    let credentials = Credentials::new(&access.appcode, &access.modulecode, access.appsecret.clone());
    let client = Client::builder(credentials.map_err(|error| error.to_string())?)
        .url(&sandbox.urls().jinlaiban)
        .clock(sandbox.clock().clone())
        .build()
        .map_err(|error| error.to_string())?;
    let report = client.push_all(records.iter().cloned()).await;
    if let Some((_, error)) = report.failures().next() {
        return Err(error.to_string());
    }
    let counts = sandbox.jinlaiban().counts();
    let sent = u64::try_from(records.len()).unwrap_or(u64::MAX);
    holds(
        report.is_complete() && counts.distinct == sent,
        "the platform counts other records than were sent",
    )?;
    let words = report
        .batches
        .iter()
        .find_map(|batch| batch.result.as_ref().ok())
        .map(|receipt| receipt.msg().to_owned());
    let words = words.unwrap_or_default();
    Ok((client, format!("{} batches, {} records: {words}", counts.batches, counts.distinct)))
}

async fn lost_answer(sandbox: &Sandbox, client: &Client, records: &[Record]) -> Shown<()> {
    sandbox.inject(Fault::once(Operation::Push, FaultKind::CutAfter));
    let batch = Batch::new(records.iter().take(100).cloned().collect()).map_err(|error| error.to_string())?;
    let before = sandbox.jinlaiban().counts();
    let error = client.push(&batch).await.err().ok_or("the answer came all the same")?;
    holds(error.outcome() == Outcome::Unknown, &error)?;
    let receipt = client.push(&batch).await.map_err(|error| error.to_string())?;
    let after = sandbox.jinlaiban().counts();
    holds(after.distinct == before.distinct, "records were counted twice")?;
    let repeats = after.repeats - before.repeats;
    Ok(((), format!("outcome unknown, sent again: {}; {repeats} repeats recognised by id", receipt.msg())))
}
