//! A record out of JSON: exact numbers, every doubled or unknown member noticed (`SPEC.md §3`).

use core::fmt;
use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use sign_core::json::Scalar;

use crate::record::{Draft, Record, RecordError, RecordFault};

impl Record {
    /// Reads a record from a JSON object. Whole numbers become text, digit by digit and of any length; null is as
    /// good as absent. Members that the platform does not know, or that come twice, make an error, and so do
    /// fractions, booleans, objects and lists.
    ///
    /// ```
    /// use jinlaiban::{Record, RecordFault};
    /// let json = r#"{"id":18446744073709551616,"user_id":"u","busi_item":"查询","create_date":"2021-03-17 18:57:03"}"#;
    /// assert_eq!(Record::from_json(json)?.id(), "18446744073709551616");
    ///
    /// let error = Record::from_json(json.replace("查询", "")).unwrap_err();
    /// assert_eq!((error.member(), error.reason()), (Some("busi_item"), &RecordFault::Empty));
    /// # Ok::<(), jinlaiban::RecordError>(())
    /// ```
    ///
    /// # Errors
    /// [`RecordError`], the caller's mistake: it names the first wrong member, never its value.
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, RecordError> {
        let json = json.as_ref();
        let members: Members =
            serde_json::from_slice(json).map_err(|error| RecordError::whole(fault(&error)))?;
        members.0?.finish()
    }
}

fn fault(error: &serde_json::Error) -> RecordFault {
    match error.classify() {
        // What the parser says about data could repeat it; about syntax it has fixed words.
        Category::Data => RecordFault::NotObject,
        Category::Syntax | Category::Eof | Category::Io => {
            let message = error.to_string();
            let what = message.split_once(" at line ").map_or(message.as_str(), |(what, _)| what);
            RecordFault::Json { what: what.to_owned(), line: error.line(), column: error.column() }
        }
    }
}

/// The members, or the first that is wrong. That is no error of the parser, so that JSON is looked at to its end
/// and `serde_json` never has a reason to speak about data.
struct Members(Result<Draft, RecordError>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut draft = Draft::default();
        let mut first_wrong = None;
        while let Some(Name(name)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            if first_wrong.is_none() {
                let set = text(value)
                    .map_err(|fault| RecordError::at(&name, fault))
                    .and_then(|value| draft.set(&name, value));
                first_wrong = set.err();
            }
        }
        Ok(Members(first_wrong.map_or(Ok(draft), Err)))
    }
}

