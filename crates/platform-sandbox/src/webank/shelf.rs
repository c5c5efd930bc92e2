//! The files that WeBank keeps (`webank SPEC.md §4`).

use std::collections::HashMap;
use std::fmt;

use bytes::{Bytes, BytesMut};
use sign_core::{Case, Hasher, Md5, Sha256};

use super::{HashValue, Pattern};
use crate::dice::Dice;

/// A file as the platform has it. `Debug` shows neither name nor content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// `FILE_ID`.
    pub id: String,
    /// `FILE_NAME`, as it came.
    pub name: String,
    /// `HASH_VALUE`.
    pub hash: String,
    /// The MD5 of the content in lower-case hex, whatever `hash` is.
    pub md5: String,
    /// Bytes of content.
    pub length: u64,
    pub(super) content: Content,
}

impl StoredFile {
    /// The content, if it was short enough to be kept.
    #[must_use]
    pub fn content(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Kept(bytes) => Some(bytes),
            Content::Pattern | Content::Forgotten => None,
        }
    }
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile")
            .field("id", &self.id)
            .field("hash", &self.hash)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Content {
    Kept(Bytes),
    Pattern,
    Forgotten,
}

/// Takes a file piece by piece.
pub(super) struct Recorder {
    md5: Hasher<Md5>,
    other: Hasher<Sha256>,
    hash: HashValue,
    length: u64,
    is_pattern: bool,
    kept: Option<BytesMut>,
    limit: usize,
}

impl Recorder {
    pub(super) fn new(limit: usize, hash: HashValue) -> Self {
        Self {
            md5: Hasher::new(),
            other: Hasher::new(),
            hash,
            length: 0,
            is_pattern: true,
            kept: Some(BytesMut::new()),
            limit,
        }
    }

    pub(super) fn take(&mut self, piece: &[u8]) {
        self.md5.update(piece);
        if self.hash == HashValue::Other {
            self.other.update(piece);
        }
        self.is_pattern = self.is_pattern && Pattern::matches(self.length, piece);
        self.length += piece.len() as u64;
        match &mut self.kept {
            Some(kept) if kept.len() + piece.len() <= self.limit => kept.extend_from_slice(piece),
            kept => *kept = None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Shelf {
    dice: Dice,
    files: HashMap<String, StoredFile>,
    room: usize,
}

impl Shelf {
    pub(super) fn new(dice: Dice, room: usize) -> Self {
        Self { dice, files: HashMap::new(), room }
    }

    pub(super) fn put(&mut self, name: String, recorder: Recorder) -> StoredFile {
        let md5 = recorder.md5.finish().signature(Case::Lower).to_string();
        let hash = match recorder.hash {
            HashValue::Md5 => md5.clone(),
            // WB-13: as long as the sample's, and not the MD5.
            HashValue::Other => {
                recorder.other.finish().signature(Case::Lower).as_str().chars().take(32).collect()
            }
        };
        let content = match recorder.kept {
            _ if recorder.is_pattern && recorder.length > 0 => Content::Pattern,
            Some(kept) if kept.len() <= self.room => {
                self.room -= kept.len();
                Content::Kept(kept.freeze())
            }
            _ => Content::Forgotten,
        };
        let id = self.dice.digits(56);
        let file = StoredFile { id: id.clone(), name, hash, md5, length: recorder.length, content };
        self.files.insert(id, file.clone());
        file
    }

    pub(super) fn get(&self, id: &str) -> Option<&StoredFile> {
        self.files.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(shelf: &mut Shelf, hash: HashValue, pieces: &[&[u8]]) -> StoredFile {
        let mut recorder = Recorder::new(10, hash);
        pieces.iter().for_each(|piece| recorder.take(piece));
        shelf.put("名.bin".into(), recorder)
    }

    #[test]
    fn short_files_are_kept_and_long_ones_are_not() {
        let mut shelf = Shelf::new(Dice::new(1, "test"), 15);
        let abc = put(&mut shelf, HashValue::Md5, &[b"a", b"bc"]);
        assert_eq!(abc.hash, "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(abc.content().unwrap(), "abc");
        assert_eq!(shelf.get(&abc.id), Some(&abc));
        let other = put(&mut shelf, HashValue::Other, &[b"abc"]);
        assert_eq!(other.hash, "ba7816bf8f01cfea414140de5dae2223");
        assert_eq!(other.md5, abc.md5);
        let long = put(&mut shelf, HashValue::Md5, &[b"0123456789", b"x"]);
        assert!(long.content == Content::Forgotten && long.length == 11);
        let no_room = put(&mut shelf, HashValue::Md5, &[b"0123456789"]);
        assert!(no_room.content == Content::Forgotten);
        let empty = put(&mut shelf, HashValue::Md5, &[]);
        assert!(empty.content == Content::Kept(Bytes::new()));
        assert_eq!(empty.hash, "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn the_pattern_is_recognised_however_long() {
        let mut shelf = Shelf::new(Dice::new(1, "test"), 0);
        let pieces: Vec<_> = Pattern::pieces(100_001).collect();
        let pieces: Vec<&[u8]> = pieces.iter().map(|piece| &**piece).collect();
        assert!(put(&mut shelf, HashValue::Md5, &pieces).content == Content::Pattern);
    }
}
