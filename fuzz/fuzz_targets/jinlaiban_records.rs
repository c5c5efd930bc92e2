//! Fuzzes the property `jinlaiban_records`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("jinlaiban_records", data));
