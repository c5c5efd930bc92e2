//! Login: the platform says where the person may go on, signed in (`SPEC.md §3`).

use core::fmt;

use sign_core::{Secret, form};

use crate::call::{BodyFormat, SignedCall, query};
use crate::error::{ReplyError, success};
use crate::members;
use crate::mobile::Mobile;
use crate::reply::{Reply, ReplyFault};
use crate::scalar;
use crate::sign::{DigestKind, ParamError, Params};

/// The path of a login, below the base URL.
pub const LOGIN_PATH: &str = "/api/syncauth/login";

/// Signs a login of this person. `url` is where to go afterwards, absent or empty for nowhere in particular.
///
/// # Errors
/// [`ParamError`], the caller's mistake: one of the public parameters is empty.
pub fn sign_login(
    mobile: &Mobile,
    url: Option<&str>,
    format: BodyFormat,
    params: Params<'_>,
    secret: &Secret,
    kind: DigestKind,
) -> Result<SignedCall, ParamError> {
    // SPEC.md §3: `url` may be empty; that it may be absent is not said.
    let fields = [("mobile", mobile.expose()), ("url", url.unwrap_or(""))];
    Ok(SignedCall::new(LOGIN_PATH, Some(query(params, secret, kind)?), format, fields))
}

/// A successful login. `Debug` shows neither URL nor token.
#[derive(Debug, Clone)]
pub struct Login {
    jump_url: JumpUrl,
    sso_token: SsoToken,
    reply: Reply,
}

impl Login {
    /// Reads the answer to a login.
    ///
    /// ```
    /// use yichang::Login;
    /// let body = r#"{"code":1,"msg":"success","time":"1638169006",
    ///     "data":{"jumpUrl":"http:\/\/a.cn:81\/index.html?ssoToken=t0k3n","ssoToken":"t0k3n"}}"#;
    /// let login = Login::read(200, body.as_bytes())?;
    /// assert_eq!(login.jump_url().expose(), "http://a.cn:81/index.html?ssoToken=t0k3n");
    /// assert_eq!(login.masked_jump_url(), "http://a.cn:81/index.html?ssoToken=***");
    /// assert_eq!(format!("{:?}", login.sso_token()), "SsoToken(***)");
    /// # Ok::<(), yichang::ReplyError>(())
    /// ```
    ///
    /// # Errors
    /// [`ReplyError`]: the platform refused, or it is not clear what it said.
    pub fn read(http_status: u16, body: &[u8]) -> Result<Self, ReplyError> {
        Self::of(http_status, Reply::parse(body))
    }

    pub(crate) fn of(http_status: u16, reply: Result<Reply, ReplyFault>) -> Result<Self, ReplyError> {
        let reply = success(http_status, reply)?;
        let missing = |member| ReplyError::not_understood(http_status, ReplyFault::Member { member });
        let data = reply.raw_data().ok_or_else(|| missing("data"))?;
        let (mut jump_url, mut sso_token) = (None, None);
        members::each(data, |name, value| match name.as_ref() {
            "jumpUrl" => jump_url = scalar::text(value),
            "ssoToken" => sso_token = scalar::text(value),
            _ => {}
        })
        .map_err(|_| missing("data"))?;
        let secret = |text: Option<String>, member| {
            text.and_then(|text| Secret::new(text).ok()).ok_or_else(|| missing(member))
        };
        let jump_url = JumpUrl(secret(jump_url, "data.jumpUrl")?);
        let sso_token = SsoToken(secret(sso_token, "data.ssoToken")?);
        Ok(Self { jump_url, sso_token, reply })
    }

    /// Where to send the person's browser.
    #[must_use]
    pub fn jump_url(&self) -> &JumpUrl {
        &self.jump_url
    }

    /// The token by which the place behind the jump URL knows the person.
    #[must_use]
    pub fn sso_token(&self) -> &SsoToken {
        &self.sso_token
    }

