//! How often each hot path allocates: counted by an example of the benches, not measured.

use std::collections::BTreeMap;

use crate::command::cargo;

/// Hot path → allocations of one call.
pub(super) type Counts = BTreeMap<String, u64>;

pub(super) fn count() -> Result<Counts, String> {
    let printed =
        cargo(&["run", "--release", "--quiet", "--locked", "-p", "benches", "--example", "allocations"])
            .output()?;
    read(&printed)
}

fn read(printed: &str) -> Result<Counts, String> {
    serde_json::from_str(printed)
        .map_err(|error| format!("the example `allocations` prints no counts: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        assert_eq!(read("{\"a\":2}\n").unwrap(), Counts::from([("a".to_owned(), 2)]));
        assert!(read("").unwrap_err().starts_with("the example `allocations` prints no counts: "));
    }
}
