//! Which digest the platform wants: set, or found out once and remembered (YC-1).

use core::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;

use crate::reply::Reply;
use crate::sign::DigestKind;

/// Which digest signs (YC-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DigestSetting {
    /// SHA-1, as the document's text says.
    Sha1,
    /// MD5, as the document's example shows.
    Md5,
    /// SHA-1 first. When the platform says that the signature is wrong, the same once more with MD5; what worked is
    /// remembered.
    #[default]
    Detect,
}

/// A setting and what was found out. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Detector {
    setting: DigestSetting,
    found: Arc<AtomicU8>,
}

const NOTHING: u8 = 0;
const SHA1: u8 = 1;
const MD5: u8 = 2;
/// Set beside the digest when it comes from elsewhere, and did not work here yet.
const HEARSAY: u8 = 4;

impl Detector {
    pub(crate) fn new(setting: DigestSetting, found: Option<DigestKind>) -> Self {
        let detector = Self { setting, found: Arc::new(AtomicU8::new(NOTHING)) };
        if let Some(kind) = found {
            detector.tell(kind);
        }
        detector
    }

    /// Is there anything to find out?
    pub(crate) fn detects(&self) -> bool {
        self.setting == DigestSetting::Detect
    }

    /// What was found out so far, here or elsewhere.
    pub(crate) fn found(&self) -> Option<DigestKind> {
        kind(self.found.load(Ordering::Relaxed))
    }

    /// What worked here.
    pub(crate) fn proven(&self) -> Option<DigestKind> {
        let found = self.found.load(Ordering::Relaxed);
        if found & HEARSAY == 0 { kind(found) } else { None }
    }

