//! Fuzzes the property `rabbitpre_stored`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("rabbitpre_stored", data));
