//! The mistakes that people make when they sign.

use crate::{
    BodyForm, Collation, DigestKind, Encoding, Ends, Fill, Letters, Names, Newlines, Order, Output,
    PairFormat, Place, Rounds, SecretForm, SortKey, TextForm, TimeForm,
};

/// A mistake: what was done in place of what the recipe says. Parameters are named by their place in the request, from
/// 0. What it is in words: see [`Mistake`](crate::Mistake).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mutation {
    /// Another digest, or no HMAC where one belongs.
    Digest(DigestKind),
    /// An HMAC with the secret as its key.
    Hmac {
        /// Of which digest.
        digest: DigestKind,
        /// Is the secret in the text all the same?
        secret_in_text: bool,
    },
    /// A digest of the digest, or of its hexadecimal text.
    Rounds(Rounds),
    /// The letters of the hexadecimal text.
    Letters(Letters),
    /// The digest written otherwise.
    Output(Output),
    /// The middle 16 digits of an MD5, or all 32 where the middle belongs.
    Short(bool),
    /// Another order.
    Order(Order),
    /// The secret elsewhere, with another name, or missing.
    Secret(Place<&'static str>),
    /// The secret altered.
    SecretForm(SecretForm),
    /// Another one of the secrets that were given, by its place.
    OtherSecret(u8),
    /// Nulls treated otherwise.
    Nulls(Fill),
    /// Empty texts treated otherwise.
    Empties(Fill),
    /// Values encoded or decoded before signing.
    Encoding(Encoding),
    /// The text as a whole in another charset, letter case or encoding.
    Text(TextForm),
    /// Something at the ends of the text.
    Ends(Ends),
    /// White space at the ends of values cut off.
    Trimmed,
    /// Line ends within values changed.
    Newlines(Newlines),
    /// Names in another letter case.
    Names(Names),
    /// Name and value put together otherwise.
    Pair(PairFormat),
    /// Something else between the parameters.
    Separator(&'static str),
    /// A parameter left out.
    Missing(u16),
    /// A parameter signed twice.
    Twice(u16),
    /// A parameter signed that takes no part.
    Added(u16),
    /// Something signed that the request does not have.
    Extra {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: &'static str,
    },
    /// A body signed in another form than it has.
    Body(u16, BodyForm),
    /// A time stamp signed in another unit, or a later one.
    Time(u16, TimeForm),
}

/// On how many axes one mutation can lie.
pub(crate) type Axes = (u16, Option<u16>);

const DIGEST: u16 = 0;
const PLACE: u16 = 1;
const OF_PARAMETERS: u16 = 32;

impl Mutation {
    /// The word for it in JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Digest(_) => "digest",
            Self::Hmac { .. } => "hmac",
            Self::Rounds(_) => "digest-twice",
            Self::Letters(_) => "letter-case",
            Self::Output(_) => "output",
            Self::Short(_) => "short-md5",
            Self::Order(_) => "order",
            Self::Secret(_) => "secret-place",
            Self::SecretForm(_) => "secret-altered",
            Self::OtherSecret(_) => "other-secret",
            Self::Nulls(_) => "null",
            Self::Empties(_) => "empty",
            Self::Encoding(_) => "value-encoding",
            Self::Text(TextForm::Gbk) => "charset",
            Self::Text(_) => "text-form",
            Self::Ends(_) => "text-ends",
            Self::Trimmed => "values-trimmed",
            Self::Newlines(_) => "newlines",
            Self::Names(_) => "names",
            Self::Pair(_) => "pair-format",
            Self::Separator(_) => "separator",
            Self::Missing(_) => "parameter-missing",
            Self::Twice(_) => "parameter-twice",
            Self::Added(_) | Self::Extra { .. } => "parameter-added",
            Self::Body(..) => "body-form",
            Self::Time(..) => "time-stamp",
        }
    }

    /// Two mistakes on one axis exclude each other.
    pub(crate) const fn axes(&self) -> Axes {
        let one = match self {
            // The key takes the place of the secret in the text.
            Self::Hmac { secret_in_text: false, .. } => return (DIGEST, Some(PLACE)),
            Self::Digest(_) | Self::Hmac { .. } => DIGEST,
            Self::Secret(_) => PLACE,
            Self::Rounds(_) => 2,
            // Only hexadecimal text has a letter case.
            Self::Letters(_) | Self::Output(_) => 3,
            Self::Short(_) => 5,
            Self::Order(_) => 6,
            Self::SecretForm(_) => 7,
            Self::OtherSecret(_) => 8,
            Self::Nulls(_) => 9,
            Self::Empties(_) => 10,
            Self::Encoding(_) => 11,
            Self::Text(_) => 12,
            Self::Ends(_) => 13,
            Self::Trimmed => 14,
            Self::Newlines(_) => 15,
            Self::Names(_) => 16,
            Self::Pair(_) => 17,
            Self::Separator(_) => 18,
            // One thing too many at a time.
            Self::Extra { .. } => 19,
            Self::Missing(at) | Self::Twice(at) | Self::Added(at) | Self::Body(at, _) | Self::Time(at, _) => {
                OF_PARAMETERS.saturating_add(*at)
            }
        };
        (one, None)
    }

    /// Can both be made at once?
    #[must_use]
    pub fn goes_with(&self, other: &Self) -> bool {
        !self.excludes(other)
    }

    pub(crate) fn excludes(&self, other: &Self) -> bool {
        let ((a, b), (c, d)) = (self.axes(), other.axes());
        let one_axis = a == c || Some(a) == d || b == Some(c) || (b.is_some() && b == d);
        // Only an MD5 has a short form.
        let no_md5 = |it: &Self| match it {
            Self::Digest(digest) | Self::Hmac { digest, .. } => *digest != DigestKind::Md5,
            _ => false,
        };
        let short = |it: &Self| matches!(it, Self::Short(true));
        one_axis || (short(self) && no_md5(other)) || (short(other) && no_md5(self))
    }

    /// Does it concern the secret, the digest and the ends, rather than the parameters?
    pub(crate) const fn frames(&self) -> bool {
        matches!(
            self,
            Self::Digest(_)
                | Self::Hmac { .. }
                | Self::Rounds(_)
                | Self::Secret(_)
                | Self::SecretForm(_)
                | Self::OtherSecret(_)
                | Self::Ends(_)
        )
    }

    /// How far-fetched it is: the likely mistakes first. Of several explanations, the one with the least sum leads.
    pub(crate) fn cost(&self) -> u16 {
        match self {
            Self::Letters(_) => 5,
            Self::Digest(_) | Self::OtherSecret(_) => 8,
            Self::SecretForm(form) => match form {
                SecretForm::Newline | SecretForm::Trimmed => 10,
                SecretForm::BlankBehind | SecretForm::BlankInFront | SecretForm::DoubleQuoted => 16,
                SecretForm::CrLf | SecretForm::Blanks | SecretForm::SingleQuoted => 22,
                SecretForm::Md5 | SecretForm::Upper | SecretForm::Lower => 34,
                _ => 50,
            },
            Self::Secret(place) => place_cost(place),
            Self::Order(order) => match (order.by, order.collation, order.descending) {
                (SortKey::Given, ..) => 9,
                (SortKey::Name, Collation::Bytes, false) => 11,
                (_, Collation::IgnoreCase, false) => 15,
                (SortKey::Name | SortKey::Pair, _, false) => 13,
                (SortKey::Value, _, false) => 30,
                (_, _, true) => 32,
            },
            Self::Body(_, form) => match form {
                BodyForm::Compact | BodyForm::Newline => 11,
                BodyForm::Python | BodyForm::Php | BodyForm::Pretty2 | BodyForm::Spaced => 14,
                BodyForm::Sorted | BodyForm::Slashes | BodyForm::Ascii | BodyForm::Pretty4 => 20,
                _ => 30,
            },
            Self::Encoding(encoding) => match encoding {
                Encoding::Percent | Encoding::Form | Encoding::Decoded => 12,
                Encoding::Component | Encoding::FormPhp | Encoding::PercentLower | Encoding::FormLower => 18,
                _ => 26,
            },
            Self::Empties(Fill::Kept | Fill::Dropped) | Self::Nulls(Fill::Kept) => 13,
            Self::Nulls(Fill::Null) => 14,
            Self::Missing(_) => 17,
            Self::Time(_, form) => match form {
                TimeForm::Millis(0) | TimeForm::Seconds => 15,
                TimeForm::Later(by) => 40_u16.saturating_add(by.unsigned_abs()),
                TimeForm::Millis(rest) => 200_u16.saturating_add(*rest),
            },
            Self::Added(_) => 18,
            Self::Text(TextForm::Gbk) => 19,
            Self::Output(_) | Self::Short(_) => 20,
            Self::Hmac { secret_in_text: false, .. } | Self::Trimmed => 21,
            Self::Ends(Ends::Newline | Ends::Bom) | Self::Newlines(_) => 23,
            Self::Twice(_) => 24,
            Self::Extra { .. } | Self::Pair(_) | Self::Rounds(Rounds::OfHex) => 25,
            Self::Separator(_) | Self::Hmac { .. } => 27,
            Self::Names(_) | Self::Ends(_) => 28,
            Self::Nulls(_) | Self::Empties(_) | Self::Text(_) | Self::Rounds(_) => 33,
        }
    }
}

