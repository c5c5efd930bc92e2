//! The endpoint that the bank calls: checks, repeats, handlers, signed answers (`SPEC.md §5`). No sockets: the caller
//! binds, and serves the router.

mod body;
mod handler;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use platform_http::system::{Clock, Entropy as _, EntropyError, SystemClock, SystemEntropy};
use serde::de::DeserializeOwned;
use sign_core::shown;
use tokio::sync::Semaphore;

use self::body::{Fault, Room, whole};
pub(super) use self::handler::Handler;
use self::handler::typed;
use super::repeat::{Outcome, Register, Repeats, after};
use super::{Answer, Call, HandlerError, Received, Receiver};

/// When an answer is given at the latest, counted from the verified call.
const DEADLINE: Duration = Duration::from_secs(5);
/// When a handler that does not end is given up.
const ABANDON: Duration = Duration::from_secs(60);
/// Handlers, and calls that wait for one, at a time.
const AT_A_TIME: usize = 1024;

/// The endpoint that the bank calls. Clones share everything.
///
/// As [`CallbackService::router`] it is an axum router, as `tower::Service` it goes into whatever speaks tower, and
/// [`CallbackService::answer`] needs no framework but a tokio runtime.
///
/// ```
/// use std::sync::Arc;
/// use webank::Secret;
/// use webank::callback::{Answer, Call, CallbackService, HandlerError, Receiver};
///
/// #[derive(serde::Deserialize)]
/// struct Query {
///     req_nbr: String,
/// }
///
/// let receiver = Receiver::new(Secret::new("from the environment")?);
/// let router = CallbackService::builder(receiver)
///     .on("TLMerchantQuery", async |query: Query, _call: Arc<Call>| {
///         Answer::ok(serde_json::json!({ "req_nbr": query.req_nbr, "state": "1" }))
///     })
///     .build()?
///     .router();
/// # let _: axum::Router = router;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CallbackService {
    inner: Arc<Inner>,
}

struct Inner {
    receiver: Receiver,
    handlers: HashMap<String, Handler>,
    fallback: Option<Handler>,
    register: Arc<Register>,
    deadline: Duration,
    clock: Arc<dyn Clock>,
    places: Arc<Semaphore>,
    room: Room,
}

/// What to send back: an HTTP status, and a signed envelope as `application/json`.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// # use webank::{Secret, callback::{CallbackService, Receiver}};
/// let service = CallbackService::builder(Receiver::new(Secret::new("from the environment")?)).build()?;
/// let sealed = service.answer(b"not JSON").await;
/// assert_eq!(sealed.status, 200);
/// // What is in it may be personal.
/// assert_eq!(format!("{sealed:?}"), format!("Sealed(200, ‹{} B›)", sealed.body.len()));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Sealed {
    /// 200, 413 for a body that is too large, 503 when there are too many calls at a time.
    pub status: u16,
    /// The signed envelope.
    pub body: Bytes,
}

/// Shows no business data.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, ‹{} B›)", self.status, self.body.len())
    }
}

/// Makes a [`CallbackService`].
pub struct CallbackServiceBuilder {
    receiver: Receiver,
    handlers: HashMap<String, Handler>,
    fallback: Option<Handler>,
    repeats: Repeats,
    deadline: Duration,
    abandon_after: Duration,
    clock: Arc<dyn Clock>,
    at_a_time: usize,
}

impl CallbackServiceBuilder {
    /// Handles one `transName`. `request` is read from the decoded business JSON, and where it does not fit, the handler
    /// has failed; [`Call::plain`] has the JSON's own bytes. A second handler of the same name replaces the first.
    ///
    /// What blocks its thread for long belongs into `tokio::task::spawn_blocking`, see [`Repeats::lease`].
    #[must_use]
    pub fn on<Req, F, Work>(mut self, trans_name: impl Into<String>, handler: F) -> Self
    where
        Req: DeserializeOwned + Send + 'static,
        F: Fn(Req, Arc<Call>) -> Work + Send + Sync + 'static,
        Work: Future<Output = Result<Answer, HandlerError>> + Send + 'static,
    {
        self.handlers.insert(trans_name.into(), typed(handler));
        self
    }

