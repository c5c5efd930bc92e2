//! What looks wrong with values, secrets and bodies on any platform.

use super::{Around, Remarks};
use crate::json::Json;
use crate::{Case, Platform, Selection};

/// Looks at each value.
pub(super) fn look(case: &Case<'_>, remarks: &mut Remarks) {
    let secrets = || case.secrets().iter().map(|named| (named.name.as_str(), named.secret.expose()));
    for (at, parameter) in case.request().parameters().iter().enumerate() {
        let label = case.request().label(at);
        let Some(text) = parameter.value.text() else { continue };
        if text.trim() != text {
            remarks.odd(
                "white-space",
                format!("`{label}` begins or ends with white space: it is signed with it"),
                format!("`{label}` 首尾有空白：会连同空白一起签名"),
            );
        }
        if text.starts_with('\u{feff}') {
            remarks.odd(
                "byte-order-mark",
                format!("`{label}` begins with a byte order mark"),
                format!("`{label}` 以 BOM 开头"),
            );
        }
        // An example's short secret may be anywhere.
        if let Some((secret, _)) = secrets().find(|(_, secret)| secret.len() >= 8 && text.contains(secret)) {
            remarks.wrong(
                "secret-travels",
                format!("`{label}` contains the secret in {secret}: it must never travel"),
                format!("`{label}` 里含有 {secret} 的密钥：密钥绝不能传输"),
            );
        }
        if text.contains('%') && escaped(text) && !matches!(case.platform(), Some(Platform::WebankCallback)) {
            remarks.odd(
                "encoded-value",
                format!("`{label}` looks percent-encoded: raw values are signed"),
                format!("`{label}` 像是已被百分号编码：签名应使用原始值"),
            );
        }
    }
    if let Selection::Only(names) = &case.recipe().selection {
        let others = case.request().parameters().iter().filter(|it| !case.recipe().selection.takes(&it.name));
        let others: Vec<_> = others.map(|it| it.name.as_str()).collect();
        if !others.is_empty() {
            let (others, names) = (others.join(", "), names.join(", "));
            remarks.odd(
                "unsigned",
                format!("not signed: {others}; only {names} are signed"),
                format!("{others} 不参与签名：只签 {names}"),
            );
        }
    }
}

/// Looks at each secret.
pub(super) fn secrets(case: &Case<'_>, remarks: &mut Remarks) {
    for named in case.secrets() {
        let (name, secret) = (named.name.as_str(), named.secret.expose());
        let count = secret.chars().count();
        if secret.trim() != secret {
            remarks.odd(
                "secret-white-space",
                format!("the secret in {name} begins or ends with white space: is it read with its newline?"),
                format!("{name} 里的密钥首尾有空白：是不是连换行一起读进来了？"),
            );
        }
        let quoted = |quote: char| count > 1 && secret.starts_with(quote) && secret.ends_with(quote);
        if quoted('"') || quoted('\'') {
            remarks.odd(
                "secret-quoted",
                format!("the secret in {name} is in quotes"),
                format!("{name} 里的密钥带着引号"),
            );
        }
        if secret.starts_with('\u{feff}') {
            remarks.odd(
                "secret-byte-order-mark",
                format!("the secret in {name} begins with a byte order mark"),
                format!("{name} 里的密钥以 BOM 开头"),
            );
        }
        // Issued secrets are 16, 32, 40, 64 … characters; one that is one off was copied badly.
        if count < 8 || [15, 17, 31, 33, 39, 41, 63, 65].contains(&count) {
            remarks.odd(
                "secret-length",
                format!("the secret in {name} has {count} characters: is it whole?"),
                format!("{name} 里的密钥有 {count} 个字符：是否完整？"),
            );
        }
    }
}

/// Looks at the body that was sent.
pub(super) fn body(case: &Case<'_>, around: &Around<'_>, remarks: &mut Remarks) {
    let Some(sent) = around.sent_body else { return };
    let texts = || case.request().parameters().iter().filter_map(|it| it.value.text());
    if texts().any(|text| text == sent) {
        return;
    }
    let read = Json::body(sent).map(Json::sorted);
    if read.is_some() && texts().any(|text| Json::body(text).map(Json::sorted) == read) {
        remarks.wrong(
            "body-written-anew",
            "the body that is sent is not, byte for byte, the one that is signed: it was written anew".into(),
            "发送的报文与签名的报文不是同一份字节：报文被重新序列化了".into(),
        );
    }
}

fn escaped(text: &str) -> bool {
    sign_core::form::decode(text).is_ok_and(|decoded| decoded.len() < text.len() && text.contains('%'))
}
