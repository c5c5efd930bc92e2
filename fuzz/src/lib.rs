//! Properties that hold for any bytes. Each is a plain function that panics where its property does not hold, so that
//! the fuzzer can look for such bytes, and a test on stable can replay the seeds.

mod choices;
mod core;
mod doctor;
mod jinlaiban_bytes;
mod jinlaiban_files;
mod journal;
mod masking;
mod model;
mod rabbitpre_bytes;
mod rabbitpre_model;
mod rabbitpre_stored;
mod webank_bytes;
mod webank_calls;
mod webank_world;
mod yichang_bytes;

/// A property of any bytes.
pub type Property = fn(&[u8]);

/// Every property, under the name of its target.
pub const PROPERTIES: &[(&str, Property)] = &[
    ("form", core::form_coding),
    ("signing", core::signing),
    ("verifying", core::verifying),
    ("webank_callback", webank_bytes::callback),
    ("webank_replies", webank_bytes::replies),
    ("webank_calls", webank_calls::calls),
    ("webank_shared", webank_calls::shared),
    ("webank_credentials", webank_calls::credentials),
    ("jinlaiban_records", jinlaiban_bytes::records),
    ("jinlaiban_files", jinlaiban_files::files),
    ("jinlaiban_push", jinlaiban_bytes::push),
    ("jinlaiban_reply", jinlaiban_bytes::reply),
    ("yichang_replies", yichang_bytes::replies),
    ("yichang_calls", yichang_bytes::calls),
    ("rabbitpre_json", rabbitpre_bytes::json),
    ("rabbitpre_check", rabbitpre_bytes::check),
    ("rabbitpre_model", rabbitpre_model::model),
    ("rabbitpre_stored", rabbitpre_stored::stored),
    ("doctor_recipe", doctor::recipe),
    ("doctor_inference", doctor::inference),
    ("masking", masking::masking),
    ("journal", journal::calls),
];

/// Asks one property about bytes.
///
/// # Panics
/// Where the property does not hold, and when there is none of that name.
pub fn ask(name: &str, data: &[u8]) {
    let (_, property) = PROPERTIES.iter().find(|(known, _)| *known == name).expect("a property of that name");
    property(data);
}

/// The bytes with one bit flipped: which one, the first two bytes of `control` say. [`None`] when there is none.
fn flipped(bytes: &[u8], control: &[u8]) -> Option<Vec<u8>> {
    let [high, low] = *control.first_chunk()?;
    let bit = usize::from(u16::from_be_bytes([high, low])) % (bytes.len() * 8).max(1);
    let mut bytes = bytes.to_vec();
    *bytes.get_mut(bit / 8)? ^= 1 << (bit % 8);
    Some(bytes)
}
