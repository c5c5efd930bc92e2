//! The text to sign of one candidate, in plain steps: for people, and as the measure of the fast way.

use sign_core::SegmentKind;

use crate::digest::{Sum, digest_of};
use crate::order::Sortable;
use crate::plan::{Frame, Plan};
use crate::prepared::Prepared;
use crate::{Letters, NamedSecret, Place, TextForm};

/// A parameter as it is signed, in its place.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) entry: usize,
    pub(crate) name: String,
    pub(crate) value: String,
    pair: String,
}

impl Row {
    pub(crate) fn new(entry: usize, name: String, value: String) -> Self {
        let pair = [name.as_str(), "=", value.as_str()].concat();
        Self { entry, name, value, pair }
    }

    pub(crate) fn key(&self) -> Sortable<'_> {
        Sortable { name: &self.name, value: &self.value, pair: &self.pair }
    }
}

/// The parameters that take part, sorted.
pub(crate) fn rows(prepared: &Prepared<'_>, plan: &Plan<'_>) -> Vec<Row> {
    let mut rows = taken(prepared, plan);
    rows.sort_by(|a, b| plan.order.compare(a.key(), b.key()));
    rows
}

/// The parameters that take part, in the order in which they were given.
pub(crate) fn taken(prepared: &Prepared<'_>, plan: &Plan<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for at in &prepared.given {
        let Some(entry) = prepared.entries.get(*at) else { continue };
        let (times, form) = plan.uses(*at, entry);
        if let Some((name, value)) = plan.globals.piece(entry, form).filter(|_| times > 0) {
            let row = Row::new(*at, name.into_owned(), value.into_owned());
            rows.extend(std::iter::repeat_n(row, times.into()));
        }
    }
    rows
}

/// Writes the text to sign, piece by piece, before its [`TextForm`] is applied.
pub(crate) fn write(
    prepared: &Prepared<'_>,
    plan: &Plan<'_>,
    secrets: &[NamedSecret],
    out: &mut dyn FnMut(SegmentKind, &str),
) {
    let rows = rows(prepared, plan);
    let frame = &plan.frame;
    let secret = secret_text(frame, secrets);
    let (first, last) = frame.ends.texts();
    out(SegmentKind::Open, first);
    match frame.place {
        Place::Front { before, after } => {
            out(SegmentKind::Open, before);
            out(SegmentKind::Secret, &secret);
            out(SegmentKind::Open, after);
        }
        Place::BothEnds { after, .. } => {
            out(SegmentKind::Secret, &secret);
            out(SegmentKind::Open, after);
        }
        _ => {}
    }
    let within = hole(&rows, plan, &secret);
    let put_secret = |out: &mut dyn FnMut(SegmentKind, &str)| match frame.place {
        Place::SortedAs { name } => plan.globals.pair.write(name, &secret, |text, value| {
            out(if value { SegmentKind::Secret } else { SegmentKind::Open }, text);
        }),
        _ => out(SegmentKind::Secret, &secret),
    };
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            out(SegmentKind::Open, plan.separator);
        }
        if within == Some(at) {
            put_secret(out);
            out(SegmentKind::Open, plan.separator);
        }
        let body = prepared.entries.get(row.entry).is_some_and(|entry| entry.body);
        plan.globals.pair.write(&row.name, &row.value, |text, value| {
            out(if value && body { SegmentKind::Personal } else { SegmentKind::Open }, text);
        });
    }
    if within == Some(rows.len()) {
        if !rows.is_empty() {
            out(SegmentKind::Open, plan.separator);
        }
        put_secret(out);
    }
    match frame.place {
        Place::Nowhere { instead } => out(SegmentKind::Open, instead),
        Place::End { before, after } => {
            out(SegmentKind::Open, before);
            out(SegmentKind::Secret, &secret);
            out(SegmentKind::Open, after);
        }
        Place::EndTwice { before } => {
            for _ in 0..2 {
                out(SegmentKind::Open, before);
                out(SegmentKind::Secret, &secret);
            }
        }
        Place::BothEnds { before, .. } => {
            out(SegmentKind::Open, before);
            out(SegmentKind::Secret, &secret);
        }
        Place::Front { .. } | Place::Sorted | Place::SortedAs { .. } | Place::Behind { .. } => {}
    }
    out(SegmentKind::Open, last);
}

/// Before which of the parameters the secret stands, where it stands among them.
fn hole(rows: &[Row], plan: &Plan<'_>, secret: &str) -> Option<usize> {
    let key = match plan.frame.place {
        Place::Behind { count } => return Some(rows.len().min(count.into())),
        Place::Sorted => Row::new(0, secret.to_owned(), secret.to_owned()),
        Place::SortedAs { name } => Row::new(0, name.to_owned(), secret.to_owned()),
        _ => return None,
    };
    // How a bare secret sorts among pairs, nobody says: it is compared as a whole.
    let key = match plan.frame.place {
        Place::Sorted => Sortable { pair: secret, ..key.key() },
        _ => key.key(),
    };
    let behind = |row: &Row| plan.order.compare(row.key(), key).is_gt();
    Some(rows.iter().position(behind).unwrap_or(rows.len()))
}

pub(crate) fn secret_text(frame: &Frame<'_>, secrets: &[NamedSecret]) -> zeroize::Zeroizing<String> {
    let secret = secrets.get(frame.secret).map_or("", |named| named.secret.expose());
    zeroize::Zeroizing::new(frame.form.apply(secret).into_owned())
}

/// The key of an HMAC.
pub(crate) fn key(frame: &Frame<'_>, text: TextForm, secrets: &[NamedSecret]) -> Option<Vec<u8>> {
    let charset = if text == TextForm::Gbk { TextForm::Gbk } else { TextForm::Utf8 };
    frame.hmac.then(|| charset.apply(&secret_text(frame, secrets)).into_owned())
}

pub(crate) fn digest(prepared: &Prepared<'_>, plan: &Plan<'_>, secrets: &[NamedSecret]) -> Sum {
    let mut bytes = zeroize::Zeroizing::new(Vec::new());
    write(prepared, plan, secrets, &mut |_, text| bytes.extend_from_slice(&plan.globals.text.apply(text)));
    let key = key(&plan.frame, plan.globals.text, secrets);
    digest_of(plan.frame.digest, key.as_deref(), &bytes, plan.frame.rounds)
}

pub(crate) fn signature(prepared: &Prepared<'_>, plan: &Plan<'_>, secrets: &[NamedSecret]) -> String {
    let text = plan.output.write(&digest(prepared, plan, secrets), plan.short);
    match plan.letters {
        None => text,
        Some(Letters::Lower) => text.to_ascii_lowercase(),
        Some(Letters::Upper) => text.to_ascii_uppercase(),
        Some(Letters::Mixed) => {
            // The first letter in one case, the others in the other.
            let first = text.find(|character: char| character.is_ascii_alphabetic());
            let mixed = text.char_indices().map(|(at, character)| {
                if Some(at) == first {
                    character.to_ascii_uppercase()
                } else {
                    character.to_ascii_lowercase()
                }
            });
            mixed.collect()
        }
    }
}