    /// Takes over what was found out elsewhere, unless something is known already.
    pub(crate) fn tell(&self, kind: DigestKind) {
        // A single byte that guards nothing else; what is known already stays.
        let _ =
            self.found.compare_exchange(NOTHING, byte(kind) | HEARSAY, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The digest for the next call.
    pub(crate) fn current(&self) -> DigestKind {
        match self.setting {
            DigestSetting::Sha1 => DigestKind::Sha1,
            DigestSetting::Md5 => DigestKind::Md5,
            DigestSetting::Detect => self.found().unwrap_or(DigestKind::Sha1),
        }
    }

    /// Takes note of what the platform said to a call signed with `kind`, under a successful HTTP status or not, and
    /// says with which digest to make the same call once more, if so.
    pub(crate) fn learn(&self, kind: DigestKind, http_success: bool, reply: &Reply) -> Option<DigestKind> {
        if !self.detects() {
            return None;
        }
        if reply.is_signature_error() {
            return match (self.proven(), self.found()) {
                // Another call may have found out in the meantime. What worked here is not put in doubt.
                (Some(proven), _) => Some(proven).filter(|proven| *proven != kind),
                // What worked elsewhere may be long ago.
                (None, Some(_)) => Some(other(kind)),
                (None, None) => (kind == DigestKind::Sha1).then_some(DigestKind::Md5),
            };
        }
        // YC-1: what worked is remembered. Any other refusal may have come before the signature was looked at, whatever
        // was said to the other digest.
        if http_success && reply.code().is_ok() {
            self.found.store(byte(kind), Ordering::Relaxed);
        }
        None
    }
}

const fn byte(kind: DigestKind) -> u8 {
    match kind {
        DigestKind::Sha1 => SHA1,
        DigestKind::Md5 => MD5,
    }
}

const fn kind(byte: u8) -> Option<DigestKind> {
    match byte & !HEARSAY {
        SHA1 => Some(DigestKind::Sha1),
        MD5 => Some(DigestKind::Md5),
        _ => None,
    }
}

const fn other(kind: DigestKind) -> DigestKind {
    match kind {
        DigestKind::Sha1 => DigestKind::Md5,
        DigestKind::Md5 => DigestKind::Sha1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DigestKind::{Md5, Sha1};

    const WRONG: &str = r#"{"code":0,"msg":"签名错误!"}"#;
    const OTHER: &str = r#"{"code":0,"msg":"用户不存在"}"#;
    const GOOD: &str = r#"{"code":1,"msg":"success"}"#;

    #[track_caller]
    fn check(
        setting: DigestSetting,
        heard: &[(DigestKind, u16, &str, Option<DigestKind>)],
        found: Option<DigestKind>,
        current: DigestKind,
    ) {
        let detector = Detector::new(setting, None);
        for (kind, http_status, reply, again) in heard {
            let reply = Reply::parse(reply.as_bytes()).unwrap();
            assert_eq!(detector.learn(*kind, *http_status == 200, &reply), *again, "{kind} heard {reply:?}");
        }
        assert_eq!((detector.found(), detector.clone().current()), (found, current));
    }

    #[test]
    fn detection() {
        let detect = DigestSetting::Detect;
        check(detect, &[], None, Sha1);
        check(detect, &[(Sha1, 200, GOOD, None)], Some(Sha1), Sha1);
        check(detect, &[(Sha1, 200, WRONG, Some(Md5)), (Md5, 200, GOOD, None)], Some(Md5), Md5);
        // Another refusal of MD5 does not say that MD5 is right: it may come before the signature is looked at.
        check(detect, &[(Sha1, 200, WRONG, Some(Md5)), (Md5, 200, OTHER, None)], None, Sha1);
        check(detect, &[(Sha1, 401, WRONG, Some(Md5)), (Md5, 200, GOOD, None)], Some(Md5), Md5);
        check(detect, &[(Sha1, 500, GOOD, None)], None, Sha1);
        check(detect, &[(Sha1, 200, WRONG, Some(Md5)), (Md5, 502, GOOD, None)], None, Sha1);
        check(detect, &[(Sha1, 200, WRONG, Some(Md5)), (Md5, 200, WRONG, None)], None, Sha1);
        check(detect, &[(Sha1, 200, OTHER, None)], None, Sha1);
        check(detect, &[(Sha1, 200, GOOD, None), (Sha1, 200, WRONG, None)], Some(Sha1), Sha1);
        // Two calls at once, both begun before either was answered.
        let both = [
            (Sha1, 200, WRONG, Some(Md5)),
            (Md5, 200, GOOD, None),
            (Sha1, 200, WRONG, Some(Md5)),
            (Md5, 200, GOOD, None),
        ];
        check(detect, &both, Some(Md5), Md5);
    }

    #[test]
    fn a_set_digest_is_never_changed() {
        check(DigestSetting::Sha1, &[(Sha1, 200, WRONG, None), (Sha1, 200, GOOD, None)], None, Sha1);
        check(DigestSetting::Md5, &[(Md5, 200, WRONG, None), (Md5, 200, GOOD, None)], None, Md5);
    }

    #[test]
    fn what_was_remembered_elsewhere_is_used() {
        assert_eq!(Detector::new(DigestSetting::Detect, Some(Md5)).current(), Md5);
        assert_eq!(Detector::new(DigestSetting::Sha1, Some(Md5)).current(), Sha1);
    }

    /// What was heard elsewhere, and what the platform says to it.
    #[track_caller]
    fn check_hearsay(told: DigestKind, heard: &str, again: Option<DigestKind>, proven: Option<DigestKind>) {
        let detector = Detector::new(DigestSetting::Detect, Some(told));
        let reply = Reply::parse(heard.as_bytes()).unwrap();
        assert_eq!(detector.learn(told, true, &reply), again);
        assert_eq!((detector.proven(), detector.found()), (proven, Some(told)));
        // What is known is not overruled by hearsay.
        detector.tell(other(told));
        assert_eq!(detector.current(), told);
    }

    #[test]
    fn what_was_remembered_elsewhere_is_doubted_until_it_works() {
        check_hearsay(Md5, GOOD, None, Some(Md5));
        check_hearsay(Sha1, GOOD, None, Some(Sha1));
        check_hearsay(Md5, WRONG, Some(Sha1), None);
        check_hearsay(Sha1, WRONG, Some(Md5), None);
        check_hearsay(Md5, OTHER, None, None);
    }
}
