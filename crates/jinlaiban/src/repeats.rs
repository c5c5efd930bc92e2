//! Which ids of a file were there before (`SPEC.md §3`).

use core::fmt;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sign_core::{Hasher, Sha256};

use crate::record::{Record, RecordError, RecordFault};

/// What is known about a record's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// It was not there before.
    New,
    /// It was, on an equal record: the two are one.
    Repeat,
    /// It was, on another record: this one is to be rejected.
    Conflict,
}

impl Sighting {
    /// Why a [`Sighting::Conflict`] is rejected, for [`Found::reject`](crate::Found::reject).
    #[must_use]
    pub fn conflict() -> RecordError {
        RecordError::at("id", RecordFault::Taken)
    }
}

/// Remembers the records of one file, by their digests: 24 bytes a record, and as much again while it grows.
///
/// ```
/// use jinlaiban::{CreateDate, Record, Repeats, Sighting};
/// let date = CreateDate::parse("2021-03-17 18:57:03")?;
/// let mut repeats = Repeats::default();
/// assert_eq!(repeats.see(&Record::new("1", "u", "查询", date)?), Sighting::New);
/// assert_eq!(repeats.see(&Record::new("1", "u", "查询", date)?), Sighting::Repeat);
/// assert_eq!(repeats.see(&Record::new("1", "u", "办理", date)?), Sighting::Conflict);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Repeats(HashMap<[u8; 16], [u8; 8]>);

impl Repeats {
    /// Says what is known about the record's id, and remembers the first record that has it.
    pub fn see(&mut self, record: &Record) -> Sighting {
        // So long that nobody finds two ids with the same, by accident or on purpose.
        let id = beginning(Hasher::<Sha256>::of(record.id().as_bytes()).as_bytes());
        let content = content(record);
        match self.0.entry(id) {
            Entry::Vacant(place) => {
                place.insert(content);
                Sighting::New
            }
            Entry::Occupied(place) if *place.get() == content => Sighting::Repeat,
            Entry::Occupied(_) => Sighting::Conflict,
        }
    }
}

fn content(record: &Record) -> [u8; 8] {
    let mut hasher = Hasher::<Sha256>::new();
    let date = record.create_date().to_string();
    let members = [
        Some(record.user_id()),
        record.user_phone(),
        Some(record.user_name()),
        Some(record.busi_item()),
        record.busi_detail(),
        Some(date.as_str()),
    ];
    for member in members {
        // Length before text, so that no text looks like two; no text has the length of an absent one.
        let length = member.map_or(u64::MAX, |text| u64::try_from(text.len()).unwrap_or(u64::MAX));
        hasher.update(&length.to_le_bytes());
        hasher.update(member.unwrap_or("").as_bytes());
    }
    beginning(hasher.finish().as_bytes())
}

/// SHA-256 has 32 bytes, so that none is missing.
fn beginning<const N: usize>(digest: &[u8]) -> [u8; N] {
    digest.first_chunk().copied().unwrap_or([0; N])
}

impl fmt::Debug for Repeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repeats({} ids)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CreateDate;

    #[test]
    fn every_member_counts_and_absent_is_not_empty() {
        let date = |text| CreateDate::parse(text).unwrap();
        let plain = Record::new("1", "u", "b", date("2021-03-17 18:57:03")).unwrap();
        let mut repeats = Repeats::default();
        assert_eq!(repeats.see(&plain), Sighting::New);
        assert_eq!(repeats.see(&plain.clone().with_user_name("")), Sighting::Repeat);
        for other in [
            plain.clone().with_user_phone(""),
            plain.clone().with_user_phone("1"),
            plain.clone().with_busi_detail(""),
            plain.clone().with_busi_detail("1"),
            plain.clone().with_user_name("张三"),
            Record::new("1", "ub", "b", date("2021-03-17 18:57:03")).unwrap(),
            Record::new("1", "u", "bb", date("2021-03-17 18:57:03")).unwrap(),
            Record::new("1", "u", "b", date("2021-03-17 18:57:04")).unwrap(),
        ] {
            assert_eq!(repeats.see(&other), Sighting::Conflict, "{other:?}");
        }
        assert_eq!(repeats.see(&plain), Sighting::Repeat, "the first one stays");
        assert_eq!(format!("{repeats:?}"), "Repeats(1 ids)");
    }
}
