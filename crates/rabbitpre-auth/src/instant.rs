//! Dates and times of a `dateTimeRange` (SPEC.md §4.4, §4.10 Dates), and the periods they bound.

use jiff::civil::Date;

use crate::decimal::Decimal;
use crate::short::Short;
use crate::value::Value;

/// China time, seconds east of UTC (SPEC.md §4.4). It has no summer time; a fixed offset is the rule here.
const CHINA: i64 = 8 * 3600;
const DAY: i64 = 24 * 3600;
/// Integers from here to [`LAST_MILLIS`] are epoch milliseconds (SPEC.md §4.10 Dates).
const FIRST_MILLIS: u64 = 100_000_000_000;
const LAST_MILLIS: u64 = 253_402_300_799_999;

/// A point in time, exact: seconds since 1970 (UTC), and the part of a second behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    seconds: i64,
    fraction: Decimal,
}

/// What a value means where a date is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A date with a time of day, or epoch milliseconds.
    Time(Instant),
    /// A date alone: the first instant of that day.
    Day(Instant),
    /// A number that is no date (the sample's `[20,202]`).
    Plain(Decimal),
}

impl Moment {
    /// Reads one of the listed forms; `None` if it is none of them.
    pub(crate) fn read(value: &Value<'_>) -> Option<Self> {
        // By value: the text `1625068800000.0` is epoch milliseconds as well.
        if let Some(number) = Decimal::read(value) {
            let millis = number.as_integer().filter(|millis| (FIRST_MILLIS..=LAST_MILLIS).contains(millis));
            return Some(millis.map_or(Moment::Plain(number), |millis| Moment::Time(of_millis(millis))));
        }
        date_text(value.as_text()?)
    }
}

fn of_millis(millis: u64) -> Instant {
    let fraction = Short::thousandths(u16::try_from(millis % 1000).unwrap_or(0)).into();
    Instant { seconds: i64::try_from(millis / 1000).unwrap_or(i64::MAX), fraction }
}

/// A closed range of two moments of one kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Period {
    /// From an instant on, up to `until`.
    Times { from: Instant, until: Until },
    /// Two plain numbers, lowest and highest.
    Plain { lowest: Decimal, highest: Decimal },
}

/// The end of a period.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// Reached.
    Closed(Instant),
    /// Not reached: the midnight after a day that was given without a time of day.
    Midnight(Instant),
}

impl Period {
    /// `None` if the bounds are of different kinds.
    pub(crate) fn between(from: Moment, to: Moment) -> Option<Self> {
        let from = match (from, to) {
            (Moment::Plain(lowest), Moment::Plain(highest)) => {
                return Some(Period::Plain { lowest, highest });
            }
            (Moment::Time(from) | Moment::Day(from), _) => from,
            (Moment::Plain(_), _) => return None,
        };
        let until = match to {
            Moment::Time(end) => Until::Closed(end),
            // SPEC.md §4.10 Dates: a date-only end reaches up to, not including, the next midnight
            Moment::Day(day) => Until::Midnight(Instant { seconds: day.seconds + DAY, ..day }),
            Moment::Plain(_) => return None,
        };
        Some(Period::Times { from, until })
    }

    /// SPEC.md §4.2: lo > hi never holds.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Period::Times { from, until: Until::Closed(end) } => from > end,
            Period::Times { from, until: Until::Midnight(end) } => from >= end,
            Period::Plain { lowest, highest } => lowest > highest,
        }
    }

    /// Whether the moment is within; `None` if it is of another kind than the bounds.
    pub(crate) fn contains(&self, moment: Moment) -> Option<bool> {
        match (self, moment) {
            (Period::Plain { lowest, highest }, Moment::Plain(number)) => {
                Some((lowest..=highest).contains(&&number))
            }
            // SPEC.md §4.10 Dates: a user's value without time of day is the day's first instant
            (Period::Times { from, until }, Moment::Time(at) | Moment::Day(at)) => {
                let before_end = match until {
                    Until::Closed(end) => at <= *end,
                    Until::Midnight(end) => at < *end,
                };
                Some(*from <= at && before_end)
            }
            _ => None,
        }
    }
}

/// The listed forms only, not trimmed (SPEC.md §4.10 Dates).
fn date_text(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let midnight = midnight_utc(date)?;
    if rest.is_empty() {
        return Some(Moment::Day(Instant { seconds: midnight - CHINA, fraction: Decimal::ZERO }));
    }
    if let Some(time) = rest.strip_prefix(' ') {
        // yyyy-MM-dd HH:mm[:ss], China time; a blank in place of RFC 3339's `T` ends up here and fails
        let (seconds, rest) = match time.len() {
            5 => (minutes(time)?, ""),
            _ => clock(time)?,
        };
        let at = Instant { seconds: midnight + seconds - CHINA, fraction: Decimal::ZERO };
        return rest.is_empty().then_some(Moment::Time(at));
    }
    // RFC 3339 §5.6: `T` and `Z` may be written small
    let (seconds, rest) = clock(rest.strip_prefix(['T', 't'])?)?;
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(digits) => digits.split_at_checked(digits.find(|c: char| !c.is_ascii_digit())?)?,
        None => ("0", rest),
    };
    let fraction = Decimal::fraction(fraction)?;
    Some(Moment::Time(Instant { seconds: midnight + seconds - offset_seconds(offset)?, fraction }))
}

/// Seconds from 1970 to the beginning of the date `yyyy-MM-dd`, in UTC.
fn midnight_utc(date: &str) -> Option<i64> {
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    // SPEC.md §4.10 Dates: year 0000 is unreadable
    if year == 0 {
        return None;
    }
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(date.duration_since(Date::constant(1970, 1, 1)).as_secs())
}

/// `HH:mm`, in seconds.
fn minutes(text: &str) -> Option<i64> {
    let [hour, minute] = numbers(text, ':', [2, 2])?;
    (hour < 24 && minute < 60).then(|| i64::from(hour) * 3600 + i64::from(minute) * 60)
}

/// `HH:mm:ss` in seconds, and what follows. Second 60 is unreadable (SPEC.md §4.10 Dates).
fn clock(text: &str) -> Option<(i64, &str)> {
    let (time, rest) = text.split_at_checked(8)?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    (hour < 24 && minute < 60 && second < 60)
        .then(|| (i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second), rest))
}

/// `Z` or `±HH:mm`, in seconds east of UTC.
fn offset_seconds(text: &str) -> Option<i64> {
    match text.split_at_checked(1)? {
        ("Z" | "z", "") => Some(0),
        ("+", time) => minutes(time),
        ("-", time) => minutes(time).map(|seconds| -seconds),
        _ => None,
    }
}

/// Numbers of exactly these widths, ASCII digits, with one separator between them.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i16; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}
