//! Inputs shared by the benches: made up, of realistic shape, the same in every run.

pub mod hot;
pub mod rules;

use jinlaiban::{Batch, CreateDate, Record};

/// Sizes of a signed body: a short call, a usual one, a large one. In bytes.
pub const BODY_SIZES: [usize; 3] = [100, 1024, 64 * 1024];

/// A secret as platforms issue them: 32 characters.
///
/// # Panics
/// Never: the secret is not empty.
#[must_use]
pub fn secret() -> sign_core::Secret {
    sign_core::Secret::new("58b31d465652be856d7ed80977aa4ce4").expect("the secret is not empty")
}

/// A JSON body of exactly `size` bytes, with Chinese text; at least 32 bytes.
#[must_use]
pub fn json_body(size: usize) -> String {
    let mut body = String::from("{\"REMARK\":\"");
    while body.len() + 12 <= size {
        body.push_str("无房证");
    }
    while body.len() + 2 < size {
        body.push('x');
    }
    body.push_str("\"}");
    body
}

/// Records as partners push them: Chinese texts, half of them with a phone number and a name.
///
/// # Panics
/// Never: the records are complete.
#[must_use]
pub fn batch(records: usize) -> Batch {
    let date = CreateDate::parse("2021-03-17 18:57:03").expect("a date of the calendar");
    let records = (0..records).map(|number| {
        let user = format!("8a8180ac6d6c68e1016d706ad7{number:06}");
        let record = Record::new(number.to_string(), user, "无房证明查询", date).expect("nothing is empty");
        let record = record.with_busi_detail("成功办理无房证明，可在“我的办件”中查看。");
        if number % 2 == 0 { record } else { record.with_user_phone("137*****381").with_user_name("张三") }
    });
    Batch::new(records.collect()).expect("not more than a batch may hold")
}

/// A check of `conditions` conditions about one user, as bytes; the user satisfies all of them.
#[must_use]
pub fn check_body(conditions: usize) -> String {
    let list: Vec<_> = (0..conditions).map(condition).collect();
    format!(
        r#"{{"interfaceName":"checkUserAuth","checkType":false,"userParam":{{"audid":9007199254740993,"openid":"oAUZp5LGzWcXKP1k7m8N16TKlaC8","sex":"1","phone":"137*****381","device":"iOS"}},"authParams":[{}],"externalExtras":{{}}}}"#,
        list.join(",")
    )
}

fn condition(number: usize) -> String {
    let (kind, operator, values) = match number % 4 {
        0 => ("number", "GTEQ", "\"18\""),
        1 => ("text", "EQ", "\"北京\""),
        2 => ("select", "IN", "[\"a\",\"b\",\"c\",\"d\"]"),
        _ => ("area", "BETWEEN", "[10,20]"),
    };
    format!(
        r#"{{"chineseName":"条件{number}","englishName":"c{number}","paramType":"{kind}","values":{values},"operator":"{operator}","option":[]}}"#
    )
}

/// The attributes that satisfy [`check_body`].
#[must_use]
pub fn attributes(conditions: usize) -> String {
    let values = ["\"35\"", "\"北京\"", "[\"c\",\"x\"]", "15.5"];
    let members: Vec<_> = (0..conditions)
        .zip(values.iter().cycle())
        .map(|(number, value)| format!("\"c{number}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_what_they_say() {
        for size in BODY_SIZES {
            let body = json_body(size);
            assert_eq!(body.len(), size);
            assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok());
        }
        assert_eq!(batch(2000).len(), 2000);
        let (body, attributes) = (check_body(10), attributes(10));
        let request = rabbitpre_auth::CheckRequest::parse(body.as_bytes()).unwrap();
        let attributes = rabbitpre_auth::Attributes::parse(attributes.as_bytes()).unwrap();
        assert!(rabbitpre_auth::check(&request, &attributes, None).is_allowed());
    }
}

/// The README's examples, compiled and run as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