/// A member's name, borrowed unless it is written with escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// SPEC.md §3: texts stay, whole numbers become text, null is none, everything else is an error.
fn text(value: &RawValue) -> Result<Option<String>, RecordFault> {
    match Scalar::read(value).map_err(|_| RecordFault::NotUnicode)? {
        Scalar::Null => Ok(None),
        Scalar::Bool(_) => Err(RecordFault::Boolean),
        Scalar::Nested => Err(RecordFault::Nested),
        scalar => scalar.whole_text().map(|text| Some(text.into_owned())).ok_or(RecordFault::Fraction),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::DateError;

    const REST: &str = r#""user_id":"u","busi_item":"b","create_date":"2021-03-17 18:57:03""#;

    #[track_caller]
    fn check(json: &str, expected: Result<&str, (Option<&str>, RecordFault)>) {
        let got = Record::from_json(json);
        match (&got, &expected) {
            (Ok(record), Ok(wire)) => assert_eq!(serde_json::to_string(record).unwrap(), *wire),
            (Err(error), Err((member, fault))) => {
                assert_eq!((error.member(), error.reason()), (*member, fault), "{json}");
            }
            _ => panic!("{json}: {got:?} in place of {expected:?}"),
        }
    }

    /// A record whose `id` is this JSON has this id.
    #[track_caller]
    fn check_id(id: &str, expected: Result<&str, RecordFault>) {
        let json = format!("{{\"id\":{id},{REST}}}");
        let got = Record::from_json(&json).map(|record| record.id().to_owned());
        let expected = expected.map(str::to_owned).map_err(|fault| RecordError::at("id", fault));
        assert_eq!(got, expected, "{json}");
    }

    #[test]
    fn texts_and_whole_numbers_are_taken_exactly() {
        check_id(r#""1000""#, Ok("1000"));
        check_id("1000", Ok("1000"));
        check_id(" 1000 ", Ok("1000"));
        check_id("-1", Ok("-1"));
        check_id("0", Ok("0"));
        check_id("9007199254740993", Ok("9007199254740993"));
        check_id("18446744073709551616", Ok("18446744073709551616"));
        check_id(&"9".repeat(400), Ok(&"9".repeat(400)));
        check_id(r#""\u5f20\"三""#, Ok("张\"三"));
        check_id("1.0", Err(RecordFault::Fraction));
        check_id("1e3", Err(RecordFault::Fraction));
        check_id("1E+400", Err(RecordFault::Fraction));
        check_id("true", Err(RecordFault::Boolean));
        check_id("false", Err(RecordFault::Boolean));
        check_id("[]", Err(RecordFault::Nested));
        check_id("{}", Err(RecordFault::Nested));
        check_id(r#""\ud800""#, Err(RecordFault::NotUnicode));
        check_id("null", Err(RecordFault::Missing));
        check_id(r#""""#, Err(RecordFault::Empty));
    }

    #[test]
    fn optional_members() {
        let wire = |phone: &str| {
            format!(
                r#"{{"id":"1",{}"user_name":"未认证用户","busi_item":"b","create_date":"2021-03-17 18:57:03"}}"#,
                format_args!(r#""user_id":"u",{phone}"#)
            )
        };
        let head = format!("{{\"id\":1,{REST}");
        check(&format!("{head}}}"), Ok(&wire("")));
        check(&format!(r#"{head},"user_phone":null,"user_name":null,"busi_detail":null}}"#), Ok(&wire("")));
        check(&format!(r#"{head},"user_name":""}}"#), Ok(&wire("")));
        check(&format!(r#"{head},"user_phone":13700000381}}"#), Ok(&wire(r#""user_phone":"13700000381","#)));
        check(&format!(r#"{head},"user_phone":""}}"#), Ok(&wire(r#""user_phone":"","#)));
        check(&format!(r#"{head},"user\u005fphone":"1"}}"#), Ok(&wire(r#""user_phone":"1","#)));
    }

    #[test]
    fn the_first_wrong_member_is_named() {
        let with = |more: &str| format!("{{\"id\":1,{REST},{more}}}");
        check(&with(r#""ID":1"#), Err((Some("ID"), RecordFault::Unknown)));
        check(&with(r#""":1"#), Err((Some(""), RecordFault::Unknown)));
        check(&with(r#""id":1"#), Err((Some("id"), RecordFault::Doubled)));
        check(
            &with(r#""user_phone":null,"user_phone":null"#),
            Err((Some("user_phone"), RecordFault::Doubled)),
        );
        check(&with(r#""user_name":{"x":1},"ID":1"#), Err((Some("user_name"), RecordFault::Nested)));
        check(&with(r#""busi_detail":0.5"#), Err((Some("busi_detail"), RecordFault::Fraction)));
        check("{}", Err((Some("id"), RecordFault::Missing)));
        check(r#"{"id":1,"user_id":2,"busi_item":3}"#, Err((Some("create_date"), RecordFault::Missing)));
        let dated = |date: &str| format!(r#"{{"id":1,"user_id":2,"busi_item":3,"create_date":{date}}}"#);
        check(&dated(r#""""#), Err((Some("create_date"), RecordFault::Empty)));
        check(&dated("20210317185703"), Err((Some("create_date"), DateError::Shape.into())));
        let impossible = dated(r#""2021-02-30 00:00:00""#);
        check(&impossible, Err((Some("create_date"), DateError::NotInCalendar.into())));
    }

    #[test]
    fn what_is_no_object_is_said_without_repeating_it() {
        for json in ["1", "null", "[]", r#""张三""#, "true", "1.5"] {
            check(json, Err((None, RecordFault::NotObject)));
        }
        for json in [
            "",
            "{",
            "张三",
            r#"{"id":"张三"#,
            r#"{"id":1}}"#,
            r#"{id:1}"#,
            r#"{"id":01}"#,
            "{\"id\":\"\n\"}",
        ] {
            let error = Record::from_json(json).unwrap_err();
            assert!(matches!(error.reason(), RecordFault::Json { .. }), "{json}: {error}");
            assert!(!error.to_string().contains('张'), "{error}");
        }
        let error = Record::from_json(r#"{"id":1,}"#).unwrap_err();
        assert_eq!(error.to_string(), "the record is not JSON: trailing comma at column 9 of line 1");
        let error = Record::from_json(b"{\"id\":\"\xff\"}").unwrap_err();
        assert!(matches!(error.reason(), RecordFault::Json { .. }), "{error}");
    }
}
