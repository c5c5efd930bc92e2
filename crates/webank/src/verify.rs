//! Verifying a call, as the gateway does: for simulators and for proxies in front of the bank.

use sign_core::{Canonical as _, Secret, Sha1, SignatureError};

use crate::{NONCE_LENGTH, SignedValues, SigningInput};

/// Why a call is refused, cheapest check first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A parameter that must be there is empty.
    #[error("parameter `{0}` is missing or empty")]
    Missing(&'static str),
    /// SPEC.md §3.1: the nonce is 32 letters and digits.
    #[error("nonce is not {NONCE_LENGTH} letters and digits")]
    Nonce,
    /// The signature is not that of these values with this ticket.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// Verifies a call's `sign` against the values and the ticket, in constant time, letter case aside (WB-11).
///
/// # Errors
/// [`VerifyError`] says which check failed, never what the right signature is.
pub fn verify(values: SignedValues<'_>, ticket: &Secret, got: &str) -> Result<(), VerifyError> {
    let required =
        [("app_id", values.app_id), ("version", values.version), ("nonce", values.nonce), ("sign", got)];
    if let Some((name, _)) = required.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(VerifyError::Missing(name));
    }
    if values.nonce.len() != NONCE_LENGTH || !values.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(VerifyError::Nonce);
    }
    Ok(SigningInput::new(values, ticket).digest::<Sha1>().verify(got)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign;

    const NONCE: &str = "489c60c97daef599efd10cfda46860a1";

    fn values<'a>(nonce: &'a str, body: &'a str) -> SignedValues<'a> {
        SignedValues { app_id: "wxapp", version: "2.0.0", nonce, kind: None, body: Some(body) }
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let ticket = Secret::new("ticket").unwrap();
        let good = sign(values(NONCE, "{}"), &ticket);
        let check = |values, got: &str| verify(values, &ticket, got);
        assert_eq!(check(values(NONCE, "{}"), good.as_str()), Ok(()));
        assert_eq!(check(values(NONCE, "{}"), &good.as_str().to_lowercase()), Ok(()));
        assert_eq!(check(values("", "{}"), good.as_str()), Err(VerifyError::Missing("nonce")));
        assert_eq!(check(values(NONCE, "{}"), ""), Err(VerifyError::Missing("sign")));
        assert_eq!(check(values("short", "{}"), good.as_str()), Err(VerifyError::Nonce));
        let different = Err(VerifyError::Signature(SignatureError::Different));
        assert_eq!(check(values(NONCE, "{ }"), good.as_str()), different);
        assert_eq!(verify(values(NONCE, "{}"), &Secret::new("other").unwrap(), good.as_str()), different);
    }
}