    /// Handles every other `transName`; without it they are answered `0002`.
    #[must_use]
    pub fn fallback<Req, F, Work>(mut self, handler: F) -> Self
    where
        Req: DeserializeOwned + Send + 'static,
        F: Fn(Req, Arc<Call>) -> Work + Send + Sync + 'static,
        Work: Future<Output = Result<Answer, HandlerError>> + Send + 'static,
    {
        self.fallback = Some(typed(handler));
        self
    }

    /// Where answers are kept for repeats. Default: in this process's memory, for 24 hours.
    #[must_use]
    pub fn repeats(mut self, repeats: Repeats) -> Self {
        self.repeats = repeats;
        self
    }

    /// When the bank is answered at the latest: `0099`, unless the handler is done by then. The handler runs on, and a
    /// repeat gets its answer. Keep it below the bank's patience. Default: 5 s.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// When a handler that does not end is dropped, so that a repeat can run it again. Default: 60 s.
    #[must_use]
    pub fn abandon_after(mut self, time: Duration) -> Self {
        self.abandon_after = time;
        self
    }

    /// How many genuine calls are worked on at a time; beyond it the answer is `0099` under 503, at once. A handler that
    /// runs on after the deadline, or after its caller hung up, counts until it ends. Default: 1024.
    #[must_use]
    pub fn at_a_time(mut self, calls: usize) -> Self {
        self.at_a_time = calls.min(Semaphore::MAX_PERMITS);
        self
    }

    /// The clock that time stamps are compared with. Default: the operating system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The service.
    ///
    /// # Errors
    /// [`EntropyError`]: without random bytes this process cannot be told from others that share the store.
    pub fn build(self) -> Result<CallbackService, EntropyError> {
        let mut unique = [0; 8];
        SystemEntropy.fill(&mut unique)?;
        let register = Register::new(self.repeats, self.abandon_after, u64::from_be_bytes(unique));
        Ok(CallbackService {
            inner: Arc::new(Inner {
                receiver: self.receiver,
                handlers: self.handlers,
                fallback: self.fallback,
                register: Arc::new(register),
                deadline: self.deadline,
                clock: self.clock,
                places: Arc::new(Semaphore::new(self.at_a_time)),
                room: Room::default(),
            }),
        })
    }
}

/// Shows the interfaces, no salt.
impl fmt::Debug for CallbackServiceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackServiceBuilder")
            .field("trans_names", &self.handlers.keys())
            .finish_non_exhaustive()
    }
}

/// Shows the interfaces, no salt.
impl fmt::Debug for CallbackService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackService")
            .field("trans_names", &self.inner.handlers.keys())
            .field("deadline", &self.inner.deadline)
            .finish_non_exhaustive()
    }
}

impl CallbackService {
    /// A service behind this receiver's checks, without handlers yet.
    #[must_use]
    pub fn builder(receiver: Receiver) -> CallbackServiceBuilder {
        CallbackServiceBuilder {
            receiver,
            handlers: HashMap::new(),
            fallback: None,
            repeats: Repeats::default(),
            deadline: DEADLINE,
            abandon_after: ABANDON,
            clock: Arc::new(SystemClock),
            at_a_time: AT_A_TIME,
        }
    }

    /// Answers `POST` under any path. Needs a tokio runtime with its timer.
    ///
    /// Bodies have a time limit here. Connections and the heads of requests are the server's: `axum::serve` limits
    /// neither, so let a proxy do so that faces strangers, or serve with hyper's `header_read_timeout`.
    pub fn router(self) -> Router {
        Router::new().fallback_service(self)
    }

