//! The signature schemes, by name, over whatever their input is.

use std::fmt;

use jinlaiban::SigningInput as JinlaibanInput;
use sign_core::{
    Algorithm as _, Canonical as _, Md5, Secret, Sha1, Sha256, Signature, SignatureError, SigningText,
};
use webank::{ValueList, callback::SignedEnvelope};
use yichang::{DigestKind, Params as YichangParams, SigningInput as YichangInput};

/// A signature scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Scheme {
    /// 晋来办: MD5 of sorted pairs.
    Jinlaiban,
    /// 宜昌 as its text says: SHA-1.
    YichangSha1,
    /// 宜昌 as its worked example shows: MD5.
    YichangMd5,
    /// 微众银行, calls: SHA-1 of sorted values.
    Webank,
    /// 微众银行, callbacks: SHA-256 of Plain, salt and Timestamp.
    WebankCallback,
}

impl Scheme {
    pub(crate) const ALL: [Self; 5] =
        [Self::Jinlaiban, Self::YichangSha1, Self::YichangMd5, Self::Webank, Self::WebankCallback];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Jinlaiban => "jinlaiban",
            Self::YichangSha1 => "yichang-sha1",
            Self::YichangMd5 => "yichang-md5",
            Self::Webank => "webank",
            Self::WebankCallback => "webank-callback",
        }
    }

    /// The environment variable in which its secret usually stands.
    pub(crate) const fn secret_variable(self) -> &'static str {
        match self {
            Self::Jinlaiban => "JINLAIBAN_APPSECRET",
            Self::YichangSha1 | Self::YichangMd5 => "YICHANG_APP_SECRET",
            Self::Webank => "WEBANK_TICKET",
            Self::WebankCallback => "WEBANK_CALLBACK_SALT",
        }
    }

    pub(crate) const fn digest_name(self) -> &'static str {
        match self {
            Self::Jinlaiban | Self::YichangMd5 => Md5::NAME,
            Self::YichangSha1 | Self::Webank => Sha1::NAME,
            Self::WebankCallback => Sha256::NAME,
        }
    }

    /// Does this parameter take part in the signature at all? What does not may be of any kind.
    pub(crate) fn signs(self, name: &str) -> bool {
        match self {
            Self::Jinlaiban => !jinlaiban::UNSIGNED.contains(&name),
            Self::YichangSha1 | Self::YichangMd5 => yichang::NAMES.contains(&name),
            Self::Webank | Self::WebankCallback => false,
        }
    }
}

/// What is signed.
pub(crate) enum Input<'a> {
    /// Names with raw values; [`None`] for null.
    Params(Vec<(&'a str, Option<&'a str>)>),
    /// Bare values; [`None`] for null.
    Values(Vec<Option<&'a str>>),
    /// A callback's envelope.
    Envelope { plain: &'a str, timestamp: &'a str },
}

/// The input is not what the scheme signs.
#[derive(Debug)]
pub(crate) enum SignError {
    Kind { scheme: Scheme, needs: &'static str },
    Jinlaiban(jinlaiban::ParamError),
    Yichang(yichang::ParamError),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind { scheme, needs } => write!(f, "scheme `{}` needs {needs}", scheme.name()),
            Self::Jinlaiban(error) => error.fmt(f),
            Self::Yichang(error) => error.fmt(f),
        }
    }
}

