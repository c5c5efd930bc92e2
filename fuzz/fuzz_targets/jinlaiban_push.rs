//! Fuzzes the property `jinlaiban_push`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("jinlaiban_push", data));
