//! Printed by the doctor, and kept to be compiled.

use sign_core::{Case, Hasher, Secret, Sha256};

/// webank-callback: the secret: directly behind the first parameter; the digest: SHA-256, written as lower-case hexadecimal
///
/// The secret: `Secret::new(std::env::var("APP_SECRET")?)?`
pub fn sign(params: &[(&str, Option<&str>)], secret: &Secret) -> String {
    let secret = secret.expose();
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let wanted = ["Plain", "Timestamp"];
    let given = wanted.iter().flat_map(|name| params.iter().filter(move |it| it.0 == *name));
    for &(name, value) in given {
        let value = match value {
            None => "",
            Some(value) => value,
        };
        rows.push((name.to_owned(), value.to_owned(), value.to_owned()));
    }
    let mut parts: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();
    parts.insert(1.min(parts.len()), secret);
    let text = parts.join("");
    let digest = Hasher::<Sha256>::of(text.as_bytes());
    digest.signature(Case::Lower).as_str().to_owned()
}
