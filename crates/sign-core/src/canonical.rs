//! The text to sign: written piece by piece into a digest, or kept with its secrets masked.

use alloc::{string::String, vec::Vec};
use core::fmt;

use zeroize::Zeroizing;

use crate::{Algorithm, Digest, Hasher};

/// What a piece of the text to sign is, and so whether it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// A parameter that travels in the open.
    Open,
    /// Business content that may hold personal data: shown as a length only.
    Personal,
    /// A secret, ticket or salt: never shown.
    Secret,
}

/// Takes the text to sign, piece by piece and in order.
pub trait TextSink {
    /// Appends a piece.
    fn segment(&mut self, kind: SegmentKind, text: &str);

    /// Appends text that may be shown.
    fn open(&mut self, text: &str) {
        self.segment(SegmentKind::Open, text);
    }

    /// Appends text that may hold personal data.
    fn personal(&mut self, text: &str) {
        self.segment(SegmentKind::Personal, text);
    }

    /// Appends a secret.
    fn secret(&mut self, text: &str) {
        self.segment(SegmentKind::Secret, text);
    }
}

impl<A: Algorithm> TextSink for Hasher<A> {
    #[inline]
    fn segment(&mut self, _: SegmentKind, text: &str) {
        self.update(text.as_bytes());
    }
}

/// The bare text, secrets included: for tests and for short-lived comparison only.
impl TextSink for String {
    fn segment(&mut self, _: SegmentKind, text: &str) {
        self.push_str(text);
    }
}

/// Something that has a text to sign.
pub trait Canonical {
    /// Writes the text to sign into a sink. Must write the same text each time.
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S);

    /// The digest of the text to sign, over its UTF-8. The text is streamed: nothing is allocated for it.
    #[must_use]
    fn digest<A: Algorithm>(&self) -> Digest {
        let mut hasher = Hasher::<A>::new();
        self.write_to(&mut hasher);
        hasher.end()
    }

    /// The text to sign itself, for people who look for a mistake. Shows itself masked.
    #[must_use]
    fn signing_text(&self) -> SigningText {
        let mut text = SigningText::default();
        self.write_to(&mut text);
        text
    }
}

/// A text to sign, kept. It holds the secret: `Debug` and `Display` mask it, and it is wiped when dropped.
#[derive(Default, Clone)]
pub struct SigningText {
    segments: Vec<(SegmentKind, Zeroizing<String>)>,
}

impl SigningText {
    /// The whole text, **secret included**. Never log it.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        let length = self.segments.iter().map(|(_, text)| text.len()).sum();
        // Sized once: growing would leave unwiped copies of the secret behind.
        let mut whole = Zeroizing::new(String::with_capacity(length));
        for (_, text) in &self.segments {
            whole.push_str(text);
        }
        whole
    }

    /// The pieces with their kinds, in order. Pieces of kind [`SegmentKind::Secret`] are shown as they are.
    pub fn segments(&self) -> impl Iterator<Item = (SegmentKind, &str)> {
        self.segments.iter().map(|(kind, text)| (*kind, text.as_str()))
    }
}

impl TextSink for SigningText {
    fn segment(&mut self, kind: SegmentKind, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.segments.last_mut() {
            // Only open text is merged: a secret that grows would be copied.
            Some((SegmentKind::Open, last)) if kind == SegmentKind::Open => last.push_str(text),
            _ => self.segments.push((kind, Zeroizing::new(String::from(text)))),
        }
    }
}

/// The masked view: open text as it is, `‹text 274 B›` for business content, `‹secret 32 B›` for secrets.
impl fmt::Display for SigningText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, text) in &self.segments {
            match kind {
                SegmentKind::Open => f.write_str(text)?,
                SegmentKind::Personal => write!(f, "‹text {} B›", text.len())?,
                SegmentKind::Secret => write!(f, "‹secret {} B›", text.len())?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SigningText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningText({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sha1;

    struct Call;
    impl Canonical for Call {
        fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
            sink.open("2.0.0");
            sink.open("");
            sink.open("app");
            sink.secret("票据-ticket");
            sink.personal("{\"ID_NO\":\"411528199110024452\"}");
        }
    }

    #[test]
    fn open_text_is_kept_in_one_piece() {
        let mut text = SigningText::default();
        for piece in ["a", "", "b"] {
            text.open(piece);
        }
        text.secret("s1");
        text.secret("s2");
        text.open("c");
        let expected = [
            (SegmentKind::Open, "ab"),
            (SegmentKind::Secret, "s1"),
            (SegmentKind::Secret, "s2"),
            (SegmentKind::Open, "c"),
        ];
        assert!(text.segments().eq(expected));
    }

    #[test]
    fn the_masked_view_shows_no_secret_and_no_personal_data() {
        let text = Call.signing_text();
        assert_eq!(alloc::format!("{text}"), "2.0.0app‹secret 13 B›‹text 30 B›");
        assert_eq!(alloc::format!("{text:?}"), "SigningText(2.0.0app‹secret 13 B›‹text 30 B›)");
    }

    #[test]
    fn the_kept_text_and_the_streamed_text_have_one_digest() {
        let text = Call.signing_text().expose();
        assert_eq!(text.as_str(), "2.0.0app票据-ticket{\"ID_NO\":\"411528199110024452\"}");
        assert_eq!(Hasher::<Sha1>::of(text.as_bytes()).as_bytes(), Call.digest::<Sha1>().as_bytes());
    }
}
