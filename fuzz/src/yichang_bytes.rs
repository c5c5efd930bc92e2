//! 宜昌: the decoders of what the platform answers, and mobile numbers.

use yichang::{Login, Mobile, Reply, TodoList};

/// Any bytes as a reply; as text, also as a mobile number.
pub fn replies(data: &[u8]) {
    match Reply::parse(data) {
        Ok(reply) => {
            assert!(reply.member("code").is_some());
            // A success is never taken for a signature that was refused: the client would sign in twice.
            assert!(!(reply.code().is_ok() && reply.is_signature_error()));
            if let Some(data) = reply.data() {
                assert!(serde_json::from_str::<serde::de::IgnoredAny>(data).is_ok());
            }
            assert!(!format!("{reply:?}").is_empty());
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
    if let Ok(login) = Login::read(200, data) {
        assert!(login.reply().code().is_ok());
        let (token, masked) = (login.sso_token().expose(), login.masked_jump_url());
        // A token of letters and digits cannot come about by masking.
        let plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(!plain || !masked.contains(token), "a token shows itself in `{masked}`");
    }
    if let Ok(list) = TodoList::read(200, data) {
        assert!(list.reply().code().is_ok());
        let _ = (list.row_count(), list.items().len());
    }
    let text = String::from_utf8_lossy(data);
    if let Ok(mobile) = Mobile::parse(&text) {
        assert_eq!(mobile.expose(), text.trim());
        assert!(!format!("{mobile:?}").contains(mobile.expose()), "a phone number shows itself");
    }
}
