//! Rabbitpre: what is kept and what comes back, read from any bytes.

use rabbitpre_auth::{Attributes, Catalogue, CheckReply, MemoryAttributes, SaveReply, Setting};

/// Any bytes as a reply, as a saved setting, as a catalogue, as a file of users. What is understood is written as it is
/// read.
pub fn stored(data: &[u8]) {
    if let Ok(reply) = CheckReply::parse(data) {
        assert_eq!(CheckReply::parse(reply.to_json().as_bytes()).as_ref(), Ok(&reply));
    }
    if let Ok(reply) = SaveReply::parse(data) {
        let again = SaveReply::parse(reply.to_json().as_bytes()).expect("our own reply is understood");
        assert_eq!((again.code, again.msg), (reply.code, reply.msg));
    }
    if let Ok(setting) = Setting::parse(data) {
        let json = setting.to_json();
        let again = Setting::parse(json.as_bytes()).expect("what is saved is read again");
        assert_eq!(again.to_json(), json);
        if let Ok(catalogue) = Catalogue::parse(data) {
            let _ = catalogue.findings_in(&setting);
        }
    }
    if let Ok(catalogue) = Catalogue::parse(data) {
        let again = Catalogue::parse(catalogue.to_json().as_bytes());
        assert_eq!(again.as_ref(), Ok(&catalogue));
    }
    if let Ok(attributes) = Attributes::parse(data) {
        assert!(!format!("{attributes:?}").is_empty());
    }
    for users in [MemoryAttributes::parse(data), MemoryAttributes::parse_csv(data)] {
        match users {
            Ok(users) => assert_eq!(users.len() == 0, users.is_empty()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
