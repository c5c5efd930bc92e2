//! WeBank: who fetches credentials when, and signed calls as the gateway verifies them.

use sign_core::{Case, Hasher, Secret, Sha1, SignatureError};
use webank::credentials::Shared;
use webank::{SignedValues, VerifyError, sign, verify};

use crate::choices::Choices;
use crate::flipped;
use crate::webank_world::operations::{Operation, check};

/// As long as a day of trouble; each operation costs its share of time.
const MOST: usize = 200;

/// Operations of processes that share credentials, with faults: no retry sees what failed, and all ends well.
///
/// The first byte says whether the bank is strict.
pub fn credentials(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (world, mut operations) = (choices.byte(), Vec::new());
    let strict = world % 2 == 1;
    while !choices.is_empty() && operations.len() < MOST {
        let process = choices.below(4);
        operations.push(match choices.below(17) {
            0..=8 => Operation::Step(process, choices.byte() % 8),
            9 | 10 => Operation::Call(process),
            11 => Operation::Advance(u32::from(choices.byte()) * 20 + 1),
            12 => Operation::Advance(60_000 + u32::from(choices.byte()) * 15_000),
            13 => Operation::Rival,
            14 => Operation::Empty,
            15 => Operation::Crash(process),
            _ => Operation::Store(choices.flag()),
        });
    }
    check(&operations, strict);
}

/// Behind two bytes that say which bit to flip, a line each: ticket, `app_id`, version, nonce, type and body. What is
/// signed is verified; a flipped bit in any of them is refused, unless it makes the same text.
pub fn calls(data: &[u8]) {
    let text = String::from_utf8_lossy(data.get(2..).unwrap_or_default());
    let mut lines = text.splitn(6, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let Ok(ticket) = Secret::new(line()) else { return };
    let (app_id, version, nonce, kind, body) = (line(), line(), line(), line(), line());
    let values = SignedValues { app_id, version, nonce, kind: Some(kind), body: Some(body) };
    let signature = sign(values, &ticket);
    let well_formed = nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let missing = [("app_id", app_id), ("version", version), ("nonce", nonce)]
        .into_iter()
        .find_map(|(name, value)| value.is_empty().then_some(name));
    let expected = match missing {
        Some(name) => Err(VerifyError::Missing(name)),
        None if !well_formed => Err(VerifyError::Nonce),
        None => Ok(()),
    };
    assert_eq!(verify(values, &ticket, signature.as_str()), expected);
    let naively = Hasher::<Sha1>::of(naive(values, &ticket).as_bytes()).signature(Case::Upper);
    assert_eq!(signature.as_str(), naively.as_str());
    if expected.is_err() {
        return;
    }

    let refused = |other: SignedValues<'_>| {
        let expected = if other.nonce.bytes().any(|byte| !byte.is_ascii_alphanumeric()) {
            Err(VerifyError::Nonce)
        } else if naive(other, &ticket) == naive(values, &ticket) {
            // Nothing stands between the values: in another order, they may make the same text.
            Ok(())
        } else {
            Err(VerifyError::Signature(SignatureError::Different))
        };
        assert_eq!(verify(other, &ticket, signature.as_str()), expected);
    };
    let other = |text: &str| flipped(text.as_bytes(), data).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(app_id) = other(app_id) {
        refused(SignedValues { app_id: &app_id, ..values });
    }
    if let Some(nonce) = other(nonce) {
        refused(SignedValues { nonce: &nonce, ..values });
    }
    if let Some(body) = other(body) {
        refused(SignedValues { body: Some(&body), ..values });
    }
    if let Some(got) = other(signature.as_str()) {
        let same = got.eq_ignore_ascii_case(signature.as_str());
        assert_eq!(verify(values, &ticket, &got).is_ok(), same, "{got}");
    }
}

/// SPEC.md §3.1, as Java does it.
fn naive(values: SignedValues<'_>, ticket: &Secret) -> String {
    let SignedValues { app_id, version, nonce, kind, body } = values;
    let mut values = vec![app_id, version, nonce, ticket.expose()];
    values.extend(kind);
    values.extend(body);
    values.sort_by_key(|value| value.encode_utf16().collect::<Vec<_>>());
    values.concat()
}

/// Any bytes as what a cell of the shared store holds. What is understood is written as it is read.
pub fn shared(data: &[u8]) {
    let Ok(text) = Secret::new(String::from_utf8_lossy(data)) else { return };
    let Ok(cell) = Shared::read(7, &text) else { return };
    let Ok(again) = Shared::read(7, &cell.text()) else { panic!("what was written is not read") };
    assert_eq!(again.text().expose(), cell.text().expose());
    let (token, ticket) = (&cell.credentials().token, &cell.credentials().ticket);
    let shown = format!("{cell:?}");
    for secret in [token, ticket] {
        // What is as short as this may stand in the other members.
        assert!(secret.expose().len() < 24 || !shown.contains(secret.expose()), "a secret shows itself");
    }
}
