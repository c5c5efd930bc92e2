//! Health, metrics, paths and methods.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use rabbitpre_auth::{
    AttributeSource, Attributes, BearerToken, Fetched, MAX_BODY, MemorySettings, Paths, PathsError, Service,
    SourceCounters, UserParam,
};
use tower::ServiceExt as _;

use crate::{adults, call, catalogue, check, save, service};

async fn get(router: &Router, path: &str) -> (u16, String, String) {
    let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, content_type, String::from_utf8(body.to_vec()).unwrap())
}

/// The samples, by name and labels; that the text is what Prometheus reads is checked on the way.
async fn samples(router: &Router) -> BTreeMap<String, f64> {
    let (status, content_type, text) = get(router, "/metrics").await;
    assert_eq!((status, content_type.as_str()), (200, "text/plain; version=0.0.4; charset=utf-8"));
    assert!(text.ends_with('\n'));
    let (mut samples, mut family, mut families) = (BTreeMap::new(), String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().unwrap().to_owned();
            assert!(!families.contains(&family), "{family} is there twice");
            families.push(family.clone());
            let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {family} ")).unwrap();
            assert_eq!(kind == "counter", family.ends_with("_total"), "{family} is a {kind}");
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let name = sample.split('{').next().unwrap();
        let suffix = name.strip_prefix(family.as_str()).unwrap();
        assert!(
            ["", "_bucket", "_sum", "_count"].contains(&suffix),
            "{line} is of another family than {family}"
        );
        assert!(
            samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(),
            "{sample} is there twice"
        );
    }
    samples
}

#[tokio::test]
async fn health_is_ok() {
    let router = service().router();
    let (status, content_type, body) = get(&router, "/healthz").await;
    assert_eq!((status, content_type.as_str(), body.as_str()), (200, "text/plain; charset=utf-8", "ok"));
}

#[tokio::test]
async fn health_and_metrics_can_be_elsewhere_or_nowhere() {
    let paths = Paths::default().with_health(Some("/-/live")).unwrap().with_metrics(None).unwrap();
    let router = service().paths(paths).router();
    for (path, status) in
        [("/-/live", 200), ("/healthz", 404), ("/metrics", 404), ("/getAuthConditions", 200)]
    {
        assert_eq!(get(&router, path).await.0, status, "{path}");
    }
    let doubled = PathsError::Doubled("/metrics".to_owned());
    assert_eq!(Paths::new("/metrics", "/b", "/c"), Err(doubled.clone()));
    assert_eq!(Paths::default().with_health(Some("/metrics")), Err(doubled));
    assert_eq!(Paths::default().with_metrics(Some("x")), Err(PathsError::Unusable("x".to_owned())));
}

