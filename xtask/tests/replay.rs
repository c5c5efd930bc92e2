//! Replays the seeds of the fuzz targets on the stable compiler, and bytes that are broken in simple ways.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use duijie_fuzz::PROPERTIES;

fn fuzz(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(folder)
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let folder = fs::read_dir(folder).unwrap();
    folder.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect()
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    files(&fuzz("seeds").join(name))
}

#[test]
fn every_target_asks_a_property() {
    for (name, _) in PROPERTIES {
        let source = fs::read_to_string(fuzz("fuzz_targets").join(format!("{name}.rs"))).unwrap();
        assert!(source.contains(&format!("ask(\"{name}\", data)")), "{name}");
    }
    assert_eq!(fs::read_dir(fuzz("fuzz_targets")).unwrap().count(), PROPERTIES.len());
}

#[test]
fn the_seeds_hold() {
    for (name, property) in PROPERTIES {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            property(&seed);
        }
    }
}

/// A sequence of calls to a file, or a search among all recipes, takes its time.
const SLOW: [&str; 2] = ["journal", "doctor_inference"];

/// Cut short at every place, and with each byte replaced; where that takes long, cut in the middle.
#[test]
fn the_seeds_broken_hold() {
    for (name, property) in PROPERTIES {
        for seed in seeds(name) {
            if SLOW.contains(name) {
                property(seed.get(..seed.len() / 2).unwrap());
                continue;
            }
            for at in 0..seed.len() {
                property(seed.get(..at).unwrap());
                let mut other = seed.clone();
                for byte in [0, b'"', b'{', b'%', b'0', 0xff] {
                    *other.get_mut(at).unwrap() = byte;
                    property(&other);
                }
            }
        }
    }
}

#[test]
#[ignore = "replays what the fuzzer left on this machine: run `cargo xtask fuzz` before it"]
fn the_corpus_holds() {
    let mut count = 0;
    for (name, property) in PROPERTIES {
        for kept in ["corpus", "artifacts"] {
            let folder = fuzz(kept).join(name);
            let found = if folder.exists() { files(&folder) } else { Vec::new() };
            count += found.len();
            found.iter().for_each(|bytes| property(bytes));
        }
    }
    assert!(count > 0, "nothing was left: run `cargo xtask fuzz`");
}
