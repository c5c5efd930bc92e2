//! The three endpoints on axum (SPEC.md §1, §2, §3). No sockets: the caller binds, and serves the router.

mod guard;
mod paths;

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::catalogue::Catalogue;
use crate::check::{Check, Decision};
use crate::error::{SaveError, Undecidable};
use crate::json::{MAX_BODY, ReadError};
use crate::settings::{Setting, SettingsStore, StoreError};
use crate::source::AttributeSource;
use crate::wire::{CheckReply, CheckRequest, SaveReply, SaveRequest};

pub use guard::{BearerToken, EmptyToken};
pub use paths::{Paths, PathsError};

/// The platform waits 3 s; we answer by then (SPEC.md, head).
const DEADLINE: Duration = Duration::from_millis(2500);
/// A decision takes microseconds; thousands of conditions over hundreds of thousands of values would hold up everybody
/// else, so that such a request is denied after this time.
const EVALUATION: Duration = Duration::from_millis(50);
/// How long the rest of a body that is too large is let in.
const POLITENESS: Duration = Duration::from_secs(1);
/// Requests at a time, beyond which the answer is `503` at once.
const AT_A_TIME: usize = 1024;

/// The three endpoints, with what they answer from.
///
/// ```
/// use rabbitpre_auth::{BearerToken, Catalogue, MemoryAttributes, MemorySettings, Service};
///
/// let router = Service::new(Catalogue::default(), MemoryAttributes::default(), MemorySettings::new("a1-"))
///     .guard(BearerToken::new("from the environment")?)
///     .router();
/// # let _: axum::Router = router;
/// # Ok::<(), rabbitpre_auth::EmptyToken>(())
/// ```
#[derive(Clone)]
pub struct Service {
    catalogue: Bytes,
    source: Arc<dyn AttributeSource>,
    settings: Arc<dyn SettingsStore>,
    paths: Paths,
    guard: Option<Arc<BearerToken>>,
    denied_code: Option<Arc<str>>,
    deadline: Duration,
    places: Arc<Semaphore>,
}

