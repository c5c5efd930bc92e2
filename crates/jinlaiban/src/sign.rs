//! The signature: which parameters take part, in which order, and the digest (`SPEC.md §2`).

use sign_core::{Canonical, Case, Md5, Order, Pair, Secret, Signature, SignatureError, TextSink};
use sign_core::{sort_pairs, write_pairs};

/// The parameters that the platform requires, in the order in which they are signed. Their names differ in the first
/// letter, so that the order does not depend on the values (`SPEC.md §2.3`).
pub(crate) const REQUIRED: [&str; 4] = ["appcode", "modulecode", "nonce", "timestamp"];

/// The parameters that take no part in the signature (`SPEC.md §2.1`).
pub const UNSIGNED: [&str; 2] = ["sign", "data"];

/// The four signed parameters of a push, raw: not percent-encoded (`SPEC.md §3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushParams<'a> {
    /// `appcode`: which partner.
    pub appcode: &'a str,
    /// `modulecode`: which of the partner's services.
    pub modulecode: &'a str,
    /// `timestamp`: Unix seconds, 10 digits.
    pub timestamp: &'a str,
    /// `nonce`: 1 to 64 printable characters, different in each request (JL-1).
    pub nonce: &'a str,
}

impl<'a> PushParams<'a> {
    pub(crate) const fn sorted(&self) -> [Pair<'a>; 4] {
        let [appcode, modulecode, nonce, timestamp] = REQUIRED;
        [
            Pair::new(appcode, self.appcode),
            Pair::new(modulecode, self.modulecode),
            Pair::new(nonce, self.nonce),
            Pair::new(timestamp, self.timestamp),
        ]
    }
}

/// Parameters in the order in which they are signed, and the appsecret: all that makes up the text to sign.
///
/// ```
/// use jinlaiban::{Canonical, PushParams, Secret, SigningInput};
///
/// let secret = Secret::new("58b31d465652be856d7ed80977aa4ce4")?;
/// let params = PushParams { appcode: "app", modulecode: "m1", timestamp: "1548047628", nonce: "n-1" };
/// let input = SigningInput::push(&params, &secret)?;
/// assert_eq!(
///     input.signing_text().to_string(),
///     "appcode=app&modulecode=m1&nonce=n-1&timestamp=1548047628‹secret 32 B›",
/// );
/// assert_eq!(input.verify(input.sign().as_str()), Ok(()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SigningInput<'a> {
    pairs: Pairs<'a>,
    secret: &'a Secret,
}

