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
    Shared(Arc<str>, Span),
}

/// Where a label stands among those of its program.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    from: u32,
    to: u32,
}

impl Span {
    /// Writes one label more; a body of 1 MiB (SPEC.md §4.10 Limits) has less text than `u32` counts.
    pub(crate) fn push(all: &mut String, label: &str) -> Self {
        let end = |all: &String| u32::try_from(all.len()).unwrap_or(u32::MAX);
        let from = end(all);
        all.push_str(label);
        Span { from, to: end(all) }
    }

    pub(crate) fn of(self, all: &str) -> &str {
        all.get(self.from as usize..self.to as usize).unwrap_or_default()
    }
}

impl Label {
    #[inline]
    pub(crate) fn new(all: &Arc<str>, span: Span) -> Self {
        let text = span.of(all).as_bytes();
        let mut inline = [0; INLINE];
        match (inline.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text);
                Label(Form::Inline(inline, length))
            }
            _ => Label(Form::Shared(Arc::clone(all), span)),
        }
    }
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
            Form::Shared(all, span) => span.of(all),
        }
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        let mut all = String::new();
        let span = Span::push(&mut all, text);
        Label::new(&all.into(), span)
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
