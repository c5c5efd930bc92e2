//! Fuzzes the property `doctor_recipe`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("doctor_recipe", data));
