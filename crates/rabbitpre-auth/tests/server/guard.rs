//! Who may call: networks, proxies, tokens; and that a refusal costs no body.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use rabbitpre_auth::{BearerToken, Networks, NetworksError, Service};
use tower::ServiceExt as _;

use crate::service;

fn networks(list: &str) -> Networks {
    list.parse().unwrap()
}

/// The status of a request from a peer, with lines of `X-Forwarded-For`.
async fn status(
    router: &Router,
    path: &str,
    peer: Option<&str>,
    forwarded: &[&str],
    token: Option<&str>,
) -> u16 {
    let method = if path.contains("Notify") || path.contains("check") { Method::POST } else { Method::GET };
    let mut request = Request::builder().method(method).uri(path);
    for line in forwarded {
        request = request.header("x-forwarded-for", *line);
    }
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let mut request = request.body(Body::from("{}")).unwrap();
    if let Some(peer) = peer {
        let peer: SocketAddr = SocketAddr::new(peer.parse().unwrap(), 40_000);
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    router.clone().oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn only_the_networks_of_the_list_may_call() {
    for (list, peer, expected) in [
        ("10.0.0.0/8", "10.255.0.1", 200),
        ("10.0.0.0/8", "11.0.0.1", 403),
        ("10.0.0.0/8", "::ffff:10.0.0.1", 200),
        ("10.0.0.0/8", "::ffff:11.0.0.1", 403),
        ("10.0.0.0/8", "::10.0.0.1", 403),
        ("::ffff:10.0.0.0/104", "10.0.0.1", 200),
        ("::ffff:10.0.0.1", "10.0.0.1", 200),
        ("203.0.113.7", "203.0.113.7", 200),
        ("203.0.113.7", "203.0.113.8", 403),
        ("2001:db8::/32", "2001:db8:1::1", 200),
        ("2001:db8::/32", "2001:db9::1", 403),
        ("0.0.0.0/0", "198.51.100.1", 200),
        ("0.0.0.0/0", "2001:db8::1", 403),
        ("::/0", "2001:db8::1", 200),
        ("::/0", "198.51.100.1", 403),
        ("127.0.0.1/32, ::1 ,", "::1", 200),
    ] {
        let router = service().networks(networks(list)).router();
        assert_eq!(status(&router, "/checkUserAuth", Some(peer), &[], None).await, expected, "{list} {peer}");
    }
}

#[tokio::test]
async fn forwarded_addresses_count_only_from_known_proxies() {
    let router = service().networks(networks("203.0.113.0/24")).proxies(networks("10.0.0.0/8, ::1")).router();
    for (peer, forwarded, expected) in [
        // Not through a proxy: what the header says is the caller's own invention.
        ("198.51.100.1", &["203.0.113.1"][..], 403),
        ("203.0.113.1", &["198.51.100.1"], 200),
        // Through one: the last address, and nothing before it.
        ("10.0.0.1", &["203.0.113.1"], 200),
        ("10.0.0.1", &["203.0.113.1, 198.51.100.1"], 403),
        ("10.0.0.1", &["198.51.100.1,203.0.113.1"], 200),
        ("::ffff:10.0.0.1", &["203.0.113.1"], 200),
        ("::1", &["::ffff:203.0.113.1"], 200),
        // Through two.
        ("10.0.0.1", &["203.0.113.1, 10.0.0.2"], 200),
        ("10.0.0.1", &["198.51.100.1, 10.0.0.2"], 403),
        // Several lines are one list.
        ("10.0.0.1", &["198.51.100.1", "203.0.113.1"], 200),
        ("10.0.0.1", &["203.0.113.1", "198.51.100.1"], 403),
        ("10.0.0.1", &["203.0.113.1", "10.0.0.2, 10.0.0.3"], 200),
        // With a port, in brackets.
        ("10.0.0.1", &["203.0.113.1:4711"], 200),
        ("10.0.0.1", &["[::ffff:203.0.113.1]"], 200),
        ("10.0.0.1", &["[::ffff:203.0.113.1]:4711"], 200),
        // The proxy's own call, and what is no address.
        ("10.0.0.1", &[], 403),
        ("10.0.0.1", &["10.0.0.2"], 403),
        ("10.0.0.1", &["203.0.113.1, unknown"], 403),
        ("10.0.0.1", &["unknown, 203.0.113.1"], 200),
        ("10.0.0.1", &["203.0.113.1,"], 403),
        ("10.0.0.1", &[""], 403),
    ] {
        let got = status(&router, "/checkUserAuth", Some(peer), forwarded, None).await;
        assert_eq!(got, expected, "{peer} {forwarded:?}");
    }
}

#[tokio::test]
async fn without_known_proxies_the_header_is_not_looked_at() {
    let router = service().networks(networks("203.0.113.0/24")).router();
    assert_eq!(status(&router, "/checkUserAuth", Some("10.0.0.1"), &["203.0.113.1"], None).await, 403);
    assert_eq!(status(&router, "/checkUserAuth", Some("203.0.113.1"), &["10.0.0.1"], None).await, 200);
}

#[tokio::test]
async fn where_nobody_tells_the_address_everybody_is_refused() {
    let router = service().networks(networks("0.0.0.0/0, ::/0")).router();
    for path in ["/getAuthConditions", "/saveNotify", "/checkUserAuth", "/healthz", "/metrics"] {
        assert_eq!(status(&router, path, None, &["203.0.113.1"], None).await, 403, "{path}");
    }
}

#[tokio::test]
async fn health_and_metrics_have_guards_of_their_own() {
    let token = || BearerToken::new("secret").unwrap();
    let open = |service: Service| service.router();
    let listed = |service: Service| service.networks(networks("203.0.113.0/24")).router();
    let monitored = |service: Service| {
        service.networks(networks("203.0.113.0/24")).monitors(networks("10.0.0.0/8")).router()
    };
    for (router, peer, given, endpoint, health, metrics) in [
        (open(service()), None, None, 200, 200, 200),
        // The token is asked for everywhere but for health.
        (open(service().guard(token())), None, None, 401, 200, 401),
        (open(service().guard(token())), None, Some("other"), 403, 200, 403),
        (open(service().guard(token())), None, Some("secret"), 200, 200, 200),
        // With a list, the address is enough for health and metrics.
        (listed(service().guard(token())), Some("203.0.113.1"), None, 401, 200, 200),
        (listed(service().guard(token())), Some("203.0.113.1"), Some("secret"), 200, 200, 200),
        // The address comes first.
        (listed(service().guard(token())), Some("10.0.0.1"), None, 403, 403, 403),
        (listed(service().guard(token())), Some("10.0.0.1"), Some("secret"), 403, 403, 403),
        // They may have a list of their own.
        (monitored(service()), Some("203.0.113.1"), None, 200, 403, 403),
        (monitored(service()), Some("10.0.0.1"), None, 403, 200, 200),
        (monitored(service().guard(token())), Some("10.0.0.1"), Some("secret"), 403, 200, 200),
    ] {
        for (path, expected) in [
            ("/getAuthConditions", endpoint),
            ("/saveNotify", endpoint),
            ("/checkUserAuth", endpoint),
            ("/healthz", health),
            ("/metrics", metrics),
        ] {
            assert_eq!(status(&router, path, peer, &[], given).await, expected, "{path} {peer:?} {given:?}");
        }
    }
}

/// A body that must not be touched.
struct Untouchable;

impl HttpBody for Untouchable {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        panic!("the body of a refused request was read");
    }
}

#[tokio::test]
async fn a_refused_request_costs_no_body() {
    let guarded = service().guard(BearerToken::new("secret").unwrap()).router();
    let listed = service().networks(networks("10.0.0.0/8")).router();
    for (router, status) in [(guarded, StatusCode::UNAUTHORIZED), (listed, StatusCode::FORBIDDEN)] {
        for path in ["/saveNotify", "/checkUserAuth"] {
            let request = Request::post(path).body(Body::new(Untouchable)).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), status);
        }
    }
}

