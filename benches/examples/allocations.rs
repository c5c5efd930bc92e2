//! Prints as JSON how often each hot path allocates in one call. `cargo xtask perf` runs it.
#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::collections::BTreeMap;

use benches::hot::paths;

fn main() {
    let mut counts = BTreeMap::new();
    for path in paths() {
        // The first call may fill what is kept.
        (path.call)();
        counts.insert(path.name, allocation_counter::measure(|| (path.call)()).count_total);
    }
    println!("{}", serde_json::json!(counts));
}