#[tokio::test]
async fn each_path_says_which_methods_it_has() {
    let router = service().router();
    for (path, allowed) in [
        ("/checkUserAuth", "POST"),
        ("/saveNotify", "POST"),
        ("/getAuthConditions", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
        ("/metrics", "GET, HEAD"),
    ] {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS]
        {
            let request = Request::builder().method(&method).uri(path).body(Body::from("{}")).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let there = allowed.split(", ").any(|name| name == method.as_str());
            assert_eq!(response.status().as_u16(), if there { 200 } else { 405 }, "{method} {path}");
            let allow = response.headers().get(header::ALLOW).map(|value| value.to_str().unwrap());
            assert_eq!(allow, (!there).then_some(allowed), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_routes_can_be_nested() {
    let router = Router::new().nest("/rabbitpre", service().router());
    assert_eq!(get(&router, "/rabbitpre/healthz").await.0, 200);
    assert_eq!(call(&router, "/rabbitpre/checkUserAuth", "{}").await.0, 200);
    assert_eq!(get(&router, "/healthz").await.0, 404);
}

#[tokio::test]
async fn every_outcome_is_counted() {
    let router = service().guard(BearerToken::new("t").unwrap()).networks("::/0".parse().unwrap()).router();
    // Nobody tells the address: refused.
    check(&router, "{}").await;
    let router = service().router();
    for body in [adults("9007199254740993"), adults("9007199254740993"), adults("1"), "{}".into(), "{".into()]
    {
        check(&router, body).await;
    }
    check(&router, " ".repeat(MAX_BODY + 1)).await;
    check(&router, adults("1") + &" ".repeat(100_000)).await;
    let age = r#"{"userId":"u","settingData":[{"name":"age","type":"number","value":1}]}"#;
    save(&router, age).await;
    save(&router, age.replace("age", "agee")).await;
    save(&router, "{}").await;
    save(&router, r#"{"userId":"u","externalConfigId":"no","settingData":[]}"#).await;
    let samples = samples(&router).await;
    for (sample, expected) in [
        (r#"rabbitpre_checks_total{outcome="allowed",error_code=""}"#, 2.0),
        (r#"rabbitpre_checks_total{outcome="denied",error_code="NOT_QUALIFIED"}"#, 2.0),
        (r#"rabbitpre_checks_total{outcome="undecidable",error_code="BAD_REQUEST"}"#, 1.0),
        (r#"rabbitpre_checks_total{outcome="undecidable",error_code="UNREADABLE_BODY"}"#, 1.0),
        (r#"rabbitpre_checks_total{outcome="undecidable",error_code="BODY_TOO_LARGE"}"#, 1.0),
        (r#"rabbitpre_checks_total{outcome="undecidable",error_code="TIMEOUT"}"#, 0.0),
        (r#"rabbitpre_checks_total{outcome="undecidable",error_code="OTHER"}"#, 0.0),
        ("rabbitpre_check_duration_seconds_count", 7.0),
        (r#"rabbitpre_check_duration_seconds_bucket{le="+Inf"}"#, 7.0),
        (r#"rabbitpre_saves_total{outcome="saved"}"#, 2.0),
        (r#"rabbitpre_saves_total{outcome="bad-request"}"#, 1.0),
        (r#"rabbitpre_saves_total{outcome="unknown-id"}"#, 1.0),
        ("rabbitpre_save_findings_total", 1.0),
        ("rabbitpre_requests_in_flight", 0.0),
        ("rabbitpre_requests_limit", 1024.0),
        ("rabbitpre_large_bodies_bytes", 0.0),
        (r#"rabbitpre_overload_refusals_total{limit="requests"}"#, 0.0),
        (r#"rabbitpre_overload_refusals_total{limit="bytes"}"#, 0.0),
        (r#"rabbitpre_checks_apart_total{why="large"}"#, 1.0),
        ("rabbitpre_source_requests_total", 4.0),
        ("rabbitpre_source_errors_total", 0.0),
    ] {
        assert_eq!(samples.get(sample), Some(&expected), "{sample}");
    }
    assert!(samples["rabbitpre_check_duration_seconds_sum"] > 0.0);
}

#[tokio::test]
async fn refusals_of_the_guard_are_counted_by_reason() {
    let token = || BearerToken::new("t").unwrap();
    let router = service().guard(token()).trace(token()).router();
    for (authorization, trace) in
        [("", ""), ("Bearer x", ""), ("Bearer x", "x"), ("Bearer t", "x"), ("Bearer t", "t")]
    {
        let request = Request::post("/checkUserAuth").header(header::AUTHORIZATION, authorization);
        let request = if trace.is_empty() { request } else { request.header("x-duijie-trace", trace) };
        router.clone().oneshot(request.body(Body::from("{}")).unwrap()).await.unwrap();
    }
    let request =
        Request::get("/metrics").header(header::AUTHORIZATION, "Bearer t").body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    for (reason, count) in
        [("unknown-address", 0), ("address", 0), ("no-token", 1), ("other-token", 2), ("trace-token", 1)]
    {
        let line = format!("rabbitpre_guard_refusals_total{{reason=\"{reason}\"}} {count}\n");
        assert!(text.contains(&line), "{line}");
    }
}

/// A source that takes as long as the user's name says, in milliseconds, and says that it joined three.
struct Slow;

impl AttributeSource for Slow {
    fn fetch<'a>(&'a self, user: &'a UserParam<'a>, _: &'a [&'a str]) -> Fetched<'a> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(user.audid().parse()?)).await;
            Ok(Arc::new(Attributes::default()))
        })
    }

    fn counters(&self) -> SourceCounters {
        let mut counters = SourceCounters::default();
        (counters.answered_from_cache, counters.joined, counters.failed) = (7, 3, 2);
        counters
    }
}

#[tokio::test(start_paused = true)]
async fn the_histogram_is_cumulative_and_its_bounds_are_closed() {
    let router = Service::new(catalogue(), Slow, MemorySettings::new("s-")).router();
    for audid in ["1", "2", "5", "6", "100", "2499", "10000", "x"] {
        check(&router, format!(r#"{{"userParam":{{"audid":"{audid}"}}}}"#)).await;
    }
    let samples = samples(&router).await;
    let bucket = |bound: &str| samples[&format!("rabbitpre_check_duration_seconds_bucket{{le=\"{bound}\"}}")];
    for (bound, expected) in [
        ("0.0001", 1.0),
        ("0.00025", 1.0),
        ("0.0005", 1.0),
        ("0.001", 2.0),
        ("0.0025", 3.0),
        ("0.005", 4.0),
        ("0.01", 5.0),
        ("0.025", 5.0),
        ("0.05", 5.0),
        ("0.1", 6.0),
        ("0.25", 6.0),
        ("0.5", 6.0),
        ("1", 6.0),
        // 2.499 s, and the one that ran into the deadline.
        ("2.5", 8.0),
        ("+Inf", 8.0),
    ] {
        assert_eq!(bucket(bound), expected, "{bound}");
    }
    let sum = samples["rabbitpre_check_duration_seconds_sum"];
    assert!((sum - 5.113).abs() < 0.02, "{sum}");
    assert_eq!(samples["rabbitpre_source_requests_total"], 8.0);
    assert_eq!(samples["rabbitpre_source_errors_total"], 1.0);
    assert_eq!(samples["rabbitpre_source_cache_hits_total"], 7.0);
    assert_eq!(samples["rabbitpre_source_joined_total"], 3.0);
    assert_eq!(samples["rabbitpre_source_failures_total"], 2.0);
}
