//! The receiving side: is this request complete, fresh and signed with our secret (`SPEC.md §2`)?

use sign_core::{Freshness, Secret, SignatureError, Stale, UnixMillis, UnixSeconds};

use crate::sign::{ParamError, PushParams, REQUIRED, SigningInput};

/// How many characters a nonce may have (JL-1).
const NONCE_LENGTH: core::ops::RangeInclusive<usize> = 1..=64;

/// How many digits a time stamp has (`SPEC.md §2.5`).
const TIMESTAMP_DIGITS: usize = 10;

/// Checks a request by all of its parameters, `sign` and `data` included or not: names with raw (decoded) values.
/// Parameters beyond the push's four are signed too (`SPEC.md §2.1`).
///
/// Checks go from cheap to dear: the four parameters are there, the time stamp lies in `window` around `now`, the
/// nonce is one, the signature fits. That no nonce comes twice is for the caller to remember.
///
/// # Errors
/// [`VerifyError`], one reason for each check.
pub fn verify<'a>(
    params: &[(&'a str, Option<&'a str>)],
    got: &str,
    secret: &Secret,
    window: &Freshness,
    now: UnixMillis,
) -> Result<(), VerifyError> {
    let find = |name: &'static str| {
        let mut values = params.iter().filter(|(given, _)| *given == name);
        values.next().and_then(|(_, value)| *value).unwrap_or("")
    };
    let [appcode, modulecode, nonce, timestamp] = REQUIRED.map(find);
    PushParams { appcode, modulecode, timestamp, nonce }.check(got, window, now)?;
    let input = SigningInput::from_params(params.iter().copied(), secret)?;
    Ok(input.verify(got)?)
}

impl PushParams<'_> {
    /// Checks a push by its four parameters, as [`verify()`] does. Allocates nothing.
    ///
    /// ```
    /// use jinlaiban::{Freshness, PushParams, Secret, Stale, UnixMillis, VerifyError};
    /// use std::time::Duration;
    ///
    /// let secret = Secret::new("58b31d465652be856d7ed80977aa4ce4")?;
    /// let params = PushParams { appcode: "app", modulecode: "m1", timestamp: "1548047628", nonce: "n-1" };
    /// let sign = "0a51efd4d6ee7d1d90a6ad1ea4eca5b5";
    /// let (window, now) = (Freshness::within(Duration::from_secs(300)), UnixMillis::new(1_548_050_000_000));
    /// let stale = params.verify(sign, &secret, &window, now);
    /// assert!(matches!(stale, Err(VerifyError::Stale(Stale::TooOld { .. }))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`VerifyError`], one reason for each check.
    pub fn verify(
        &self,
        got: &str,
        secret: &Secret,
        window: &Freshness,
        now: UnixMillis,
    ) -> Result<(), VerifyError> {
        self.check(got, window, now)?;
        Ok(SigningInput::push(self, secret)?.verify(got)?)
    }

    /// Everything but the signature.
    fn check(&self, got: &str, window: &Freshness, now: UnixMillis) -> Result<(), VerifyError> {
        for (pair, name) in self.sorted().iter().zip(REQUIRED) {
            if pair.value.is_empty() {
                return Err(VerifyError::Missing { name });
            }
        }
        if got.is_empty() {
            return Err(VerifyError::Missing { name: "sign" });
        }
        // SPEC.md §2.5
        if self.timestamp.len() != TIMESTAMP_DIGITS {
            return Err(VerifyError::Timestamp);
        }
        let stamp = UnixSeconds::parse(self.timestamp).map_err(|_| VerifyError::Timestamp)?;
        window.check(stamp.to_millis(), now)?;
        // JL-1: "10 digits" in the text, a UUID in the example: any short printable text will do.
        let count = self.nonce.chars().try_fold(0, |count, next| (!next.is_control()).then_some(count + 1));
        if !count.is_some_and(|count| NONCE_LENGTH.contains(&count)) {
            return Err(VerifyError::Nonce);
        }
        Ok(())
    }
}