    /// Answers one body, whole in memory. Whoever reads it from the network should stop at
    /// [`MAX_BODY`](super::MAX_BODY) bytes; [`Receiver::too_large`] is the answer then.
    ///
    /// Needs a tokio runtime with its timer, in which handlers run as tasks: dropping this future does not stop them.
    pub async fn answer(&self, body: &[u8]) -> Sealed {
        self.sealed(body).await
    }

    /// Returns when no handler runs: before the runtime is shut down, so that nobody is stopped halfway.
    pub async fn idle(&self) {
        self.inner.register.idle().await;
    }

    async fn sealed(&self, body: &[u8]) -> Sealed {
        let Inner { receiver, handlers, fallback, register, deadline, clock, places, .. } = &*self.inner;
        let call = match receiver.receive(body, clock.now()) {
            Received::Call(call) => Arc::new(call),
            Received::Refused(refused) => return log_refused(refused),
        };
        let trans_name = shown(call.trans_name());
        // SPEC.md §5: an unknown transName comes before repeats.
        let Some(handler) = handlers.get(call.trans_name()).or(fallback.as_ref()) else {
            tracing::warn!(
                platform = "webank", operation = "callback", code = "0002", %trans_name,
                "refused: nobody handles this transName"
            );
            return Sealed { status: 200, body: call.unknown_trans_name() };
        };
        // Only now: whoever cannot sign takes no place from those who can.
        let Ok(place) = Arc::clone(places).try_acquire_owned() else {
            tracing::warn!(
                platform = "webank", operation = "callback", %trans_name, "refused: too many calls at a time"
            );
            return Sealed { status: 503, body: call.handler_failed() };
        };
        let body = match register.once(&call, handler, after(*deadline), place).await {
            Outcome::Answered { json, repeat } => {
                tracing::info!(platform = "webank", operation = "callback", %trans_name, repeat, "answered");
                // SPEC.md §5: wrapped and signed anew, with what this message brought.
                call.answer(&json)
            }
            Outcome::Failed(why) => {
                tracing::error!(
                    platform = "webank", operation = "callback", code = "0099", %trans_name, %why,
                    "the bank is told that it failed"
                );
                call.handler_failed()
            }
        };
        Sealed { status: 200, body }
    }

    async fn respond(self, request: Request<Body>) -> Response<Body> {
        if request.method() != Method::POST {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let receiver = &self.inner.receiver;
        envelope(match whole(request, &self.inner.room).await {
            Ok(body) => self.sealed(&body).await,
            Err(Fault::TooLarge) => log_refused(receiver.too_large()),
            Err(Fault::BrokeOff) => Sealed { status: 400, ..refused_unread(receiver) },
            Err(Fault::TooSlow) => Sealed { status: 408, ..refused_unread(receiver) },
            Err(Fault::NoRoom) => {
                tracing::warn!(
                    platform = "webank",
                    operation = "callback",
                    "refused: too many unfinished bodies"
                );
                Sealed { status: 503, body: receiver.overloaded() }
            }
        })
    }
}

/// A body that did not arrive whole is no JSON.
fn refused_unread(receiver: &Receiver) -> Sealed {
    tracing::warn!(platform = "webank", operation = "callback", "refused: the body did not arrive whole");
    Sealed { status: 400, body: receiver.unread() }
}

fn log_refused(refused: super::Refused) -> Sealed {
    let (reason, code) = (refused.reason, refused.reason.code());
    let trans_name = shown(refused.trans_name());
    let code = code.as_str();
    tracing::warn!(platform = "webank", operation = "callback", code, %trans_name, %reason, "refused");
    Sealed { status: refused.status(), body: refused.into_body() }
}

fn envelope(sealed: Sealed) -> Response<Body> {
    let mut response = Response::new(Body::from(sealed.body));
    *response.status_mut() = StatusCode::from_u16(sealed.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

impl<B> tower::Service<Request<B>> for CallbackService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.clone().respond(request.map(Body::new)).map(Ok).boxed()
    }
}