impl Service {
    /// The endpoints under their default paths, without a guard. Source or store may be an `Arc` kept elsewhere.
    pub fn new(
        catalogue: Catalogue,
        source: impl AttributeSource + 'static,
        settings: impl SettingsStore + 'static,
    ) -> Self {
        Service {
            catalogue: Bytes::from(catalogue.to_json()),
            source: Arc::new(source),
            settings: Arc::new(settings),
            paths: Paths::default(),
            guard: None,
            denied_code: None,
            deadline: DEADLINE,
            places: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }

    /// Other paths.
    #[must_use]
    pub fn paths(mut self, paths: Paths) -> Self {
        self.paths = paths;
        self
    }

    /// Only requests that carry this token: without one the answer is 401, with another 403.
    #[must_use]
    pub fn guard(mut self, token: BearerToken) -> Self {
        self.guard = Some(Arc::new(token));
        self
    }

    /// RP-11: denials answer this code in place of `200`, for a platform that looks at `code` alone.
    #[must_use]
    pub fn denied_code(mut self, code: &str) -> Self {
        self.denied_code = Some(Arc::from(code));
        self
    }

    /// When an answer is given at the latest; 2.5 s by default.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many checks and saves are worked on at a time, 1024 by default; beyond it the answer is `503` at once.
    #[must_use]
    pub fn at_a_time(mut self, places: usize) -> Self {
        self.places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        self
    }

    /// The routes. They need a tokio runtime with its timer.
    pub fn router(self) -> Router {
        Router::new()
            .route(self.paths.conditions(), get(conditions))
            .route(self.paths.save(), post(save))
            .route(self.paths.check(), post(check))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(self)
    }

    async fn decide(&self, request: Request) -> Result<Decision, Undecidable> {
        let _place = self.places.try_acquire().map_err(|_| Undecidable::Overloaded)?;
        let work = async {
            let body = body(request).await?;
            let request = CheckRequest::parse(&body)?;
            let setting = match request.setting_id() {
                Some(id) => guarded(async { self.settings.load(id).await }).await.map_err(store_failed)?,
                None => None,
            };
            let check = Check::new(&request, setting.as_deref());
            let names: Vec<&str> = check.names().collect();
            let source = guarded(async { self.source.fetch(request.user(), &names).await }).await;
            let source = source.map_err(Undecidable::SourceFailed)?;
            // The timeout below cannot reach into a computation.
            let started = Instant::now();
            let decision = check.decide_while(&source, || started.elapsed() < EVALUATION);
            decision.ok_or(Undecidable::TooLate)
        };
        timeout(self.deadline, work).await.unwrap_or(Err(Undecidable::TooLate))
    }

    async fn keep(&self, request: Request) -> Result<SaveReply, SaveError> {
        let _place = self.places.try_acquire().map_err(|_| SaveError::Overloaded)?;
        let work = async {
            let body = body(request).await?;
            let request = SaveRequest::parse(&body)?;
            let (id, skipped) = (request.config_id().map(str::to_owned), request.skipped());
            let saved =
                guarded(async { self.settings.save(id.as_deref(), Setting::from(request)).await }).await;
            match saved {
                Ok(id) => Ok(SaveReply::saved(id, skipped)),
                Err(StoreError::UnknownId) => Err(SaveError::UnknownId),
                Err(StoreError::Failed(cause)) => Err(SaveError::StoreFailed(cause)),
            }
        };
        timeout(self.deadline, work).await.unwrap_or(Err(SaveError::TooLate))
    }
}

async fn conditions(State(service): State<Service>, request: Request) -> Response {
    match refusal(&service, &request) {
        Some(status) => reply(status, SaveReply::refused(status.as_u16()).to_json()),
        None => reply(StatusCode::OK, service.catalogue),
    }
}

async fn save(State(service): State<Service>, request: Request) -> Response {
    if let Some(status) = refusal(&service, &request) {
        return reply(status, SaveReply::refused(status.as_u16()).to_json());
    }
    match service.keep(request).await {
        Ok(saved) => {
            tracing::debug!(platform = "rabbitpre", operation = "save", outcome = "saved");
            reply(StatusCode::OK, saved.to_json())
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(tracing::field::display);
            tracing::warn!(platform = "rabbitpre", operation = "save", code = error.code(), %error, cause);
            reply(status(error.http_status()), SaveReply::from(&error).to_json())
        }
    }
}

async fn check(State(service): State<Service>, request: Request) -> Response {
    if let Some(status) = refusal(&service, &request) {
        return reply(status, CheckReply::refused(status.as_str()).to_json());
    }
    match service.decide(request).await {
        Ok(decision) => {
            let allowed = decision.is_allowed();
            tracing::debug!(platform = "rabbitpre", operation = "check", allowed);
            let answer = CheckReply::from(&decision);
            let answer = match &service.denied_code {
                Some(code) => answer.with_denied_code(code),
                None => answer,
            };
            reply(StatusCode::OK, answer.to_json())
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(tracing::field::display);
            tracing::warn!(platform = "rabbitpre", operation = "check", code = error.code(), %error, cause);
            reply(status(error.http_status()), CheckReply::from(&error).to_json())
        }
    }
}

/// 401 without a token, 403 with another one; before any of the body is read.
fn refusal(service: &Service, request: &Request) -> Option<StatusCode> {
    let refused = service.guard.as_ref()?.refuses(request.headers().get(header::AUTHORIZATION))?;
    tracing::warn!(platform = "rabbitpre", status = refused.as_u16(), "refused by the guard");
    Some(refused)
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn reply(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    let mut response = (status, [json], body.into()).into_response();
    if status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §11.6.1: a 401 says which scheme is wanted
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// Why a body could not be had.
enum BodyError {
    TooLarge,
    BrokeOff,
}

impl From<BodyError> for Undecidable {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => ReadError::TooLarge.into(),
            BodyError::BrokeOff => Self::BodyBrokeOff,
        }
    }
}

impl From<BodyError> for SaveError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => ReadError::TooLarge.into(),
            BodyError::BrokeOff => Self::BodyBrokeOff,
        }
    }
}

/// The whole body, of at most [`MAX_BODY`] bytes.
async fn body(request: Request) -> Result<Bytes, BodyError> {
    // A body that says it is too large is not read into memory, nor waited for beyond politeness: a client that writes
    // before it reads would not see an answer that comes in between.
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > u64::try_from(MAX_BODY).unwrap_or(u64::MAX)) {
        let mut rest = request.into_body();
        let discard = async {
            while poll_fn(|cx| Pin::new(&mut rest).poll_frame(cx)).await.is_some_and(|piece| piece.is_ok()) {}
        };
        // Whoever is not done by then has no claim to see the answer.
        let _ = timeout(POLITENESS, discard).await;
        return Err(BodyError::TooLarge);
    }
    Bytes::from_request(request, &()).await.map_err(|error| match error {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => BodyError::TooLarge,
        _ => BodyError::BrokeOff,
    })
}

fn store_failed(error: StoreError) -> Undecidable {
    match error {
        StoreError::Failed(cause) => Undecidable::StoreFailed(cause),
        error @ StoreError::UnknownId => Undecidable::StoreFailed(Box::new(error)),
    }
}

/// A source or store that panics has failed; it does not take the answer with it.
async fn guarded<T, E: From<Panicked>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let mut work = pin!(work);
    // Nothing of a future that panicked is polled or read again.
    std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or_else(|_| Poll::Ready(Err(E::from(Panicked))))
    })
    .await
}

#[derive(Debug, thiserror::Error)]
#[error("it panicked; see its own message on stderr")]
struct Panicked;

impl From<Panicked> for StoreError {
    fn from(panicked: Panicked) -> Self {
        StoreError::Failed(Box::new(panicked))
    }
}
