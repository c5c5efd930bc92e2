//! 兔展's check under load: how fast beside a server that answers a constant, what a crowd gets, and what bad sources do
//! to those who do not need them.
//!
//! ```console
//! $ cargo run --release -p platform-sandbox --example load_check -- [scene=speed|crowd|sources] [rounds=8] …
//! ```
//!
//! Settings, each `name=value`: `scene` all, speed, crowd or sources; `connections`, `rounds` and `seconds` of each,
//! `threads` of each server, `figures` held or shown. Servers are processes of their own. Prints figures and exits with 1
//! if a promise was broken; with `figures=shown`, for machines that others work on, those of speed are shown only.
#![expect(clippy::print_stdout, reason = "a program that shows figures")]

mod crowd;
mod driver;
mod requests;
mod server;
mod settings;
mod sources;
mod speed;

use std::error::Error;
use std::process::ExitCode;

use settings::Settings;

type Failed = Box<dyn Error + Send + Sync>;

/// What was promised, and whether it held.
#[derive(Default)]
struct Promises {
    broken: usize,
}

impl Promises {
    fn expect(&mut self, held: bool, promise: &str) {
        self.broken += usize::from(!held);
        println!("{} {promise}", if held { "✓" } else { "✗" });
    }

    /// A promise about time, on a machine that is fit to keep it.
    fn expect_figure(&mut self, settings: &Settings, held: bool, promise: &str) {
        if settings.figures_held { self.expect(held, promise) } else { println!("· {promise}") }
    }
}

fn main() -> Result<ExitCode, Failed> {
    let mut args = std::env::args().skip(1);
    if let Some("server") = std::env::args().nth(1).as_deref() {
        let (kind, threads) = (args.nth(1).unwrap_or_default(), args.next().unwrap_or_default());
        return server::run(&kind, threads.parse()?).map(|()| ExitCode::SUCCESS);
    }
    let settings = Settings::parse(args)?;
    println!("{settings}");
    let mut promises = Promises::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        if settings.plays("speed") {
            speed::play(&settings, &mut promises).await?;
        }
        if settings.plays("crowd") {
            crowd::play(&settings, &mut promises).await?;
        }
        if settings.plays("sources") {
            sources::play(&settings, &mut promises).await?;
        }
        Ok::<_, Failed>(())
    })?;
    Ok(if promises.broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
