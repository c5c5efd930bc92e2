//! `duijie rabbitpre serve`: the three endpoints, with health and metrics, for a whole company.

mod args;
mod tls;

use std::{num::NonZeroUsize, path::Path, sync::Arc, time::Duration};

use platform_http::system::{Entropy as _, SystemEntropy, listen};
use platform_state::Store;
use rabbitpre_auth::{
    AttributeSource, BearerToken, Catalogue, Door, MemorySettings, Networks, Paths, Service, SettingsStore,
    SourceOptions, StateSettings,
};
use sign_core::{Nonce, Secret};
use tokio_rustls::TlsAcceptor;

pub(crate) use self::args::Args;
use super::{read, source};
use crate::{
    context::Context,
    exit::{Exit, Failure},
    output, secret,
};

/// Files that are not connections: the state, the attributes, the log.
const OTHER_FILES: u32 = 128;
/// Connections at a time, where the process may open so many files.
const CONNECTIONS: u32 = 2048;
/// Requests at a time.
const AT_A_TIME: usize = 1024;

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let catalogue = catalogue(&args.conditions)?;
    let offers = catalogue.offers().len();
    let token = args.attributes_token_env.as_deref().map(token).transpose()?;
    let attributes = attributes(args, token.as_ref()).await?;
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(cert), Some(key)) => Some(tls::acceptor(cert, key)?),
        _ => None,
    };
    let state = args.state.address()?;
    // A dry run leaves no file behind, and asks no server.
    let store = match &state {
        Some(address) if !context.dry_run => Some(address.open().await.map_err(crate::state::failure)?),
        _ => None,
    };
    let service = guarded(args, Service::new(catalogue, attributes, settings(store)?))?;
    warn(context, args, state.is_some());
    let scheme = if tls.is_some() { "https" } else { "http" };
    let kept = state.map_or_else(|| "memory:".to_owned(), |address| address.to_string());
    if context.dry_run {
        return show(context, args, &format!("{scheme}://{}", args.listen), offers, &kept);
    }
    let listener = listen(args.listen)
        .await
        .map_err(|error| Failure::failed(format!("cannot listen on {}: {error}", args.listen)))?;
    let address = listener.local_addr().map_err(Failure::failed)?;
    let url = format!("{scheme}://{address}");
    if context.json {
        show(context, args, &url, offers, &kept)?;
    } else {
        output::whole(|out| writeln!(out, "{url}"))?;
    }
    let at_most = args.at_a_time.map(NonZeroUsize::get);
    let door = service.door().connections(connections(at_most));
    // In good order; but no second signal has to wait.
    let again = async {
        crate::sandbox::stopped().await;
        crate::sandbox::stopped().await;
    };
    tokio::select! {
        () = serve(door, listener, tls) => {}
        () = again => {}
    }
    Ok(Exit::Done)
}

async fn serve(
    door: Door<rabbitpre_auth::Endpoints>,
    listener: tokio::net::TcpListener,
    tls: Option<TlsAcceptor>,
) {
    let stopped = crate::sandbox::stopped();
    match tls {
        Some(acceptor) => door.serve_with(listener, move |stream| acceptor.accept(stream), stopped).await,
        None => door.serve(listener, stopped).await,
    }
}

/// Where users' attributes are, and how they are asked for.
async fn attributes(args: &Args, token: Option<&Secret>) -> Result<Arc<dyn AttributeSource>, Failure> {
    let mut options = SourceOptions::default().deadline(args.attributes_deadline);
    if let Some(token) = token {
        options = options.bearer_token(token.expose());
    }
    if let Some(seconds) = args.attributes_ttl.filter(|seconds| *seconds > 0) {
        options = options.cache(Duration::from_secs(seconds));
    }
    source(&args.attributes, options).await
}

/// Guard, paths, and what else callers meet.
fn guarded(args: &Args, mut service: Service) -> Result<Service, Failure> {
    let networks = |entries: &[String]| Networks::new(entries).map_err(Failure::usage);
    let bearer = |name: &str| BearerToken::new(token(name)?.expose()).map_err(Failure::usage);
    let paths = Paths::new(&args.conditions_path, &args.save_path, &args.check_path);
    service = service.paths(paths.map_err(Failure::usage)?).deadline(args.deadline);
    let at_most = args.at_a_time.map(NonZeroUsize::get);
    service = service.at_a_time(at_most.unwrap_or_else(|| at_a_time(connections(None))));
    if let Some(name) = &args.guard_token_env {
        service = service.guard(bearer(name)?);
    }
    if let Some(name) = &args.trace_token_env {
        service = service.trace(bearer(name)?);
    }
    if !args.allow_ip.is_empty() {
        service = service.networks(networks(&args.allow_ip)?);
    }
    if !args.monitor_ip.is_empty() {
        service = service.monitors(networks(&args.monitor_ip)?);
    }
    if !args.trusted_proxy.is_empty() {
        service = service.proxies(networks(&args.trusted_proxy)?);
    }
    if let Some(code) = &args.denied_code {
        service = service.denied_code(code);
    }
    Ok(service)
}

