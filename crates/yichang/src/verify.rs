//! The receiving side: is this call complete, fresh and signed with our secret (`SPEC.md §2`)?

use sign_core::{Freshness, Secret, SignatureError, Stale, UnixMillis, UnixSeconds};

use crate::sign::{DEVICE_TYPE, DigestKind, ParamError, Params, SigningInput};

/// How many characters a `nonceStr` has (`SPEC.md §1`).
pub(crate) const NONCE_LENGTH: core::ops::RangeInclusive<usize> = 6..=20;

/// Which digests the verifying side accepts (YC-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accept {
    /// SHA-1 alone.
    Sha1,
    /// MD5 alone.
    Md5,
    /// Either. The signature's length tells which one it is.
    Either,
}

impl Accept {
    /// The digest that a signature has to be made with.
    fn kind(self, got: &str) -> DigestKind {
        const MD5_CHARACTERS: usize = 32;
        match self {
            Self::Sha1 => DigestKind::Sha1,
            Self::Md5 => DigestKind::Md5,
            Self::Either if got.len() == MD5_CHARACTERS => DigestKind::Md5,
            Self::Either => DigestKind::Sha1,
        }
    }
}

/// Checks a call by its public parameters and says which digest signed it. Checks go from cheap to dear: the five
/// parameters are there and well-formed, the time stamp lies in `window` around `now`, the signature fits. Allocates
/// nothing. That no `nonceStr` comes twice is for the caller to remember.
///
/// ```
/// use std::time::Duration;
/// use yichang::{Accept, DigestKind, Freshness, Params, Secret, UnixMillis, verify};
///
/// let secret = Secret::new("8e85e612698296b4c522bfa7eb0b82a8")?;
/// let params = Params::from_params([
///     ("appId", Some("RSJ00001")),
///     ("deviceId", Some("67D3D9A8-4D67-2444-71CE-66851AEDCFE1")),
///     ("deviceType", Some("WEB")),
///     ("nonceStr", Some("6PQfHMIv")),
///     ("timeStamp", Some("1574251924")),
/// ])?;
/// let (window, now) = (Freshness::within(Duration::from_secs(300)), UnixMillis::new(1_574_251_930_000));
/// let signature = "6FF704C5DF1FB65BE046EC202BE353E0";
/// assert_eq!(verify(&params, signature, Accept::Either, &secret, &window, now)?, DigestKind::Md5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`VerifyError`], one reason for each check.
pub fn verify(
    params: &Params<'_>,
    got: &str,
    accept: Accept,
    secret: &Secret,
    window: &Freshness,
    now: UnixMillis,
) -> Result<DigestKind, VerifyError> {
    params.complete()?;
    if got.is_empty() {
        return Err(VerifyError::Unsigned);
    }
    // SPEC.md §1: always `WEB`.
    if params.device_type != DEVICE_TYPE {
        return Err(VerifyError::DeviceType);
    }
    // SPEC.md §1: 6–20 letters and digits.
    if !NONCE_LENGTH.contains(&params.nonce_str.len())
        || !params.nonce_str.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Err(VerifyError::Nonce);
    }
    let stamp = UnixSeconds::parse(params.time_stamp).map_err(|_| VerifyError::TimeStamp)?;
    window.check(stamp.to_millis(), now)?;
    let kind = accept.kind(got);
    SigningInput::of(*params, secret).verify(kind, got)?;
    Ok(kind)
}