    /// The jump URL with the token, and every value of its query and fragment, replaced by `***`.
    #[must_use]
    pub fn masked_jump_url(&self) -> String {
        const MASK: &str = "***";
        let url = self.jump_url.expose();
        let (address, parameters) =
            url.split_at_checked(url.find(['?', '#']).unwrap_or(url.len())).unwrap_or(("", url));
        // The token may stand in the path as well, as it is or encoded.
        let token = self.sso_token.expose();
        let mut masked = address.replace(token, MASK).replace(&form::encode(token), MASK);
        for piece in parameters.split_inclusive(['?', '#', '&']) {
            let value = piece.trim_end_matches(['?', '#', '&']);
            let delimiter = piece.strip_prefix(value).unwrap_or("");
            if let Some((name, _)) = value.split_once('=') {
                masked.push_str(&name.replace(token, MASK));
                masked.push('=');
            }
            if !value.is_empty() {
                masked.push_str(MASK);
            }
            masked.push_str(delimiter);
        }
        masked
    }

    /// The reply in full; its data holds URL and token in the open.
    #[must_use]
    pub fn reply(&self) -> &Reply {
        &self.reply
    }
}

/// A token that signs a person in. `Debug` shows nothing, and there is no `==`.
#[derive(Clone)]
pub struct SsoToken(Secret);

impl SsoToken {
    /// The token. Each use of this is a place to look at.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for SsoToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SsoToken(***)")
    }
}

/// A URL that signs a person in: it holds the token. `Debug` shows nothing; see [`Login::masked_jump_url`].
#[derive(Clone)]
pub struct JumpUrl(Secret);

impl JumpUrl {
    /// The URL, token included. Each use of this is a place to look at.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for JumpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JumpUrl(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data: &str, expected: Result<(&str, &str), &'static str>) {
        let got = Login::read(200, format!(r#"{{"code":"1","data":{data}}}"#).as_bytes());
        match (&got, expected) {
            (Ok(login), Ok(expected)) => {
                assert_eq!((login.jump_url().expose(), login.sso_token().expose()), expected);
            }
            (Err(ReplyError::NotUnderstood(fault)), Err(member)) => {
                assert_eq!(fault.reason(), ReplyFault::Member { member });
            }
            _ => panic!("{data}: {got:?} in place of {expected:?}"),
        }
    }

    #[test]
    fn a_success_needs_url_and_token() {
        check(r#"{"jumpUrl":"http://a","ssoToken":"t"}"#, Ok(("http://a", "t")));
        check(r#"{"jumpUrl":"http://a","ssoToken":7,"more":[]}"#, Ok(("http://a", "7")));
        for none in ["null", "[]", r#""""#, r#""x""#, "[1]"] {
            check(none, Err("data"));
        }
        check("{}", Err("data.jumpUrl"));
        check(r#"{"jumpUrl":null,"ssoToken":"t"}"#, Err("data.jumpUrl"));
        check(r#"{"jumpUrl":"","ssoToken":"t"}"#, Err("data.jumpUrl"));
        check(r#"{"jumpUrl":"http://a"}"#, Err("data.ssoToken"));
        check(r#"{"jumpUrl":"http://a","ssoToken":{}}"#, Err("data.ssoToken"));
    }

    #[track_caller]
    fn check_mask(url: &str, token: &str, expected: &str) {
        let body = serde_json::json!({"code": 1, "data": {"jumpUrl": url, "ssoToken": token}}).to_string();
        let login = Login::read(200, body.as_bytes()).unwrap();
        assert_eq!(login.masked_jump_url(), expected);
        let shown = format!("{login:?}");
        assert!(!shown.contains(token) && !shown.contains(url), "{shown}");
    }

    #[test]
    fn the_masked_url_holds_no_token() {
        check_mask("http://a.cn:81/i.html?ssoToken=t0k3n", "t0k3n", "http://a.cn:81/i.html?ssoToken=***");
        check_mask("http://a.cn/?a=1&t=t0k3n&b#x=t0k3n", "t0k3n", "http://a.cn/?a=***&t=***&***#x=***");
        check_mask("http://a.cn/t0k3n/i?t0k3n", "t0k3n", "http://a.cn/***/i?***");
        check_mask("http://a.cn/a%2Bb/", "a+b", "http://a.cn/***/");
        check_mask("http://a.cn/#/登录?t=令牌==", "令牌==", "http://a.cn/#***?t=***");
        check_mask("http://a.cn/", "t0k3n", "http://a.cn/");
    }
}
