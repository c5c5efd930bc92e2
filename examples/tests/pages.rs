//! Every page of `docs` that shows Rust is compiled, and the README's first program is the one that is run.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests fail by panicking")]

use std::fs;
use std::path::Path;

#[test]
fn every_page_with_rust_is_a_doctest() {
    let compiled = include_str!("../guides.rs");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut pages = 0;
    for language in ["en", "zh"] {
        for entry in fs::read_dir(docs.join(language)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("docs/{language}/{}", path.file_name().unwrap().to_str().unwrap());
            if fs::read_to_string(&path).unwrap().contains("```rust") {
                assert!(compiled.contains(&format!("../{name}")), "{name} is not in examples/guides.rs");
                pages += 1;
            }
        }
    }
    assert!(pages >= 10, "{pages}");
}

#[test]
fn the_readmes_first_program_is_the_example() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let program = include_str!("../first_push.rs");
    let (_, program) = program.split_once("\n\n").unwrap();
    let whole = format!("```rust,no_run\n{program}```\n");
    assert!(
        program.contains("async fn main()") && readme.contains(&whole),
        "examples/first_push.rs is another"
    );
}
