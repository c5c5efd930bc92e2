//! Fuzzes the property `doctor_inference`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| duijie_fuzz::ask("doctor_inference", data));
