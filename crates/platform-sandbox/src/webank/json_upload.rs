//! The body of uploadJson (`webank SPEC.md §4.3`), read piece by piece: the file's content is taken out on the way, so
//! that only the rest, which is short, is kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// Most bytes of everything but the content.
const REST_LIMIT: usize = 1024 * 1024;

/// `webank SPEC.md §4.3`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct JsonUpload {
    /// Empty where the content was taken out.
    pub(super) file: String,
    pub(super) file_name: String,
    pub(super) biz_content: Option<String>,
}

/// Why a body is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    NotJson,
    NotBase64,
    TooLong,
}

impl Broken {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::NotJson => "the body is not an object of the texts file, fileName, bizContent",
            Self::NotBase64 => "`file` is not base64",
            Self::TooLong => "fileName and bizContent are longer than 1 MiB",
        }
    }
}

/// Copies JSON, but for the text under the outermost `file`, which is decoded.
#[derive(Default)]
pub(super) struct Scanner {
    rest: Vec<u8>,
    depth: usize,
    at: Place,
    /// The raw key of the member that is being read, at the outermost level.
    key: Vec<u8>,
    value: bool,
    content: Decoder,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Text,
    /// After a backslash in a text.
    Escaped,
    Content,
    /// After a backslash in the content: `\/`, as PHP writes it. How many digits of `\u0000` are to come, and their
    /// value so far.
    ContentEscaped,
    ContentCode {
        digits: u32,
        code: u32,
    },
}

impl Scanner {
    /// Takes the next bytes of the body, and gives what they hold of the content.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Broken> {
        let mut left = bytes;
        let mut content = Vec::new();
        while let Some((&byte, after)) = left.split_first() {
            if self.at == Place::Content {
                // A run without escapes and end goes in one piece.
                let run = left.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(left.len());
                let (run, after) = left.split_at(run);
                if !run.is_empty() {
                    self.content.take(run, &mut content)?;
                    left = after;
                    continue;
                }
            }
            self.byte(byte, &mut content)?;
            left = after;
        }
        Ok(content)
    }

    fn byte(&mut self, byte: u8, content: &mut Vec<u8>) -> Result<(), Broken> {
        match self.at {
            Place::Outside => self.outside(byte),
            Place::Text => {
                if self.depth == 1 && !self.value && byte != b'"' {
                    self.key.push(byte);
                }
                self.at = match byte {
                    b'"' => Place::Outside,
                    b'\\' => Place::Escaped,
                    _ => Place::Text,
                };
            }
            Place::Escaped => self.at = Place::Text,
            Place::Content if byte == b'"' => {
                self.content.finish()?;
                self.at = Place::Outside;
            }
            Place::Content => {
                self.at = Place::ContentEscaped;
                return Ok(());
            }
            Place::ContentEscaped => {
                self.at = match byte {
                    b'u' => Place::ContentCode { digits: 4, code: 0 },
                    b'/' => Place::Content,
                    _ => return Err(Broken::NotBase64),
                };
                return if byte == b'/' { self.content.take(b"/", content) } else { Ok(()) };
            }
            Place::ContentCode { digits, code } => return self.code(byte, digits, code, content),
        }
        if self.rest.len() >= REST_LIMIT {
            return Err(Broken::TooLong);
        }
        self.rest.push(byte);
        Ok(())
    }

    fn outside(&mut self, byte: u8) {
        match byte {
            b'"' if self.depth == 1 && self.value && self.key == b"file" => {
                self.content = Decoder::default();
                self.at = Place::Content;
            }
            b'"' => {
                if self.depth == 1 && !self.value {
                    self.key.clear();
                }
                self.at = Place::Text;
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b':' if self.depth == 1 => self.value = true,
            b',' if self.depth == 1 => self.value = false,
            _ => {}
        }
    }

    fn code(&mut self, byte: u8, digits: u32, code: u32, content: &mut Vec<u8>) -> Result<(), Broken> {
        let digit = char::from(byte).to_digit(16).ok_or(Broken::NotJson)?;
        let code = code * 16 + digit;
        if digits > 1 {
            self.at = Place::ContentCode { digits: digits - 1, code };
            return Ok(());
        }
        self.at = Place::Content;
        let byte = u8::try_from(code).map_err(|_| Broken::NotBase64)?;
        self.content.take(&[byte], content)
    }

    /// The members besides the content; and the content too, where its key was written so that it was not noticed.
    pub(super) fn finish(self) -> Result<(JsonUpload, Vec<u8>), Broken> {
        let upload: JsonUpload = serde_json::from_slice(&self.rest).map_err(|_| Broken::NotJson)?;
        let content = STANDARD.decode(&upload.file).map_err(|_| Broken::NotBase64)?;
        Ok((upload, content))
    }
}

