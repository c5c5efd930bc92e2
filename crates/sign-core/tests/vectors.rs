//! Sorting and form coding agree with what Java 17 and PHP 8.2 do.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests fail by panicking"
)]

use serde_json::Value;
use sign_core::{Order, form, sort_values};
use sign_vectors::Semantics;

fn text(case: &Semantics) -> Option<&str> {
    case.input.get("text").and_then(Value::as_str)
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn cases<'a>(all: &'a [Semantics], step: &str) -> impl Iterator<Item = &'a Semantics> {
    all.iter().filter(move |case| case.step() == step)
}

#[test]
fn java_sorts_by_code_unit() {
    let all = sign_vectors::java_semantics();
    let mut count = 0;
    for case in cases(&all, "sort") {
        let mut values = texts(&case.input["values"]);
        sort_values(&mut values, Order::Utf16);
        assert_eq!(values, texts(&case.expected), "{}", case.case);
        count += 1;
    }
    assert_eq!(count, 9);
}

#[test]
fn php_sorts_by_byte_when_told_to_sort_strings() {
    let mut count = 0;
    for case in sign_vectors::php_semantics() {
        let Some(expected) = case.canonical.strip_prefix("SORT_STRING: ") else { continue };
        let input = case.input.get("keys").or_else(|| case.input.get("values")).unwrap();
        let mut values = texts(input);
        sort_values(&mut values, Order::Bytes);
        assert_eq!(values.join(","), expected, "{}", case.case);
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn java_form_encoding() {
    let all = sign_vectors::java_semantics();
    let mut count = 0;
    for case in cases(&all, "urlencode") {
        // Lone surrogates are no Rust text: nothing to encode.
        let Some(text) = text(case) else { continue };
        assert_eq!(Some(form::encode(text).as_str()), case.expected.as_str(), "{}", case.case);
        count += 1;
    }
    assert_eq!(count, 18);
}

/// Where Java guesses (U+FFFD for bytes that are no UTF-8, a sign or full-width digits as hexadecimal), we refuse.
#[test]
fn java_form_decoding_strictly() {
    const LENIENT: [&str; 2] = ["%+1", "%４１"];
    let all = sign_vectors::java_semantics();
    let (mut decoded, mut refused) = (0, 0);
    for case in cases(&all, "urldecode") {
        let text = text(case).unwrap();
        let guessed =
            LENIENT.contains(&text) || case.expected.as_str().is_some_and(|text| text.contains('\u{fffd}'));
        match form::decode(text) {
            Ok(got) => {
                assert!(!guessed, "{}", case.case);
                assert_eq!(case.expected.as_str(), Some(&*got), "{}", case.case);
                decoded += 1;
            }
            Err(_) => {
                assert!(guessed || case.error.is_some(), "{}", case.case);
                refused += 1;
            }
        }
    }
    assert_eq!((decoded, refused), (14, 20));
}

#[test]
fn php_form_encoding_differs_in_the_asterisk_alone() {
    let all = sign_vectors::php_semantics();
    let mut count = 0;
    for case in cases(&all, "urlencode") {
        let encoded = form::encode(text(case).unwrap()).replace('*', "%2A");
        assert_eq!(Some(encoded.as_str()), case.expected.as_str(), "{}", case.case);
        count += 1;
    }
    assert_eq!(count, 6);
}
