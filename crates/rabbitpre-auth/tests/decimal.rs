//! Exact decimals: SPEC.md §4.5, and §4.10 Numeric text and Canonical decimal.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

use proptest::prelude::*;
use rabbitpre_auth::Decimal;

#[track_caller]
fn canonical(written: &str, expected: &str) {
    assert_eq!(Decimal::parse(written).unwrap().canonical(), expected, "{written}");
}

#[test]
fn canonical_forms() {
    canonical("0", "0");
    canonical("-0.00e9", "0");
    canonical("007", "7");
    canonical("+1.50", "1.5");
    canonical("-1.0", "-1");
    canonical("100", "100");
    canonical("1e3", "1000");
    canonical("-12.34e1", "-123.4");
    canonical("12.34e-3", "0.01234");
    canonical("0.001", "0.001");
    canonical("9007199254740993", "9007199254740993");
    canonical("1234567890123456789.01234567890123456789", "1234567890123456789.01234567890123456789");
    canonical("10000000000000000000", "10000000000000000000");
    canonical("1e100", &format!("1{}", "0".repeat(100)));
    canonical("1e-100", &format!("0.{}1", "0".repeat(99)));
    canonical(&"9".repeat(100), &"9".repeat(100));
}

#[test]
fn whole_numbers() {
    for (written, expected) in [
        ("0", Some(0)),
        ("42", Some(42)),
        ("4.2e1", Some(42)),
        ("1e18", Some(1_000_000_000_000_000_000)),
        ("9999999999999999999", Some(9_999_999_999_999_999_999)),
        ("1e19", None),
        ("-1", None),
        ("0.5", None),
        ("1.00000000000000000001", None),
    ] {
        assert_eq!(Decimal::parse(written).unwrap().as_integer(), expected, "{written}");
    }
}

#[track_caller]
fn same(one: &str, another: &str) {
    assert_eq!(Decimal::parse(one).unwrap(), Decimal::parse(another).unwrap(), "{one} {another}");
}

/// Up to 18 digits, before the point and behind it, a number is kept in another form than beyond; which one must not
/// depend on how it is written.
#[test]
fn numbers_are_equal_however_written_wherever_their_form_changes() {
    same("12e10", "120000000000");
    same("1e17", "100000000000000000");
    same("1e18", "1000000000000000000");
    same("+999999999999999999", "999999999999999999");
    same("+5000000000000000001", "5000000000000000001");
    same("+9999999999999999999", "9999999999999999999");
    same("12345678901234567e1", "123456789012345670");
    same("1e-18", "0.000000000000000001");
    same("1e-19", "0.0000000000000000001");
    same("+0.123456789012345678", "0.123456789012345678");
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Scaled integers compare as the decimals do, and the canonical form is read back as the same number.
fn compares_like_integers(a: i128, b: i128, places: u32) {
    let write = |n: i128| format!("{n}e-{places}");
    let (x, y) = (Decimal::parse(&write(a)).unwrap(), Decimal::parse(&write(b)).unwrap());
    assert_eq!(x.cmp(&y), a.cmp(&b));
    assert_eq!(x == y, a == b);
    let canonical = x.canonical();
    // Without its exponent a number may have more digits than are read.
    assert_eq!(Decimal::parse(&canonical), Some(x).filter(|_| digits(&canonical) <= 100));
    assert!(!canonical.contains(['e', 'E', '+']));
    assert!(!canonical.contains('.') || !canonical.ends_with('0'));
}

/// However it is written, the number is the same.
fn is_the_same_however_written(whole: u64, fraction: &str, zeros: usize, shift: usize) {
    let plain = Decimal::parse(&format!("{whole}.{fraction}")).unwrap();
    let padded = format!("{}{whole}.{fraction}{}", "0".repeat(zeros), "0".repeat(zeros));
    assert_eq!(Decimal::parse(&padded), Some(plain));
    let shifted = format!("0.{}{whole}{fraction}e{}", "0".repeat(shift), shift + whole.to_string().len());
    assert_eq!(Decimal::parse(&shifted), Some(plain));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_is_that_of_integers(a in any::<i128>(), b in any::<i128>(), near in -2_i128..=2, places in 0_u32..=100) {
        compares_like_integers(a, b, places);
        compares_like_integers(a, a.saturating_add(near), places);
        compares_like_integers(i128::from(a as i8), i128::from(b as i8), places);
    }

    #[test]
    fn writing_does_not_matter(whole in any::<u64>(), fraction in "[0-9]{1,30}", zeros in 0_usize..20, shift in 0_usize..40) {
        is_the_same_however_written(whole, &fraction, zeros, shift);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,12}|[-+0-9eE. ]{0,20}") {
        if let Some(number) = Decimal::parse(&text) {
            let canonical = number.canonical();
            assert_eq!(Decimal::parse(&canonical), Some(number).filter(|_| digits(&canonical) <= 100));
        }
    }
}