/// Base64 in pieces.
#[derive(Default)]
struct Decoder {
    /// Up to three digits that wait for a fourth.
    carry: Vec<u8>,
    /// After padding nothing may follow.
    padded: bool,
}

impl Decoder {
    fn take(&mut self, digits: &[u8], content: &mut Vec<u8>) -> Result<(), Broken> {
        self.carry.extend_from_slice(digits);
        let whole = self.carry.len() - self.carry.len() % 4;
        let rest = self.carry.split_off(whole);
        let digits = std::mem::replace(&mut self.carry, rest);
        if self.padded && !(digits.is_empty() && self.carry.is_empty()) {
            return Err(Broken::NotBase64);
        }
        self.padded |= digits.ends_with(b"=");
        STANDARD.decode_vec(&digits, content).map_err(|_| Broken::NotBase64)
    }

    fn finish(&self) -> Result<(), Broken> {
        if self.carry.is_empty() { Ok(()) } else { Err(Broken::NotBase64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name and content, the same however the body is cut.
    #[track_caller]
    fn check(body: &str, expected: Result<(&str, &[u8]), Broken>) {
        for size in [1, 2, 3, 7, body.len().max(1)] {
            let mut scanner = Scanner::default();
            let mut content = Vec::new();
            let taken = body.as_bytes().chunks(size).try_for_each(|piece| {
                content.extend(scanner.take(piece)?);
                Ok(())
            });
            let read = taken.and_then(|()| scanner.finish());
            let read = read.map(|(upload, late)| (upload.file_name, [content, late].concat()));
            let expected = expected.map(|(name, content)| (name.to_owned(), content.to_vec()));
            assert_eq!(read, expected, "in pieces of {size}: {body}");
        }
    }

    #[test]
    fn the_content_is_taken_out_wherever_it_stands() {
        check(r#"{"file":"aGk=","fileName":"a"}"#, Ok(("a", b"hi")));
        check(
            r#" { "fileName" : "\"file\":\"" , "file" : "5YaF5a65" , "bizContent" : "{\"file\":\"!\"}" } "#,
            Ok(("\"file\":\"", "内容".as_bytes())),
        );
        check(r#"{"fileName":"a","file":""}"#, Ok(("a", b"")));
        check(r#"{"file":"\/\/\u002f\u002B","fileName":"a"}"#, Ok(("a", &[255, 255, 254])));
        check(r#"{"\u0066ile":"aGk=","fileName":"a"}"#, Ok(("a", b"hi")));
    }

    #[test]
    fn what_is_wrong_is_told() {
        check(r#"{"file":"aGk","fileName":"a"}"#, Err(Broken::NotBase64));
        check(r#"{"file":"aGk=aGk=","fileName":"a"}"#, Err(Broken::NotBase64));
        check(r#"{"file":"aG k","fileName":"a"}"#, Err(Broken::NotBase64));
        check(r#"{"file":"a\nGk","fileName":"a"}"#, Err(Broken::NotBase64));
        check(r#"{"file":"aGk=","file":"aGk=","fileName":"a"}"#, Err(Broken::NotJson));
        check(r#"{"file":"aGk=","filename":"a"}"#, Err(Broken::NotJson));
        check(r#"{"file":"aGk=""#, Err(Broken::NotJson));
        check(r#"{"file":"aGk="#, Err(Broken::NotJson));
        check(r#"[{"file":"aGk=","fileName":"a"}]"#, Err(Broken::NotJson));
        check(r#"{"fileName":"a"}"#, Err(Broken::NotJson));
        check(r#"{"file":1,"fileName":"a"}"#, Err(Broken::NotJson));
        check("", Err(Broken::NotJson));
        let mut scanner = Scanner::default();
        assert_eq!(scanner.take(&vec![b' '; REST_LIMIT]), Ok(vec![]));
        assert_eq!(scanner.take(b" "), Err(Broken::TooLong));
    }
}
