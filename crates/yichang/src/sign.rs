//! The signature over the five public parameters (`SPEC.md §2`).

use core::fmt;

use sign_core::{Canonical, Case, Digest, Md5, Pair, Secret, Sha1, Signature, SignatureError, TextSink};

/// The names of the signed parameters in byte order. None of them begins another, so that the order does not depend
/// on the values (`SPEC.md §2.1`).
pub const NAMES: [&str; 5] = ["appId", "deviceId", "deviceType", "nonceStr", "timeStamp"];

/// The one device type there is (`SPEC.md §1`).
pub const DEVICE_TYPE: &str = "WEB";

/// The public parameters that are signed, raw: not percent-encoded (`SPEC.md §1`). `Debug` shows no `deviceId`, which
/// may be a person's IP address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Params<'a> {
    /// `appId`: which partner.
    pub app_id: &'a str,
    /// `deviceId`: the client's IP address or a UUID.
    pub device_id: &'a str,
    /// `deviceType`: always [`DEVICE_TYPE`].
    pub device_type: &'a str,
    /// `nonceStr`: 6 to 20 letters and digits.
    pub nonce_str: &'a str,
    /// `timeStamp`: Unix seconds.
    pub time_stamp: &'a str,
}

impl<'a> Params<'a> {
    /// Picks the five out of any parameters: names with raw values, `None` for null. Other parameters take no part
    /// (`SPEC.md §2.3`); names are case-sensitive.
    ///
    /// # Errors
    /// [`ParamError`], the caller's mistake: one of the five is missing, empty or given twice.
    pub fn from_params(
        params: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<Self, ParamError> {
        let mut values: [Option<Option<&'a str>>; 5] = [None; 5];
        for (name, value) in params {
            if let Some((slot, name)) = values.iter_mut().zip(NAMES).find(|(_, known)| *known == name) {
                // Of two values, the platform may read either: there is no one right signature.
                if slot.replace(value).is_some() {
                    return Err(ParamError::Doubled { name });
                }
            }
        }
        for (value, name) in values.iter().zip(NAMES) {
            if value.is_none() {
                return Err(ParamError::Missing { name });
            }
        }
        let [app_id, device_id, device_type, nonce_str, time_stamp] =
            values.map(|value| value.flatten().unwrap_or(""));
        let params = Self { app_id, device_id, device_type, nonce_str, time_stamp };
        params.complete()?;
        Ok(params)
    }

    pub(crate) const fn sorted(&self) -> [Pair<'a>; 5] {
        let [app_id, device_id, device_type, nonce_str, time_stamp] = NAMES;
        [
            Pair::new(app_id, self.app_id),
            Pair::new(device_id, self.device_id),
            Pair::new(device_type, self.device_type),
            Pair::new(nonce_str, self.nonce_str),
            Pair::new(time_stamp, self.time_stamp),
        ]
    }

    /// SPEC.md §2.3: an empty one of the five is an error.
    #[inline]
    pub(crate) fn complete(&self) -> Result<(), ParamError> {
        match self.sorted().iter().zip(NAMES).find(|(pair, _)| pair.value.is_empty()) {
            Some((_, name)) => Err(ParamError::Empty { name }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Params")
            .field("app_id", &self.app_id)
            .field("device_id", &format_args!("‹{} B›", self.device_id.len()))
            .field("device_type", &self.device_type)
            .field("nonce_str", &self.nonce_str)
            .field("time_stamp", &self.time_stamp)
            .finish()
    }
}

/// Which digest signs (YC-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestKind {
    /// SHA-1, 40 characters: the document's text.
    Sha1,
    /// MD5, 32 characters: the document's worked example.
    Md5,
}

impl fmt::Display for DigestKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Md5 => "MD5",
        })
    }
}

