//! `multipart/form-data` framing (RFC 7578) around content that is not kept in memory.

use std::fmt::Write as _;

use bytes::Bytes;
use sign_core::Nonce;

/// The frame of a multipart body: what stands before, between and after the contents.
#[derive(Debug, Clone, Copy)]
pub struct Multipart {
    boundary: Nonce<32>,
}

impl Multipart {
    /// A frame whose boundary is drawn from 32 random bytes.
    #[must_use]
    pub fn new(entropy: [u8; 32]) -> Self {
        Self { boundary: Nonce::alphanumeric(entropy) }
    }

    /// The body's media type.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// What stands before a file's content. The names travel as raw UTF-8 (`SPEC.md §4.1`); quotes and line breaks in
    /// them are percent-escaped as browsers do, so that they cannot end the header.
    #[must_use]
    pub fn file_head(&self, field: &str, file_name: &str) -> Bytes {
        let (field, name) = (escaped(field), escaped(file_name));
        Bytes::from(format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            self.boundary
        ))
    }

    /// A whole text field, without what follows it. The field's name is escaped as in [`Multipart::file_head`].
    #[must_use]
    pub fn text_field(&self, field: &str, text: &str) -> Bytes {
        let field = escaped(field);
        Bytes::from(format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\
             Content-Type: text/plain; charset=UTF-8\r\n\r\n{text}",
            self.boundary
        ))
    }

    /// What stands between two parts.
    #[must_use]
    pub fn between() -> Bytes {
        Bytes::from_static(b"\r\n")
    }

    /// What stands after the last part.
    #[must_use]
    pub fn tail(&self) -> Bytes {
        Bytes::from(format!("\r\n--{}--\r\n", self.boundary))
    }
}

fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '"' | '\r' | '\n' => {
                let _ = write!(escaped, "%{:02X}", u32::from(character)); // a `String` takes everything
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_travel_raw_and_cannot_end_their_header() {
        let frame = Multipart::new([0; 32]);
        let head = frame.file_head("file", "身份证 \"1\"\r\nX-Evil: 1.png");
        let head = std::str::from_utf8(&head).unwrap();
        assert!(head.contains("filename=\"身份证 %221%22%0D%0AX-Evil: 1.png\"\r\n"), "{head}");
        assert_eq!(head.matches("\r\n").count(), 4);
        let evil = "a\"\r\nX-Evil: 1\r\n\r\n";
        for head in [frame.file_head(evil, "f"), frame.text_field(evil, "")] {
            let head = std::str::from_utf8(&head).unwrap();
            assert!(head.contains("name=\"a%22%0D%0AX-Evil: 1%0D%0A%0D%0A\""), "{head}");
            assert_eq!(head.matches("\r\n").count(), 4, "{head}");
        }
        assert!(frame.content_type().ends_with(&"0".repeat(32)));
    }
}
