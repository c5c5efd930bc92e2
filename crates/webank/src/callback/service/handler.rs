//! Handlers of any type, made alike.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;

use crate::callback::{Answer, Call, HandlerError};

/// Answers a call.
pub(in crate::callback) type Handler =
    Arc<dyn Fn(Arc<Call>) -> BoxFuture<'static, Result<Answer, HandlerError>> + Send + Sync>;

/// Reads the handler's request from the business JSON.
pub(super) fn typed<Req, F, Work>(handler: F) -> Handler
where
    Req: DeserializeOwned + Send + 'static,
    F: Fn(Req, Arc<Call>) -> Work + Send + Sync + 'static,
    Work: Future<Output = Result<Answer, HandlerError>> + Send + 'static,
{
    Arc::new(move |call: Arc<Call>| match serde_json::from_str(call.plain()) {
        Ok(request) => handler(request, call).boxed(),
        // The reader may quote a value, and all of them are personal.
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let reason = format!("the call does not fit the handler's type at line {line}, column {column}");
            std::future::ready(Err(HandlerError::new(reason))).boxed()
        }
    })
}
