//! Calls of the bank, repeated at once at two services that share a store, and wrong in every way that the sandbox knows: each
//! good call is carried out once, no wrong one is, and each gets the answer it must get.
//!
//! ```console
//! $ cargo run --release -p platform-sandbox --example soak_callbacks -- [calls=20000] [store=redis] [seed=1]
//! ```
//!
//! Settings, each `name=value`: `calls`, `store` sqlite or redis (needs `redis-server`), `at_once`, `seed`. Prints figures and
//! exits with 1 if a promise was broken.
#![expect(clippy::print_stdout, reason = "a program that shows figures")]

use std::collections::HashMap;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use platform_http::system::{SystemClock, listen};
use platform_sandbox::{Bank, CallbackOutcome, Mistake};
use platform_state::testing::RedisServer;
use platform_state::{Address, Store};
use serde_json::json;
use sign_core::Secret;
use webank::callback::{Answer, Call, CallbackService, Receiver, Repeats};

type Failed = Box<dyn Error + Send + Sync>;

const NAME: &str = "Soak";
const SALT: &str = "the soak's salt";

/// How often each call was carried out.
type Runs = Arc<Mutex<HashMap<u64, u64>>>;

#[derive(serde::Deserialize)]
struct Order {
    number: u64,
}

struct Settings {
    calls: u64,
    store: String,
    at_once: usize,
    seed: u64,
}

impl Settings {
    fn parse(args: impl Iterator<Item = String>) -> Result<Self, Failed> {
        let mut settings = Self { calls: 20_000, store: "sqlite".to_owned(), at_once: 32, seed: 1 };
        for arg in args {
            let (name, value) = arg.split_once('=').ok_or(format!("`{arg}` is not `name=value`"))?;
            match name {
                "calls" => settings.calls = value.parse()?,
                "store" if matches!(value, "sqlite" | "redis") => value.clone_into(&mut settings.store),
                "at_once" => settings.at_once = value.parse::<usize>()?.max(1),
                "seed" => settings.seed = value.parse()?,
                _ => return Err(format!("`{arg}` is no setting").into()),
            }
        }
        Ok(settings)
    }
}

fn main() -> Result<ExitCode, Failed> {
    let settings = Settings::parse(std::env::args().skip(1))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let folder = std::env::temp_dir().join(format!("soak-callbacks-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let kept = runtime.block_on(soak(&settings, &folder));
    drop(runtime);
    // Left behind, it would be a file in the folder for temporary ones.
    let _ = std::fs::remove_dir_all(&folder);
    Ok(if kept? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn soak(settings: &Settings, folder: &std::path::Path) -> Result<bool, Failed> {
    let Settings { calls, store, at_once, seed } = settings;
    println!("{calls} calls, {at_once} at a time, answers kept on {store}, seed {seed}");
    let server = if store == "redis" { Some(RedisServer::start()?) } else { None };
    let address = match &server {
        Some(server) => server.url(),
        None => format!("sqlite:{}", folder.join("answers.db").display()),
    };
    let runs = Runs::default();
    let mut urls = Vec::new();
    for _ in 0..2 {
        let store = address.parse::<Address>()?.open().await?;
        urls.push(format!("http://{}/", serve(store, &runs).await?));
    }
    let bank = Bank::new(Secret::new(SALT)?, SystemClock, *seed);
    let began = Instant::now();
    let mut tally = Tally::default();
    let mut all = futures_util::stream::iter(0..*calls)
        .map(|number| one(&bank, &urls, number, mixed(*seed, number)))
        .buffer_unordered(*at_once);
    while let Some(asked) = all.next().await {
        tally.add(asked?);
    }
    let runs = runs.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{:.1} s, {} requests", began.elapsed().as_secs_f64(), tally.requests);
    let wrong = tally.wrong_answers.first().map(|first| format!(", the first: {first}")).unwrap_or_default();
    let promises = [
        (
            format!(
                "{} good calls, {} of them repeated at once, {} carried out",
                tally.good,
                tally.repeated,
                runs.len()
            ),
            tally.good > 0 && tally.repeated > 0 && runs.len() as u64 == tally.good,
        ),
        (
            format!("{} carried out more than once", runs.values().filter(|runs| **runs > 1).count()),
            runs.values().all(|runs| *runs == 1),
        ),
        (
            format!("{} wrong calls of {} kinds refused", tally.mistaken, Mistake::ALL.len()),
            tally.mistaken > 0,
        ),
        (
            format!("{} answers other than they must be{wrong}", tally.wrong_answers.len()),
            tally.wrong_answers.is_empty(),
        ),
    ];
    let mut kept = true;
    for (promise, held) in promises {
        kept &= held;
        println!("{} {promise}", if held { "✓" } else { "✗" });
    }
    Ok(kept)
}

/// A service on a free port, until the program ends.
async fn serve(store: Arc<dyn Store>, runs: &Runs) -> Result<SocketAddr, Failed> {
    let runs = runs.clone();
    let service = CallbackService::builder(Receiver::new(Secret::new(SALT)?))
        .repeats(Repeats::new(store))
        .on(NAME, move |order: Order, _call: Arc<Call>| {
            *runs.lock().unwrap_or_else(PoisonError::into_inner).entry(order.number).or_default() += 1;
            async move { Answer::ok(json!({ "number": order.number })) }
        })
        .build()?;
    let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, service.router()).await });
    Ok(address)
}

/// What came of one call and its repeats.
struct Asked {
    answers: Vec<CallbackOutcome>,
    mistake: Option<Mistake>,
}

/// One call: a third is wrong, a third is repeated at once, at both services.
async fn one(bank: &Bank, urls: &[String], number: u64, chance: u64) -> Result<Asked, Failed> {
    let business = json!({ "number": number }).to_string();
    let kinds = Mistake::ALL.len() as u64;
    if chance.is_multiple_of(3) {
        let kind = usize::try_from(chance / 3 % kinds)?;
        let mistake = *Mistake::ALL.get(kind).ok_or("no such mistake")?;
        let call = bank.seal_with(mistake, NAME, &business);
        let url = urls.first().ok_or("no service")?;
        return Ok(Asked { answers: vec![bank.send(url, &call).await?], mistake: Some(mistake) });
    }
    // The number alone tells calls apart: the bank's own serial numbers follow from its dice.
    let call = bank.seal_under(&format!("{number:020}"), NAME, &business);
    let times = if chance % 3 == 1 { 1 } else { 2 + chance / 3 % 5 };
    let sent = (0..times).zip(urls.iter().cycle()).map(|(_, url)| bank.send(url, &call));
    Ok(Asked { answers: try_join_all(sent).await?, mistake: None })
}

#[derive(Default)]
struct Tally {
    requests: u64,
    good: u64,
    repeated: u64,
    mistaken: u64,
    wrong_answers: Vec<String>,
}

impl Tally {
    fn add(&mut self, asked: Asked) {
        self.requests += asked.answers.len() as u64;
        match asked.mistake {
            Some(_) => self.mistaken += 1,
            None => self.good += 1,
        }
        self.repeated += u64::from(asked.answers.len() > 1);
        for answer in &asked.answers {
            // The bank knows which code a mistake of its own must get.
            if !answer.is_valid() || (asked.mistake.is_none() && !answer.is_success()) {
                self.wrong_answers.push(format!("{:?}: {answer:?}", asked.mistake));
            }
        }
    }
}

/// What follows from the seed for one call (splitmix64).
fn mixed(seed: u64, number: u64) -> u64 {
    let mut mixed = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
