//! Fuzzes the property `yichang_calls`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("yichang_calls", data));