fn token(name: &str) -> Result<Secret, Failure> {
    secret::from_env(name)?
        .ok_or_else(|| Failure::usage(format!("no token: set the environment variable {name}")))
}

/// Settings in the store, else in memory. Ids never come again, whoever gives them out.
fn settings(store: Option<Arc<dyn Store>>) -> Result<Arc<dyn SettingsStore>, Failure> {
    let mut entropy = [0; 32];
    SystemEntropy.fill(&mut entropy).map_err(Failure::failed)?;
    let prefix = format!("{}-", Nonce::<8>::alphanumeric(entropy));
    Ok(match store {
        Some(store) => Arc::new(StateSettings::new(store, prefix).map_err(Failure::failed)?),
        None => Arc::new(MemorySettings::new(prefix)),
    })
}

/// What an operator should know before anything goes wrong.
fn warn(context: &Context, args: &Args, kept: bool) {
    if !kept {
        let words = context.lang.pick(
            "没有 --state：保存的配置只在本进程内存中，重启即丢失",
            "without --state, saved settings live in this process alone: a restart loses them",
        );
        eprintln!("duijie: {words}");
    }
    let open = args.guard_token_env.is_none() && args.allow_ip.is_empty();
    if open && !args.listen.ip().is_loopback() {
        let words = context.lang.pick(
            "没有 --guard-token-env 和 --allow-ip：能连到此地址的任何人都可以查询和保存",
            "without --guard-token-env and --allow-ip, anybody who reaches this address may ask and save",
        );
        eprintln!("duijie: {words}");
    }
}

/// What is served, where. Nothing secret is in it.
fn show(context: &Context, args: &Args, url: &str, offers: usize, kept: &str) -> Result<Exit, Failure> {
    let attributes = args.attributes.split('?').next().unwrap_or_default();
    if context.json {
        return output::json(&serde_json::json!({
            "listening": url, "conditions": offers, "attributes": attributes, "state": kept,
            "paths": [args.conditions_path, args.save_path, args.check_path, "/healthz", "/metrics"],
            "token": args.guard_token_env.is_some(), "allowed": args.allow_ip, "dry_run": context.dry_run,
        }));
    }
    let pick = |zh, en| context.lang.pick(zh, en);
    output::whole(|out| {
        writeln!(out, "{url}")?;
        writeln!(out, "GET  {}  # {offers} {}", args.conditions_path, pick("个条件", "conditions"))?;
        writeln!(out, "POST {}  # {} {kept}", args.save_path, pick("保存到", "kept in"))?;
        writeln!(
            out,
            "POST {}  # {} {attributes}",
            args.check_path,
            pick("用户属性来自", "attributes from")
        )?;
        writeln!(out, "GET  /healthz\nGET  /metrics")
    })
}

/// The conditions catalogue, JSON or TOML; which file, and the line in it, where it is wrong.
fn catalogue(path: &Path) -> Result<Catalogue, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::usage(format!("conditions `{}`: {error}", path.display()));
    let bytes = read(path)?;
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        let text = std::str::from_utf8(&bytes).map_err(|error| wrong(&error))?;
        return Catalogue::parse_toml(text).map_err(|error| wrong(&error));
    }
    Catalogue::parse(&bytes).map_err(|error| wrong(&error))
}

/// More than requests are worked on at a time, and as many as the process may open files for; beyond that, connections
/// could not even be accepted.
fn connections(at_a_time: Option<usize>) -> u32 {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    connections_of(at_a_time, open_files(&limits))
}

fn connections_of(at_a_time: Option<usize>, files: Option<u32>) -> u32 {
    let twice = at_a_time.unwrap_or_default().saturating_mul(2);
    let wanted = u32::try_from(twice).unwrap_or(u32::MAX).max(CONNECTIONS);
    files.map_or(wanted, |files| files.saturating_sub(OTHER_FILES).clamp(64, wanted))
}

/// Fewer than connections: what is too much is answered `503`, and not left waiting at the door.
fn at_a_time(connections: u32) -> usize {
    usize::try_from(connections.saturating_mul(3) / 4).unwrap_or(usize::MAX).min(AT_A_TIME)
}

/// The soft limit of open files, as the kernel of Linux writes it.
fn open_files(limits: &str) -> Option<u32> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_is_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 524288               files\n";
        assert_eq!(open_files(limits), Some(1024));
        assert_eq!(
            open_files("Max open files            unlimited            unlimited            files\n"),
            None
        );
        assert_eq!(open_files(""), None);
        assert!((64..=CONNECTIONS).contains(&connections(None)));
        assert_eq!([64, 896, CONNECTIONS].map(at_a_time), [48, 672, AT_A_TIME]);
    }

    #[test]
    fn there_are_more_connections_than_requests_at_a_time() {
        for (at_a_time, files, expected) in [
            (None, None, CONNECTIONS),
            (None, Some(1024), 896),
            (Some(1), Some(1), 64),
            (Some(4096), None, 8192),
            (Some(4096), Some(1_048_576), 8192),
            (Some(4096), Some(1024), 896),
            (Some(usize::MAX), None, u32::MAX),
        ] {
            assert_eq!(connections_of(at_a_time, files), expected, "{at_a_time:?} {files:?}");
        }
    }
}
