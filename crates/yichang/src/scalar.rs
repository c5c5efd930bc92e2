//! Texts and numbers of a reply, taken alike (YC-4).

use std::borrow::Cow;

use serde_json::value::RawValue;
use sign_core::json::Scalar;

/// A text, or a number digit by digit as it is written; `None` for everything else.
pub(crate) fn text(value: &RawValue) -> Option<String> {
    Scalar::read(value).ok()?.any_text().map(Cow::into_owned)
}