/// The five parameters and the appSecret: all that makes up the text to sign. Sorts and allocates nothing.
///
/// ```
/// use yichang::{Canonical, DigestKind, Params, Secret, SigningInput};
///
/// // SPEC.md §2, the known answers
/// let secret = Secret::new("8e85e612698296b4c522bfa7eb0b82a8")?;
/// let params = Params {
///     app_id: "RSJ00001",
///     device_id: "67D3D9A8-4D67-2444-71CE-66851AEDCFE1",
///     device_type: "WEB",
///     nonce_str: "6PQfHMIv",
///     time_stamp: "1574251924",
/// };
/// let input = SigningInput::new(params, &secret)?;
/// assert_eq!(input.sign(DigestKind::Md5).as_str(), "6FF704C5DF1FB65BE046EC202BE353E0");
/// assert_eq!(input.sign(DigestKind::Sha1).as_str(), "52A35F526E57191FFC620650A167E8FF883D5761");
/// assert!(input.signing_text().to_string().ends_with("&timeStamp=1574251924&appSecret=‹secret 32 B›"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SigningInput<'a> {
    params: Params<'a>,
    secret: &'a Secret,
}

impl<'a> SigningInput<'a> {
    /// Of these parameters.
    ///
    /// # Errors
    /// [`ParamError::Empty`], the caller's mistake: one of the five is empty.
    #[inline]
    pub fn new(params: Params<'a>, secret: &'a Secret) -> Result<Self, ParamError> {
        params.complete()?;
        Ok(Self::of(params, secret))
    }

    /// Of parameters that are complete.
    pub(crate) const fn of(params: Params<'a>, secret: &'a Secret) -> Self {
        Self { params, secret }
    }

    /// The signature in upper-case hexadecimal (`SPEC.md §2.3`).
    #[must_use]
    #[inline]
    pub fn sign(&self, kind: DigestKind) -> Signature {
        self.digest_of(kind).signature(Case::Upper)
    }

    /// Is `got` the signature? Takes the same time wherever they differ; letter case carries no meaning.
    ///
    /// This compares signatures and nothing else: [`verify`](crate::verify()) also looks at age and nonce.
    ///
    /// # Errors
    /// [`SignatureError`] says in which way it is not, never what the right one is.
    pub fn verify(&self, kind: DigestKind, got: &str) -> Result<(), SignatureError> {
        self.digest_of(kind).verify(got)
    }

    #[inline]
    fn digest_of(&self, kind: DigestKind) -> Digest {
        match kind {
            DigestKind::Sha1 => self.digest::<Sha1>(),
            DigestKind::Md5 => self.digest::<Md5>(),
        }
    }
}

impl Canonical for SigningInput<'_> {
    #[inline]
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        // SPEC.md §2.1: NAMES, sorted, each before its value.
        sink.open("appId=");
        sink.open(self.params.app_id);
        sink.open("&deviceId=");
        sink.open(self.params.device_id);
        sink.open("&deviceType=");
        sink.open(self.params.device_type);
        sink.open("&nonceStr=");
        sink.open(self.params.nonce_str);
        sink.open("&timeStamp=");
        sink.open(self.params.time_stamp);
        // SPEC.md §2.2: always last.
        sink.open("&appSecret=");
        sink.secret(self.secret.expose());
    }
}

