//! What a question is known by again.

use std::sync::Arc;

use crate::value::Value;
use crate::wire::{UserParam, json};

/// The names and the user, byte by byte: no hash stands for them, so that no user gets another one's answer.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(Arc<[u8]>);

impl Key {
    /// `names` are sorted.
    pub(super) fn new(user: &UserParam<'_>, names: &[&str], by_audid: bool) -> Self {
        let mut bytes = Vec::with_capacity(256);
        length(&mut bytes, names.len());
        for name in names {
            length(&mut bytes, name.len());
            bytes.extend_from_slice(name.as_bytes());
        }
        if by_audid {
            bytes.extend_from_slice(user.audid().as_bytes());
        } else {
            bytes.extend_from_slice(json(&Value::Object(user.members().clone())).as_bytes());
        }
        Key(bytes.into())
    }

    /// In bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// So that no name runs into the next.
fn length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&length.to_le_bytes());
}