fn place_cost(place: &Place<&str>) -> u16 {
    match place {
        Place::Nowhere { instead: "" } => 10,
        Place::End { before: "&" | "", after: "" } => 11,
        Place::End { before: "&key=" | "&secret=" | "&appSecret=" | "&appsecret=", after: "" } => 14,
        Place::Front { before: "", after: "" } | Place::Sorted | Place::Nowhere { .. } => 18,
        Place::BothEnds { .. } => 22,
        Place::EndTwice { .. } | Place::SortedAs { .. } | Place::Front { .. } => 26,
        Place::End { .. } | Place::Behind { .. } => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excludes_what() {
        let place = Mutation::Secret(Place::Sorted);
        let bare = Mutation::Hmac { digest: DigestKind::Md5, secret_in_text: false };
        let both = Mutation::Hmac { digest: DigestKind::Md5, secret_in_text: true };
        assert!(
            bare.excludes(&place) && place.excludes(&bare) && bare.excludes(&both) && bare.excludes(&bare)
        );
        assert!(!both.excludes(&place) && !place.excludes(&Mutation::Trimmed));
        assert!(Mutation::Missing(1).excludes(&Mutation::Twice(1)));
        assert!(!Mutation::Missing(1).excludes(&Mutation::Missing(2)));
    }
}
