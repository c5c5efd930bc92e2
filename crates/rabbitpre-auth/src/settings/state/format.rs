//! How a setting is written into a store: the number of the format, a blank, and the body of the save.

use sign_core::Secret;

use crate::json::read_file;
use crate::settings::Setting;
use crate::value::Value;

/// The format that this version writes.
const FORMAT: &str = "1";

/// Why what is kept cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// A format with another number.
    #[error("a newer version of this software has written it; use that one, or save the setting again")]
    Newer,
    /// Not written by us, or broken.
    #[error("it is broken, or something else writes there; save the setting again")]
    Broken,
}

/// A text is kept as a secret: it may hold what editors wrote about people.
pub(super) fn write(setting: &Setting) -> Secret {
    Secret::new(format!("{FORMAT} {}", setting.to_json())).expect("it begins with the format's number")
}

pub(super) fn read(text: &str) -> Result<Setting, Unreadable> {
    let (format, json) = text.split_once(' ').ok_or(Unreadable::Broken)?;
    if format != FORMAT {
        let number = !format.is_empty() && format.bytes().all(|byte| byte.is_ascii_digit());
        return Err(if number { Unreadable::Newer } else { Unreadable::Broken });
    }
    let body = read_file(json.as_bytes()).map_err(|_| Unreadable::Broken)?;
    Ok(Setting::from_value(&body))
}

/// A setting that denies whatever is checked against it (SPEC.md §4.7).
pub(super) fn denying() -> Setting {
    Setting::from_value(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Reason;

    #[track_caller]
    fn check(text: &str, expected: Unreadable) {
        assert_eq!(read(text).unwrap_err(), expected);
    }

    #[test]
    fn a_setting_is_read_as_it_was_written() {
        let body = r#"{"userId":"u","settingData":[{"name":"a b","value":1.50}],"x":"1 2"}"#;
        let setting = Setting::parse(body.as_bytes()).unwrap();
        let written = write(&setting);
        assert_eq!(written.expose(), format!("1 {body}"));
        assert_eq!(read(written.expose()).unwrap().to_json(), body);
    }

    #[test]
    fn other_formats_are_told_from_broken_ones() {
        check("2 {}", Unreadable::Newer);
        check("10 {}", Unreadable::Newer);
        for broken in ["", "1", "1{}", " {}", "x {}", "{\"settingData\": []}", "1 {", "1 {} {}"] {
            check(broken, Unreadable::Broken);
        }
        assert_eq!(denying().compiled.unwrap_err(), Reason::UnreadableSetting);
    }
}
