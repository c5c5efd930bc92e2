//! Each code, in the order of the checks.

use serde_json::json;

use crate::partner::{Message, NOW, Opened, Partner};

fn good() -> Message {
    Message::new("1", r#"{"a":1}"#)
}

#[track_caller]
fn check(answer: &Opened, code: &str) {
    assert_eq!((answer.status, answer.code()), (200, code));
    assert!(!answer.business["DESC"].as_str().unwrap().is_empty());
}

async fn check_body(body: &[u8], code: &str) {
    let partner = Partner::new();
    let sealed = partner.service.answer(body).await;
    check(&Opened::new(sealed.status, &sealed.body, "new-salt"), code);
    assert_eq!(partner.work.runs(), usize::from(code == "0000"));
}

async fn check_message(message: Message, code: &str) {
    check_body(&message.body(), code).await;
}

#[tokio::test]
async fn a_good_call_is_0000_and_echoed() {
    let partner = Partner::new();
    let answer = partner.send(&good()).await;
    check(&answer, "0000");
    assert_eq!((answer.run(), &answer.business["got"]), (Some(1), &json!({"a": 1})));
    assert_eq!(answer.business["DESC"], "系统处理成功");
    for echoed in ["Timestamp", "transName", "SeqNo"] {
        assert_eq!(answer.envelope[echoed], good().envelope[echoed], "{echoed}");
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_0001() {
    check_body(b"", "0001").await;
    check_body(b"Plain=x", "0001").await;
    check_body(b"[]", "0001").await;
    check_body(b"{\"Plain\":\"\xff\"}", "0001").await;
    check_body(&[b"[", good().body().as_slice(), b"]"].concat(), "0001").await;
}

#[tokio::test]
async fn what_is_not_utf_8_is_0001_wherever_it_stands() {
    let body = good().body();
    let body = body.strip_suffix(b"}").unwrap();
    check_body(&[body, b",\"more\":\"\xe4\xb8\xad\"}"].concat(), "0000").await;
    check_body(&[body, b",\"more\":\"\xe4\xb8\"}"].concat(), "0001").await;
    check_body(&[body, b",\"\xff\":[]}"].concat(), "0001").await;
    // In GBK.
    check_body(&[body, b",\"more\":\"\xd6\xd0\"}"].concat(), "0001").await;
}

#[tokio::test]
async fn deep_nesting_is_refused_however_good_the_rest() {
    let lists = |depth| "[".repeat(depth) + &"]".repeat(depth);
    let objects = |depth| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
    for deep in [lists(100_000), objects(100_000), lists(128)] {
        let body = String::from_utf8(good().body()).unwrap();
        let body = format!("{},\"more\":{deep}}}", body.strip_suffix('}').unwrap());
        check_body(body.as_bytes(), "0001").await;
        check_body(deep.as_bytes(), "0001").await;
    }
    for deep in [lists(100_000), objects(10_000), lists(127)] {
        check_message(Message::new("1", &format!("{{\"a\":{deep}}}")), "0103").await;
    }
    let deepest = Message::new("1", &format!("{{\"a\":{}}}", lists(126))).with("transName", "Other");
    assert_eq!(Partner::new().send(&deepest).await.code(), "0000");
}

#[tokio::test]
async fn a_missing_member_is_0002() {
    check_message(good().without("Plain"), "0002").await;
    check_message(good().without("Signature"), "0002").await;
    check_message(good().with("SeqNo", 1), "0002").await;
}

#[tokio::test]
async fn an_unknown_trans_name_is_0002_unless_somebody_takes_all() {
    check_message(good().with("transName", "Nobody"), "0002").await;
    check_message(good().without("transName"), "0002").await;
    let partner =
        Partner::built(webank::callback::Repeats::default(), crate::partner::Work::quick(), |builder| {
            builder.fallback(async |_: serde_json::Value, call: std::sync::Arc<webank::callback::Call>| {
                webank::callback::Answer::ok(json!({ "name": call.trans_name() }))
            })
        });
    let answer = partner.send(&good().with("transName", "Nobody")).await;
    assert_eq!((answer.code(), &answer.business["name"]), ("0000", &json!("Nobody")));
}

#[tokio::test]
async fn a_wrong_signature_is_0010() {
    check_message(good().with("Plain", "%7B%22a%22%3A2%7D"), "0010").await;
    check_message(good().with("Timestamp", (NOW + 1).to_string()), "0010").await;
    check_message(Message::sealed("1", "%7B%7D", &NOW.to_string(), "strange"), "0010").await;
}

#[tokio::test]
async fn a_time_outside_the_window_is_0012() {
    check_message(good().stamped(NOW - 300_000), "0000").await;
    check_message(good().stamped(NOW + 300_000), "0000").await;
    check_message(good().stamped(NOW - 300_001), "0012").await;
    check_message(good().stamped(NOW + 300_001), "0012").await;
    check_message(Message::sealed("1", "%7B%7D", "", "new-salt").without("Timestamp"), "0012").await;
}

#[tokio::test]
async fn a_plain_that_does_not_decode_is_0103() {
    for plain in ["%7B%2", "%5B%5D", "%FF", ""] {
        check_message(Message::sealed("1", plain, &NOW.to_string(), "new-salt"), "0103").await;
    }
}

#[tokio::test]
async fn the_answer_is_signed_with_the_salt_that_verified() {
    let partner = Partner::new();
    for (run, salt) in [(1, "old-salt"), (2, "new-salt")] {
        let message = Message::sealed(salt, "%7B%7D", &NOW.to_string(), salt);
        assert_eq!(partner.send_salted(&message, salt).await.run(), Some(run));
    }
    // Also what is refused after the signature.
    let stale = Message::sealed("9", "%7B%7D", "1", "old-salt");
    check(&partner.send_salted(&stale, "old-salt").await, "0012");
    // A repeat under the other salt gets the kept answer, signed with its own.
    let turned = Message::sealed("old-salt", "%7B%7D", &(NOW + 1).to_string(), "new-salt");
    assert_eq!(partner.send_salted(&turned, "new-salt").await.run(), Some(1));
}
