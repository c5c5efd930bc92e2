//! At most 2000 records, the most that one push may carry (`SPEC.md §3`).

use core::fmt;
use core::iter::Fuse;

use serde::ser::{Serialize, Serializer};

use crate::encode::{encoded_array_len, encoded_record_len};
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

    /// Splits any number of records into batches as large as [`BatchSize`] allows by default and a last one with the
    /// rest, in order and as they are asked for. No records make no batch.
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
        Batches { records: records.into_iter().fuse(), size, left_over: None }
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

/// How much to put into a batch: 1 to [`Batch::MAX`] records, by default as many as possible, and so many encoded bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSize {
    records: usize,
    bytes: usize,
}

impl BatchSize {
    /// The byte limit unless another is set: 8 MiB, which 2000 records of usual length stay far below.
    pub const DEFAULT_BYTES: usize = 8 * 1024 * 1024;

    /// So many records, and [`BatchSize::DEFAULT_BYTES`].
    ///
    /// # Errors
    /// [`BatchError`], the caller's mistake: 0, or more than [`Batch::MAX`].
    pub const fn new(records: usize) -> Result<Self, BatchError> {
        match records {
            0 => Err(BatchError::Empty),
            1..=Batch::MAX => Ok(Self { records, bytes: Self::DEFAULT_BYTES }),
            found => Err(BatchError::TooMany { found }),
        }
    }

    /// At most so many bytes of `data` as it travels: JSON, form-encoded, where a Chinese character takes 9. Servers
    /// limit the size of a form: Tomcat's default is 2 MiB. A record that is longer than that makes a batch of its own;
    /// [`BatchSize::fits`] tells.
    #[must_use]
    pub const fn max_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// In records.
    #[must_use]
    pub const fn get(self) -> usize {
        self.records
    }

    /// In encoded bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.bytes
    }

    /// Does a batch of this record alone keep to the byte limit?
    #[must_use]
    pub fn fits(self, record: &Record) -> bool {
        encoded_array_len(encoded_record_len(record), 1) <= self.bytes
    }
}

impl Default for BatchSize {
    fn default() -> Self {
        Self { records: Batch::MAX, bytes: Self::DEFAULT_BYTES }
    }
}

/// The batches that [`Batch::split`] makes.
#[derive(Clone)]
pub struct Batches<I> {
    records: Fuse<I>,
    size: BatchSize,
    /// What did not fit into the batch before, with its encoded length.
    left_over: Option<(Record, usize)>,
}

impl<I: Iterator<Item = Record>> Iterator for Batches<I> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let (mut batch, mut length) = (Vec::new(), 0_usize);
        while batch.len() < self.size.records {
            let next = self.left_over.take().or_else(|| {
                let record = self.records.next()?;
                let length = encoded_record_len(&record);
                Some((record, length))
            });
            let Some((record, more)) = next else { break };
            let sum = length.saturating_add(more);
            if !batch.is_empty() && encoded_array_len(sum, batch.len() + 1) > self.size.bytes {
                self.left_over = Some((record, more));
                break;
            }
            length = sum;
            batch.push(record);
        }
        Batch::new(batch).ok()
    }
}

impl<I> fmt::Debug for Batches<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batches(of {})", self.size.records)
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

    /// What travels of these records, measured.
    fn encoded(records: Vec<Record>) -> usize {
        sign_core::form::encode(&serde_json::to_string(&Batch::new(records).unwrap()).unwrap()).len()
    }

    #[test]
    fn the_byte_limit_is_that_of_what_travels() {
        let full = BatchSize::default();
        // Ids of one digit: all records are equally long.
        let of = |count| encoded(records(count));
        check(5, full.max_bytes(of(2)), &[2, 2, 1]);
        check(5, full.max_bytes(of(2) - 1), &[1, 1, 1, 1, 1]);
        check(5, full.max_bytes(of(5)), &[5]);
        check(5, full.max_bytes(of(5) - 1), &[4, 1]);
        check(3, BatchSize::new(1).unwrap().max_bytes(of(5)), &[1, 1, 1]);
        // Too long even alone: a batch of its own, so that nothing is lost.
        check(3, full.max_bytes(0), &[1, 1, 1]);
        let record = records(1).remove(0).with_busi_detail("张 \"\u{1}");
        let alone = encoded(vec![record.clone()]);
        assert!(full.max_bytes(alone).fits(&record) && !full.max_bytes(alone - 1).fits(&record));
        assert_eq!((full.get(), full.bytes()), (2000, 8 << 20));
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