/// What to do with the text to sign, whichever scheme it is of.
trait Visit {
    type Output;
    fn jinlaiban(self, input: &JinlaibanInput<'_>) -> Self::Output;
    fn yichang(self, input: &YichangInput<'_>, kind: DigestKind) -> Self::Output;
    fn webank(self, input: &ValueList<'_>) -> Self::Output;
    fn callback(self, input: &SignedEnvelope<'_>) -> Self::Output;
}

struct Sign;

impl Visit for Sign {
    type Output = Signature;

    fn jinlaiban(self, input: &JinlaibanInput<'_>) -> Signature {
        input.sign()
    }

    fn yichang(self, input: &YichangInput<'_>, kind: DigestKind) -> Signature {
        input.sign(kind)
    }

    fn webank(self, input: &ValueList<'_>) -> Signature {
        input.sign()
    }

    fn callback(self, input: &SignedEnvelope<'_>) -> Signature {
        input.sign()
    }
}

struct Verify<'a>(&'a str);

impl Visit for Verify<'_> {
    type Output = Result<(), SignatureError>;

    fn jinlaiban(self, input: &JinlaibanInput<'_>) -> Self::Output {
        input.verify(self.0)
    }

    fn yichang(self, input: &YichangInput<'_>, kind: DigestKind) -> Self::Output {
        input.verify(kind, self.0)
    }

    fn webank(self, input: &ValueList<'_>) -> Self::Output {
        input.verify(self.0)
    }

    fn callback(self, input: &SignedEnvelope<'_>) -> Self::Output {
        input.verify(self.0)
    }
}

struct Text;

impl Visit for Text {
    type Output = SigningText;

    fn jinlaiban(self, input: &JinlaibanInput<'_>) -> SigningText {
        input.signing_text()
    }

    fn yichang(self, input: &YichangInput<'_>, _: DigestKind) -> SigningText {
        input.signing_text()
    }

    fn webank(self, input: &ValueList<'_>) -> SigningText {
        input.signing_text()
    }

    fn callback(self, input: &SignedEnvelope<'_>) -> SigningText {
        input.signing_text()
    }
}

fn visit<V: Visit>(
    scheme: Scheme,
    input: &Input<'_>,
    secret: &Secret,
    visitor: V,
) -> Result<V::Output, SignError> {
    match (scheme, input) {
        (Scheme::Jinlaiban, Input::Params(params)) => {
            let input =
                JinlaibanInput::from_params(params.iter().copied(), secret).map_err(SignError::Jinlaiban)?;
            Ok(visitor.jinlaiban(&input))
        }
        (Scheme::YichangSha1 | Scheme::YichangMd5, Input::Params(params)) => {
            let kind = if scheme == Scheme::YichangMd5 { DigestKind::Md5 } else { DigestKind::Sha1 };
            let params = YichangParams::from_params(params.iter().copied()).map_err(SignError::Yichang)?;
            let input = YichangInput::new(params, secret).map_err(SignError::Yichang)?;
            Ok(visitor.yichang(&input, kind))
        }
        (Scheme::Webank, Input::Values(values)) => {
            Ok(visitor.webank(&ValueList::new(values.iter().copied(), secret)))
        }
        (Scheme::WebankCallback, Input::Envelope { plain, timestamp }) => {
            Ok(visitor.callback(&SignedEnvelope { plain, salt: secret, timestamp }))
        }
        (Scheme::Jinlaiban | Scheme::YichangSha1 | Scheme::YichangMd5, _) => {
            Err(SignError::Kind { scheme, needs: "parameters" })
        }
        (Scheme::Webank, _) => Err(SignError::Kind { scheme, needs: "values" }),
        (Scheme::WebankCallback, _) => Err(SignError::Kind { scheme, needs: "a plain and a timestamp" }),
    }
}

/// Signs.
pub(crate) fn sign(scheme: Scheme, input: &Input<'_>, secret: &Secret) -> Result<Signature, SignError> {
    visit(scheme, input, secret, Sign)
}

/// Says whether `got` is the signature.
pub(crate) fn verify(
    scheme: Scheme,
    input: &Input<'_>,
    secret: &Secret,
    got: &str,
) -> Result<Result<(), SignatureError>, SignError> {
    visit(scheme, input, secret, Verify(got))
}

/// The text to sign.
pub(crate) fn signing_text(
    scheme: Scheme,
    input: &Input<'_>,
    secret: &Secret,
) -> Result<SigningText, SignError> {
    visit(scheme, input, secret, Text)
}
