//! What can be said to `duijie rabbitpre serve`.

use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf, time::Duration};

use crate::{cli::duration, state::StateArg};

/// `duijie rabbitpre serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8092")]
    pub(super) listen: SocketAddr,
    /// What the editor may choose from: the array of the specification's §1 as JSON, or TOML `[[conditions]]`.
    #[arg(long, value_name = "FILE")]
    pub(super) conditions: PathBuf,
    /// What is known of users. A file: JSON object audid → attributes, JSON lines `{"audid","attributes"}`, or a table
    /// `.csv` with a column `audid`; it is read anew when it changes. Or `http://…`, a service of your own, or
    /// `sqlite:FILE?table=TABLE&key=COLUMN`, or `sqlite:FILE?query=SELECT…` with `:audid`.
    #[arg(long, value_name = "FILE|URL|sqlite:…")]
    pub(super) attributes: String,
    /// Show the bearer token in this environment variable to the service of `--attributes`.
    #[arg(long, value_name = "NAME")]
    pub(super) attributes_token_env: Option<String>,
    /// Remember the answers of a service or a database for so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(super) attributes_ttl: Option<u64>,
    /// When a service or a database must have answered; then the check is denied.
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub(super) attributes_deadline: Duration,
    #[command(flatten)]
    pub(super) state: StateArg,
    /// Ask callers for the bearer token in this environment variable.
    #[arg(long, value_name = "NAME")]
    pub(super) guard_token_env: Option<String>,
    /// Let in these addresses and networks alone; may be given several times.
    #[arg(long, value_name = "CIDR")]
    pub(super) allow_ip: Vec<String>,
    /// Who may read `/healthz` and `/metrics`, in place of `--allow-ip`; may be given several times.
    #[arg(long, value_name = "CIDR")]
    pub(super) monitor_ip: Vec<String>,
    /// Your own proxies: behind them, the caller's address is read from `X-Forwarded-For`; may be given several times.
    #[arg(long, value_name = "CIDR")]
    pub(super) trusted_proxy: Vec<String>,
    /// Answer with the trace whoever carries the token in this environment variable in the header `x-duijie-trace`.
    #[arg(long, value_name = "NAME")]
    pub(super) trace_token_env: Option<String>,
    /// Speak TLS, with the certificate chain in this PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(super) tls_cert: Option<PathBuf>,
    /// The key of `--tls-cert`, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(super) tls_key: Option<PathBuf>,
    /// The code of denials, for a platform that looks at the code alone (RP-11); `200` by default.
    #[arg(long, value_name = "CODE", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) denied_code: Option<String>,
    /// Where getAuthConditions is.
    #[arg(long, value_name = "PATH", default_value = "/getAuthConditions")]
    pub(super) conditions_path: String,
    /// Where saveNotify is.
    #[arg(long, value_name = "PATH", default_value = "/saveNotify")]
    pub(super) save_path: String,
    /// Where checkUserAuth is.
    #[arg(long, value_name = "PATH", default_value = "/checkUserAuth")]
    pub(super) check_path: String,
    /// When an answer is given at the latest; the platform waits 3 s.
    #[arg(long, value_name = "TIME", default_value = "2500ms", value_parser = duration)]
    pub(super) deadline: Duration,
    /// How many requests are worked on at a time; beyond, the answer is `503` at once. 1024 by default, or less where the
    /// process may not open that many files.
    #[arg(long, value_name = "N")]
    pub(super) at_a_time: Option<NonZeroUsize>,
}