/// The parameters cannot be signed: the caller's mistake (`SPEC.md §2.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// One of the five is not there.
    #[error(
        "parameter `{name}` is missing: all of appId, deviceId, deviceType, nonceStr, timeStamp are signed"
    )]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// One of the five is null or empty.
    #[error("parameter `{name}` is empty: give it a value before signing")]
    Empty {
        /// Its name.
        name: &'static str,
    },
    /// One of the five is given twice, so that it is not clear which value the platform will read.
    #[error("parameter `{name}` is given twice: give it once")]
    Doubled {
        /// Its name.
        name: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_known_answers_at_every_stage() {
        let secret = secret();
        let input = SigningInput::new(PARAMS, &secret).unwrap();
        assert_eq!(
            input.signing_text().expose().as_str(),
            "appId=RSJ00001&deviceId=67D3D9A8-4D67-2444-71CE-66851AEDCFE1&deviceType=WEB&nonceStr=6PQfHMIv\
             &timeStamp=1574251924&appSecret=8e85e612698296b4c522bfa7eb0b82a8"
        );
        let (md5, sha1) = ("6FF704C5DF1FB65BE046EC202BE353E0", "52A35F526E57191FFC620650A167E8FF883D5761");
        assert_eq!(input.sign(DigestKind::Md5).as_str(), md5);
        assert_eq!(input.sign(DigestKind::Sha1).as_str(), sha1);
        assert_eq!(format!("{} {}", DigestKind::Sha1, DigestKind::Md5), "SHA-1 MD5");
        assert_eq!(input.verify(DigestKind::Md5, &md5.to_lowercase()), Ok(()));
        let length = SignatureError::Length { expected: 40, found: 32 };
        assert_eq!(input.verify(DigestKind::Sha1, md5), Err(length));
        assert_eq!(input.verify(DigestKind::Md5, &md5.replace('6', "7")), Err(SignatureError::Different));
    }

    #[track_caller]
    fn check(change: impl Fn(&mut Vec<(&str, Option<&str>)>), expected: Result<(), ParamError>) {
        let mut given = PARAMS.sorted().map(|pair| (pair.name, Some(pair.value))).to_vec();
        given.reverse();
        change(&mut given);
        assert_eq!(Params::from_params(given), expected.map(|()| PARAMS));
    }

    #[test]
    fn each_of_the_five_is_needed_once() {
        check(|_| (), Ok(()));
        for (at, name) in NAMES.into_iter().rev().enumerate() {
            check(|given| _ = given.remove(at), Err(ParamError::Missing { name }));
            check(|given| given[at].1 = None, Err(ParamError::Empty { name }));
            check(|given| given[at].1 = Some(""), Err(ParamError::Empty { name }));
            check(|given| given.push(given[at]), Err(ParamError::Doubled { name }));
            check(|given| given.push((name, None)), Err(ParamError::Doubled { name }));
        }
    }

    #[test]
    fn names_are_case_sensitive_and_others_take_no_part() {
        check(|given| given.push(("appid", Some("x"))), Ok(()));
        check(|given| given.extend([("signature", Some("x")), ("mobile", None), ("mobile", None)]), Ok(()));
        check(|given| given[0].0 = "timestamp", Err(ParamError::Missing { name: "timeStamp" }));
    }

    #[test]
    fn an_empty_one_of_the_five_is_named() {
        let secret = secret();
        for (name, broken) in [
            ("appId", Params { app_id: "", ..PARAMS }),
            ("deviceId", Params { device_id: "", ..PARAMS }),
            ("deviceType", Params { device_type: "", ..PARAMS }),
            ("nonceStr", Params { nonce_str: "", ..PARAMS }),
            ("timeStamp", Params { time_stamp: "", ..PARAMS }),
        ] {
            assert_eq!(SigningInput::new(broken, &secret).unwrap_err(), ParamError::Empty { name });
        }
    }

    #[test]
    fn debug_shows_no_device() {
        let shown = format!("{PARAMS:?}");
        assert!(shown.contains("‹36 B›") && !shown.contains(PARAMS.device_id), "{shown}");
    }

    /// The plain version: sort the pairs, join them, append the secret.
    #[test]
    fn the_fixed_order_is_the_byte_order_of_the_pairs() {
        let (secret, mut plain) = (secret(), String::new());
        let mut sorted = PARAMS.sorted();
        sorted.reverse();
        sign_core::sort_pairs(&mut sorted, sign_core::Order::Bytes);
        assert_eq!(sorted, PARAMS.sorted());
        sign_core::write_pairs(&sorted, "&", &mut plain);
        let text = SigningInput::new(PARAMS, &secret).unwrap().signing_text().expose();
        assert_eq!(*text, format!("{plain}&appSecret={}", secret.expose()));
    }
}
