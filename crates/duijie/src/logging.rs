//! `tracing` on stderr.

use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, filter_fn},
    fmt::layer,
    layer::SubscriberExt as _,
    registry,
    util::SubscriberInitExt as _,
};

/// The crates whose events are known to hold no secret and nothing about a person.
const OURS: [&str; 8] = [
    "duijie",
    "jinlaiban",
    "yichang",
    "webank",
    "rabbitpre_auth",
    "platform_http",
    "platform_state",
    "platform_sandbox",
];

/// `-v` and `RUST_LOG`. Whatever they ask for, only our own crates speak: an HTTP library's frame log holds whole URLs
/// and headers, and with them secrets.
///
/// `expected` says that warnings are part of the show, so that they are told only where they are asked for.
pub(crate) fn start(verbose: u8, expected: bool) {
    let level = match verbose {
        0 if expected => LevelFilter::ERROR,
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    let ours = filter_fn(|event| OURS.contains(&event.target().split("::").next().unwrap_or_default()));
    registry().with(filter).with(ours).with(layer().with_writer(std::io::stderr).with_ansi(false)).init();
}