#[derive(Debug, Clone)]
enum Pairs<'a> {
    /// Known at compile time: nothing to sort, nothing to allocate.
    Push([Pair<'a>; 4]),
    Any(Vec<Pair<'a>>),
}

impl<'a> SigningInput<'a> {
    /// Of a push's four parameters. Sorts and allocates nothing.
    ///
    /// # Errors
    /// [`ParamError::Empty`], the caller's mistake: a parameter is empty (`SPEC.md §2.2`).
    pub fn push(params: &PushParams<'a>, secret: &'a Secret) -> Result<Self, ParamError> {
        let pairs = params.sorted();
        for (pair, name) in pairs.iter().zip(REQUIRED) {
            // SPEC.md §2.2: an empty required parameter is reported before signing.
            if pair.value.is_empty() {
                return Err(ParamError::Empty { name });
            }
        }
        Ok(Self { pairs: Pairs::Push(pairs), secret })
    }

    /// Of any request's parameters, in any order: names with raw values, `None` for null.
    ///
    /// ```
    /// use jinlaiban::{Secret, SigningInput};
    /// // SPEC.md §2, the known answer
    /// let secret = Secret::new("58b31d465652be856d7ed80977aa4ce4")?;
    /// let params = [("uid", Some("1000")), ("timestamp", Some("1548047628")), ("remark", None)];
    /// let signature = SigningInput::from_params(params, &secret)?.sign();
    /// assert_eq!(signature.as_str(), "15540d3398e5ed2a37533e3fc032e1a0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ParamError`], the caller's mistake: one of `appcode`, `modulecode`, `timestamp`, `nonce` is there but null or
    /// empty, or a name is given twice.
    pub fn from_params(
        params: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
        secret: &'a Secret,
    ) -> Result<Self, ParamError> {
        // SPEC.md §2.1: `sign` and `data` take no part.
        let mut given: Vec<_> = params.into_iter().filter(|(name, _)| !UNSIGNED.contains(name)).collect();
        given.sort_unstable_by_key(|(name, _)| *name);
        // Of two values, the platform may read either: there is no one right signature.
        let mut names = given.iter().map(|(name, _)| *name);
        let mut previous = names.next();
        for name in names {
            if previous == Some(name) {
                return Err(ParamError::Doubled { name: name.to_owned() });
            }
            previous = Some(name);
        }
        let mut pairs = Vec::with_capacity(given.len());
        for (name, value) in given {
            match value.filter(|value| !value.is_empty()) {
                Some(value) => pairs.push(Pair::new(name, value)),
                // SPEC.md §2.2: null and empty are the same; required ones may not be, others are dropped.
                None => {
                    if let Some(name) = REQUIRED.into_iter().find(|required| *required == name) {
                        return Err(ParamError::Empty { name });
                    }
                }
            }
        }
        // SPEC.md §2.3, JL-3: the formatted pairs are sorted, not the names; by UTF-16 code unit, as Java does.
        sort_pairs(&mut pairs, Order::Utf16);
        Ok(Self { pairs: Pairs::Any(pairs), secret })
    }

    /// The pairs that are signed, in their order.
    #[must_use]
    pub fn pairs(&self) -> &[Pair<'a>] {
        match &self.pairs {
            Pairs::Push(pairs) => pairs,
            Pairs::Any(pairs) => pairs,
        }
    }

    /// The signature: MD5 in lower-case hexadecimal (`SPEC.md §2.4`).
    #[must_use]
    pub fn sign(&self) -> Signature {
        self.digest::<Md5>().signature(Case::Lower)
    }

    /// Is `got` the signature? Takes the same time wherever they differ; letter case carries no meaning.
    ///
    /// This compares signatures and nothing else: [`verify`](crate::verify()) also looks at age and nonce.
    ///
    /// # Errors
    /// [`SignatureError`] says in which way it is not, never what the right one is.
    pub fn verify(&self, got: &str) -> Result<(), SignatureError> {
        self.digest::<Md5>().verify(got)
    }
}

impl Canonical for SigningInput<'_> {
    #[inline]
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        // SPEC.md §2.4: joined with `&`, the appsecret directly behind.
        match &self.pairs {
            // REQUIRED, sorted, each before its value.
            Pairs::Push([appcode, modulecode, nonce, timestamp]) => {
                sink.open("appcode=");
                sink.open(appcode.value);
                sink.open("&modulecode=");
                sink.open(modulecode.value);
                sink.open("&nonce=");
                sink.open(nonce.value);
                sink.open("&timestamp=");
                sink.open(timestamp.value);
            }
            Pairs::Any(pairs) => write_pairs(pairs, "&", sink),
        }
        sink.secret(self.secret.expose());
    }
}

