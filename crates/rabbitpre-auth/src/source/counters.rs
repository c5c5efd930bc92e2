//! How often a source was asked, and how that went.

/// Counts since a source was made; they only grow.
///
/// What a source behind a cache was asked is `asked - answered_from_cache - joined`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceCounters {
    /// How often somebody asked for a user.
    pub asked: u64,
    /// How many of them were answered from a cache, without asking further.
    pub answered_from_cache: u64,
    /// How many of them waited for a fetch that was under way already.
    pub joined: u64,
    /// How many of them were answered with an error. Of a file: how many new versions were not taken.
    pub failed: u64,
}