/// Why a request is not accepted: the sender's mistake, unless the secret or the clock is ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// One of `appcode`, `modulecode`, `nonce`, `timestamp`, `sign` is absent or empty.
    #[error("parameter `{name}` is missing or empty")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// The time stamp is not Unix seconds in 10 digits (`SPEC.md §2.5`).
    #[error("parameter `timestamp` is not Unix seconds in {TIMESTAMP_DIGITS} digits: milliseconds have 13")]
    Timestamp,
    /// The time stamp lies outside the window.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The nonce is not 1 to 64 printable characters (JL-1).
    #[error("parameter `nonce` is not 1 to 64 printable characters")]
    Nonce,
    /// A parameter is given twice.
    #[error("parameter `{name}` is given twice")]
    Doubled {
        /// Its name.
        name: String,
    },
    /// The signature is not that of these parameters with this secret.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl From<ParamError> for VerifyError {
    fn from(error: ParamError) -> Self {
        match error {
            ParamError::Empty { name } => Self::Missing { name },
            ParamError::Doubled { name } => Self::Doubled { name },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_615_978_623_500);
    const WINDOW: Freshness = Freshness::within(Duration::from_secs(300));
    const PARAMS: PushParams<'_> =
        PushParams { appcode: "a", modulecode: "m", timestamp: "1615978623", nonce: "0123456789" };

    fn secret() -> Secret {
        Secret::new("58b31d465652be856d7ed80977aa4ce4").unwrap()
    }

    /// Both ways say the same, with a right signature of whatever is given.
    #[track_caller]
    fn check(params: PushParams<'_>, expected: Result<(), VerifyError>) {
        let secret = secret();
        let sign = SigningInput::push(&params, &secret).map(|input| input.sign());
        let got = sign.as_ref().map_or("00000000000000000000000000000000", |sign| sign.as_str());
        assert_eq!(params.verify(got, &secret, &WINDOW, NOW), expected);
        let general = params.sorted().map(|pair| (pair.name, Some(pair.value)));
        assert_eq!(verify(&general, got, &secret, &WINDOW, NOW), expected);
    }

    #[test]
    fn each_check_has_its_reason() {
        check(PARAMS, Ok(()));
        check(PushParams { appcode: "", ..PARAMS }, Err(VerifyError::Missing { name: "appcode" }));
        check(PushParams { modulecode: "", ..PARAMS }, Err(VerifyError::Missing { name: "modulecode" }));
        check(PushParams { timestamp: "", ..PARAMS }, Err(VerifyError::Missing { name: "timestamp" }));
        check(PushParams { nonce: "", ..PARAMS }, Err(VerifyError::Missing { name: "nonce" }));
        check(PushParams { timestamp: "1615978623500", ..PARAMS }, Err(VerifyError::Timestamp));
        check(PushParams { timestamp: "161597862", ..PARAMS }, Err(VerifyError::Timestamp));
        check(PushParams { timestamp: "+615978623", ..PARAMS }, Err(VerifyError::Timestamp));
        let old = Stale::TooOld { by: Duration::from_millis(500) };
        check(PushParams { timestamp: "1615978323", ..PARAMS }, Err(VerifyError::Stale(old)));
        let new = Stale::TooNew { by: Duration::from_millis(500) };
        check(PushParams { timestamp: "1615978924", ..PARAMS }, Err(VerifyError::Stale(new)));
    }

    #[test]
    fn a_nonce_is_1_to_64_printable_characters() {
        check(PushParams { nonce: "x", ..PARAMS }, Ok(()));
        check(PushParams { nonce: "8b7a0c6e-4a4d-4f5b-9a3e-2c1d0e9f8a7b", ..PARAMS }, Ok(()));
        check(PushParams { nonce: &"九".repeat(64), ..PARAMS }, Ok(()));
        check(PushParams { nonce: &"九".repeat(65), ..PARAMS }, Err(VerifyError::Nonce));
        check(PushParams { nonce: "a\nb", ..PARAMS }, Err(VerifyError::Nonce));
        check(PushParams { nonce: "a\u{7f}", ..PARAMS }, Err(VerifyError::Nonce));
    }

    #[test]
    fn the_signature_is_looked_at_last() {
        let verify = |got: &str| PARAMS.verify(got, &secret(), &WINDOW, NOW);
        assert_eq!(verify(""), Err(VerifyError::Missing { name: "sign" }));
        let length = SignatureError::Length { expected: 32, found: 2 };
        assert_eq!(verify("00"), Err(VerifyError::Signature(length)));
        let different = VerifyError::Signature(SignatureError::Different);
        assert_eq!(verify("00000000000000000000000000000000"), Err(different));
    }

    #[test]
    fn other_parameters_are_signed_too_and_none_may_be_doubled() {
        let secret = secret();
        let mut params = PARAMS.sorted().map(|pair| (pair.name, Some(pair.value))).to_vec();
        params.push(("k10", Some("1")));
        let sign = SigningInput::from_params(params.iter().copied(), &secret).unwrap().sign();
        params.extend([("sign", Some(sign.as_str())), ("data", Some("[]"))]);
        assert_eq!(verify(&params, sign.as_str(), &secret, &WINDOW, NOW), Ok(()));
        params.push(("k10", None));
        let doubled = VerifyError::Doubled { name: "k10".to_owned() };
        assert_eq!(verify(&params, sign.as_str(), &secret, &WINDOW, NOW), Err(doubled));
    }
}
