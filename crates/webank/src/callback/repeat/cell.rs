//! What a cell of the store says about a message.

use platform_state::{Key, Put, StateError, Writer};
use sign_core::Secret;

use super::identity::{key_named, name_of};

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Seen, and not answered yet: its handler runs, has failed, or died with its process.
    Open,
    /// It is a repeat of the message under this key.
    Link {
        to: Key,
        /// Under how many other SeqNos its Signature has been seen.
        others: u32,
    },
    /// Answered: the business JSON.
    Answer(String),
}

impl Cell {
    pub(super) fn read(text: &str) -> Option<Self> {
        if text == "open" {
            return Some(Self::Open);
        }
        if let Some(json) = text.strip_prefix("answer ") {
            return Some(Self::Answer(json.to_owned()));
        }
        let (others, name) = text.strip_prefix("link ")?.split_once(' ')?;
        Some(Self::Link { to: key_named(name).ok()?, others: others.parse().ok()? })
    }

    fn text(&self) -> String {
        match self {
            Self::Open => "open".to_owned(),
            Self::Link { to, others } => format!("link {others} {}", name_of(to)),
            Self::Answer(json) => format!("answer {json}"),
        }
    }
}

/// A cell on its way into the store.
pub(super) struct Written {
    value: Secret,
    writer: Writer,
    keep: std::time::Duration,
}

impl Written {
    pub(super) fn new(cell: &Cell, keep: std::time::Duration) -> Result<Self, StateError> {
        let value = Secret::new(cell.text())
            .map_err(|error| StateError::new(platform_state::ErrorKind::Input, "callback repeats", error))?;
        Ok(Self { value, writer: Writer::this_process(), keep })
    }

    pub(super) fn put(&self) -> Put<'_> {
        Put::new(&self.value, &self.writer).keep(self.keep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &Cell) {
        assert_eq!(Cell::read(&cell.text()).as_ref(), Some(cell));
    }

    #[test]
    fn a_cell_is_read_as_it_was_written() {
        check(&Cell::Open);
        check(&Cell::Link { to: key_named("message-00ff").unwrap(), others: 7 });
        check(&Cell::Answer(r#"{"CODE":"0000"} "#.to_owned()));
        for foreign in ["", "open ", "link x", "link 1 ", "link -1 a", "answer", "{\"token\":1}"] {
            assert_eq!(Cell::read(foreign), None, "{foreign}");
        }
    }
}
