//! 宜昌: a web application that sends its users to the city's portal, logged in.
//!
//! `GET /portal/u1` answers `303` with the portal's address. Environment: `YICHANG_BASE_URL`, `YICHANG_APP_ID`,
//! `YICHANG_APP_SECRET`, `LISTEN`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a program of its own, which binds its socket"
)]

use std::{env, error::Error};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::{Router, response::IntoResponse, routing::get};
use yichang::{Client, Mobile, Secret};

/// The mobile number comes from the session that your own login has made, never from the request.
fn mobile_of(user: &str) -> Option<Mobile> {
    let known = [("u1", "13800000001"), ("u2", "13800000002")];
    known.iter().find(|(name, _)| *name == user).and_then(|(_, mobile)| Mobile::parse(mobile).ok())
}

async fn portal(State(portal): State<Client>, Path(user): Path<String>) -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    // The address holds a token: no cache keeps it, no other page learns it.
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    let Some(mobile) = mobile_of(&user) else { return (StatusCode::UNAUTHORIZED, headers) };
    match portal.login(&mobile, None).await {
        Ok(login) => match login.jump_url().expose().parse() {
            Ok(address) => {
                headers.insert(header::LOCATION, address);
                (StatusCode::SEE_OTHER, headers)
            }
            Err(_) => (StatusCode::BAD_GATEWAY, headers),
        },
        Err(error) => {
            eprintln!("{error}"); // whose fault, and what to do; neither number nor token
            (StatusCode::BAD_GATEWAY, headers)
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = Secret::new(env::var("YICHANG_APP_SECRET")?)?;
    let client =
        Client::builder(env::var("YICHANG_APP_ID")?, secret).url(&env::var("YICHANG_BASE_URL")?).build()?;
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8094".to_owned());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}/portal/u1", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route("/portal/{user}", get(portal)).with_state(client)).await?)
}
