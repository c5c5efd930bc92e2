//! Exact decimals: read, compared, written; never a float (SPEC.md §4.5, §4.10 Numeric text).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::value::Value;

/// Digits a number may be written with (SPEC.md §4.10).
const MAX_DIGITS: usize = 100;
/// How far from zero a written exponent may be (SPEC.md §4.10).
const MAX_EXPONENT: i16 = 100;
/// Decimal digits in one limb.
const LIMB: usize = 19;

/// An exact decimal of up to 100 digits. It owns no memory on the heap.
///
/// The digits stand left-aligned in limbs of 19, so that two magnitudes compare limb by limb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// The value is ±0.d₁d₂d₃… × 10^point, d₁ not 0. Zero has the least point there is.
    point: i16,
    limbs: [u64; 6],
}

impl Decimal {
    /// Zero; `-0` is the same.
    pub const ZERO: Self = Decimal { negative: false, point: i16::MIN, limbs: [0; 6] };

    /// Reads numeric text: `[+-]digits[.digits][(e|E)[+-]digits]`, ASCII only, white space around it trimmed.
    ///
    /// `None`: not of that form, more than 100 digits as written, or an exponent beyond ±100.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // SPEC.md §4.10 Numeric text: white space trimmed, ASCII only
        let text = trim(text).as_bytes();
        let (negative, rest) = sign(text);
        let (whole, rest) = digits(rest);
        let (fraction, rest) = match rest.split_first() {
            Some((b'.', rest)) => match digits(rest) {
                ([], _) => return None, // `5.` is no number
                split => split,
            },
            _ => (&[][..], rest),
        };
        let exponent = match rest.split_first() {
            Some((b'e' | b'E', rest)) => exponent(rest)?,
            Some(_) => return None,
            None => 0,
        };
        // `.5` is no number; digits are counted as written
        if whole.is_empty() || whole.len() + fraction.len() > MAX_DIGITS {
            return None;
        }
        let zeros = whole.iter().chain(fraction).take_while(|&&digit| digit == b'0').count();
        if zeros == whole.len() + fraction.len() {
            return Some(Self::ZERO);
        }
        // At most 100 each, so the point stays within ±200.
        let place = |count: usize| i16::try_from(count).unwrap_or(i16::MAX);
        let point = place(whole.len()) - place(zeros) + exponent;
        let mut significant = whole.iter().chain(fraction).skip(zeros).map(|digit| u64::from(digit - b'0'));
        let mut limbs = [0_u64; 6];
        let mut left = whole.len() + fraction.len() - zeros;
        for limb in &mut limbs {
            if left == 0 {
                break;
            }
            let here = left.min(LIMB);
            for digit in significant.by_ref().take(here) {
                *limb = *limb * 10 + digit;
            }
            *limb *= ten_to(LIMB - here);
            left -= here;
        }
        Some(Decimal { negative, point, limbs })
    }

    /// Reads a number, or a text that is one (SPEC.md §4, table: "number or numeric text").
    #[must_use]
    pub fn read(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Number(number) => Self::parse(number.as_str()),
            Value::Text(text) => Self::parse(text),
            _ => None,
        }
    }

    /// The value, if it is a whole number of at most 19 digits and not negative.
    #[must_use]
    pub fn as_integer(&self) -> Option<u64> {
        if *self == Self::ZERO {
            return Some(0);
        }
        let [first, rest @ ..] = self.limbs;
        let places = usize::try_from(self.point).ok().filter(|places| (1..=LIMB).contains(places))?;
        let unit = ten_to(LIMB - places);
        (!self.negative && rest == [0; 5] && first % unit == 0).then_some(first / unit)
    }

    /// The canonical form: no exponent, no trailing zeros after the point, `-0` is `0` (SPEC.md §4.10).
    #[must_use]
    pub fn canonical(&self) -> String {
        if *self == Self::ZERO {
            return "0".to_owned();
        }
        let mut digits = String::with_capacity(LIMB * 6);
        for limb in self.limbs {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{limb:019}");
        }
        let digits = digits.trim_end_matches('0');
        let mut text = String::from(if self.negative { "-" } else { "" });
        match usize::try_from(self.point) {
            Ok(places) if places > 0 => match digits.split_at_checked(places) {
                Some((whole, "")) => text.push_str(whole),
                Some((whole, fraction)) => {
                    text.push_str(whole);
                    text.push('.');
                    text.push_str(fraction);
                }
                None => {
                    text.push_str(digits);
                    text.extend(std::iter::repeat_n('0', places - digits.len()));
                }
            },
            _ => {
                text.push_str("0.");
                text.extend(std::iter::repeat_n('0', usize::from(self.point.unsigned_abs())));
                text.push_str(digits);
            }
        }
        text
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        self.point.cmp(&other.point).then_with(|| self.limbs.cmp(&other.limbs))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A scalar as text: numbers in canonical form, booleans as words (SPEC.md §4.6, §4.10 Canonical decimal).
///
/// `None` for null, lists, objects and numbers that cannot be read.
pub(crate) fn scalar_text<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Number(number) => {
            let written = number.as_str();
            if is_canonical(written) {
                return Some(Cow::Borrowed(written));
            }
            Decimal::parse(written).map(|number| Cow::Owned(number.canonical()))
        }
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}

/// Whether a JSON number is in canonical form as written: the usual case, which then costs no memory.
fn is_canonical(written: &str) -> bool {
    let bytes = written.as_bytes();
    let fraction = bytes.contains(&b'.');
    bytes.len() <= MAX_DIGITS
        && !bytes.iter().any(|byte| matches!(byte, b'e' | b'E'))
        && !(fraction && bytes.last() == Some(&b'0'))
        && written != "-0"
}

/// Without the white space around it; ASCII only (SPEC.md §4.10 Numeric text).
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r'])
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    }
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.split_at_checked(count).unwrap_or((text, &[]))
}

fn exponent(text: &[u8]) -> Option<i16> {
    let (negative, rest) = sign(text);
    let (written, rest) = digits(rest);
    if written.is_empty() || !rest.is_empty() {
        return None;
    }
    // The value counts, not how it is written: `1e0100` is `1e100`.
    let size = written
        .iter()
        .fold(0_i16, |size, digit| size.saturating_mul(10).saturating_add(i16::from(digit - b'0')));
    (size <= MAX_EXPONENT).then_some(if negative { -size } else { size })
}

const fn ten_to(places: usize) -> u64 {
    let mut power = 1;
    let mut place = 0;
    while place < places {
        power *= 10;
        place += 1;
    }
    power
}
