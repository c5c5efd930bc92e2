//! 兔展: the three endpoints, with a source of users' attributes of one's own.
//!
//! Environment: `CONDITIONS`, a file of what the editor may choose from; `GUARD_TOKEN`; `STATE` (`sqlite:rabbitpre.db`)
//! keeps what the editor saves; `LISTEN`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program of its own, which binds its socket"
)]

use std::{env, error::Error, fs, sync::Arc, time::UNIX_EPOCH};

use platform_state::Address;
use rabbitpre_auth::{
    AttributeSource, Attributes, BearerToken, Catalogue, Fetched, Service, StateSettings, UserParam,
};

/// In place of the company's membership database.
struct Members;

impl AttributeSource for Members {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, _names: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            // An error here denies with code 500: nobody is let in by accident. It must not block the thread.
            Ok(Arc::new(match user.audid() {
                "720332229959618560" => [("age", "34"), ("level", "gold")].into_iter().collect(),
                _ => Attributes::default(), // a user nobody knows: no condition holds
            }))
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let catalogue = Catalogue::parse(&fs::read(env::var("CONDITIONS")?)?)?;
    let state = env::var("STATE").unwrap_or_else(|_| "sqlite:rabbitpre.db".to_owned());
    // Of the ids that the editor gets, no two processes give out the same.
    let prefix = format!("{:x}-", UNIX_EPOCH.elapsed()?.as_nanos());
    let settings = StateSettings::new(state.parse::<Address>()?.open().await?, prefix)?;
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8092".to_owned());
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    Service::new(catalogue, Members, settings)
        .guard(BearerToken::new(env::var("GUARD_TOKEN")?)?)
        .serve(listener, async { tokio::signal::ctrl_c().await.unwrap_or_default() })
        .await;
    Ok(())
}