#[test]
fn networks_that_are_not_understood_are_named() {
    let not = |entry: &str| NetworksError::NotANetwork(entry.to_owned());
    for (list, expected) in [
        ("", NetworksError::Empty),
        (" , ", NetworksError::Empty),
        ("10.0.0.0/33", not("10.0.0.0/33")),
        ("10.0.0/8", not("10.0.0/8")),
        ("localhost", not("localhost")),
        ("10.0.0.0/255.0.0.0", not("10.0.0.0/255.0.0.0")),
        ("10.0.0.0/8;11.0.0.0/8", not("10.0.0.0/8;11.0.0.0/8")),
        (
            "::1, 10.0.0.5/8",
            NetworksError::HostBits { entry: "10.0.0.5/8".to_owned(), network: "10.0.0.0/8".to_owned() },
        ),
    ] {
        assert_eq!(list.parse::<Networks>(), Err(expected), "{list}");
    }
    assert_eq!(
        Networks::new(["10.0.0.5/8"]).unwrap_err().to_string(),
        "`10.0.0.5/8` names a host within a network; write `10.0.0.0/8` for the network, or the address alone"
    );
    assert_eq!(format!("{:?}", networks("::ffff:10.0.0.0/104,::1")), "[10.0.0.0/8, ::1/128]");
}
