//! Fuzzes the property `webank_replies`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("webank_replies", data));
