//! A command line as a shell reads it: quotes, escapes, continued lines. Nothing is expanded: what only a shell could fill
//! in is told.

use std::iter::Peekable;
use std::str::Chars;

/// A pasted command, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) words: Vec<String>,
    /// A URL stood there without quotes, so that a shell would have cut it at its first `&`.
    pub(super) cut_url: bool,
    /// The text behind the command.
    pub(super) rest: String,
}

/// Why a command cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ShellError {
    /// A quote that is not closed.
    Open(char),
    /// A typographic quote, as word processors and messengers put it.
    Curly(char),
    /// `$NAME`, `$(…)` or a backtick.
    Expansion(String),
    /// Escapes of Windows' `cmd`.
    Windows,
    /// Ends with a backslash.
    Continued,
    /// An escape within `$'…'` that is no character.
    Escape(String),
}

impl std::fmt::Display for ShellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(quote) => write!(f, "a `{quote}` is not closed: is the command cut off?"),
            Self::Curly(quote) => {
                write!(f, "`{quote}` is a typographic quote, which no shell knows: write `'` or `\"`")
            }
            Self::Expansion(what) => {
                write!(f, "`{what}` is filled in by the shell alone: paste the value that was sent")
            }
            Self::Windows => f.write_str(
                "`^` is an escape of Windows' cmd: copy the request as cURL for bash, or give its URL and body",
            ),
            Self::Continued => f.write_str("it ends with a `\\`: the next line is missing"),
            Self::Escape(escape) => write!(f, "`{escape}` within `$'…'` is no character"),
        }
    }
}

