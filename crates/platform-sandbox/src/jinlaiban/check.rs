//! Everything that 晋来办 checks in a push before it keeps a record, and its words for what is wrong.

use ::jinlaiban::{Batch, PushParams, QUERY, VerifyError};
use sign_core::Freshness;
use sign_doctor::{NamedSecret, Platform};

use super::record::{PushedRecord, RecordsError, read};
use crate::JinlaibanAccess;
use crate::doctor::Suspect;
use crate::exchange::Call;
use crate::params::{Params, ParamsError};

const FIELDS: [&str; 6] = ["appcode", "modulecode", "timestamp", "nonce", "sign", "data"];

/// A push that passed every check that looks at this request alone.
pub(super) struct Push {
    pub(super) timestamp: String,
    pub(super) nonce: String,
    pub(super) records: Vec<PushedRecord>,
}

/// Why a push is refused: the sender's mistake.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("the query is not exactly `{QUERY}`")]
    Query,
    #[error("the content type is not `application/x-www-form-urlencoded; charset=UTF-8`")]
    ContentType,
    #[error("the form is not ASCII: percent-encode it")]
    NotAscii,
    #[error(transparent)]
    Params(#[from] ParamsError),
    #[error("no such appcode and modulecode")]
    NoPermission,
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error("the signature is not in lower case")]
    UpperCase,
    #[error("this nonce came before with the same timestamp")]
    Replayed,
    #[error("{0} records in one push, at most {max} are taken", max = Batch::MAX)]
    TooMany(usize),
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl Refused {
    /// jinlaiban SPEC.md §3: `302` is no permission, `300` everything else.
    pub(super) fn code(&self) -> &'static str {
        if matches!(self, Self::NoPermission) { "302" } else { "300" }
    }

    /// The document knows no words but those of `302`: these are plain ones.
    pub(super) fn message(&self) -> &'static str {
        match self {
            Self::NoPermission => message_of("302"),
            Self::Verify(VerifyError::Signature(_)) | Self::UpperCase => "签名错误",
            Self::Verify(VerifyError::Stale(_)) => "请求已过期",
            Self::Replayed => "重复的请求",
            Self::TooMany(_) => "单次最多上传2000条数据",
            Self::Records(_) => "业务数据格式错误",
            Self::Query | Self::ContentType => "请求格式错误",
            Self::NotAscii | Self::Params(_) | Self::Verify(_) => "参数错误",
        }
    }

    pub(super) fn is_signature(&self) -> bool {
        matches!(self, Self::Verify(VerifyError::Signature(_)) | Self::UpperCase)
    }

    pub(super) fn is_too_many(&self) -> bool {
        matches!(self, Self::TooMany(_))
    }
}

pub(super) fn message_of(code: &str) -> &'static str {
    match code {
        "200" => "提交成功",
        "302" => "接口没有权限,请与管理员联系",
        _ => "异常",
    }
}

/// The signature of a push, to be examined.
pub(super) fn suspect(call: &Call, access: &JinlaibanAccess) -> Option<Box<Suspect>> {
    let form = Params::parse(std::str::from_utf8(call.body()).ok()?).ok()?;
    let secret = NamedSecret { name: "JINLAIBAN_APPSECRET".to_owned(), secret: access.appsecret.clone() };
    let signed = form.iter().filter(|(name, _)| *name != "sign");
    Some(Box::new(Suspect::new(Platform::Jinlaiban, signed, vec![secret], form.get("sign"))))
}

pub(super) fn checked(call: &Call, access: &JinlaibanAccess, window: &Freshness) -> Result<Push, Refused> {
    // jinlaiban SPEC.md §3: `?generate` is literal.
    if call.query != QUERY {
        return Err(Refused::Query);
    }
    // jinlaiban SPEC.md §3. The charset may be left out: the form is ASCII, and its escapes are UTF-8 all the same.
    let (media, charset) = call.media_type();
    if media != "application/x-www-form-urlencoded" || charset.is_some_and(|charset| charset != "utf-8") {
        return Err(Refused::ContentType);
    }
    let body =
        std::str::from_utf8(call.body()).ok().filter(|body| body.is_ascii()).ok_or(Refused::NotAscii)?;
    let form = Params::parse(body)?;
    form.only(&FIELDS)?;
    for field in FIELDS {
        form.need(field)?;
    }
    // jinlaiban SPEC.md §3: `302` is about who asks, whatever else is wrong.
    if form.get("appcode") != access.appcode || form.get("modulecode") != access.modulecode {
        return Err(Refused::NoPermission);
    }
    let params = PushParams {
        appcode: form.get("appcode"),
        modulecode: form.get("modulecode"),
        timestamp: form.get("timestamp"),
        nonce: form.get("nonce"),
    };
    params.verify(form.get("sign"), &access.appsecret, window, call.now)?;
    // jinlaiban SPEC.md §2.4: lower-case hexadecimal; Java's `equals` tells the cases apart.
    if form.get("sign").bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(Refused::UpperCase);
    }
    let records = read(form.get("data"))?;
    // jinlaiban SPEC.md §3: at most 2000.
    if records.len() > Batch::MAX {
        return Err(Refused::TooMany(records.len()));
    }
    Ok(Push { timestamp: params.timestamp.to_owned(), nonce: params.nonce.to_owned(), records })
}
