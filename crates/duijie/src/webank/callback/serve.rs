//! `duijie webank callback serve`: the bank's calls verified, the application's answers signed.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use platform_http::{Client, HeaderName, HeaderValue, Method, Request, system::listen};
use platform_state::MemoryStore;
use serde::de::IgnoredAny;
use sign_core::{Freshness, form};
use webank::callback::{Answer, Call, CallbackService, HandlerError, Receiver, Repeats};

use super::{door, salts};
use crate::{
    cli::duration,
    context::Context,
    exit::{Exit, Failure},
    output,
    secret::SecretArgs,
    state::StateArg,
};

/// Routes have time-outs of their own; this one is for what they do not cover.
const ABANDON: Duration = Duration::from_secs(600);

/// `duijie webank callback serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8093")]
    listen: SocketAddr,
    /// Hand calls of this transName to that address, as POST of the decoded JSON; may be given several times. The headers
    /// `duijie-trans-name`, `duijie-seq-no` and `duijie-timestamp` are form-encoded where they need it; those of more
    /// than 512 bytes are left out. Only the Timestamp is signed.
    #[arg(long = "route", value_name = "TRANSNAME=URL", required = true)]
    routes: Vec<String>,
    /// How many seconds a call's Timestamp may lie from now.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    window: u64,
    /// How long answers are kept for repeats: seconds, or with `m`.
    #[arg(long, value_name = "TIME", default_value = "1440m", value_parser = duration)]
    keep: Duration,
    /// When the bank is answered at the latest. A slower application is waited for until `--timeout`, and its answer is
    /// given to the bank's repeat.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    deadline: Duration,
    #[command(flatten)]
    state: StateArg,
    #[command(flatten)]
    secret: SecretArgs,
}

pub(crate) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let (first, further) = salts(&args.secret)?;
    let receiver = further.into_iter().fold(Receiver::new(first), Receiver::also);
    let receiver = receiver.window(Freshness::within(Duration::from_secs(args.window)));
    let mut builder = CallbackService::builder(receiver).deadline(args.deadline).abandon_after(ABANDON);
    let mut names: Vec<&str> = Vec::new();
    for text in &args.routes {
        let (name, route) = Route::parse(context, text)?;
        if names.contains(&name) {
            return Err(Failure::usage(format!("--route names `{name}` twice; each transName has one")));
        }
        names.push(name);
        builder = builder.on(name, move |_: IgnoredAny, call: Arc<Call>| Arc::clone(&route).hand_on(call));
    }
    if context.dry_run {
        args.state.address()?;
        return show(context, args, &names);
    }
    // Without a place of their own, answers are kept as long as this process lives.
    let store = args.state.open().await?.unwrap_or_else(|| Arc::new(MemoryStore::new()));
    let service = builder.repeats(Repeats::new(store).keep(args.keep)).build().map_err(Failure::failed)?;
    let listener = listen(args.listen)
        .await
        .map_err(|error| Failure::failed(format!("cannot listen on {}: {error}", args.listen)))?;
    let address = listener.local_addr().map_err(Failure::failed)?;
    if context.json {
        output::json(&serde_json::json!({ "listening": format!("http://{address}"), "transNames": names }))?;
    } else {
        output::whole(|out| writeln!(out, "http://{address}"))?;
    }
    Ok(serve(listener, service, args.deadline.saturating_add(Duration::from_secs(1))).await)
}

/// What would be served: routes without their queries, in which there may be a key.
fn show(context: &Context, args: &Args, names: &[&str]) -> Result<Exit, Failure> {
    let url = format!("http://{}", args.listen);
    if context.json {
        let document = serde_json::json!({ "listening": url, "transNames": names, "dry_run": true });
        return output::json(&document);
    }
    let routes = args.routes.iter().map(|route| route.split('?').next().unwrap_or_default());
    output::whole(|out| {
        writeln!(out, "{url}")?;
        routes.into_iter().try_for_each(|route| writeln!(out, "{}", route.replacen('=', " → ", 1)))
    })
}

