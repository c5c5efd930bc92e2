//! What is shown to people and written to logs: it never panics, and never shows what it hides.

use platform_state::Address;
use rabbitpre_auth::{Value, masked, read};
use sign_core::{Canonical, Secret, TextSink, form, shown};
use yichang::Login;

/// A text to sign of three kinds.
struct Pieces<'a>([&'a str; 3]);

impl Canonical for Pieces<'_> {
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        let [open, personal, secret] = self.0;
        sink.open(open);
        sink.personal(personal);
        sink.secret(secret);
    }
}

/// Any text as a platform's own words, as a reply that signs a person in, as an address with a password, as what a user
/// has, and as a text to sign.
pub fn masking(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    words(&text);
    has(data);
    address(&text);

    // What is invented here stands in no input by chance.
    let (token, phone) = ("tOkEn0123456789aBcDeF-~7", "17386500821");
    let reply =
        |url: &str| serde_json::json!({"code": 1, "data": {"jumpUrl": url, "ssoToken": token}}).to_string();
    let encoded = form::encode(token);
    for url in [
        text.replace('\u{1}', token),
        format!("{text}{token}"),
        format!("{token}{text}"),
        format!("{text}{encoded}"),
        format!("{encoded}{text}"),
    ] {
        let Ok(login) = Login::read(200, reply(&url).as_bytes()) else { continue };
        let said = format!("{} {login:?}", login.masked_jump_url());
        let hidden = !said.contains(token) && !said.contains(&encoded);
        assert!(hidden, "a token shows itself in `{said}`");
    }

    let secret = Secret::new(token).expect("not empty");
    let signed = Pieces([&text, phone, token]).signing_text();
    let open = Pieces([&text, "", ""]).signing_text();
    assert_eq!(open.to_string(), text);
    let said = format!("{signed} {signed:?} {secret:?}").replace(&*text, "");
    assert!(!said.contains(token) && !said.contains(phone), "{said}");
}

/// One line, of bounded length, without personal numbers; shown twice, it stays as it is.
fn words(text: &str) {
    let fit = shown(text);
    assert!(fit.chars().count() <= 201, "{fit}");
    assert!(!fit.chars().any(|c| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c)), "{fit:?}");
    let longest = fit.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    assert!(longest.is_none_or(|longest| longest < 11), "{fit}");
    let uncut = fit.strip_suffix('…').unwrap_or(&fit);
    assert_eq!(shown(uncut), uncut);
    // A short text without anything to hide is shown as it is.
    let plain = |c: char| c.is_ascii_alphabetic() || c == ' ' || ('\u{4e00}'..='\u{9fff}').contains(&c);
    if text.chars().count() <= 200 && text.chars().all(plain) {
        assert_eq!(fit, text);
    }
}

/// Of a text, the first and the last character; of an object, nothing.
fn has(data: &[u8]) {
    let Ok(value) = read(data) else { return };
    let fit = masked(&value);
    alike(&value, &fit);
    // What is masked twice is not what is masked once; but its shape stays.
    alike(&fit, &masked(&fit));
}

fn alike(value: &Value<'_>, fit: &Value<'_>) {
    match (value, fit) {
        (Value::Text(text), Value::Text(fit)) => {
            let (count, hidden) = (text.chars().count(), fit.chars().filter(|c| *c == '*').count());
            assert!(fit.chars().count() <= count.min(256), "{fit}");
            assert!(if count < 3 { hidden == count } else { hidden >= count.min(256) - 2 }, "{fit}");
        }
        (Value::List(items), Value::List(fits)) => {
            assert!(fits.len() <= items.len());
            for (item, fit) in items.iter().zip(fits) {
                alike(item, fit);
            }
        }
        (Value::Object(_), Value::Text(fit)) => assert_eq!(fit, "{*}"),
        // Behind the 256th value, and for a number that long.
        (_, Value::Text(fit)) => assert!(fit == "…" || fit == "*", "{fit}"),
        (value, fit) => assert_eq!(value, fit),
    }
}

/// A password stays where it is, whatever stands around it.
fn address(text: &str) {
    const PASSWORD: &str = "pAsSwOrD0123456789";
    for address in [
        text.to_owned(),
        format!("redis://{PASSWORD}@{text}"),
        format!("redis://user:{PASSWORD}@{text}"),
        format!("rediss://{text}:{PASSWORD}@host/0"),
        format!("redis://:{PASSWORD}{text}"),
    ] {
        let said = match address.parse::<Address>() {
            Ok(address) => format!("{address} {address:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!said.contains(PASSWORD), "a password shows itself");
    }
}
