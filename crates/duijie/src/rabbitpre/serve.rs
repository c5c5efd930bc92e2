//! `duijie rabbitpre serve`: the three endpoints, answered from files.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use platform_http::system::{Entropy as _, SystemEntropy, listen};
use rabbitpre_auth::{BearerToken, Catalogue, MemoryAttributes, MemorySettings, Service};
use sign_core::Nonce;

use super::read;
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output, secret,
};

/// Requests under way are answered within the platform's 3 s; so long is waited for them after a signal.
const GRACE: Duration = Duration::from_secs(3);

/// `duijie rabbitpre serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8092")]
    listen: SocketAddr,
    /// What the editor may choose from: the array of the specification's §1 as JSON, or TOML `[[conditions]]`.
    #[arg(long, value_name = "FILE")]
    conditions: PathBuf,
    /// What is known of users: JSON object audid → attributes, or JSON lines `{"audid","attributes"}`.
    #[arg(long, value_name = "FILE")]
    attributes: PathBuf,
    /// Ask callers for the bearer token in this environment variable.
    #[arg(long, value_name = "NAME")]
    guard_token_env: Option<String>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let catalogue = catalogue(&args.conditions)?;
    let attributes = MemoryAttributes::parse(&read(&args.attributes)?)
        .map_err(|error| Failure::usage(format!("attributes `{}`: {error}", args.attributes.display())))?;
    let mut entropy = [0; 32];
    SystemEntropy.fill(&mut entropy).map_err(Failure::failed)?;
    let settings = MemorySettings::new(format!("{}-", Nonce::<8>::alphanumeric(entropy)));
    let mut service = Service::new(catalogue, attributes, settings);
    if let Some(name) = &args.guard_token_env {
        let token = secret::from_env(name)?
            .ok_or_else(|| Failure::usage(format!("no token: set the environment variable {name}")))?;
        service = service.guard(BearerToken::new(token.expose()).map_err(Failure::usage)?);
    }
    let listener = listen(args.listen)
        .await
        .map_err(|error| Failure::failed(format!("cannot listen on {}: {error}", args.listen)))?;
    let address = listener.local_addr().map_err(Failure::failed)?;
    if context.json {
        output::json(&serde_json::json!({ "listening": format!("http://{address}") }))?;
    } else {
        output::whole(|out| writeln!(out, "http://{address}"))?;
    }
    let serving = axum::serve(listener, service.router()).with_graceful_shutdown(crate::sandbox::stopped());
    // In good order; but nobody who holds a connection open, and no second signal, has to wait for ever.
    let patience = async {
        crate::sandbox::stopped().await;
        tokio::select! {
            () = crate::sandbox::stopped() => {}
            () = tokio::time::sleep(GRACE) => {}
        }
    };
    tokio::select! {
        ended = serving => ended.map_err(|error| Failure::failed(format!("the server ended: {error}")))?,
        () = patience => {}
    }
    Ok(Exit::Done)
}

/// The conditions catalogue: JSON, or TOML turned into the same JSON.
fn catalogue(path: &Path) -> Result<Catalogue, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::usage(format!("conditions `{}`: {error}", path.display()));
    let bytes = read(path)?;
    let json = if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        let text = std::str::from_utf8(&bytes).map_err(|error| wrong(&error))?;
        let mut file: toml::Table = toml::from_str(text).map_err(|error| wrong(&error.message()))?;
        let conditions = file.remove("conditions").ok_or_else(|| wrong(&"no [[conditions]]"))?;
        serde_json::to_vec(&conditions).map_err(|error| wrong(&error))?
    } else {
        bytes
    };
    Catalogue::parse(&json).map_err(|error| wrong(&error))
}
