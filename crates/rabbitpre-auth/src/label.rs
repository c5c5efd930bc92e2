//! What people call a condition, shared with the program it is of.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A label of up to so many bytes is copied into [`Label`], which is quicker than counting who shares it.
const INLINE: usize = 38;

/// What people call a condition: `chineseName` or `label`, else its name. It is a text; keeping one takes no memory on
/// the heap.
#[derive(Clone)]
pub struct Label(Form);

#[derive(Clone)]
enum Form {
    /// The text, and its length.
    Inline([u8; INLINE], u8),
    Shared(Arc<str>),
}

impl Deref for Label {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // It was a text.
            Form::Inline(bytes, length) => bytes
                .get(..usize::from(*length))
                .and_then(|text| str::from_utf8(text).ok())
                .unwrap_or_default(),
            Form::Shared(text) => text,
        }
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut inline = [0; INLINE];
        match (inline.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(bytes);
                Label(Form::Inline(inline, length))
            }
            _ => Label(Form::Shared(text.into())),
        }
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Label {}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_their_texts_whatever_their_length() {
        for length in [0, 1, 12, 13, 37, 38, 39, 1000] {
            let text: String = "年龄age".chars().cycle().take(length).collect();
            let label = Label::from(&*text);
            assert_eq!(&*label, text);
            assert_eq!(label.clone(), label);
            assert_eq!(format!("{label}{label:?}"), format!("{text}{text:?}"));
        }
        assert_ne!(Label::from("a"), Label::from("b"));
    }
}
