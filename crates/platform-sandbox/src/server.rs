//! What all simulated platforms have in common: a listener, the faults, the log.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use platform_http::system::Clock as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::connection::{CuttableListener, Switch, Switches};
use crate::doctor::{DIAGNOSIS_HEADER, Doctor, header_value};
use crate::exchange::{Call, Payload, Reply, ReplyBody};
use crate::fault::Drawn;
use crate::log::{Log, Received};
use crate::tls::Door;
use crate::{FaultKind, Operation, Platform, SandboxClock};

/// The header in which the sandbox says why it refused. Real platforms say nothing of the kind.
pub const REASON_HEADER: &str = "x-sandbox-reason";

/// The largest body that is read in one piece: 2000 large records fit.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How long requests under way may take when the sandbox is stopped.
const PATIENCE: Duration = Duration::from_secs(5);

/// One host of a platform.
pub(crate) trait Simulator: Send + Sync + 'static {
    const PLATFORM: Platform;

    /// What is asked at this path.
    fn operation(&self, path: &str) -> Option<Operation>;

    /// Is the operation's body handed on piece by piece?
    fn streams(&self, _operation: Option<Operation>) -> bool {
        false
    }

    fn answer(&self, call: Call) -> impl Future<Output = Reply> + Send;

    /// The platform's refusal with this code.
    fn refuse(&self, operation: Option<Operation>, code: &str) -> Reply;

    /// A rival fetches credentials ([`FaultKind::Kick`]).
    fn kick(&self) {}
}

/// What all hosts of a sandbox share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: SandboxClock,
    pub(crate) faults: Drawn,
    pub(crate) log: Log,
    pub(crate) doctor: Doctor,
}

struct Host<S> {
    simulator: S,
    shared: Arc<Shared>,
}

/// A host that serves until it is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    /// Where it is, without a slash at the end.
    pub(crate) url: String,
    switches: Switches,
    stop: Option<oneshot::Sender<Infallible>>,
    task: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn serve<S: Simulator>(
        listener: TcpListener,
        door: Option<Door>,
        simulator: S,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let url = format!("{}://{address}", if door.is_some() { "https" } else { "http" });
        let switches = Switches::default();
        let listener = CuttableListener::new(listener, door, switches.clone());
        let host = Arc::new(Host { simulator, shared });
        let app = Router::new().fallback(handle::<S>).with_state(host);
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let serving = axum::serve(listener, app.into_make_service_with_connect_info::<Switch>())
            .with_graceful_shutdown(async {
                // Nothing is ever sent: dropping the sender is the signal.
                let _ = stopped.await;
            });
        // axum documents that serving does not end with an error.
        let task = tokio::spawn(async { drop(serving.await) });
        Ok(Self { url, switches, stop: Some(stop), task: Some(task) })
    }

    /// Stops accepting, lets requests under way finish, and cuts those that take too long.
    pub(crate) async fn stop(mut self) {
        self.stop = None;
        if let Some(mut task) = self.task.take()
            && tokio::time::timeout(PATIENCE, &mut task).await.is_err()
        {
            self.switches.cut_all();
            // It ends now that no connection is left; a panic in it would have been seen by its client.
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop = None;
        self.switches.cut_all();
    }
}

async fn handle<S: Simulator>(
    State(host): State<Arc<Host<S>>>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    request: Request,
) -> Response {
    let Host { simulator, shared } = &*host;
    let (parts, body) = request.into_parts();
    let operation = simulator.operation(parts.uri.path());
    let fault = shared.faults.draw(S::PLATFORM, operation);
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut entry = Received {
        number: 0,
        at: shared.clock.now(),
        platform: S::PLATFORM,
        operation,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        content_type: content_type.map(str::to_owned),
        body: None,
        status: None,
        code: None,
        reason: None,
        diagnosis: None,
        fault: fault.clone(),
    };
    if fault == Some(FaultKind::CutBefore) {
        note(shared, entry);
        switch.cut();
        return Response::default();
    }
    if let Some(FaultKind::CutUp(bytes)) = fault {
        skip(body, bytes).await;
        note(shared, entry);
        switch.cut();
        return Response::default();
    }
    let payload = if simulator.streams(operation) {
        Payload::Stream(body)
    } else {
        match read(body).await {
            Ok(bytes) => {
                entry.body = shared.log.keep(&bytes);
                Payload::Whole(bytes)
            }
            Err(status) => {
                entry.status = Some(status.as_u16());
                note(shared, entry);
                return respond(Reply::page(status).because("the body is too long, or did not arrive whole"));
            }
        }
    };
    let mut reply = match &fault {
        Some(FaultKind::Status(status)) => {
            payload.drain().await;
            page(*status)
        }
        Some(FaultKind::Code(code)) => {
            payload.drain().await;
            simulator.refuse(operation, code).because("fault injected")
        }
        _ => {
            if fault == Some(FaultKind::Kick) {
                simulator.kick();
            }
            let call = Call {
                operation,
                method: parts.method,
                path: entry.path.clone(),
                query: entry.query.clone(),
                headers: parts.headers,
                payload,
                now: entry.at,
            };
            simulator.answer(call).await
        }
    };
    if let Some(suspect) = reply.suspect.take() {
        reply.diagnosis = shared.doctor.examine(*suspect).await;
        entry.diagnosis.clone_from(&reply.diagnosis);
    }
    entry.status = Some(reply.status.as_u16());
    entry.code.clone_from(&reply.code);
    entry.reason.clone_from(&reply.reason);
    note(shared, entry);
    spoil(reply, fault, &switch).await
}

