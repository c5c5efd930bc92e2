//! Fuzzes the property `webank_shared`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("webank_shared", data));
