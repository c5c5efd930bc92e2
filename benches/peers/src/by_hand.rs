//! Signing as integrators write it from the documents: a sorted map, `format!`, and hexadecimal by the crate `hex`.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use sha1::Sha1;

/// 宜昌: the parameters sorted by name and joined, the secret behind them, the digest in capitals.
fn yichang<D: Digest>(params: &[(&str, &str)], secret: &str) -> String {
    let sorted: BTreeMap<String, String> =
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let pairs: Vec<_> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = format!("{}&appSecret={secret}", pairs.join("&"));
    hex::encode(D::digest(text.as_bytes())).to_uppercase()
}

/// 宜昌 by SHA-1.
#[must_use]
pub fn yichang_sha1(params: &[(&str, &str)], secret: &str) -> String {
    yichang::<Sha1>(params, secret)
}

/// 宜昌 by MD5.
#[must_use]
pub fn yichang_md5(params: &[(&str, &str)], secret: &str) -> String {
    yichang::<Md5>(params, secret)
}

/// 晋来办: the pairs sorted, joined, the secret behind them, the digest in small letters.
#[must_use]
pub fn jinlaiban(params: &[(&str, &str)], secret: &str) -> String {
    let sorted: BTreeMap<String, String> =
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let pairs: Vec<_> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    hex::encode(Md5::digest(format!("{}{secret}", pairs.join("&"))))
}

/// WeBank: the values sorted and joined with nothing between, the digest in capitals.
#[must_use]
pub fn webank(values: &[&str], ticket: &str) -> String {
    let mut values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    values.push(ticket.to_owned());
    values.sort();
    hex::encode(Sha1::digest(values.join(""))).to_uppercase()
}

#[cfg(test)]
mod tests {
    use crate::signing::{JINLAIBAN, SECRET, WEBANK, YICHANG, jinlaiban_params, yichang_params};

    /// What is written by hand signs like ours, or the comparison is worth nothing.
    #[test]
    fn the_same_signatures() {
        let secret = sign_core::Secret::new(SECRET).expect("a secret");
        let input = ::yichang::SigningInput::new(yichang_params(), &secret).expect("complete");
        assert_eq!(super::yichang_sha1(&YICHANG, SECRET), input.sign(::yichang::DigestKind::Sha1).as_str());
        assert_eq!(super::yichang_md5(&YICHANG, SECRET), input.sign(::yichang::DigestKind::Md5).as_str());
        let input = ::jinlaiban::SigningInput::push(&jinlaiban_params(), &secret).expect("complete");
        assert_eq!(super::jinlaiban(&JINLAIBAN, SECRET), input.sign().as_str());
        let body = benches::json_body(1024);
        let [app_id, version, nonce] = WEBANK;
        let values = ::webank::SignedValues { app_id, version, nonce, kind: None, body: Some(&body) };
        assert_eq!(
            super::webank(&[app_id, version, nonce, &body], SECRET),
            ::webank::sign(values, &secret).as_str()
        );
    }
}
