//! Printed by the doctor, and kept to be compiled.

use sign_core::{Case, Hasher, Order, Secret, Sha1};

/// webank: the secret: sorted in among the values, without a name; the digest: SHA-1, written as upper-case hexadecimal
///
/// The secret: `Secret::new(std::env::var("APP_SECRET")?)?`
pub fn sign(values: &[Option<&str>], secret: &Secret) -> String {
    let secret = secret.expose();
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for &value in values {
        let value = match value {
            None => continue,
            Some(value) => value,
        };
        rows.push((String::new(), value.to_owned(), value.to_owned()));
    }
    rows.push((secret.to_owned(), secret.to_owned(), secret.to_owned()));
    rows.sort_by(|a, b| Order::Utf16.compare(&a.1, &b.1));
    let parts: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();
    let text = parts.join("");
    let digest = Hasher::<Sha1>::of(text.as_bytes());
    digest.signature(Case::Upper).as_str().to_owned()
}
