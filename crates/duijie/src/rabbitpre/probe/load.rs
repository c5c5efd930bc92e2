//! Many at once, and those who take their time.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{future::join_all, stream};
use platform_http::Body;
use platform_sandbox::{CallError, Page, PartnerUrls};
use tokio::time::sleep;

use super::{
    found::{Expected, Found},
    reply::Answer,
    target::{A, Ask, Target},
};
use crate::probe::{Check, Report};

/// Checks at the same time.
const AT_ONCE: usize = 64;

/// SPEC.md, head: high concurrency. Each is answered as if it were alone.
pub(super) async fn at_once(target: &Target, report: &mut Report) {
    let title = ("64 个鉴权同时到达", "64 checks at the same time");
    let mut check = Check::new("at-once", title).section("§3");
    let Some(carrier) = target.carrier else { return report.add(check.skip()) };
    let condition = r#""paramType":"number","operator":"GTEQ","values":32"#;
    let user = |number: usize| Ask::default().has(carrier, A, &number.to_string()).condition(A, condition);
    let asks: Vec<_> = (0..AT_ONCE).map(user).collect();
    let answers = join_all(asks.iter().map(|ask| target.check(ask))).await;
    for (number, answer) in answers.iter().enumerate() {
        target.conclude(&mut check, answer, (number >= 32).into(), "");
    }
    report.add(check);
}

/// A body that comes in pieces, and one that never ends: the one is answered, the other holds up nobody.
pub(super) async fn slow(target: &Target, works: bool, report: &mut Report) {
    let title = ("请求体在一秒内分段到达", "a body that comes in pieces, within a second");
    let mut pieces = Check::new("slow-body", title).section("§3");
    let title = ("请求体迟迟不完整", "a body that never ends");
    let mut stalled = Check::new("stalled-body", title).section("§3");
    if !works {
        report.add(pieces.skip());
        report.add(stalled.skip());
        return;
    }
    let json = Ask::default().to_json(&target.audid);
    // The time is the probe's own: it says nothing about the server.
    let answer = target.page.send(in_pieces(&json, 10, Duration::from_millis(80))).await;
    let answer = answer.map(|reply| Answer::read(&reply));
    target.conclude(&mut pieces, &answer, Expected::Allowed, "");
    report.add(pieces);

    let wait = target.deadline.saturating_add(Duration::from_millis(500));
    let started = Instant::now();
    let (held, others) = tokio::join!(tokio::time::timeout(wait, target.page.send(stalling(&json))), async {
        sleep(target.deadline / 4).await;
        target.check(&Ask::default()).await
    });
    target.conclude(&mut stalled, &others, Expected::Allowed, "同时的另一请求 / another request meanwhile");
    let found = match held {
        // However it ends, it ends in time.
        Ok(Ok(reply)) if Answer::read(&reply).allowed() => {
            Some(Found::error("不完整的请求被放行", "a request that is not complete was allowed"))
        }
        Ok(Err(CallError::Transport(error)))
            if matches!(error.kind(), platform_http::ErrorKind::Timeout { .. }) =>
        {
            Some(waits())
        }
        Ok(_) if started.elapsed() <= wait => None,
        _ => Some(waits()),
    };
    found.iter().for_each(|found| found.add_to(&mut stalled, target.lang));
    report.add(stalled);
}

fn waits() -> Found {
    Found::warning(
        "过了期限仍在等待：占住的连接越来越多",
        "it still waits when the time is over: connections pile up",
    )
}

/// So many pieces, with a pause before each.
fn in_pieces(json: &str, count: usize, pause: Duration) -> Body {
    let length = json.len();
    let bytes = Bytes::copy_from_slice(json.as_bytes());
    let size = length.div_ceil(count).max(1);
    let pieces = stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        sleep(pause).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok(piece), rest))
    });
    Body::stream(pieces, u64::try_from(length).ok())
}

/// All but its end.
fn stalling(json: &str) -> Body {
    let length = json.len();
    let first = Bytes::copy_from_slice(json.as_bytes()).slice(..length.saturating_sub(1));
    let pieces = stream::unfold(Some(first), |first| async move {
        match first {
            Some(first) => Some((Ok(first), None)),
            None => std::future::pending().await,
        }
    });
    Body::stream(pieces, u64::try_from(length).ok())
}

/// SPEC.md, head: a guard turns away who has no token, or another.
pub(super) async fn guard(
    target: &Target,
    urls: &PartnerUrls,
    connect: impl Fn(Page) -> Option<Page>,
    token: bool,
    report: &mut Report,
) {
    let title = ("没有令牌、令牌错误：拒之门外", "without the token, or with another: turned away");
    let mut check = Check::new("guard", title).section("§3");
    let body = || Ask::default().to_json(&target.audid);
    if !token {
        let (zh, en) = (
            "没有用令牌试探：若无 IP 白名单，谁都可以调用；有令牌时用 --guard-token-env 给出",
            "not probed with a token: without an IP allow-list anybody may call; where there is a token, give it with --guard-token-env",
        );
        Found::note(zh, en).add_to(&mut check, target.lang);
        return report.add(check);
    }
    let stranger = urls.clone().bearer("duijie-probe-wrong");
    for (what, urls, usual) in
        [("无令牌 / none", urls.clone().anonymous(), 401), ("错误令牌 / another", stranger, 403)]
    {
        let Some(page) = connect(Page::new(urls).patience(target.deadline)) else { continue };
        let found = match page.send(body()).await {
            Err(error) => Some(Found::no_answer(&error)),
            Ok(reply) => {
                let answer = Answer::read(&reply);
                check.answered(answer.status, answer.code.as_deref(), answer.elapsed);
                match answer.status {
                    _ if answer.allowed() => {
                        Some(Found::error("应被拒之门外，却放行", "should be turned away, but was allowed"))
                    }
                    401 | 403 => None,
                    status => Some(Found::warning(
                        format!("以 HTTP {status} 作答，应为 {usual}"),
                        format!("answered with HTTP {status}; it should be {usual}"),
                    )),
                }
            }
        };
        if let Some(found) = found {
            found.of(what).add_to(&mut check, target.lang);
        }
    }
    report.add(check);
}
