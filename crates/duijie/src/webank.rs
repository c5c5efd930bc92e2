//! `duijie webank`: signed calls, files, and the credentials behind them.

mod call;
mod callback;
mod file;
mod identity;
mod ticket;

use std::{path::Path, time::Duration};

use platform_http::Outcome;
use serde_json::value::RawValue;
use webank::{Client, Error, credentials::Policy};

use crate::{
    context::{Context, required},
    exit::{Exit, Failure},
    secret::SecretArgs,
    state::StateArg,
};

/// `duijie webank …`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a signed business call.
    Call(call::Args),
    /// Upload a file.
    Upload(file::UploadArgs),
    /// Download a file.
    Download(file::DownloadArgs),
    /// Upload files together with a notice to a business of the bank's.
    UploadNotify(file::NotifyArgs),
    /// Fetch a single-use ticket for one user.
    UserTicket(ticket::UserArgs),
    /// The bank's signed callbacks: serve them for an application, or probe a server.
    #[command(subcommand)]
    Callback(callback::Command),
    /// Show the shared credentials, masked: generation, age and last writer. Where none live (and without `--state`, none
    /// ever do), they are fetched, which kicks out whoever else uses this app id.
    Token(ticket::TokenArgs),
}

/// Whom to talk to, and as whom.
#[derive(clap::Args)]
#[command(next_help_heading = "Bank")]
pub(crate) struct Bank {
    /// The business host.
    #[arg(long, value_name = "URL", env = "WEBANK_BASE_URL")]
    base_url: Option<String>,
    /// Assigned by the bank.
    #[arg(long, value_name = "ID", env = "WEBANK_APP_ID")]
    app_id: Option<String>,
    #[command(flatten)]
    identity: identity::IdentityArgs,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    state: StateArg,
}

impl Bank {
    fn app_id(&self, context: &Context) -> Result<String, Failure> {
        required("--app-id", "WEBANK_APP_ID", self.app_id.as_ref(), context.profile.webank.app_id.as_ref())
    }

    fn base_url(&self, context: &Context) -> Result<String, Failure> {
        required(
            "--base-url",
            "WEBANK_BASE_URL",
            self.base_url.as_ref(),
            context.profile.webank.base_url.as_ref(),
        )
    }

    /// A client whose credentials are shared through `--state`; without it, they are fetched anew, and whoever else uses
    /// this app id is kicked out. Whoever has one lets it [settle](Client::settle) in the end.
    async fn client(&self, context: &Context, files_url: Option<&String>) -> Result<Client, Failure> {
        let profile = &context.profile.webank;
        let base_url = self.base_url(context)?;
        let mut business = context.http(&base_url)?;
        if let Some(identity) = self.identity.find()? {
            business = business.identity(identity);
        }
        let secret = self.secret.find("WEBANK_SECRET", profile.secret.as_ref())?;
        let mut builder = Client::builder(self.app_id(context)?, secret).business(business);
        if let Some(url) = files_url {
            builder = builder.files(context.http_for_files(url)?);
        }
        if let Some(limit) = context.timeout() {
            builder = builder.policy(policy(limit));
        }
        if let Some(store) = self.state.open().await? {
            builder = builder.store(store);
        }
        builder.build().map_err(Failure::usage)
    }
}

/// `--timeout` holds for requests for credentials, too; a call sits through three of them.
fn policy(limit: Duration) -> Policy {
    let mut policy = Policy::default();
    let limit = limit.clamp(Duration::from_millis(10), Duration::from_secs(3600));
    policy.fetch_timeout = limit;
    policy.lease = policy.lease.max(limit * 2);
    policy.patience = limit * 3 + Duration::from_secs(1);
    policy
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Call(args) => call::run(context, &args).await,
        Command::Upload(args) => file::upload(context, &args).await,
        Command::Download(args) => file::download(context, &args).await,
        Command::UploadNotify(args) => file::notify(context, &args).await,
        Command::Callback(command) => callback::run(context, command).await,
        Command::UserTicket(args) => ticket::user(context, &args).await,
        Command::Token(args) => ticket::token(context, &args).await,
    }
}

/// Exit 4 only where the request left and no complete answer came; no token is no call.
fn failure(error: &Error) -> Failure {
    match error {
        Error::Input(_) | Error::Config(_) | Error::NoHost(_) => Failure::usage(error),
        Error::Transport(transport) if transport.outcome() == Outcome::Unknown => Failure::unknown(error),
        Error::Content { outcome: Outcome::Unknown, .. } => Failure::unknown(error),
        _ => Failure::failed(error),
    }
}

/// A file's bytes, or stdin's for `-`.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", path.display())))
}

/// What would be sent, with what cannot be known beforehand masked: there is no ticket to sign with, and fetching one
/// would kick out whoever uses it.
fn preview(request: &webank::Request) -> String {
    let request = request.to_string();
    let (head, body) =
        request.split_once('\n').map_or((request.as_str(), None), |(head, body)| (head, Some(body)));
    let shown: Vec<_> = head
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name @ ("sign" | "nonce"), _)) => format!("{name}=***"),
            _ => part.to_owned(),
        })
        .collect();
    let head = shown.join("&");
    body.map_or_else(|| head.clone(), |body| format!("{head}\n{body}"))
}

/// Stands in for a ticket or a nonce in a preview.
fn stand_in() -> Result<(sign_core::Secret, webank::CallNonce), Failure> {
    let ticket = sign_core::Secret::new("ticket").map_err(Failure::failed)?;
    Ok((ticket, webank::CallNonce::alphanumeric([0; 32])))
}

/// JSON as it stands, anything else as a text.
fn embedded(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned())
        .or_else(|_| serde_json::value::to_raw_value(text))
        .unwrap_or_else(|_| RawValue::NULL.to_owned())
}
