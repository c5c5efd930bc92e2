//! Which request is answered by whom, and what is counted and logged of it.

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use tokio::time::Instant;

use super::Service;
use super::answer::{self, ALLOWED_REPLY};
use super::body::Incoming;
use super::exposition::CONTENT_TYPE;
use super::guard::Refusal;
use super::metrics::{ALLOWED, DENIED};
use crate::error::{SaveError, Undecidable};
use crate::trace::Trace;
use crate::wire::{CheckReply, SaveReply};

/// The endpoints of a [`Service`], as a `tower::Service`. Clones share everything.
#[derive(Clone, Debug)]
pub struct Endpoints(Arc<Service>);

impl Endpoints {
    pub(super) fn new(service: Service) -> Self {
        Endpoints(Arc::new(service))
    }

    async fn answer<B: Incoming>(self, request: Request<B>) -> Response<Body> {
        let service = &self.0;
        let (head, body) = request.into_parts();
        let (path, headers) = (head.uri.path(), &head.headers);
        let paths = &service.paths;
        let reads = matches!(head.method, Method::GET | Method::HEAD);
        if path == paths.check() {
            if head.method != Method::POST {
                return answer::wrong_method("POST");
            }
            match service.guard.refuses(headers, &head.extensions) {
                Some(refusal) => service.refused_check(refusal),
                None => service.check(headers, body).await,
            }
        } else if path == paths.save() {
            if head.method != Method::POST {
                return answer::wrong_method("POST");
            }
            match service.guard.refuses(headers, &head.extensions) {
                Some(refusal) => service.refused(refusal),
                None => service.save(headers, body).await,
            }
        } else if path == paths.conditions() {
            if !reads {
                return answer::wrong_method("GET, HEAD");
            }
            match service.guard.refuses(headers, &head.extensions) {
                Some(refusal) => service.refused(refusal),
                None => answer::json(StatusCode::OK, service.offered.clone()),
            }
        } else if paths.health() == Some(path) {
            if !reads {
                return answer::wrong_method("GET, HEAD");
            }
            match service.guard.refuses_health(headers, &head.extensions) {
                Some(refusal) => service.refused(refusal),
                // Liveness: whoever answers, lives. A source that is down is told by the answers and the metrics; to be
                // restarted would not help it.
                None => answer::plain("text/plain; charset=utf-8", "ok"),
            }
        } else if paths.metrics() == Some(path) {
            if !reads {
                return answer::wrong_method("GET, HEAD");
            }
            match service.guard.refuses_metrics(headers, &head.extensions) {
                Some(refusal) => service.refused(refusal),
                None => answer::plain(CONTENT_TYPE, service.report()),
            }
        } else {
            answer::nothing(StatusCode::NOT_FOUND)
        }
    }
}

impl Service {
    async fn check<B: Incoming>(self: &Arc<Self>, headers: &HeaderMap, body: B) -> Response<Body> {
        let begun = Instant::now();
        let traced = self.guard.wants_trace(headers).unwrap_or_else(|_| {
            // The decision is the same; whoever has no token for it does not see why.
            self.metrics.guard.count("trace-token");
            tracing::warn!(
                platform = "rabbitpre",
                "no trace: the header `x-duijie-trace` carries another token"
            );
            false
        });
        let response = match self.decide(headers, body, traced).await {
            Ok(decided) => {
                let allowed = decided.decision.is_allowed();
                self.metrics.checks.count(if allowed { ALLOWED } else { DENIED });
                tracing::debug!(platform = "rabbitpre", operation = "check", allowed);
                if allowed && decided.trace.is_none() {
                    answer::json(StatusCode::OK, Bytes::from_static(ALLOWED_REPLY))
                } else {
                    let reply = CheckReply::from(&decided.decision);
                    let reply = match &self.denied_code {
                        Some(code) => reply.with_denied_code(code),
                        None => reply,
                    };
                    answer::json(StatusCode::OK, answer::traced(&reply, decided.trace.as_ref()))
                }
            }
            Err(error) => {
                self.metrics.checks.count(error.error_code());
                self.tell("check", error.code(), &error, matches!(error, Undecidable::Overloaded));
                let trace = traced.then(|| Trace { allowed: false, external: None, entries: Vec::new() });
                let reply = answer::traced(&CheckReply::from(&error), trace.as_ref());
                answer::json(answer::status(error.http_status()), reply)
            }
        };
        self.metrics.latency.observe(begun.elapsed());
        response
    }

