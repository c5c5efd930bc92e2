//! The other side: connections that send one request after the other, and a clock. Sockets by hand, so that the driver
//! costs less than what it drives.
#![expect(clippy::disallowed_methods, reason = "a load generator, on loopback")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failed;
use crate::requests::Exchange;

/// How long an answer is waited for: it is not there.
const NO_ANSWER: Duration = Duration::from_secs(10);

/// How connections behave.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) exchanges: Arc<Vec<Exchange>>,
    pub(crate) connections: usize,
    pub(crate) lasts: Duration,
    /// After an answer that the server is overloaded, a client waits a moment.
    pub(crate) pause_when_refused: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Microseconds that the expected answers took.
    took: Vec<u32>,
    /// Microseconds that it took to be refused.
    refused: Vec<u32>,
    pub(crate) unanswered: u64,
    /// Answers of another kind, and the first of them.
    pub(crate) wrong: u64,
    pub(crate) first_wrong: Option<String>,
    lasted: Duration,
}

impl Tally {
    pub(crate) fn answers(&self) -> usize {
        self.took.len()
    }

    pub(crate) fn refusals(&self) -> usize {
        self.refused.len()
    }

    pub(crate) fn a_second(&self) -> f64 {
        self.took.len() as f64 / self.lasted.as_secs_f64()
    }

    /// The time within which so much of the expected answers came: 0.5 is the median, 1 the last.
    pub(crate) fn within(&self, share: f64) -> Duration {
        quantile(&self.took, share)
    }

    pub(crate) fn refused_within(&self, share: f64) -> Duration {
        quantile(&self.refused, share)
    }

    /// The first answer that was wrong, to be put behind a count.
    pub(crate) fn such_as(&self) -> String {
        self.first_wrong.as_ref().map(|body| format!(", the first one {body:?}")).unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: Tally) {
        self.took.extend(other.took);
        self.refused.extend(other.refused);
        self.unanswered += other.unanswered;
        self.wrong += other.wrong;
        self.lasted += other.lasted;
        self.first_wrong = self.first_wrong.take().or(other.first_wrong);
    }
}

fn quantile(took: &[u32], share: f64) -> Duration {
    let mut sorted = took.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * share).ceil() as usize;
    Duration::from_micros(sorted.get(at).copied().unwrap_or_default().into())
}

pub(crate) async fn drive(address: SocketAddr, load: Load) -> Result<Tally, Failed> {
    let begun = Instant::now();
    let mut connections = JoinSet::new();
    for number in 0..load.connections {
        connections.spawn(connection(address, load.clone(), number, begun + load.lasts));
    }
    let mut all = Tally::default();
    while let Some(tally) = connections.join_next().await {
        all.add(tally??);
    }
    all.lasted = begun.elapsed();
    Ok(all)
}

async fn connection(address: SocketAddr, load: Load, number: usize, end: Instant) -> Result<Tally, Failed> {
    let mut tally = Tally::default();
    let mut stream = open(address).await?;
    let mut answer = Vec::with_capacity(4096);
    let mut next = load.exchanges.iter().cycle().skip(number % load.exchanges.len());
    while Instant::now() < end {
        let Some(exchange) = next.next() else { break };
        let sent = Instant::now();
        let asked = ask(&mut stream, &exchange.bytes, &mut answer);
        let Ok(Ok(body)) = tokio::time::timeout(NO_ANSWER, asked).await else {
            tally.unanswered += 1;
            stream = open(address).await?;
            continue;
        };
        let took = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
        if body.contains(exchange.expected) {
            tally.took.push(took);
        } else if body.contains(r#""code":"503""#)
            && body.contains(r#""data":"false","errorCode":"OVERLOADED""#)
        {
            tally.refused.push(took);
            tokio::time::sleep(load.pause_when_refused).await;
        } else {
            tally.wrong += 1;
            tally.first_wrong.get_or_insert_with(|| body.to_owned());
        }
    }
    Ok(tally)
}

async fn open(address: SocketAddr) -> Result<TcpStream, Failed> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The body of the answer.
async fn ask<'a>(stream: &mut TcpStream, request: &[u8], answer: &'a mut Vec<u8>) -> Result<&'a str, Failed> {
    stream.write_all(request).await?;
    answer.clear();
    let mut whole = usize::MAX;
    while answer.len() < whole {
        if stream.read_buf(answer).await? == 0 {
            return Err("the connection was closed".into());
        }
        if whole == usize::MAX
            && let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            whole = head + 4 + length(answer.get(..head).unwrap_or_default())?;
        }
    }
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_default();
    Ok(std::str::from_utf8(answer.get(head + 4..).unwrap_or_default())?)
}

fn length(head: &[u8]) -> Result<usize, Failed> {
    const NAME: &[u8] = b"content-length:";
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME)));
    let value = line.and_then(|line| line.get(NAME.len()..)).ok_or("an answer without a length")?;
    Ok(std::str::from_utf8(value)?.trim().parse()?)
}
