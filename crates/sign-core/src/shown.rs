//! A platform's own words, made fit for an error or a log.

use alloc::{borrow::Cow, string::String};
use core::fmt::Write as _;

/// The longest text that is shown, in characters.
const LONGEST: usize = 200;

/// So many digits in a row may be a phone number (11) or an ID number (15; 18; or 17 and an `X`).
const PERSONAL: usize = 11;

/// What stands in for them.
const HIDDEN: &str = "***";

/// Makes what a platform said fit for an error, a log or `Debug`: it may be endless, forge lines, or quote a person's
/// numbers.
///
/// - At most 200 characters are shown, then `…`. An escape or a `***` is never cut in two.
/// - Control characters, line separators and characters that turn the direction of writing are escaped as `\n`,
///   `\u{1b}`. Everything else stays, backslashes as well.
/// - 11 or more ASCII digits in a row become `***`, together with the `X` or `x` that ends an ID number. A number is
///   found wherever it stands, even where the text is cut.
///
/// Borrows where nothing changes.
///
/// ```
/// use sign_core::shown;
/// assert_eq!(shown("签名错误!"), "签名错误!");
/// assert_eq!(shown("用户17386500821不存在\n2024 INFO ok"), "用户***不存在\\n2024 INFO ok");
/// assert_eq!(shown("身份证42050019900101123X无效"), "身份证***无效");
/// assert_eq!(shown(&"错".repeat(201)), "错".repeat(200) + "…");
/// ```
#[must_use]
pub fn shown(words: &str) -> Cow<'_, str> {
    if is_fit(words) {
        return Cow::Borrowed(words);
    }
    let mut fit = String::new();
    let mut room = LONGEST;
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        let digits = leading_digits(rest);
        let mut escaped = String::new();
        let (taken, piece) = if digits >= PERSONAL {
            // The `X` that may end an ID number says something about it, too.
            let checked = rest.as_bytes().get(digits).is_some_and(|byte| byte.eq_ignore_ascii_case(&b'x'));
            (digits + usize::from(checked), HIDDEN)
        } else if digits > 0 {
            (digits, rest.get(..digits).unwrap_or(""))
        } else if forges(first) {
            // Writing into a `String` cannot fail.
            let _ = write!(escaped, "{}", first.escape_default());
            (first.len_utf8(), escaped.as_str())
        } else {
            (first.len_utf8(), rest.get(..first.len_utf8()).unwrap_or(""))
        };
        let length = piece.chars().count();
        if length > room {
            fit.push('…');
            break;
        }
        room -= length;
        fit.push_str(piece);
        rest = rest.get(taken..).unwrap_or("");
    }
    Cow::Owned(fit)
}

fn is_fit(words: &str) -> bool {
    // More bytes than this are too many characters; no need to count them.
    words.len() <= LONGEST * char::MAX_LEN_UTF8
        && words.chars().count() <= LONGEST
        && !words.chars().any(forges)
        && words
            .as_bytes()
            .chunk_by(|one, next| one.is_ascii_digit() && next.is_ascii_digit())
            .all(|run| run.len() < PERSONAL)
}

fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Does this character begin a line, move the cursor or rearrange its neighbours, so that a log reads as what it does
/// not say? Control characters, Unicode's line ends and its marks, embeddings and isolates of direction.
fn forges(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[track_caller]
    fn check(words: &str, expected: &str) {
        assert_eq!(shown(words), expected);
        assert_eq!(shown(expected.trim_end_matches('…')), expected.trim_end_matches('…'), "shown twice");
    }

    #[test]
    fn nothing_to_do_is_borrowed() {
        for words in [
            "",
            "提交成功",
            r#"a "quoted" \ word`"#,
            "1234567890",
            "a1234567890b",
            "1".repeat(10).as_str(),
            "😀　",
        ] {
            assert!(matches!(shown(words), Cow::Borrowed(same) if same == words), "{words}");
        }
        assert!(matches!(shown(&"😀".repeat(200)), Cow::Borrowed(_)));
    }

    #[test]
    fn numbers_of_persons_are_hidden() {
        check("17386500821", "***");
        check("+8617386500821!", "+***!");
        check("用户17386500821不存在", "用户***不存在");
        check("420500199001011234", "***");
        check("42050019900101123X", "***");
        check("42050019900101123x,", "***,");
        check("42050019900101123XX", "***X");
        check("17386500821和17386500822", "***和***");
        check("1738650082 and 1738650082", "1738650082 and 1738650082");
        check("1738650082X", "1738650082X");
        check("错误码 40300 于 2021-03-17 18:57:03", "错误码 40300 于 2021-03-17 18:57:03");
        check("１７３８６５００８２１", "１７３８６５００８２１"); // full-width: no ASCII digits
    }

    #[test]
    fn no_line_is_forged() {
        check("a\nb\r\tc", "a\\nb\\r\\tc");
        check("\u{1b}[2K\u{0}\u{7f}\u{85}", "\\u{1b}[2K\\u{0}\\u{7f}\\u{85}");
        check("a\u{2028}b\u{2029}c\u{202e}d\u{2066}", "a\\u{2028}b\\u{2029}c\\u{202e}d\\u{2066}");
        check("123456\n789012", "123456\\n789012");
    }

    #[test]
    fn what_is_long_is_cut_and_nothing_in_two() {
        let long = "中".repeat(199);
        check(&(long.clone() + "ab"), &(long.clone() + "a…"));
        check(&(long.clone() + "\n"), &(long.clone() + "…"));
        check(&(long.clone() + "17386500821"), &(long.clone() + "…"));
        check(&(long.clone() + "12"), &(long + "…"));
        let nearly = "中".repeat(190);
        check(&(nearly.clone() + "17386500821"), &(nearly + "***"));
        assert_eq!(shown(&"1".repeat(1 << 20)), "***");
        assert_eq!(shown(&"\n".repeat(1 << 20)), "\\n".repeat(100) + "…");
        assert_eq!(shown(&"a".repeat(1 << 20)).chars().count(), LONGEST + 1);
        assert_eq!(shown("\u{10ffff}").to_string(), "\u{10ffff}");
    }
}
