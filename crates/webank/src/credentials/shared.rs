//! Credentials as processes share them: one JSON text in one versioned cell.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sign_core::{Secret, UnixMillis};

use super::{Credentials, Writer};

/// The format of the text; another one is not touched.
const FORMAT: u32 = 1;

/// What a cell of the shared store holds. The cell's version is the generation.
#[derive(Debug, Clone)]
pub struct Shared {
    pub(super) credentials: Credentials,
    /// When a refusal last caused a fetch.
    pub(super) forced_at: Option<UnixMillis>,
}

/// Why a cell's text is not used: nothing is fetched over it, because a newer version of this software may be at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the shared credentials are not in a format that this version knows: update this program, or remove the cell if \
     nothing else uses it"
)]
pub struct SharedError;

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    format: u32,
    #[serde(borrow)]
    token: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    ticket: std::borrow::Cow<'a, str>,
    fetched_at: u64,
    lifetime_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forced_at: Option<u64>,
    writer: Writer,
}

impl Shared {
    /// Reads a cell.
    ///
    /// # Errors
    /// [`SharedError`] when it is something else.
    pub fn read(generation: u64, text: &Secret) -> Result<Self, SharedError> {
        let wire: Wire<'_> = serde_json::from_str(text.expose()).map_err(|_| SharedError)?;
        let secret = |text: std::borrow::Cow<'_, str>| Secret::new(text).map_err(|_| SharedError);
        if wire.format != FORMAT {
            return Err(SharedError);
        }
        Ok(Self {
            credentials: Credentials {
                generation,
                token: secret(wire.token)?,
                ticket: secret(wire.ticket)?,
                fetched_at: UnixMillis::new(wire.fetched_at),
                lifetime: Duration::from_millis(wire.lifetime_ms),
                writer: wire.writer,
                serial: 0,
            },
            forced_at: wire.forced_at.map(UnixMillis::new),
        })
    }

    /// The text to put into the cell. **Holds token and ticket.**
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "texts and numbers are always JSON, and it is never empty")]
    pub fn text(&self) -> Secret {
        let Credentials { token, ticket, fetched_at, lifetime, writer, .. } = &self.credentials;
        let wire = Wire {
            format: FORMAT,
            token: token.expose().into(),
            ticket: ticket.expose().into(),
            fetched_at: fetched_at.get(),
            lifetime_ms: u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX),
            forced_at: self.forced_at.map(UnixMillis::get),
            writer: writer.clone(),
        };
        let text = serde_json::to_string(&wire).expect("texts and numbers are always JSON");
        Secret::new(text).expect("an object is not empty")
    }

    /// The credentials.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Shared, SharedError> {
        Shared::read(7, &Secret::new(text).unwrap())
    }

    #[test]
    fn what_is_written_is_read() {
        let text = r#"{"format":1,"token":"t\"1","ticket":"票","fetched_at":5,"lifetime_ms":3600000,"forced_at":4,"writer":{"host":"web-1","pid":4711}}"#;
        let shared = read(text).unwrap();
        assert_eq!(shared.text().expose(), text);
        assert_eq!((shared.credentials.generation, shared.credentials.token.expose()), (7, "t\"1"));
        assert_eq!(shared.forced_at, Some(UnixMillis::new(4)));
        assert!(!format!("{shared:?}").contains('票'));
    }

    #[test]
    fn what_nobody_knows_is_left_alone() {
        for other in [
            "x",
            "{}",
            r#"{"format":2,"token":"t","ticket":"s","fetched_at":5,"lifetime_ms":1,"writer":{"host":"h","pid":1}}"#,
            r#"{"format":1,"token":"","ticket":"s","fetched_at":5,"lifetime_ms":1,"writer":{"host":"h","pid":1}}"#,
        ] {
            assert_eq!(read(other).unwrap_err(), SharedError, "{other}");
        }
    }
}