/// Takes the first command of a text apart.
pub(super) fn words(text: &str) -> Result<Words, ShellError> {
    let mut reader = Reader { rest: text.chars().peekable(), words: Words::default(), word: None };
    reader.read()?;
    reader.words.rest = reader.rest.collect::<String>().trim().to_owned();
    Ok(reader.words)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    words: Words,
    word: Option<String>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), ShellError> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escaped()?,
                '\'' => self.single()?,
                '"' => self.double()?,
                '$' if self.rest.next_if_eq(&'\'').is_some() => self.ansi_c()?,
                '$' if self.rest.next_if_eq(&'"').is_some() => self.double()?,
                '$' | '`' => self.dollar(character)?,
                '^' if self.rest.peek().is_none_or(|next| matches!(next, '\r' | '\n' | '"' | '^')) => {
                    return Err(ShellError::Windows);
                }
                '“' | '”' | '‘' | '’' if self.word.is_none() => {
                    return Err(ShellError::Curly(character));
                }
                '\n' => {
                    self.end_word();
                    // A line that begins with an option goes on with the command, whatever a shell says.
                    if !self.words.words.is_empty() && !self.goes_on() {
                        return Ok(());
                    }
                }
                '#' if self.word.is_none() => while self.rest.next_if(|next| *next != '\n').is_some() {},
                '&' if self.in_url() => {
                    self.words.cut_url = true;
                    self.put('&');
                }
                ';' | '|' | '>' | '<' | '&' | '(' | ')' => {
                    // The descriptor of a redirection is no word.
                    if matches!(character, '>' | '<') && self.word.as_deref().is_some_and(digits) {
                        self.word = None;
                    }
                    break;
                }
                white if white.is_whitespace() => self.end_word(),
                other => self.put(other),
            }
        }
        self.end_word();
        Ok(())
    }

    fn put(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn end_word(&mut self) {
        self.words.words.extend(self.word.take());
    }

    /// Is this `&` part of a URL that somebody forgot to quote?
    fn in_url(&mut self) -> bool {
        let within = self.word.as_deref().is_some_and(|word| word.contains("://") || word.contains('?'));
        within && self.rest.peek().is_some_and(|next| !next.is_whitespace() && *next != '&')
    }

    /// Does the next line begin with an option?
    fn goes_on(&self) -> bool {
        let mut ahead = self.rest.clone().skip_while(|next| next.is_whitespace());
        ahead.next() == Some('-')
    }

    fn escaped(&mut self) -> Result<(), ShellError> {
        match self.rest.next() {
            None => return Err(ShellError::Continued),
            Some('\n') => {}
            Some('\r') if self.rest.next_if_eq(&'\n').is_some() => {}
            Some(other) => self.put(other),
        }
        Ok(())
    }

    fn single(&mut self) -> Result<(), ShellError> {
        self.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                None => return Err(ShellError::Open('\'')),
                Some('\'') => return Ok(()),
                Some(other) => self.put(other),
            }
        }
    }

    fn double(&mut self) -> Result<(), ShellError> {
        self.word.get_or_insert_default();
        loop {
            match self.rest.next() {
                None => return Err(ShellError::Open('"')),
                Some('"') => return Ok(()),
                Some('\\') => match self.rest.next() {
                    None => return Err(ShellError::Open('"')),
                    Some('\n') => {}
                    Some(other @ ('$' | '`' | '"' | '\\')) => self.put(other),
                    Some(other) => {
                        self.put('\\');
                        self.put(other);
                    }
                },
                Some(other @ ('$' | '`')) => self.dollar(other)?,
                Some(other) => self.put(other),
            }
        }
    }

    /// A `$` stands for itself, unless a name or a bracket follows.
    fn dollar(&mut self, character: char) -> Result<(), ShellError> {
        let opens = |next: &char| next.is_ascii_alphabetic() || matches!(next, '_' | '{' | '(');
        if character == '$' && !self.rest.peek().is_some_and(opens) {
            self.put('$');
            return Ok(());
        }
        let mut what = String::from(character);
        while let Some(next) =
            self.rest.next_if(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '{' | '('))
        {
            what.push(next);
        }
        what.push_str(if what.contains('{') {
            "}"
        } else if what.contains('(') {
            "…)"
        } else {
            ""
        });
        Err(ShellError::Expansion(what))
    }

    /// `$'…'`, as bash and browsers' "copy as cURL" write it.
    fn ansi_c(&mut self) -> Result<(), ShellError> {
        let mut bytes = Vec::new();
        loop {
            match self.rest.next() {
                None => return Err(ShellError::Open('\'')),
                Some('\'') => break,
                Some('\\') => self.ansi_c_escape(&mut bytes)?,
                Some(other) => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| ShellError::Escape("\\x…".to_owned()))?;
        self.word.get_or_insert_default().push_str(&text);
        Ok(())
    }

    fn ansi_c_escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), ShellError> {
        let Some(kind) = self.rest.next() else { return Err(ShellError::Open('\'')) };
        let byte = match kind {
            'n' => b'\n',
            't' => b'\t',
            'r' => b'\r',
            'a' => 7,
            'b' => 8,
            'e' | 'E' => 0x1b,
            'f' => 0x0c,
            'v' => 0x0b,
            '\\' | '\'' | '"' | '?' => kind as u8,
            'x' | 'u' | 'U' => return self.code(kind, bytes),
            '0'..='7' => {
                let mut digits = String::from(kind);
                while digits.len() < 3
                    && let Some(digit) = self.rest.next_if(|next| matches!(next, '0'..='7'))
                {
                    digits.push(digit);
                }
                // Three digits can be more than a byte; bash takes the lower eight bits.
                (u16::from_str_radix(&digits, 8).unwrap_or_default() & 0xff) as u8
            }
            other => {
                bytes.push(b'\\');
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
        };
        bytes.push(byte);
        Ok(())
    }

    fn code(&mut self, kind: char, bytes: &mut Vec<u8>) -> Result<(), ShellError> {
        let most = match kind {
            'x' => 2,
            'u' => 4,
            _ => 8,
        };
        let mut digits = String::new();
        while digits.len() < most
            && let Some(digit) = self.rest.next_if(char::is_ascii_hexdigit)
        {
            digits.push(digit);
        }
        let wrong = || ShellError::Escape(format!("\\{kind}{digits}"));
        let number = u32::from_str_radix(&digits, 16).map_err(|_| wrong())?;
        if kind == 'x' {
            bytes.extend(u8::try_from(number));
            return Ok(());
        }
        let character = match char::from_u32(number) {
            Some(character) => character,
            // Browsers write what lies beyond as two halves.
            None => self.other_half(number).ok_or_else(wrong)?,
        };
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn other_half(&mut self, high: u32) -> Option<char> {
        let high = u16::try_from(high).ok()?;
        self.rest.next_if_eq(&'\\')?;
        self.rest.next_if_eq(&'u')?;
        let mut digits = String::new();
        while digits.len() < 4 {
            digits.push(self.rest.next_if(char::is_ascii_hexdigit)?);
        }
        let low = u16::from_str_radix(&digits, 16).ok()?;
        char::decode_utf16([high, low]).next()?.ok()
    }
}

fn digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text).unwrap().words, expected, "{text}");
    }

    #[track_caller]
    fn refuse(text: &str, expected: ShellError) {
        assert_eq!(words(text), Err(expected), "{text}");
    }

    #[test]
    fn quotes() {
        check("curl 'a b' \"c d\" e\\ f", &["curl", "a b", "c d", "e f"]);
        check(r#"curl 'it'\''s' "\"x\" \$ \n""#, &["curl", "it's", r#""x" $ \n"#]);
        check("curl ''", &["curl", ""]);
        check("curl a''b\"c\"", &["curl", "abc"]);
        check("curl '多\n行'", &["curl", "多\n行"]);
        check("curl \"$\" $5 '$X' \"a\\\nb\"", &["curl", "$", "$5", "$X", "ab"]);
    }

    #[test]
    fn ansi_c() {
        check(r"curl $'a\n\t\'\\\x41\u4e2d\U0001f600\101'", &["curl", "a\n\t'\\A中😀A"]);
        check(r"curl $'\ud83d\ude00\u0021\xe4\xb8\xad\q'", &["curl", "😀!中\\q"]);
        refuse(r"curl $'\xff'", ShellError::Escape("\\x…".into()));
        refuse(r"curl $'\ud83d'", ShellError::Escape("\\ud83d".into()));
        refuse(r"curl $'\u'", ShellError::Escape("\\u".into()));
        refuse("curl $'a", ShellError::Open('\''));
    }

    #[test]
    fn lines() {
        check("curl \\\n  -X POST \\\r\n url", &["curl", "-X", "POST", "url"]);
        check("curl url\n -d x\n --next", &["curl", "url", "-d", "x", "--next"]);
        check("\n\n# a remark\ncurl url # another\n", &["curl", "url"]);
        assert_eq!(words("curl url\n{\"code\":1}\n").unwrap().rest, "{\"code\":1}");
        refuse("curl url \\", ShellError::Continued);
    }

    #[test]
    fn a_command_ends_at_an_operator_and_a_url_does_not() {
        check("curl url | jq .", &["curl", "url"]);
        check("curl url 2>/dev/null", &["curl", "url"]);
        check("curl url && echo", &["curl", "url"]);
        let cut = words("curl http://h/p?a=1&b=2 -d x=1").unwrap();
        assert_eq!(cut.words, ["curl", "http://h/p?a=1&b=2", "-d", "x=1"]);
        assert!(cut.cut_url && !words("curl 'http://h/p?a=1&b=2' &").unwrap().cut_url);
    }

    #[test]
    fn what_cannot_be_read() {
        refuse("curl 'a", ShellError::Open('\''));
        refuse("curl \"a", ShellError::Open('"'));
        refuse("curl \"a\\", ShellError::Open('"'));
        refuse("curl “http://h/”", ShellError::Curly('“'));
        refuse("curl $URL", ShellError::Expansion("$URL".into()));
        refuse("curl \"x=${SIGN}\"", ShellError::Expansion("${SIGN}".into()));
        refuse("curl \"x=$(date +%s)\"", ShellError::Expansion("$(date…)".into()));
        refuse("curl `date`", ShellError::Expansion("`date".into()));
        refuse("curl ^\"http://h/^\"", ShellError::Windows);
        refuse("curl a ^\r\n b", ShellError::Windows);
    }
}
