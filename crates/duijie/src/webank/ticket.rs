//! `duijie webank user-ticket` and `token`.

use std::path::PathBuf;

use platform_http::system::{Clock as _, SystemClock};
use webank::{UserData, user_ticket_request};

use super::{Bank, failure, read};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    lang::Lang,
    output,
};

/// `duijie webank user-ticket`.
#[derive(clap::Args)]
pub(crate) struct UserArgs {
    /// The user, as JSON with USER_ID and what else is known.
    #[arg(long, value_name = "FILE")]
    user_data: PathBuf,
    /// The merchant's id (`mechant_id`).
    #[arg(long, value_name = "ID")]
    merchant: String,
    #[command(flatten)]
    bank: Bank,
}

/// `duijie webank token`.
#[derive(clap::Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    bank: Bank,
}

pub(crate) async fn user(context: &Context, args: &UserArgs) -> Result<Exit, Failure> {
    let user: UserData = serde_json::from_slice(&read(&args.user_data)?).map_err(|error| {
        // The parser may quote a value, and all of them are personal.
        let place = format!("line {}, column {}", error.line(), error.column());
        Failure::usage(format!("`{}` is not the documented user data ({place})", args.user_data.display()))
    })?;
    if context.dry_run {
        let stand_in = sign_core::Secret::new("token").map_err(Failure::failed)?;
        let request = user_ticket_request(&args.bank.app_id(context)?, &stand_in, &user, &args.merchant);
        let request = request.map_err(Failure::usage)?;
        return context.preview(&args.bank.base_url(context)?, &[request.to_string()]);
    }
    let client = args.bank.client(context, None).await?;
    let ticket = client.user_ticket(&user, &args.merchant).await;
    client.settle().await;
    let ticket = ticket.map_err(|error| failure(&error))?;
    let seconds = ticket.lifetime().as_secs();
    let ticket = ticket.spend();
    if context.json {
        return output::json(&serde_json::json!({ "ticket": ticket.expose(), "expiresIn": seconds }));
    }
    output::whole(|out| writeln!(out, "{}", ticket.expose()))
}

pub(crate) async fn token(context: &Context, args: &TokenArgs) -> Result<Exit, Failure> {
    if context.dry_run {
        let stand_in = sign_core::Secret::new("secret").map_err(Failure::failed)?;
        let request = webank::token_request(&args.bank.app_id(context)?, &stand_in);
        return context.preview(&args.bank.base_url(context)?, &[request.to_string()]);
    }
    let client = args.bank.client(context, None).await?;
    let now = SystemClock.now();
    // Looking is no use of them: what lives is shown as it is, also where its renewal is due.
    let shared = client.shared_credentials().await.map_err(|error| failure(&error))?;
    let held = match shared.filter(|shared| shared.is_alive(now)) {
        Some(shared) => shared,
        None => {
            let fetched = client.credentials().await;
            client.settle().await;
            webank::Credentials::clone(&*fetched.map_err(|error| failure(&error))?)
        }
    };
    let age = now.saturating_since(held.fetched_at).as_secs();
    let (generation, lifetime, writer) = (held.generation, held.lifetime.as_secs(), &held.writer);
    if context.json {
        return output::json(&serde_json::json!({
            "generation": generation,
            "ageSeconds": age,
            "lifetimeSeconds": lifetime,
            "writer": { "host": writer.host, "pid": writer.pid, "fetchedAt": held.fetched_at.get() },
            "token": "***",
            "ticket": "***",
        }));
    }
    output::whole(|out| match context.lang {
        Lang::Zh => writeln!(
            out,
            "第 {generation} 代，已用 {age} 秒，共 {lifetime} 秒，由 {} 的进程 {} 获取，token ***，ticket ***",
            writer.host, writer.pid,
        ),
        Lang::En => writeln!(
            out,
            "generation {generation}, {age} s old of {lifetime} s, fetched by {writer}, token ***, ticket ***"
        ),
    })
}
