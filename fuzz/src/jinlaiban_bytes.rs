//! 晋来办: records, the push as it is received, the reply.

use std::time::Duration;

use jinlaiban::{
    Batch, Freshness, PushParams, ReceivedPush, Record, Reply, Secret, SignedPush, Status, UnixMillis,
    VerifyError,
};

use crate::flipped;

/// Any bytes as a record. What is read can be written, and is then read as the same record.
pub fn records(data: &[u8]) {
    match Record::from_json(data) {
        Ok(record) => {
            for text in [record.id(), record.user_id(), record.user_name(), record.busi_item()] {
                assert!(!text.is_empty());
            }
            let json = serde_json::to_vec(&record).expect("a record is JSON");
            assert_eq!(Record::from_json(json).as_ref(), Ok(&record));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Any bytes as a form. Behind two bytes that say which bit to flip, records as lines of JSON to sign and to receive.
pub fn push(data: &[u8]) {
    let secret = Secret::new("58b31d465652be856d7ed80977aa4ce4").expect("not empty");
    let (window, now) = (Freshness::within(Duration::from_secs(300)), UnixMillis::new(1_615_978_700_000));
    if let Ok(received) = ReceivedPush::parse(data) {
        let _ = (received.verify(&secret, &window, now), received.records(), format!("{received:?}"));
    }

    let lines = data.get(2..).unwrap_or_default().split(|byte| *byte == b'\n');
    let records: Vec<_> = lines.filter_map(|line| Record::from_json(line).ok()).collect();
    let Ok(batch) = Batch::new(records) else { return };
    let nonce = "b42eb9b6-2bd5-43a8-9a0c-a6ae1be08bc2";
    let params = PushParams { appcode: "应用 1", modulecode: "m&1", timestamp: "1615978623", nonce };
    let sent = SignedPush::new(&batch, &params, &secret).expect("no parameter is empty");
    let received = ReceivedPush::parse(sent.body()).expect("what is sent is a form");
    assert_eq!(received.verify(&secret, &window, now), Ok(()));
    let records = received.records().expect("what is sent is a list");
    assert!(
        records.iter().map(|record| record.as_ref().expect("what is sent is a record")).eq(batch.records())
    );

    // `data` is not signed; all before it is.
    let signed = sent.body().len() - sent.data_len() - "&data=".len();
    let (head, tail) = sent.body().split_at(signed);
    let Some(mut other) = flipped(head, data) else { return };
    other.extend_from_slice(tail);
    if let Ok(other) = ReceivedPush::parse(&other)
        && !says_the_same(&other, &received)
    {
        let refusal = other.verify(&secret, &window, now);
        assert!(
            matches!(
                refusal,
                Err(VerifyError::Missing { .. }
                    | VerifyError::Timestamp
                    | VerifyError::Stale(_)
                    | VerifyError::Nonce
                    | VerifyError::Doubled { .. }
                    | VerifyError::Signature(_))
            ),
            "{refusal:?}"
        );
    }
}

/// A flipped bit may change the letters' case in an escape or in the signature, which carries no meaning.
fn says_the_same(one: &ReceivedPush<'_>, other: &ReceivedPush<'_>) -> bool {
    let sign = |push: &ReceivedPush<'_>| push.get("sign").map(str::to_ascii_lowercase);
    let same = |name| one.get(name) == other.get(name);
    ["appcode", "modulecode", "timestamp", "nonce"].into_iter().all(same) && sign(one) == sign(other)
}

/// Any bytes as a reply. Whatever is accepted says so.
pub fn reply(data: &[u8]) {
    match Reply::parse(data) {
        Ok(reply) => {
            assert!(!reply.status().as_str().is_empty());
            assert!(reply.member("status").or(reply.member("state")).is_some());
            let known = [Status::ACCEPTED, Status::ERROR, Status::NO_PERMISSION].contains(reply.status());
            assert_eq!(reply.status().meaning().is_some(), known);
            assert!(!reply.status().advice().is_empty() && !reply.status().to_string().is_empty());
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
}
