//! Typed handlers, and the ways in which they fail: `0099`, and the service lives on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use webank::callback::{Answer, Call, CallbackCode, Repeats};

use crate::partner::{Message, NAME, Partner, Work};

#[derive(serde::Deserialize)]
struct Payment {
    amount: u64,
}

fn typed() -> Partner {
    Partner::built(Repeats::default(), Work::quick(), |builder| {
        builder.on(NAME, async |payment: Payment, call: Arc<Call>| {
            if payment.amount == 0 {
                let code = CallbackCode::from("2001".to_owned());
                return Answer::with(&code, "金额为零", json!({ "seq": call.seq_no() }));
            }
            // Any error will do.
            let cents = payment.amount.checked_mul(100).ok_or_else(|| std::io::Error::other("too much"))?;
            Answer::ok(json!({ "cents": cents }))
        })
    })
}

async fn check(business: &str, code: &str, expected: Value) {
    let answer = typed().send(&Message::new("7", business)).await;
    assert_eq!((answer.status, answer.code()), (200, code), "{business}");
    let expected = expected.as_object().unwrap();
    for (name, value) in expected {
        assert_eq!(&answer.business[name], value, "{business}");
    }
}

#[tokio::test]
async fn a_handler_takes_and_gives_types() {
    check(r#"{"amount":3,"more":[]}"#, "0000", json!({"cents": 300})).await;
    check(r#"{"amount":0}"#, "2001", json!({"DESC": "金额为零", "seq": "7"})).await;
    check(r#"{"amount":"three"}"#, "0099", json!({})).await;
    check("{}", "0099", json!({})).await;
    check(r#"{"amount":18446744073709551615}"#, "0099", json!({})).await;
}

#[tokio::test]
async fn a_business_refusal_is_an_answer_and_stored() {
    let partner = typed();
    let first = partner.send(&Message::new("7", r#"{"amount":0}"#)).await;
    assert_eq!(partner.send(&Message::new("7", r#"{"amount":0}"#)).await, first);
}

#[tokio::test]
async fn a_handler_that_panics_takes_nobody_with_it() {
    let partner = Partner::new();
    assert_eq!(partner.send(&Message::new("1", r#"{"do":"panic"}"#)).await.code(), "0099");
    assert_eq!(partner.send(&Message::new("2", "{}")).await.code(), "0000");
}

#[tokio::test]
async fn json_from_elsewhere_is_sealed_as_it_stands() {
    const JSON: &str = "{ \"CODE\":\"0000\", \"DESC\":\"好\", \"rate\": 1.50 } ";
    let partner = Partner::built(Repeats::default(), Work::quick(), |builder| {
        builder.on(NAME, async |_: serde::de::IgnoredAny, _: Arc<Call>| Answer::raw(JSON))
    });
    let answer = partner.send(&Message::new("1", "{}")).await;
    assert_eq!(sign_core::form::decode(answer.envelope["Plain"].as_str().unwrap()).unwrap(), JSON);
}

#[tokio::test]
async fn too_many_at_a_time_are_told_so_at_once() {
    let work = Work::with_passes(0);
    let partner = Partner::built(Repeats::default(), work.clone(), |builder| builder.at_a_time(1));
    let busy = {
        let partner = partner.clone();
        tokio::spawn(async move { partner.send(&Message::new("1", "{}")).await })
    };
    work.begun(1).await;
    let refused = partner.send(&Message::new("2", "{}")).await;
    assert_eq!((refused.status, refused.code()), (503, "0099"));
    work.passes.add_permits(2);
    assert_eq!(busy.await.unwrap().code(), "0000");
    assert_eq!(partner.send(&Message::new("2", "{}")).await.code(), "0000");
}

/// Whoever has been answered, or has hung up, leaves his place to his handler.
#[tokio::test]
async fn handlers_that_run_on_count() {
    let work = Work::with_passes(0);
    let partner = Partner::built(Repeats::default(), work.clone(), |builder| {
        builder.at_a_time(2).deadline(Duration::from_millis(30))
    });
    assert_eq!(partner.send(&Message::new("1", "{}")).await.code(), "0099");
    let hanging_up = {
        let partner = partner.clone();
        tokio::spawn(async move { partner.send(&Message::new("2", r#"{"a":2}"#)).await })
    };
    work.begun(2).await;
    hanging_up.abort();
    let third = Message::new("3", r#"{"a":3}"#);
    let refused = partner.send(&third).await;
    assert_eq!((refused.status, refused.code(), &refused.envelope["SeqNo"]), (503, "0099", &json!("3")));
    assert_eq!(work.runs(), 2);
    // Nobody needs a place to be refused.
    assert_eq!(partner.send(&third.clone().with("Signature", "x")).await.code(), "0010");
    work.passes.add_permits(9);
    partner.service.idle().await;
    assert_eq!(partner.send(&third).await.run(), Some(3));
}

#[tokio::test]
async fn what_is_sealed_is_not_shown() {
    let sealed = Partner::new().service.answer(&Message::new("1", r#"{"NAME":"张三"}"#).body()).await;
    assert_eq!(format!("{sealed:?}"), format!("Sealed(200, ‹{} B›)", sealed.body.len()));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_kept() {
    let partner =
        Partner::built(Repeats::default(), Work::with_passes(0), |b| b.deadline(Duration::from_secs(5)));
    let begun = tokio::time::Instant::now();
    assert_eq!(partner.send(&Message::new("1", "{}")).await.code(), "0099");
    assert_eq!(begun.elapsed(), Duration::from_secs(5));
}
