//! 微众银行: a web service of one's own that answers the bank's signed callbacks under `/webank`.
//!
//! Environment: `WEBANK_CALLBACK_SALT`; `STATE` (`sqlite:callbacks.db`, or `redis://…` for several machines) keeps the
//! answers for the bank's repeats; `LISTEN`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program of its own, which binds its socket"
)]

use std::{env, error::Error, sync::Arc};

use axum::{Router, routing::get};
use webank::callback::{Answer, Call, CallbackService, Receiver, Repeats};
use webank::{Secret, state::Address};

/// What `TLMerchantQuery` asks: agree on it with the bank.
#[derive(serde::Deserialize)]
struct Query {
    req_nbr: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let salt = Secret::new(env::var("WEBANK_CALLBACK_SALT")?)?;
    let state = env::var("STATE").unwrap_or_else(|_| "sqlite:callbacks.db".to_owned());
    let store = state.parse::<Address>()?.open().await?;

    let bank = CallbackService::builder(Receiver::new(salt))
        .repeats(Repeats::new(store)) // a repeat gets the answer that is kept: the handler does not run twice
        .on("TLMerchantQuery", async |query: Query, _call: Arc<Call>| {
            // An error here is answered 0099, and the bank asks again.
            Answer::ok(serde_json::json!({ "req_nbr": query.req_nbr, "state": "1" }))
        })
        .build()?;

    let app = Router::new().route("/healthz", get(async || "ok")).route_service("/webank", bank.clone()); // verified over the bytes as they came, before anything parses them
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8093".to_owned());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}/webank", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
        .await?;
    bank.idle().await; // handlers that run beyond their answer
    Ok(())
}
