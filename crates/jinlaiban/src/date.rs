//! `create_date`: a second in China time, written in exactly one way (`SPEC.md §3`).

use core::fmt;

use jiff::civil::DateTime;

/// When the business took place: `yyyy-MM-dd HH:mm:ss`, 24-hour, China time, a day that exists, years 1 to 9999.
///
/// ```
/// use jinlaiban::{CreateDate, DateError};
/// let date: CreateDate = "2021-03-17 18:57:03".parse()?;
/// assert_eq!(date.to_string(), "2021-03-17 18:57:03");
/// assert_eq!("2021-02-29 18:57:03".parse::<CreateDate>(), Err(DateError::NotInCalendar));
/// assert_eq!("2021-03-17T18:57:03".parse::<CreateDate>(), Err(DateError::Shape));
/// # Ok::<(), DateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreateDate(DateTime);

impl CreateDate {
    /// Reads `yyyy-MM-dd HH:mm:ss`: every digit there, one space, nothing around it.
    ///
    /// # Errors
    /// [`DateError`]: written in another way, or no such day or time.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        // SPEC.md §3: the printed `hh` and triple space are typing; the sample has 24 hours and one space.
        let &[y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b' ', h1, h2, b':', mi1, mi2, b':', s1, s2] =
            text.as_bytes()
        else {
            return Err(DateError::Shape);
        };
        let century = two_digits(y1, y2)?;
        let year = i16::from(century) * 100 + i16::from(two_digits(y3, y4)?);
        let (month, day) = (two_digits(mo1, mo2)?, two_digits(d1, d2)?);
        let (hour, minute, second) = (two_digits(h1, h2)?, two_digits(mi1, mi2)?, two_digits(s1, s2)?);
        let date =
            DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| DateError::NotInCalendar)?;
        Self::try_from(date)
    }

    /// The same as calendar day and wall-clock time in China.
    #[must_use]
    pub fn civil(self) -> DateTime {
        self.0
    }
}

fn two_digits(tens: u8, ones: u8) -> Result<i8, DateError> {
    match (tens, ones) {
        // At most 99.
        (b'0'..=b'9', b'0'..=b'9') => Ok(((tens - b'0') * 10 + (ones - b'0')).cast_signed()),
        _ => Err(DateError::Shape),
    }
}

/// From wall-clock time in China, whole seconds, years 1 to 9999.
impl TryFrom<DateTime> for CreateDate {
    type Error = DateError;

    fn try_from(date: DateTime) -> Result<Self, DateError> {
        if date.subsec_nanosecond() != 0 {
            return Err(DateError::Shape);
        }
        // The calendar's first year is 1; jiff also counts backwards from there.
        if date.year() < 1 { Err(DateError::NotInCalendar) } else { Ok(Self(date)) }
    }
}

impl core::str::FromStr for CreateDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        Self::parse(text)
    }
}

impl fmt::Display for CreateDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.0;
        write!(f, "{:04}-{:02}-{:02} ", date.year(), date.month(), date.day())?;
        write!(f, "{:02}:{:02}:{:02}", date.hour(), date.minute(), date.second())
    }
}

impl serde::Serialize for CreateDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text is no `create_date`: the caller's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not written as `yyyy-MM-dd HH:mm:ss`, or not a whole second.
    #[error("is not written as `yyyy-MM-dd HH:mm:ss`: write it as in `2021-03-17 18:57:03`, China time")]
    Shape,
    /// No such day or time, such as 30 February or 24:00:00.
    #[error("does not exist in the calendar: check month, day and time of day")]
    NotInCalendar,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(), DateError>) {
        let written = CreateDate::parse(text).map(|date| date.to_string());
        assert_eq!(written, expected.map(|()| text.to_owned()), "`{text}`");
    }

    #[test]
    fn one_way_to_write_it() {
        check("2021-03-17 18:57:03", Ok(()));
        check("0001-01-01 00:00:00", Ok(()));
        check("9999-12-31 23:59:59", Ok(()));
        for text in [
            "",
            "2021-03-17",
            "2021-03-17   18:57:03",
            "2021-03-17T18:57:03",
            "2021-03-17 18:57:03 ",
            " 2021-03-17 18:57:03",
            "2021-3-17 18:57:03",
            "2021-03-17 6:57:03",
            "2021-03-17 06:57:03PM",
            "2021-03-17 18:57:03.0",
            "2021-03-17 18:57",
            "2021/03/17 18:57:03",
            "20210317185703",
            "12021-03-17 18:57:3",
            "-021-03-17 18:57:03",
            "+021-03-17 18:57:03",
            "２021-03-17 18:57",
            "2021-03-17 18:5a:03",
        ] {
            check(text, Err(DateError::Shape));
        }
    }

    #[test]
    fn the_day_must_exist() {
        check("2024-02-29 00:00:00", Ok(()));
        check("2000-02-29 00:00:00", Ok(()));
        for text in [
            "2023-02-29 00:00:00",
            "1900-02-29 00:00:00",
            "2021-02-30 00:00:00",
            "2021-04-31 00:00:00",
            "2021-13-01 00:00:00",
            "2021-00-01 00:00:00",
            "2021-01-00 00:00:00",
            "2021-01-01 24:00:00",
            "2021-01-01 23:60:00",
            "2021-06-30 23:59:60",
            "0000-01-01 00:00:00",
        ] {
            check(text, Err(DateError::NotInCalendar));
        }
    }

    #[test]
    fn a_civil_time_must_be_a_whole_second() {
        let at = |nanos| CreateDate::try_from(jiff::civil::date(2021, 3, 17).at(18, 57, 3, nanos));
        assert_eq!(at(0), CreateDate::parse("2021-03-17 18:57:03"));
        assert_eq!(at(1), Err(DateError::Shape));
        assert_eq!(CreateDate::try_from(DateTime::MIN), Err(DateError::NotInCalendar));
    }
}
