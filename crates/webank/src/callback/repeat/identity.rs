//! What a repeat is recognised by, as keys of a store (`SPEC.md §5`).

use platform_state::{Key, KeyError};
use sign_core::{Canonical, Case, Sha256, TextSink};

use crate::callback::Call;

/// The namespace of the keys.
const NAMESPACE: &str = "webank-callback";

/// The keys of a message. They are digests: what is in a message never stands in a key.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// SPEC.md §5: the same Signature.
    pub(super) signature: Key,
    /// SPEC.md §5: the same SeqNo with the same Plain. Without a SeqNo, the Signature once more.
    pub(super) message: Key,
    /// The Plain alone, for when a message has come under too many SeqNos.
    pub(super) plain: Key,
    /// SeqNo is unsigned: a stranger can put any into a message that he has seen.
    pub(super) has_seq_no: bool,
}

impl Identity {
    pub(super) fn of(call: &Call, scope: &str) -> Result<Self, KeyError> {
        let has_seq_no = !call.seq_no().is_empty();
        let message = if has_seq_no {
            key("message", [scope, call.seq_no(), call.plain()])
        } else {
            key("only", [scope, call.signature(), ""])
        };
        Ok(Self {
            signature: key("signature", [scope, call.signature(), ""])?,
            message: message?,
            plain: key("plain", [scope, call.plain(), ""])?,
            has_seq_no,
        })
    }
}

/// A key from what an earlier process wrote.
pub(super) fn key_named(name: &str) -> Result<Key, KeyError> {
    Key::new(NAMESPACE, name)
}

/// The name of one of our keys.
pub(super) fn name_of(key: &Key) -> &str {
    key.as_str().split_once('/').map_or("", |(_, name)| name)
}

fn key(kind: &str, parts: [&str; 3]) -> Result<Key, KeyError> {
    let digest = Parts(parts).digest::<Sha256>().signature(Case::Lower);
    key_named(&format!("{kind}-{}", digest.as_str()))
}

struct Parts<'a>([&'a str; 3]);

impl Canonical for Parts<'_> {
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        for part in self.0 {
            // Lengths keep `ab`,`c` apart from `a`,`bc`.
            sink.open(&format!("{}:", part.len()));
            sink.personal(part);
        }
    }
}
