//! Fuzzes the property `yichang_replies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("yichang_replies", data));
