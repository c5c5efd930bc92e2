//! Printed by the doctor, and kept to be compiled.

use sign_core::{Case, Hasher, Md5, Order, Secret};

/// jinlaiban: the secret: at the end as `…SECRET`; the digest: MD5, written as lower-case hexadecimal
///
/// The secret: `Secret::new(std::env::var("APP_SECRET")?)?`
pub fn sign(params: &[(&str, Option<&str>)], secret: &Secret) -> String {
    let secret = secret.expose();
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for &(name, value) in params {
        if ["sign", "data"].contains(&name) {
            continue;
        }
        let value = match value {
            None => continue,
            Some("") => continue,
            Some(value) => value,
        };
        rows.push((name.to_owned(), value.to_owned(), [name, "=", value].concat()));
    }
    rows.sort_by(|a, b| Order::Utf16.compare(&[&*a.0, "=", &*a.1].concat(), &[&*b.0, "=", &*b.1].concat()));
    let parts: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();
    let text = parts.join("&");
    let text = [text.as_str(), secret].concat();
    let digest = Hasher::<Md5>::of(text.as_bytes());
    digest.signature(Case::Lower).as_str().to_owned()
}
