//! A file that needs no memory: its bytes follow from their places.

use bytes::Bytes;

/// Endless content, the same everywhere: eight bytes for each number 0, 1, 2, … (SplitMix64, little end first). A
/// client that uploads its first bytes can download them again, however many they are: the sandbox recognises it.
#[derive(Debug, Clone, Copy)]
pub struct Pattern;

/// Bytes in a piece; a multiple of eight.
const PIECE: usize = 64 * 1024;

impl Pattern {
    /// The first `length` bytes in pieces of 64 KiB, the last one shorter.
    ///
    /// ```
    /// use platform_sandbox::Pattern;
    /// let pieces: Vec<_> = Pattern::pieces(100_000).collect();
    /// assert_eq!(pieces.iter().map(|piece| piece.len()).sum::<usize>(), 100_000);
    /// ```
    pub fn pieces(length: u64) -> impl Iterator<Item = Bytes> + Send {
        (0..length.div_ceil(PIECE as u64)).map(move |number| {
            let start = number * PIECE as u64;
            let size = usize::try_from(length - start).unwrap_or(PIECE).min(PIECE);
            let mut piece = vec![0; size];
            for (number, place) in (start / 8..).zip(piece.chunks_mut(8)) {
                let word = word(number);
                place.copy_from_slice(word.get(..place.len()).unwrap_or(&word));
            }
            Bytes::from(piece)
        })
    }

    /// Are these the bytes from `start` on?
    pub(super) fn matches(start: u64, bytes: &[u8]) -> bool {
        let skip = usize::try_from(start % 8).unwrap_or(0);
        let first = start / 8;
        // Up to where a word begins, then word by word.
        let (head, tail) = bytes.split_at(bytes.len().min((8 - skip) % 8));
        let tail_first = first + u64::from(skip > 0);
        word(first).get(skip..).is_some_and(|word| head.is_empty() || word.starts_with(head))
            && (tail_first..).zip(tail.chunks(8)).all(|(number, place)| word(number).starts_with(place))
    }
}

fn word(number: u64) -> [u8; 8] {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_recognised_wherever_they_are_cut() {
        let whole: Vec<u8> = Pattern::pieces(200_000).flatten().collect();
        assert_eq!(whole.len(), 200_000);
        for (start, end) in [
            (0, 0),
            (0, 200_000),
            (3, 70_000),
            (3, 5),
            (5, 8),
            (7, 9),
            (9, 9),
            (65_536, 65_537),
            (131_071, 200_000),
        ] {
            assert!(Pattern::matches(start as u64, &whole[start..end]), "{start}..{end}");
        }
        assert!(!Pattern::matches(1, &whole[..100]));
        assert!(!Pattern::matches(3, &whole[4..6]));
        assert_eq!(Pattern::pieces(0).count(), 0);
    }
}
