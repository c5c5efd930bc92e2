//! The guard in front: nothing is signed, so tokens and addresses say who may call (SPEC.md, head).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::networks::{Networks, caller};

/// Carries the token of whoever wants to see why.
const TRACE: HeaderName = HeaderName::from_static("x-duijie-trace");

/// A token that callers carry, as `Authorization: Bearer …`. Wiped when dropped, never shown.
pub struct BearerToken(Zeroizing<String>);

/// An empty token would let everybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bearer token is empty; set one, or leave the guard out")]
pub struct EmptyToken;

impl BearerToken {
    /// Takes a token; white space around it, as files end with, is not part of it.
    ///
    /// # Errors
    /// [`EmptyToken`].
    pub fn new(token: impl Into<String>) -> Result<Self, EmptyToken> {
        let given = Zeroizing::new(token.into());
        let token = given.trim();
        if token.is_empty() { Err(EmptyToken) } else { Ok(BearerToken(Zeroizing::new(token.to_owned()))) }
    }

    /// In constant time.
    fn is(&self, given: &[u8]) -> bool {
        given.trim_ascii().ct_eq(self.0.as_bytes()).into()
    }

    /// Why the header does not do; `None` if it carries the token.
    fn refuses(&self, header: Option<&HeaderValue>) -> Option<Refusal> {
        let Some((scheme, token)) = header.and_then(|value| value.as_bytes().split_at_checked(7)) else {
            return Some(Refusal::NoToken);
        };
        // RFC 9110 §11.1: the scheme is read without regard to case
        if !scheme.eq_ignore_ascii_case(b"bearer ") {
            return Some(Refusal::NoToken);
        }
        (!self.is(token)).then_some(Refusal::OtherToken)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(..)")
    }
}

/// Who may call, and who may see why.
#[derive(Debug, Default)]
pub(super) struct Guard {
    pub(super) token: Option<BearerToken>,
    pub(super) trace: Option<BearerToken>,
    pub(super) networks: Option<Networks>,
    pub(super) monitors: Option<Networks>,
    pub(super) proxies: Option<Networks>,
}

/// Why a call is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nobody says where the call comes from.
    UnknownAddress,
    /// It comes from elsewhere.
    Address,
    /// It carries no token.
    NoToken,
    /// It carries another token.
    OtherToken,
}

impl Refusal {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// For counters and logs.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::UnknownAddress => "unknown-address",
            Self::Address => "address",
            Self::NoToken => "no-token",
            Self::OtherToken => "other-token",
        }
    }

    /// What to do.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::UnknownAddress => {
                "refused: nobody says where the call comes from; serve with `Service::serve`, or axum's `ConnectInfo`, and let proxies pass on addresses"
            }
            Self::Address => "refused: the call comes from an address that is not on the list",
            Self::NoToken => "refused: the call carries no bearer token",
            Self::OtherToken => "refused: the call carries another bearer token",
        }
    }
}

impl Guard {
    /// Before the three endpoints: the address, then the token.
    pub(super) fn refuses(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<Refusal> {
        self.address(self.networks.as_ref(), headers, extensions).or_else(|| self.no_token(headers))
    }

    /// Before `/healthz`: the address, no token.
    pub(super) fn refuses_health(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<Refusal> {
        self.address(self.monitoring(), headers, extensions)
    }

    /// Before `/metrics`: the address; where no list says which, the token.
    pub(super) fn refuses_metrics(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<Refusal> {
        if self.monitoring().is_some() {
            self.address(self.monitoring(), headers, extensions)
        } else {
            self.no_token(headers)
        }
    }

    /// Whether the caller is to see why. `Err` if he wants to, but does not carry the token for it.
    pub(super) fn wants_trace(&self, headers: &HeaderMap) -> Result<bool, Refusal> {
        let Some(token) = &self.trace else { return Ok(false) };
        match headers.get(TRACE) {
            Some(given) if token.is(given.as_bytes()) => Ok(true),
            Some(_) => Err(Refusal::OtherToken),
            None => Ok(false),
        }
    }

    /// Whether it has to be told where requests come from.
    pub(super) const fn looks_at_addresses(&self) -> bool {
        self.networks.is_some() || self.monitors.is_some()
    }

    fn monitoring(&self) -> Option<&Networks> {
        self.monitors.as_ref().or(self.networks.as_ref())
    }

    fn no_token(&self, headers: &HeaderMap) -> Option<Refusal> {
        self.token.as_ref()?.refuses(headers.get(header::AUTHORIZATION))
    }

    fn address(
        &self,
        networks: Option<&Networks>,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Option<Refusal> {
        let networks = networks?;
        let peer: Option<IpAddr> = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        match peer.and_then(|peer| caller(peer, headers, self.proxies.as_ref())) {
            None => Some(Refusal::UnknownAddress),
            Some(address) => (!networks.contains(address)).then_some(Refusal::Address),
        }
    }
}
