//! Fuzzes the property `jinlaiban_files`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("jinlaiban_files", data));
