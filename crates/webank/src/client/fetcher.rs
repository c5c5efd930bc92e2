//! Requests for tokens and tickets, each sent once.

use std::sync::Arc;
use std::time::Duration;

use platform_http::Client as Http;
use sign_core::Secret;

use super::{Error, finish, outgoing};
use crate::credentials::FetchFault;
use crate::{
    Code, DEFAULT_LIFETIME, Granted, ReplyError, Request, read_tickets, read_token, sign_ticket_request,
    token_request,
};

/// Asks the platform for tokens and tickets, on behalf of one app id.
#[derive(Clone)]
pub(super) struct Fetcher {
    pub(super) app_id: Arc<str>,
    pub(super) secret: Secret,
    pub(super) http: Http,
    pub(super) timeout: Duration,
}

/// What a fetch ended with, sorted for the coordinator.
pub(super) type Fetched = Result<Granted, (FetchFault, Arc<Error>)>;

impl Fetcher {
    pub(super) async fn token(&self) -> Fetched {
        sorted(self.fetch_token().await)
    }

    pub(super) async fn sign_ticket(&self, token: &Secret) -> Fetched {
        let request = sign_ticket_request(&self.app_id, token);
        sorted(self.ticket(&request, token, DEFAULT_LIFETIME).await)
    }

    async fn fetch_token(&self) -> Result<Granted, Error> {
        let request = token_request(&self.app_id, &self.secret);
        let outgoing = outgoing("access_token", &request).total_timeout(Some(self.timeout));
        let response = self.http.send(outgoing).await?;
        finish(&response, read_token(&response.body), &[&self.secret], |_| (Code::CREDENTIALS_OK, None))
    }

    /// The first ticket of the reply to a ticket request.
    pub(super) async fn ticket(
        &self,
        request: &Request,
        token: &Secret,
        lifetime: Duration,
    ) -> Result<Granted, Error> {
        let outgoing = outgoing("api_ticket", request).total_timeout(Some(self.timeout));
        let response = self.http.send(outgoing).await?;
        let tickets = read_tickets(&response.body, lifetime);
        let tickets = finish(&response, tickets, &[&self.secret, token], |_| (Code::CREDENTIALS_OK, None))?;
        let missing = || Error::not_understood(&response, ReplyError::Member("tickets"));
        tickets.into_iter().next().ok_or_else(missing)
    }
}

fn sorted(result: Result<Granted, Error>) -> Fetched {
    result.map_err(|error| {
        let fault = match &error {
            Error::Refused(refusal) if refusal.code.invalidates_token() => FetchFault::TokenRefused,
            Error::Refused(refusal) if refusal.code.invalidates_ticket() => FetchFault::TicketRefused,
            Error::Refused(refusal) if !refusal.code.is_transient() => FetchFault::Lasting,
            // A certificate that is missing or not trusted stays so.
            Error::Transport(transport) if transport.is_permanent() => FetchFault::Lasting,
            _ => FetchFault::Passing,
        };
        (fault, Arc::new(error))
    })
}
