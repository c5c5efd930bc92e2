//! Fuzzes the property `webank_credentials`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("webank_credentials", data));
