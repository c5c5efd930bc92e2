//! Instants as the platforms print them, in China time.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use sign_core::UnixMillis;

/// WeBank's `transactionTime`: `20180117154021`.
pub(crate) fn compact(at: UnixMillis) -> String {
    let millis = i64::try_from(at.get()).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
    // China has had one offset and no summer time since 1991.
    at.to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%Y%m%d%H%M%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_example() {
        // webank SPEC.md §2.1's sample expires an hour after its transactionTime.
        assert_eq!(compact(UnixMillis::new(1_516_178_421_000 - 3_600_000)), "20180117154021");
        assert_eq!(compact(UnixMillis::new(u64::MAX)).len(), 14);
    }
}