/// Serves until stopped; then calls under way, and handlers that run on, have `grace` to end in good order.
async fn serve(listener: tokio::net::TcpListener, service: CallbackService, grace: Duration) -> Exit {
    let serving = door::serve(listener, service.clone(), grace, crate::sandbox::stopped());
    // Nobody who holds a connection open, and no second signal, has to wait for ever.
    let patience = async {
        crate::sandbox::stopped().await;
        tokio::select! {
            () = crate::sandbox::stopped() => {}
            () = tokio::time::sleep(grace) => {}
        }
    };
    let ended = async {
        serving.await;
        service.idle().await;
    };
    tokio::select! {
        () = ended => {}
        () = patience => {}
    }
    Exit::Done
}

/// An application that answers calls.
struct Route {
    client: Client,
    path: String,
    query: Option<String>,
}

impl Route {
    /// Reads `TRANSNAME=URL`.
    fn parse<'a>(context: &Context, text: &'a str) -> Result<(&'a str, Arc<Self>), Failure> {
        let (name, url) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
            Failure::usage(format!("--route `{text}` is not of the form TRANSNAME=http://host/path"))
        })?;
        let (url, query) = url.split_once('?').map_or((url, None), |(url, query)| (url, Some(query)));
        let host = url.find("://").map_or(0, |at| at.saturating_add(3));
        let path_at = url.bytes().skip(host).position(|byte| byte == b'/').map(|at| at.saturating_add(host));
        let (base, path) = path_at.and_then(|at| url.split_at_checked(at)).unwrap_or((url, "/"));
        let wrong = |error: &dyn std::fmt::Display| Failure::usage(format!("--route of `{name}`: {error}"));
        let client = Client::new(context.http(base).map_err(|failure| wrong(&failure))?);
        let client = client.map_err(|error| wrong(&error))?;
        Ok((name, Arc::new(Self { client, path: path.to_owned(), query: query.map(str::to_owned) })))
    }

    /// The decoded JSON goes there byte by byte, the application's answer comes back byte by byte.
    async fn hand_on(self: Arc<Self>, call: Arc<Call>) -> Result<Answer, HandlerError> {
        let mut request = Request::new("webank", "callback_route", Method::POST, self.path.as_str())
            .content_type("application/json")
            .body(call.plain().to_owned());
        for (name, value) in [
            ("duijie-trans-name", call.trans_name()),
            ("duijie-seq-no", call.seq_no()),
            ("duijie-timestamp", call.timestamp()),
        ] {
            if let Some(value) = header(value) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        if let Some(query) = &self.query {
            request = request.query(query.as_str());
        }
        let response = self.client.send(request).await?;
        if !response.is_success() {
            return Err(HandlerError::new(format!("the route answered HTTP {}, not 2xx", response.status)));
        }
        let json = std::str::from_utf8(&response.body)
            .map_err(|_| HandlerError::new("the route's answer is not UTF-8"))?;
        Answer::raw(json).map_err(|_| HandlerError::new("the route's answer is no JSON object"))
    }
}

/// What a header holds at the most, in bytes. Longer ones could be a stranger's, and many servers refuse the request for
/// them.
const LONGEST: usize = 512;

/// A member of the envelope as a header; none where it is too long. They are not signed: anything may stand in them. What
/// is no visible ASCII is form-encoded, and so is what form-decoding would change: decoding gives back each value.
fn header(text: &str) -> Option<HeaderValue> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%' && byte != b'+';
    // Encoding makes nothing shorter, and need not be tried on a megabyte.
    let text = Some(text).filter(|text| text.len() <= LONGEST)?;
    let value = if text.bytes().all(is_plain) { text.into() } else { form::encode(text) };
    HeaderValue::from_str(&value).ok().filter(|value| value.len() <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let value = header(text);
        assert_eq!(value.as_ref().map(|value| value.to_str().unwrap()), expected);
        if let Some(value) = value {
            assert_eq!(form::decode(value.to_str().unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn headers_decode_to_what_came() {
        check("1519700632680112122", Some("1519700632680112122"));
        check("a/b:c=d~", Some("a/b:c=d~"));
        check("第 1\n号", Some("%E7%AC%AC+1%0A%E5%8F%B7"));
        check("a+b", Some("a%2Bb"));
        check("100%", Some("100%25"));
        check("%41", Some("%2541"));
        check("", Some(""));
        check(&"9".repeat(512), Some(&"9".repeat(512)));
        check(&"9".repeat(513), None);
        check(&"%".repeat(512), None);
        check(&"9".repeat(900_000), None);
    }
}