/// The one place where what happened leaves the sandbox besides the answer: the log and `tracing`. The headers
/// [`REASON_HEADER`] and [`DIAGNOSIS_HEADER`] go out in [`respond`].
fn note(shared: &Shared, entry: Received) {
    tracing::debug!(
        platform = entry.platform.name(),
        operation = entry.operation.map(Operation::name),
        path = entry.path,
        status = entry.status,
        code = entry.code,
        reason = entry.reason,
        fault = entry.fault.as_ref().map(tracing::field::display),
        "request received",
    );
    if let Some(reason) = &entry.reason {
        let operation = entry.operation.map(Operation::name);
        tracing::info!(
            platform = entry.platform.name(),
            operation,
            code = entry.code,
            reason,
            "request refused"
        );
    }
    if let Some(diagnosis) = &entry.diagnosis {
        let operation = entry.operation.map(Operation::name);
        tracing::info!(platform = entry.platform.name(), operation, diagnosis, "wrong signature examined");
    }
    shared.log.write(entry);
}

/// The faults that meet a request after it was processed.
async fn spoil(mut reply: Reply, fault: Option<FaultKind>, switch: &Switch) -> Response {
    match fault {
        Some(FaultKind::CutAfter) => {
            switch.cut();
            Response::default()
        }
        Some(FaultKind::StatusAfter(status)) => respond(page(status)),
        Some(FaultKind::NotJson) => respond(page(200)),
        Some(FaultKind::Empty) => {
            reply.body = ReplyBody::Whole(Bytes::new());
            respond(reply)
        }
        Some(FaultKind::Slow(time)) => {
            tokio::time::sleep(time).await;
            respond(reply)
        }
        Some(FaultKind::Half) => {
            let whole = reply.body.length();
            broken(reply, whole / 2)
        }
        Some(FaultKind::CutDown(bytes)) if bytes < reply.body.length() => broken(reply, bytes),
        Some(FaultKind::State) => {
            if let ReplyBody::Whole(body) = &reply.body {
                let text = String::from_utf8_lossy(body).replacen("\"status\"", "\"state\"", 1);
                reply.body = ReplyBody::Whole(text.into());
            }
            respond(reply)
        }
        _ => respond(reply),
    }
}

fn page(status: u16) -> Reply {
    Reply::page(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .because("fault injected")
}

/// Reads a body in one piece.
async fn read(body: Body) -> Result<Bytes, StatusCode> {
    let mut pieces = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| StatusCode::BAD_REQUEST)?;
        if whole.len() + piece.len() > BODY_LIMIT {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

fn respond(reply: Reply) -> Response {
    // The answer is on its way.
    drop(reply.held);
    let (body, length) = match reply.body {
        ReplyBody::Whole(bytes) => (Body::from(bytes), None),
        ReplyBody::Stream { body, length } => (body, Some(length)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&reply.content_type) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    if let Some(reason) = reply.reason {
        let visible: String =
            reason.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
        if let Ok(value) = HeaderValue::from_str(&visible) {
            headers.insert(HeaderName::from_static(REASON_HEADER), value);
        }
    }
    if let Some(diagnosis) = reply.diagnosis
        && let Ok(value) = HeaderValue::from_str(&header_value(&diagnosis))
    {
        headers.insert(HeaderName::from_static(DIAGNOSIS_HEADER), value);
    }
    response
}

/// Reads a body up to so many bytes.
async fn skip(body: Body, mut left: u64) {
    let mut pieces = body.into_data_stream();
    while left > 0
        && let Some(Ok(piece)) = pieces.next().await
    {
        left = left.saturating_sub(piece.len() as u64);
    }
}

/// Announces the whole answer and breaks off after so many bytes of it.
fn broken(reply: Reply, left: u64) -> Response {
    let length = reply.body.length();
    let body = match reply.body {
        ReplyBody::Whole(bytes) => Body::from(bytes),
        ReplyBody::Stream { body, .. } => body,
    };
    let pieces = body.into_data_stream();
    let broken = stream::unfold((pieces, left), |(mut pieces, left)| async move {
        if left == 0 {
            // The server writes out what it has when it finds nothing more to do: let it, before the error.
            tokio::time::sleep(Duration::from_millis(1)).await;
            return Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), (pieces, left)));
        }
        let mut piece = pieces.next().await?.map_err(io::Error::other);
        let mut rest = 0;
        if let Ok(piece) = &mut piece {
            piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            rest = left - piece.len() as u64;
        }
        Some((piece, (pieces, rest)))
    });
    let body = Body::from_stream(broken);
    respond(Reply { body: ReplyBody::Stream { body, length }, ..reply })
}
