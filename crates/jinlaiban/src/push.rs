//! The signed request: made once, its bytes are what travels (`SPEC.md §3`).

use core::fmt;

use bytes::Bytes;
use sign_core::{Secret, Signature, form};

use crate::batch::Batch;
use crate::encode::encode_batch;
use crate::sign::{ParamError, PushParams, SigningInput};

/// The path of a push, below the platform's base URL.
pub const PATH: &str = "/openplatform/open/busipush.action";

/// The query of a push: literal, without a value, unsigned.
pub const QUERY: &str = "generate";

/// The content type of a push.
pub const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=UTF-8";

/// A signed push of one batch. The body is fixed: nothing can serialise it again and break the signature.
///
/// `Display` is the request for people to look at, `data` as a summary; `Debug` shows sizes alone.
///
/// ```
/// use jinlaiban::{Batch, CreateDate, PushParams, Record, Secret, SignedPush};
///
/// let record = Record::new("1000", "8a81", "查询", CreateDate::parse("2021-03-17 18:57:03")?)?;
/// let params = PushParams { appcode: "app", modulecode: "m1", timestamp: "1615978623", nonce: "n 1" };
/// let secret = Secret::new("s3cret")?;
/// let push = SignedPush::new(&Batch::new(vec![record])?, &params, &secret)?;
/// assert!(push.body().starts_with(b"appcode=app&modulecode=m1&timestamp=1615978623&nonce=n+1&sign="));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SignedPush {
    /// Of the platform it is made for, if a client made it.
    base: String,
    fields: [(&'static str, String); 4],
    sign: Signature,
    body: Bytes,
    records: usize,
    /// Encoded bytes of `data`'s value.
    data: usize,
}

impl SignedPush {
    /// Signs and encodes a batch for a platform at no particular address.
    ///
    /// # Errors
    /// [`ParamError`], the caller's mistake: one of the parameters is empty.
    pub fn new(batch: &Batch, params: &PushParams<'_>, secret: &Secret) -> Result<Self, ParamError> {
        let sign = SigningInput::push(params, secret)?.sign();
        // SPEC.md §3: the documented order of the fields.
        let fields = [
            ("appcode", params.appcode.to_owned()),
            ("modulecode", params.modulecode.to_owned()),
            ("timestamp", params.timestamp.to_owned()),
            ("nonce", params.nonce.to_owned()),
        ];
        let mut form = String::with_capacity(HEAD);
        for (name, value) in &fields {
            form.push_str(name);
            form.push('=');
            form::encode_into(value, &mut form);
            form.push('&');
        }
        form.push_str("sign=");
        form.push_str(sign.as_str());
        form.push_str("&data=");
        let head = form.len();
        let mut body = form.into_bytes();
        body.reserve_exact(encoded_len(batch));
        encode_batch(batch, &mut body);
        let data = body.len() - head;
        Ok(Self { base: String::new(), fields, sign, body: body.into(), records: batch.len(), data })
    }

    #[cfg(feature = "client")]
    pub(crate) fn at(self, base: String) -> Self {
        Self { base, ..self }
    }

    /// Where it goes, `?generate` included; without the platform's address unless a client made it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{PATH}?{QUERY}", self.base)
    }

    /// The form, encoded: what travels, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The form's fields before `data`, raw: `appcode`, `modulecode`, `timestamp`, `nonce`, `sign`. All of them travel
    /// in the open.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fields = self.fields.iter().map(|(name, value)| (*name, value.as_str()));
        fields.chain([("sign", self.sign.as_str())])
    }

    /// How many records `data` holds.
    #[must_use]
    pub fn records(&self) -> usize {
        self.records
    }

    /// The length of the encoded `data`, in bytes.
    #[must_use]
    pub fn data_len(&self) -> usize {
        self.data
    }
}

/// Room for the fields before `data`, encoded.
const HEAD: usize = 512;

/// About how long `data` will be: generous for texts of three-byte characters, each `%XX%XX%XX`.
fn encoded_len(batch: &Batch) -> usize {
    /// Names, quotes, commas and the date of one record, encoded.
    const FRAME: usize = 256;
    batch.records().iter().map(|record| FRAME + record.text_len() * 3).sum::<usize>()
}

/// Method, URL and form, field by field; `data` as a summary.
impl fmt::Display for SignedPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "POST {}", self.url())?;
        writeln!(f, "Content-Type: {CONTENT_TYPE}")?;
        writeln!(f)?;
        for (name, value) in self.fields() {
            writeln!(f, "{name}={}", value.escape_debug())?;
        }
        write!(f, "data=‹{} records, {} B›", self.records, self.data)
    }
}

impl fmt::Debug for SignedPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedPush({} records, {} B)", self.records, self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CreateDate, Record};

    fn push(name: &str) -> SignedPush {
        let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
        let record = Record::new("1000", "8a81", "无房 \"1\"", date).unwrap().with_user_name(name);
        let params = PushParams { appcode: "a b", modulecode: "m&=", timestamp: "1615978623", nonce: "中" };
        let secret = Secret::new("s3cret").unwrap();
        SignedPush::new(&Batch::new(vec![record]).unwrap(), &params, &secret).unwrap()
    }

    #[test]
    fn the_form_has_the_documented_fields_in_the_documented_order() {
        let push = push("张三");
        let body = std::str::from_utf8(push.body()).unwrap();
        let fields: Vec<_> = body
            .split('&')
            .map(|field| field.split_once('=').unwrap())
            .map(|(name, value)| (name, sign_core::form::decode(value).unwrap().into_owned()))
            .collect();
        let sign = push.fields().last().unwrap().1.to_owned();
        let data = r#"[{"id":"1000","user_id":"8a81","user_name":"张三","busi_item":"无房 \"1\"","create_date":"2021-03-17 18:57:03"}]"#;
        let expected = [
            ("appcode", "a b"),
            ("modulecode", "m&="),
            ("timestamp", "1615978623"),
            ("nonce", "中"),
            ("sign", &sign),
            ("data", data),
        ];
        assert_eq!(fields, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(push.data_len(), sign_core::form::encode(data).len());
    }

    #[test]
    fn data_is_not_signed() {
        let sign = |push: SignedPush| push.fields().last().unwrap().1.to_owned();
        assert_eq!(sign(push("张三")), sign(push("李四")));
    }

    #[test]
    fn the_views_show_neither_secret_nor_persons() {
        let push = push("张三");
        let shown = format!("{push} {push:?}");
        for hidden in ["s3cret", "张三", "%E5%BC%A0"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(shown.starts_with("POST /openplatform/open/busipush.action?generate\n"), "{shown}");
        assert!(shown.contains("\ndata=‹1 records, "), "{shown}");
    }

    #[test]
    fn an_empty_parameter_is_refused_before_signing() {
        let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
        let batch = Batch::new(vec![Record::new("1", "u", "b", date).unwrap()]).unwrap();
        let params = PushParams { appcode: "a", modulecode: "", timestamp: "1615978623", nonce: "n" };
        let error = SignedPush::new(&batch, &params, &Secret::new("s").unwrap()).unwrap_err();
        assert_eq!(error, ParamError::Empty { name: "modulecode" });
    }
}