/// The parameters cannot be signed: the caller's mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// A required parameter is null or empty (`SPEC.md §2.2`).
    #[error("required parameter `{name}` is empty: give it a value before signing")]
    Empty {
        /// Its name.
        name: &'static str,
    },
    /// A name is given twice, so that it is not clear which value the platform will read.
    #[error("parameter `{name}` is given twice: give it once")]
    Doubled {
        /// The name.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "58b31d465652be856d7ed80977aa4ce4";

    #[track_caller]
    fn check(params: &[(&str, Option<&str>)], expected: Result<&str, ParamError>) {
        let secret = Secret::new("S").unwrap();
        let text = SigningInput::from_params(params.iter().copied(), &secret)
            .map(|input| input.signing_text().expose().as_str().to_owned());
        assert_eq!(text.as_deref().map_err(Clone::clone), expected);
    }

    #[test]
    fn the_known_answer_at_every_stage() {
        let secret = Secret::new(SECRET).unwrap();
        let params = [("uid", Some("1000")), ("timestamp", Some("1548047628"))];
        let input = SigningInput::from_params(params, &secret).unwrap();
        assert_eq!(
            input.signing_text().expose().as_str(),
            "timestamp=1548047628&uid=100058b31d465652be856d7ed80977aa4ce4"
        );
        assert_eq!(input.pairs(), [Pair::new("timestamp", "1548047628"), Pair::new("uid", "1000")]);
        assert_eq!(input.sign().as_str(), "15540d3398e5ed2a37533e3fc032e1a0");
        assert_eq!(input.verify("15540D3398E5ED2A37533E3FC032E1A0"), Ok(()));
        assert_eq!(input.verify("15540d3398e5ed2a37533e3fc032e1a1"), Err(SignatureError::Different));
    }

    #[test]
    fn sign_and_data_take_no_part() {
        check(&[("sign", Some("x")), ("data", Some("[]")), ("a", Some("1"))], Ok("a=1S"));
        check(&[("sign", Some("x")), ("sign", None), ("data", None)], Ok("S"));
        check(&[("Sign", Some("x")), ("DATA", Some("y"))], Ok("DATA=y&Sign=xS")); // names are case-sensitive
    }

    #[test]
    fn optional_parameters_without_value_are_dropped() {
        check(&[("a", None), ("b", Some("")), ("c", Some("3"))], Ok("c=3S"));
        check(&[("c", Some(" "))], Ok("c= S")); // a blank is a value
        check(&[("", Some("1"))], Ok("=1S"));
        check(&[], Ok("S"));
    }

    #[test]
    fn required_parameters_may_be_absent_but_not_empty() {
        check(&[("uid", Some("1"))], Ok("uid=1S"));
        for name in REQUIRED {
            check(&[(name, None)], Err(ParamError::Empty { name }));
            check(&[(name, Some(""))], Err(ParamError::Empty { name }));
        }
        check(&[("Nonce", None)], Ok("S"));
    }

    #[test]
    fn a_doubled_name_is_refused() {
        let doubled = |name: &str| Err(ParamError::Doubled { name: name.to_owned() });
        check(&[("a", Some("1")), ("b", Some("2")), ("a", Some("1"))], doubled("a"));
        check(&[("a", None), ("a", Some("1"))], doubled("a"));
    }

    #[test]
    fn the_formatted_pairs_are_sorted() {
        check(&[("k1", Some("1")), ("k10", Some("1"))], Ok("k10=1&k1=1S")); // JL-3
        check(&[("b", Some("2")), ("a", Some("1")), ("B", Some("3"))], Ok("B=3&a=1&b=2S"));
        check(&[("～", Some("1")), ("😀", Some("2"))], Ok("😀=2&～=1S")); // UTF-16, not UTF-8
        check(&[("a", Some("x y&z=%中"))], Ok("a=x y&z=%中S")); // raw, not percent-encoded
    }

    #[test]
    fn both_ways_agree_and_an_empty_parameter_is_named() {
        let secret = Secret::new(SECRET).unwrap();
        let params = PushParams { appcode: "a", modulecode: "m", timestamp: "1548047628", nonce: "n" };
        let general = params.sorted().map(|pair| (pair.name, Some(pair.value)));
        let general = SigningInput::from_params(general.into_iter().rev(), &secret).unwrap();
        let hot = SigningInput::push(&params, &secret).unwrap();
        assert_eq!(hot.signing_text().expose(), general.signing_text().expose());
        for (name, broken) in [
            ("appcode", PushParams { appcode: "", ..params }),
            ("modulecode", PushParams { modulecode: "", ..params }),
            ("timestamp", PushParams { timestamp: "", ..params }),
            ("nonce", PushParams { nonce: "", ..params }),
        ] {
            assert_eq!(SigningInput::push(&broken, &secret).unwrap_err(), ParamError::Empty { name });
        }
    }

    #[test]
    fn nothing_shows_the_secret() {
        let secret = Secret::new(SECRET).unwrap();
        let input = SigningInput::from_params([("a", Some("1"))], &secret).unwrap();
        assert!(!format!("{input:?} {:?}", input.signing_text()).contains(SECRET));
    }
}