    async fn save<B: Incoming>(self: &Arc<Self>, headers: &HeaderMap, body: B) -> Response<Body> {
        match self.keep(headers, body).await {
            Ok(saved) => {
                self.metrics.saves.count("saved");
                tracing::debug!(platform = "rabbitpre", operation = "save", outcome = "saved");
                answer::json(StatusCode::OK, saved.to_json())
            }
            Err(error) => {
                self.metrics.saves.count(error.outcome());
                self.tell("save", error.code(), &error, matches!(error, SaveError::Overloaded));
                answer::json(answer::status(error.http_status()), SaveReply::from(&error).to_json())
            }
        }
    }

    /// A crowd is told of once a second, everything else at once.
    fn tell(&self, operation: &str, code: impl std::fmt::Display, error: &dyn Error, crowded: bool) {
        let times = if crowded { self.crowded.happened() } else { Some(1) };
        if let Some(times) = times {
            let cause = error.source().map(tracing::field::display);
            tracing::warn!(platform = "rabbitpre", operation, %code, %error, cause, times);
        }
    }

    /// Told of once a second: strangers do not fill the log.
    fn note(&self, refusal: Refusal) {
        self.metrics.guard.count(refusal.label());
        if let Some(times) = self.strangers.happened() {
            let (status, reason) = (refusal.status().as_u16(), refusal.label());
            tracing::warn!(platform = "rabbitpre", status, reason, times, "{}", refusal.advice());
        }
    }

    fn refused_check(&self, refusal: Refusal) -> Response<Body> {
        self.note(refusal);
        let status = refusal.status();
        answer::refused(status, CheckReply::refused(status.as_str()).to_json())
    }

    fn refused(&self, refusal: Refusal) -> Response<Body> {
        self.note(refusal);
        let status = refusal.status();
        answer::refused(status, SaveReply::refused(status.as_u16()).to_json())
    }
}

impl<B> tower::Service<Request<B>> for Endpoints
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let endpoints = self.clone();
        Box::pin(async move { Ok(endpoints.answer(request).await) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tower::ServiceExt as _;
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::{BearerToken, Catalogue, MemoryAttributes, MemorySettings};

    /// Counts what is told.
    #[derive(Clone, Default)]
    struct Told(Arc<AtomicUsize>);

    impl Subscriber for Told {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[tokio::test]
    async fn a_thousand_strangers_are_counted_and_told_of_together() {
        let service =
            Service::new(Catalogue::default(), MemoryAttributes::default(), MemorySettings::new("s-"));
        let endpoints = service.guard(BearerToken::new("token").unwrap()).endpoints();
        // While there is only one subscriber, `tracing` asks the thread that first comes upon an event whether anybody
        // wants it, and a test beside this one, which listens to nothing, would say no for all.
        let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
        let told = Told::default();
        let _guard = tracing::subscriber::set_default(told.clone());
        let begun = Instant::now();
        for _ in 0..1000 {
            let request = Request::post("/checkUserAuth").body(Body::empty()).unwrap();
            let response = endpoints.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        }
        // One at once, and one for each second that it took.
        let told = told.0.load(Ordering::Relaxed);
        assert!((1..=1 + usize::try_from(begun.elapsed().as_secs()).unwrap()).contains(&told), "{told}");
        assert!(endpoints.0.report().contains("{reason=\"no-token\"} 1000\n"));
    }
}
