//! Printed by the doctor, and kept to be compiled.

use sign_core::{Case, Hasher, Md5, Order, Secret};

/// yichang-md5: the secret: at the end as `…&appSecret=SECRET`; the digest: MD5, written as upper-case hexadecimal
///
/// The secret: `Secret::new(std::env::var("APP_SECRET")?)?`
pub fn sign(params: &[(&str, Option<&str>)], secret: &Secret) -> String {
    let secret = secret.expose();
    let mut rows: Vec<(String, String, String)> = Vec::new();
    let wanted = ["appId", "deviceId", "deviceType", "nonceStr", "timeStamp"];
    let given = wanted.iter().flat_map(|name| params.iter().filter(move |it| it.0 == *name));
    for &(name, value) in given {
        let value = match value {
            None => continue,
            Some("") => continue,
            Some(value) => value,
        };
        rows.push((name.to_owned(), value.to_owned(), [name, "=", value].concat()));
    }
    rows.sort_by(|a, b| Order::Bytes.compare(&a.0, &b.0));
    let parts: Vec<&str> = rows.iter().map(|row| row.2.as_str()).collect();
    let text = parts.join("&");
    let text = [text.as_str(), "&appSecret=", secret].concat();
    let digest = Hasher::<Md5>::of(text.as_bytes());
    digest.signature(Case::Upper).as_str().to_owned()
}
