//! What the store knows of a message: its roots, and the answer.

use std::sync::Arc;

use platform_state::{ErrorKind, Key, StateError, Swap};

use super::cell::{Cell, Written};
use super::identity::Identity;
use super::{Register, STORE, TRIES, restless};
use crate::callback::Call;

/// A stranger who has seen a message can send it under as many SeqNos as he likes, until it is stale. Any of them may be
/// the genuine one, so each is remembered; beyond about so many it is remembered that they were too many.
const OTHERS: u32 = 4096;
/// Links are followed so far. They point at roots, which are no links; one that was forgotten may be a link by now.
const STEPS: usize = 4;

/// What a key leads to.
enum Known {
    /// Nothing; the cell is at this version.
    Nothing(u64),
    /// It is a root.
    Root { key: Key, answer: Option<Arc<str>> },
    /// A link to a root.
    Link { to: Key, others: u32, answer: Option<Arc<str>> },
}

impl Known {
    fn root(&self) -> Option<&Key> {
        match self {
            Self::Nothing(_) => None,
            Self::Root { key, .. } | Self::Link { to: key, .. } => Some(key),
        }
    }

    fn into_root(self) -> Option<(Key, Option<Arc<str>>)> {
        match self {
            Self::Nothing(_) => None,
            Self::Root { key, answer } | Self::Link { to: key, answer, .. } => Some((key, answer)),
        }
    }
}

/// The roots of a message: one, or two when its Signature and its SeqNo became known apart. And the answer, if any.
pub(super) struct Found {
    pub(super) roots: Vec<Key>,
    pub(super) answer: Option<Arc<str>>,
}

impl Register {
    /// Finds a message's roots, and makes it known under both of its keys.
    pub(super) async fn find(&self, call: &Call) -> Result<Found, StateError> {
        let input = |error| StateError::new(ErrorKind::Input, STORE, error);
        let identity = Identity::of(call, &self.repeats.scope).map_err(input)?;
        let (signature, message) = (&identity.signature, &identity.message);
        for _ in 0..TRIES {
            let known = self.known(signature).await?;
            let own = match self.known(message).await? {
                // The Open cell comes before the link to it, so that what a link points at is there.
                Known::Nothing(version) if known.root().is_none() => match self.known(&identity.plain).await?
                {
                    // This Plain has come under too many SeqNos to tell whether this is one of them. Rather no run
                    // than two.
                    crowded @ Known::Link { .. } => crowded,
                    _ => {
                        if !self.swap(message, version, &Cell::Open).await? {
                            continue;
                        }
                        Known::Root { key: message.clone(), answer: None }
                    }
                },
                own => own,
            };
            let mut roots = Vec::with_capacity(2);
            let mut answer = None;
            match (known, own) {
                // SPEC.md §5: new, or the same SeqNo and Plain under a new Timestamp, which is a repeat.
                (Known::Nothing(version), own) => {
                    let Some((to, kept)) = own.into_root() else { continue };
                    if !self.swap(signature, version, &Cell::Link { to: to.clone(), others: 0 }).await? {
                        continue;
                    }
                    (roots, answer) = (vec![to], kept);
                }
                // SPEC.md §5: the same Signature is a repeat, whatever the SeqNo. The SeqNo may be the genuine one, and
                // the one before it a stranger's: what the bank sends anew under it is a repeat as well.
                (Known::Link { to, others, answer: kept }, Known::Nothing(absent)) => {
                    if identity.has_seq_no {
                        let link = Cell::Link { to: to.clone(), others: 0 };
                        if others >= OTHERS {
                            self.crowd(&identity.plain, &link).await?;
                        } else if self.swap(message, absent, &link).await? {
                            self.count(signature).await?;
                        } else {
                            continue;
                        }
                    }
                    (roots, answer) = (vec![to], kept);
                }
                // Known by both, mostly under one root.
                (known, own) => {
                    for (root, kept) in [known.into_root(), own.into_root()].into_iter().flatten() {
                        roots.push(root);
                        answer = answer.or(kept);
                    }
                }
            }
            // One order for everybody, so that no two wait for each other's leases.
            roots.sort();
            roots.dedup();
            return Ok(Found { roots, answer });
        }
        Err(restless())
    }

    /// Counts one more SeqNo. When too many count at once some are not counted: nobody fails for it.
    async fn count(&self, signature: &Key) -> Result<(), StateError> {
        for _ in 0..TRIES {
            let Some((version, Cell::Link { to, others })) = self.look(signature).await? else { break };
            if self.swap(signature, version, &Cell::Link { to, others: others.saturating_add(1) }).await? {
                break;
            }
        }
        Ok(())
    }

    /// From now on whatever has this Plain is a repeat.
    async fn crowd(&self, plain: &Key, link: &Cell) -> Result<(), StateError> {
        for _ in 0..TRIES {
            match self.known(plain).await? {
                Known::Nothing(version) => {
                    if self.swap(plain, version, link).await? {
                        tracing::warn!(
                            platform = "webank",
                            operation = "callback",
                            seq_nos = OTHERS,
                            "a message was replayed under too many SeqNos: its Plain alone is recognised from now on"
                        );
                        return Ok(());
                    }
                }
                Known::Root { .. } | Known::Link { .. } => return Ok(()),
            }
        }
        Err(restless())
    }

    /// What is known under a key. A link whose root has been forgotten is forgotten with it.
    async fn known(&self, key: &Key) -> Result<Known, StateError> {
        let root = |key: Key, cell| match cell {
            Cell::Answer(json) => Known::Root { key, answer: Some(json.into()) },
            _ => Known::Root { key, answer: None },
        };
        let (version, mut to, others) = match self.look(key).await? {
            None => return Ok(Known::Nothing(0)),
            Some((version, Cell::Link { to, others })) => (version, to, others),
            Some((_, cell)) => return Ok(root(key.clone(), cell)),
        };
        for _ in 0..STEPS {
            match self.look(&to).await? {
                None => break,
                Some((_, Cell::Link { to: next, .. })) => to = next,
                Some((_, Cell::Open)) => return Ok(Known::Link { to, others, answer: None }),
                Some((_, Cell::Answer(json))) => {
                    return Ok(Known::Link { to, others, answer: Some(json.into()) });
                }
            }
        }
        Ok(Known::Nothing(version))
    }

    /// The answer under one of the roots.
    pub(super) async fn kept_under(&self, roots: &[Key]) -> Result<Option<Arc<str>>, StateError> {
        for root in roots {
            if let Some((_, Cell::Answer(json))) = self.look(root).await? {
                return Ok(Some(json.into()));
            }
        }
        Ok(None)
    }

    pub(super) async fn look(&self, key: &Key) -> Result<Option<(u64, Cell)>, StateError> {
        let Some(entry) = self.repeats.store.read(key).await? else { return Ok(None) };
        let cell = Cell::read(entry.value.expose()).ok_or_else(|| corrupted(key))?;
        Ok(Some((entry.version, cell)))
    }

    pub(super) async fn swap(&self, key: &Key, expected: u64, cell: &Cell) -> Result<bool, StateError> {
        let written = Written::new(cell, self.repeats.keep)?;
        Ok(matches!(self.repeats.store.swap(key, expected, written.put()).await?, Swap::Done(_)))
    }
}

fn corrupted(key: &Key) -> StateError {
    let reason = format!("`{key}` holds no record of a callback; does something else write there?");
    StateError::new(ErrorKind::Corrupted, STORE, reason)
}
