//! Everything that 宜昌 checks, and its words for what is wrong.

use std::net::IpAddr;

use ::yichang::{Accept, Params as Public, VerifyError, verify};
use serde::Deserialize;
use sign_core::Freshness;
use sign_doctor::{NamedSecret, Platform};

use super::YichangOptions;
use crate::YichangAccess;
use crate::doctor::Suspect;
use crate::exchange::Call;
use crate::params::{Params, ParamsError};
use crate::replay::Stamped;

const PUBLIC: [&str; 6] = ["appId", "deviceId", "deviceType", "nonceStr", "timeStamp", "signature"];

/// Why a call is refused: the sender's mistake.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error(transparent)]
    Params(#[from] ParamsError),
    #[error("no such appId")]
    UnknownApp,
    #[error("parameter `deviceId` is neither an IP address nor a UUID")]
    DeviceId,
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error("the signature is not in upper case")]
    LowerCase,
    #[error("this nonceStr came before with the same timeStamp")]
    Replayed,
    #[error("the content type is not {0}")]
    ContentType(&'static str),
    #[error("the body is not {0}")]
    Body(&'static str),
    #[error("`mobile` is not 11 digits that begin with 1")]
    Mobile,
    #[error("no user has this mobile number")]
    UnknownUser,
}

impl Refused {
    /// The document knows `签名错误!`; the others are plain words.
    pub(super) fn message(&self) -> &'static str {
        match self {
            Self::Verify(VerifyError::Signature(_)) | Self::LowerCase => "签名错误!",
            Self::Verify(VerifyError::Stale(_)) => "请求已过期!",
            Self::UnknownApp => "应用不存在!",
            Self::Replayed => "重复的请求!",
            Self::UnknownUser => "用户不存在!",
            Self::Mobile => "手机号码格式错误!",
            _ => "参数错误!",
        }
    }

    pub(super) fn is_signature(&self) -> bool {
        matches!(self, Self::Verify(VerifyError::Signature(_)) | Self::LowerCase)
    }
}

/// Checks the public parameters; gives time stamp and nonce.
pub(super) fn signed(
    call: &Call,
    access: &YichangAccess,
    options: &YichangOptions,
) -> Result<Stamped, Refused> {
    let query = Params::parse(&call.query)?;
    // yichang SPEC.md §2: other parameters take no part.
    for name in PUBLIC {
        query.need(name)?;
    }
    // yichang SPEC.md §2: names and values are case-sensitive.
    if query.get("appId") != access.app_id {
        return Err(Refused::UnknownApp);
    }
    // yichang SPEC.md §1: the client's IP address or a UUID.
    if !is_device_id(query.get("deviceId")) {
        return Err(Refused::DeviceId);
    }
    let public = Public {
        app_id: query.get("appId"),
        device_id: query.get("deviceId"),
        device_type: query.get("deviceType"),
        nonce_str: query.get("nonceStr"),
        time_stamp: query.get("timeStamp"),
    };
    let window = Freshness::within(options.window);
    verify(&public, query.get("signature"), options.digest, &access.app_secret, &window, call.now)?;
    // yichang SPEC.md §2.3: upper-case hexadecimal; PHP compares texts.
    if query.get("signature").bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Err(Refused::LowerCase);
    }
    Ok((public.time_stamp.to_owned(), public.nonce_str.to_owned()))
}

/// The signature of a call, to be examined.
pub(super) fn suspect(call: &Call, access: &YichangAccess, options: &YichangOptions) -> Option<Box<Suspect>> {
    let query = Params::parse(&call.query).ok()?;
    let got = query.get("signature");
    let platform = match options.digest {
        Accept::Sha1 => Platform::YichangSha1,
        Accept::Md5 => Platform::YichangMd5,
        // YC-1: either digest may be meant, and its length tells which; the text's where it is neither's.
        Accept::Either if got.len() == 32 => Platform::YichangMd5,
        Accept::Either => Platform::YichangSha1,
    };
    let secret = NamedSecret { name: "YICHANG_APP_SECRET".to_owned(), secret: access.app_secret.clone() };
    let signed = query.iter().filter(|(name, _)| *name != "signature");
    Some(Box::new(Suspect::new(platform, signed, vec![secret], got)))
}

fn is_device_id(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.parse::<IpAddr>().is_ok() || (text.split('-').map(str::len).eq(groups) && text.split('-').all(hex))
}

pub(super) struct Login {
    pub(super) mobile: String,
    pub(super) url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginBody {
    mobile: String,
    #[serde(default)]
    url: String,
}

/// yichang SPEC.md §3; YC-2: a form or JSON.
pub(super) fn login(call: &Call, access: &YichangAccess) -> Result<Login, Refused> {
    let login = if call.is_json() {
        let body: LoginBody = serde_json::from_slice(call.body())
            .map_err(|_| Refused::Body("a JSON object of the texts `mobile` and `url`"))?;
        Login { mobile: body.mobile, url: body.url }
    } else if call.media_type().0 == "application/x-www-form-urlencoded" {
        let body = std::str::from_utf8(call.body()).map_err(|_| Refused::Body("a form in ASCII"))?;
        let form = Params::parse(body)?;
        form.only(&["mobile", "url"])?;
        Login { mobile: form.need("mobile")?.to_owned(), url: form.get("url").to_owned() }
    } else {
        return Err(Refused::ContentType("application/x-www-form-urlencoded or application/json"));
    };
    known_user(&login.mobile, access)?;
    Ok(login)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TodoBody {
    mobile: String,
}

/// yichang SPEC.md §4: a JSON body.
pub(super) fn todo(call: &Call, access: &YichangAccess) -> Result<(), Refused> {
    if !call.is_json() {
        return Err(Refused::ContentType("application/json"));
    }
    let body: TodoBody = serde_json::from_slice(call.body())
        .map_err(|_| Refused::Body("a JSON object of the text `mobile`"))?;
    known_user(&body.mobile, access)
}

fn known_user(mobile: &str, access: &YichangAccess) -> Result<(), Refused> {
    if mobile.len() != 11 || !mobile.starts_with('1') || !mobile.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refused::Mobile);
    }
    if access.mobiles.iter().any(|known| known == mobile) { Ok(()) } else { Err(Refused::UnknownUser) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_an_address_or_a_uuid() {
        for good in ["127.0.0.1", "::1", "67D3D9A8-4D67-2444-71CE-66851AEDCFE1"] {
            assert!(is_device_id(good), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "67D3D9A8",
            "67D3D9A8-4D67-2444-71CE-66851AEDCFEX",
            "67D3D9A84D67244471CE66851AEDCFE1",
        ] {
            assert!(!is_device_id(bad), "{bad}");
        }
    }
}