/// Why a call is not accepted: the sender's mistake, unless the secret or the clock is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// One of the five signed parameters is missing, empty or doubled.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// There is no `signature`.
    #[error("parameter `signature` is missing or empty")]
    Unsigned,
    /// `deviceType` is not `WEB` (`SPEC.md §1`).
    #[error("parameter `deviceType` is not `{DEVICE_TYPE}`")]
    DeviceType,
    /// `nonceStr` is not 6 to 20 ASCII letters and digits (`SPEC.md §1`).
    #[error("parameter `nonceStr` is not 6 to 20 letters and digits")]
    Nonce,
    /// `timeStamp` is no number.
    #[error("parameter `timeStamp` is not Unix seconds in digits")]
    TimeStamp,
    /// The time stamp lies outside the window.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The signature is not that of these parameters with this secret and digest.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_574_251_924_500);
    const WINDOW: Freshness = Freshness::within(Duration::from_secs(300));
    const PARAMS: Params<'_> = Params {
        app_id: "RSJ00001",
        device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
        device_type: "WEB",
        nonce_str: "6PQfHMIv",
        time_stamp: "1574251924",
    };

    fn secret() -> Secret {
        Secret::new("8e85e612698296b4c522bfa7eb0b82a8").unwrap()
    }

    /// Verifies a right signature of whatever is given.
    #[track_caller]
    fn check(params: Params<'_>, expected: Result<(), VerifyError>) {
        let secret = secret();
        for kind in [DigestKind::Sha1, DigestKind::Md5] {
            let sign = SigningInput::new(params, &secret).map(|input| input.sign(kind));
            let got = sign.as_ref().map_or("00", |sign| sign.as_str());
            let verified = verify(&params, got, Accept::Either, &secret, &WINDOW, NOW);
            assert_eq!(verified, expected.map(|()| kind));
        }
    }

    #[test]
    fn each_check_has_its_reason() {
        check(PARAMS, Ok(()));
        let empty = |name| Err(VerifyError::Param(ParamError::Empty { name }));
        check(Params { app_id: "", ..PARAMS }, empty("appId"));
        check(Params { time_stamp: "", ..PARAMS }, empty("timeStamp"));
        check(Params { device_type: "web", ..PARAMS }, Err(VerifyError::DeviceType));
        check(Params { nonce_str: "abcde", ..PARAMS }, Err(VerifyError::Nonce));
        check(Params { nonce_str: "abcde6", ..PARAMS }, Ok(()));
        check(Params { nonce_str: "abcdefghij0123456789", ..PARAMS }, Ok(()));
        check(Params { nonce_str: "abcdefghij01234567890", ..PARAMS }, Err(VerifyError::Nonce));
        check(Params { nonce_str: "abc-ef", ..PARAMS }, Err(VerifyError::Nonce));
        check(Params { nonce_str: "九九", ..PARAMS }, Err(VerifyError::Nonce));
        check(Params { time_stamp: "1574251924.5", ..PARAMS }, Err(VerifyError::TimeStamp));
        let old = Stale::TooOld { by: Duration::from_millis(500) };
        check(Params { time_stamp: "1574251624", ..PARAMS }, Err(VerifyError::Stale(old)));
        let new = Stale::TooNew { by: Duration::from_millis(500) };
        check(Params { time_stamp: "1574252225", ..PARAMS }, Err(VerifyError::Stale(new)));
    }

    #[test]
    fn only_what_is_configured_is_accepted() {
        let secret = secret();
        let input = SigningInput::new(PARAMS, &secret).unwrap();
        let (sha1, md5) = (input.sign(DigestKind::Sha1), input.sign(DigestKind::Md5));
        let verify = |got: &str, accept| verify(&PARAMS, got, accept, &secret, &WINDOW, NOW);
        assert_eq!(verify(sha1.as_str(), Accept::Sha1), Ok(DigestKind::Sha1));
        assert_eq!(verify(md5.as_str(), Accept::Md5), Ok(DigestKind::Md5));
        let length = |expected, found| Err(SignatureError::Length { expected, found }.into());
        assert_eq!(verify(sha1.as_str(), Accept::Md5), length(32, 40));
        assert_eq!(verify(md5.as_str(), Accept::Sha1), length(40, 32));
        assert_eq!(verify("00", Accept::Either), length(40, 2));
        assert_eq!(verify("", Accept::Either), Err(VerifyError::Unsigned));
        let different = Err(SignatureError::Different.into());
        assert_eq!(verify(&"0".repeat(32), Accept::Either), different);
    }
}
