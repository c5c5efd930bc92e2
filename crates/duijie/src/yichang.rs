//! `duijie yichang`: log a user in, list what they have to do.

mod browser;

use std::io::Write;

use platform_http::Outcome;
use serde_json::value::RawValue;
use yichang::{BodyFormat, Client, DEFAULT_BASE_URL, DigestSetting, Error, Login, Mobile, TodoList};

use crate::{
    context::{Context, required},
    exit::{Exit, Failure},
    output,
    secret::SecretArgs,
    state::StateArg,
};

/// `duijie yichang …`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Log a user in: where to send the browser.
    Login(LoginArgs),
    /// List what a user has to do.
    Todo(TodoArgs),
}

/// Whom to talk to, as whom, and about whom. Both commands take the same options; of some, only a login takes notice.
#[derive(clap::Args)]
struct Portal {
    /// The portal's address.
    #[arg(long, value_name = "URL", env = "YICHANG_BASE_URL")]
    base_url: Option<String>,
    /// Assigned by the portal.
    #[arg(long, value_name = "ID", env = "YICHANG_APP_ID")]
    app_id: Option<String>,
    /// The user's mobile number.
    #[arg(long, value_name = "NUMBER")]
    mobile: String,
    /// Where the portal shall send the user after a login; of no concern to a to-do list.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Which digest signs (YC-1); `detect` tries SHA-1, then MD5, and with --state remembers what worked.
    #[arg(long, value_enum, value_name = "DIGEST", default_value = "detect")]
    digest: Digest,
    /// How the body of a login is written (YC-2); a to-do list is always asked for as JSON.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "form")]
    body: BodyArg,
    /// Show the SSO token that a login brings.
    #[arg(long)]
    show_token: bool,
    /// Client IP or UUID; a new UUID by default.
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
    #[command(flatten)]
    state: StateArg,
    #[command(flatten)]
    secret: SecretArgs,
}

/// `duijie yichang login`.
#[derive(clap::Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    portal: Portal,
    /// Open the jump URL in the browser. It holds the SSO token, which then stands in the browser's history, and for a
    /// moment in this machine's list of processes.
    #[arg(long)]
    open: bool,
}

/// `duijie yichang todo`.
#[derive(clap::Args)]
pub(crate) struct TodoArgs {
    #[command(flatten)]
    portal: Portal,
    /// Send the request without signature (YC-3).
    #[arg(long)]
    unsigned: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Digest {
    Sha1,
    Md5,
    Detect,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum BodyArg {
    Form,
    Json,
}

impl Portal {
    /// Of a preview, nothing is read and nothing kept.
    async fn client(&self, context: &Context, sign_todo: bool) -> Result<Client, Failure> {
        let profile = &context.profile.yichang;
        let base_url = self.base_url.as_ref().or(profile.base_url.as_ref());
        let base_url = base_url.map_or(DEFAULT_BASE_URL, String::as_str);
        let app_id = required("--app-id", "YICHANG_APP_ID", self.app_id.as_ref(), profile.app_id.as_ref())?;
        let secret = self.secret.find("YICHANG_APP_SECRET", profile.secret.as_ref())?;
        let mut builder = Client::builder(app_id, secret)
            .http(context.http(base_url)?)
            .digest(match self.digest {
                Digest::Sha1 => DigestSetting::Sha1,
                Digest::Md5 => DigestSetting::Md5,
                Digest::Detect => DigestSetting::Detect,
            })
            .login_body(match self.body {
                BodyArg::Form => BodyFormat::Form,
                BodyArg::Json => BodyFormat::Json,
            })
            .sign_todo(sign_todo);
        if let Some(device_id) = &self.device_id {
            builder = builder.device_id(device_id);
        }
        if !context.dry_run
            && let Some(store) = self.state.open().await?
        {
            builder = builder.store(store);
        }
        builder.build().map_err(Failure::usage)
    }

    fn mobile(&self) -> Result<Mobile, Failure> {
        Mobile::parse(&self.mobile).map_err(Failure::usage)
    }
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Login(args) => login(context, &args).await,
        Command::Todo(args) => todo(context, &args).await,
    }
}

async fn login(context: &Context, args: &LoginArgs) -> Result<Exit, Failure> {
    let mobile = args.portal.mobile()?;
    let client = args.portal.client(context, true).await?;
    let url = args.portal.url.as_deref();
    if context.dry_run {
        let call = client.prepare_login(&mobile, url).map_err(|error| failure(&error))?;
        return context.preview(&client.base_url().to_string(), &[call.to_string()]);
    }
    let login = client.login(&mobile, url).await.map_err(|error| failure(&error))?;
    let shown = if context.json {
        data(login.reply().data())?
    } else {
        output::whole(|out| show_login(&login, args.portal.show_token, out))?
    };
    if !args.open {
        return Ok(shown);
    }
    match browser::open(login.jump_url()).await {
        Ok(()) => Ok(shown),
        // The one document is on stdout already.
        Err(failure) if context.json => {
            eprintln!("duijie: {failure}");
            Ok(failure.exit)
        }
        Err(failure) => Err(failure),
    }
}

fn show_login(login: &Login, show_token: bool, out: &mut dyn Write) -> std::io::Result<()> {
    if show_token {
        writeln!(out, "{}\nssoToken {}", login.jump_url().expose(), login.sso_token().expose())
    } else {
        writeln!(out, "{}\nssoToken ***", login.masked_jump_url())
    }
}

async fn todo(context: &Context, args: &TodoArgs) -> Result<Exit, Failure> {
    let mobile = args.portal.mobile()?;
    let client = args.portal.client(context, !args.unsigned).await?;
    if context.dry_run {
        let call = client.prepare_todo(&mobile).map_err(|error| failure(&error))?;
        return context.preview(&client.base_url().to_string(), &[call.to_string()]);
    }
    let list = client.todo(&mobile).await.map_err(|error| failure(&error))?;
    if context.json {
        return data(list.reply().data());
    }
    output::whole(|out| show_todo(&list, out))
}

fn show_todo(list: &TodoList, out: &mut dyn Write) -> std::io::Result<()> {
    for item in list.items() {
        // A title is somebody else's text: on a terminal, an escape sequence in it would be obeyed.
        let text = |member: &Option<String>| {
            let text = member.as_deref().unwrap_or("-");
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>()
        };
        writeln!(out, "{}  {}  {}", text(&item.sano), text(&item.title), text(&item.url))?;
    }
    Ok(())
}

/// The reply's data as the portal wrote it, so that no number changes its digits.
fn data(json: Option<&str>) -> Result<Exit, Failure> {
    let raw =
        json.map_or_else(|| Ok(RawValue::NULL.to_owned()), |json| RawValue::from_string(json.to_owned()));
    output::json(&raw.map_err(|_| Failure::failed("the reply's data is not JSON"))?)
}

fn failure(error: &Error) -> Failure {
    match error {
        Error::Transport(transport) if transport.outcome() == Outcome::Unknown => Failure::unknown(error),
        _ => Failure::failed(error),
    }
}
