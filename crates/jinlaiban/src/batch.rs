//! At most 2000 records, the most that one push may carry (`SPEC.md §3`).

use core::fmt;
use core::iter::Fuse;

use serde::ser::{Serialize, Serializer};

use crate::record::Record;

/// Records of one push: 1 to [`Batch::MAX`].
#[derive(Clone, PartialEq, Eq)]
pub struct Batch(Vec<Record>);

impl Batch {
    /// How many records one push may carry (`SPEC.md §3`).
    pub const MAX: usize = 2000;

    /// Takes the records of one push.
    ///
    /// # Errors
    /// [`BatchError`], the caller's mistake: none, or more than [`Batch::MAX`]; [`Batch::split`] makes several.
    pub fn new(records: Vec<Record>) -> Result<Self, BatchError> {
        match records.len() {
            0 => Err(BatchError::Empty),
            1..=Self::MAX => Ok(Self(records)),
            found => Err(BatchError::TooMany { found }),
        }
    }

    /// Splits any number of records into full batches and a last one with the rest, in order and as they are asked
    /// for. No records make no batch.
    ///
    /// ```
    /// use jinlaiban::{Batch, CreateDate, Record};
    /// let date = CreateDate::parse("2021-03-17 18:57:03")?;
    /// let records = (0..4001).map(|id| Record::new(id.to_string(), "u", "查询", date).expect("nothing is empty"));
    /// let sizes: Vec<_> = Batch::split(records).map(|batch| batch.len()).collect();
    /// assert_eq!(sizes, [2000, 2000, 1]);
    /// # Ok::<(), jinlaiban::DateError>(())
    /// ```
    pub fn split<I: IntoIterator<Item = Record>>(records: I) -> Batches<I::IntoIter> {
        Self::split_by(records, BatchSize::default())
    }

    /// As [`Batch::split`], into batches of this size.
    pub fn split_by<I: IntoIterator<Item = Record>>(records: I, size: BatchSize) -> Batches<I::IntoIter> {
        Batches { records: records.into_iter().fuse(), size }
    }

    /// The records, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.0
    }

    /// How many there are: never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The records, to be put elsewhere.
    #[must_use]
    pub fn into_records(self) -> Vec<Record> {
        self.0
    }
}

/// A JSON array.
impl Serialize for Batch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} records)", self.len())
    }
}

/// How many records to put into a batch: 1 to [`Batch::MAX`], by default as many as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSize(usize);

impl BatchSize {
    /// A size.
    ///
    /// # Errors
    /// [`BatchError`], the caller's mistake: 0, or more than [`Batch::MAX`].
    pub const fn new(records: usize) -> Result<Self, BatchError> {
        match records {
            0 => Err(BatchError::Empty),
            1..=Batch::MAX => Ok(Self(records)),
            found => Err(BatchError::TooMany { found }),
        }
    }

    /// In records.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0
    }
}

impl Default for BatchSize {
    fn default() -> Self {
        Self(Batch::MAX)
    }
}

/// The batches that [`Batch::split`] makes.
#[derive(Clone)]
pub struct Batches<I> {
    records: Fuse<I>,
    size: BatchSize,
}

impl<I: Iterator<Item = Record>> Iterator for Batches<I> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let records: Vec<_> = self.records.by_ref().take(self.size.0).collect();
        Batch::new(records).ok()
    }
}

impl<I> fmt::Debug for Batches<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batches(of {})", self.size.0)
    }
}

/// So many records are no batch: the caller's mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// None.
    #[error("a batch without records: there is nothing to push")]
    Empty,
    /// Too many.
    #[error("{found} records in one batch: the platform takes at most {max}, split them", max = Batch::MAX)]
    TooMany {
        /// How many there were.
        found: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::CreateDate;

    fn records(count: usize) -> Vec<Record> {
        let date = CreateDate::parse("2021-03-17 18:57:03").unwrap();
        (0..count).map(|id| Record::new(id.to_string(), "u", "b", date).unwrap()).collect()
    }

    #[track_caller]
    fn check(count: usize, size: BatchSize, expected: &[usize]) {
        let batches: Vec<_> = Batch::split_by(records(count), size).collect();
        assert_eq!(batches.iter().map(Batch::len).collect::<Vec<_>>(), expected);
        let again: Vec<_> = batches.into_iter().flat_map(Batch::into_records).collect();
        assert_eq!(again, records(count));
    }

    #[test]
    fn splitting_keeps_every_record_in_order() {
        let full = BatchSize::default();
        check(0, full, &[]);
        check(1, full, &[1]);
        check(2000, full, &[2000]);
        check(2001, full, &[2000, 1]);
        check(7, BatchSize::new(3).unwrap(), &[3, 3, 1]);
        check(6, BatchSize::new(3).unwrap(), &[3, 3]);
    }

    #[test]
    fn a_batch_cannot_hold_2001_records() {
        assert_eq!(Batch::new(records(2000)).map(|batch| batch.len()), Ok(2000));
        assert_eq!(Batch::new(records(2001)), Err(BatchError::TooMany { found: 2001 }));
        assert_eq!(Batch::new(Vec::new()), Err(BatchError::Empty));
        assert_eq!(BatchSize::new(0), Err(BatchError::Empty));
        assert_eq!(BatchSize::new(2001), Err(BatchError::TooMany { found: 2001 }));
    }
}
