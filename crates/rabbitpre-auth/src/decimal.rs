//! Exact decimals: read, compared, written; never a float (SPEC.md §4.5, §4.10 Numeric text).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::short::Short;
use crate::value::Value;

/// Digits a number may be written with (SPEC.md §4.10).
const MAX_DIGITS: usize = 100;
/// How far from zero a written exponent may be (SPEC.md §4.10).
const MAX_EXPONENT: i16 = 100;
/// Decimal digits in one limb.
const LIMB: usize = 19;

/// An exact decimal of up to 100 digits. It owns no memory on the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal(Form);

/// Each number has one form: short if it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    Short(Short),
    Long(Long),
}

/// Any decimal. The digits stand left-aligned in limbs of 19, so that two magnitudes compare limb by limb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Long {
    negative: bool,
    /// The value is ±0.d₁d₂d₃… × 10^point, d₁ not 0. Zero has the least point there is.
    point: i16,
    limbs: [u64; 6],
}

impl Decimal {
    /// Zero; `-0` is the same.
    pub const ZERO: Self = Decimal(Form::Short(Short::ZERO));

    /// Reads numeric text: `[+-]digits[.digits][(e|E)[+-]digits]`, ASCII only, white space around it trimmed.
    ///
    /// `None`: not of that form, more than 100 digits as written, or an exponent beyond ±100.
    #[inline]
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Most numbers are a few plain digits.
        match Short::plain(text.as_bytes()) {
            Some(short) => Some(short.into()),
            None => Self::parse_any(text),
        }
    }

    #[inline(never)]
    fn parse_any(text: &str) -> Option<Self> {
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
        Self::of_digits(negative, whole, fraction, exponent)
    }

    /// The number `0.digits`; the digits are ASCII.
    pub(crate) fn fraction(digits: &str) -> Option<Self> {
        let given = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        if given { Self::of_digits(false, b"0", digits.as_bytes(), 0) } else { None }
    }

    /// Digits before and behind the point; `None` if there is none before it, or too many in all.
    fn of_digits(negative: bool, whole: &[u8], fraction: &[u8], exponent: i16) -> Option<Self> {
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
        let long = Long { negative, point, limbs };
        Some(Decimal(long.shortened().map_or(Form::Long(long), Form::Short)))
    }

    pub(crate) const fn form(&self) -> &Form {
        &self.0
    }

    const fn long(&self) -> Long {
        match self.0 {
            Form::Short(short) => Long::of(short),
            Form::Long(long) => long,
        }
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
        let Long { negative, point, limbs: [first, rest @ ..] } = self.long();
        let places = usize::try_from(point).ok().filter(|places| (1..=LIMB).contains(places))?;
        let unit = ten_to(LIMB - places);
        (!negative && rest == [0; 5] && first % unit == 0).then_some(first / unit)
    }

    /// The canonical form: no exponent, no trailing zeros after the point, `-0` is `0` (SPEC.md §4.10).
    #[must_use]
    pub fn canonical(&self) -> String {
        if *self == Self::ZERO {
            return "0".to_owned();
        }
        let Long { negative, point, limbs } = self.long();
        let mut digits = String::with_capacity(LIMB * 6);
        for limb in limbs {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{limb:019}");
        }
        let digits = digits.trim_end_matches('0');
        let mut text = String::from(if negative { "-" } else { "" });
        match usize::try_from(point) {
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
                text.extend(std::iter::repeat_n('0', usize::from(point.unsigned_abs())));
                text.push_str(digits);
            }
        }
        text
    }
}

impl Long {
    /// Zero, and the widening of any short form.
    const fn of(short: Short) -> Self {
        let mut long = Long { negative: short.mantissa().is_negative(), point: i16::MIN, limbs: [0; 6] };
        let size = short.mantissa().unsigned_abs();
        if size == 0 {
            return long;
        }
        let mut left_aligned = size;
        let mut digits = LIMB as i16;
        while left_aligned < ten_to(LIMB - 1) {
            left_aligned *= 10;
            digits -= 1;
        }
        long.point = digits - short.scale() as i16;
        long.limbs[0] = left_aligned;
        long
    }

    /// The short form, if the number has one.
    fn shortened(&self) -> Option<Short> {
        let [first, rest @ ..] = self.limbs;
        if rest != [0; 5] || first == 0 {
            return None;
        }
        let zeros = (0..LIMB).take_while(|&zeros| first % ten_to(zeros + 1) == 0).count();
        let (digits, count) = (first / ten_to(zeros), i16::try_from(LIMB - zeros).ok()?);
        let scale = (count - self.point).max(0);
        let shift = (self.point - count).max(0);
        // What stands before the point, and behind it, has to fit.
        if count + shift > Short::DIGITS || scale > Short::DIGITS {
            return None;
        }
        let size = i64::try_from(digits * ten_to(usize::try_from(shift).ok()?)).ok()?;
        Some(Short::new(if self.negative { -size } else { size }, u8::try_from(scale).ok()?))
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        self.point.cmp(&other.point).then_with(|| self.limbs.cmp(&other.limbs))
    }
}

impl From<Short> for Decimal {
    fn from(short: Short) -> Self {
        Decimal(Form::Short(short))
    }
}

impl Ord for Decimal {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Short(one), Form::Short(another)) => one.cmp(another),
            _ => self.long().cmp(&other.long()),
        }
    }
}

impl Ord for Long {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Long {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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

/// The same, for a look at the text that keeps nothing of it.
#[inline]
pub(crate) fn with_text<R>(value: &Value<'_>, look: impl FnOnce(&str) -> R) -> Option<R> {
    match value {
        Value::Text(text) => Some(look(text)),
        other => scalar_text(other).map(|text| look(&text)),
    }
}

/// A number, or a text that is one, for a look that keeps nothing of it. Plain short ones, which nearly all are, are
/// looked at as such: a [`Decimal`] is large, and moving it takes longer than reading it.
#[inline]
pub(crate) fn with_number<R>(
    value: &Value<'_>,
    short: impl FnOnce(Short) -> R,
    any: impl FnOnce(&Decimal) -> R,
) -> Option<R> {
    let text = match value {
        Value::Number(number) => number.as_str(),
        Value::Text(text) => text,
        _ => return None,
    };
    match Short::plain(text.as_bytes()) {
        Some(number) => Some(short(number)),
        None => Decimal::parse_any(text).as_ref().map(any),
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
