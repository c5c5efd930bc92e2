//! Signing calls, `SPEC.md §3.1`.

use sign_core::{
    Canonical, Case, Nonce, Order, Secret, SegmentKind, Sha1, Signature, SignatureError, TextSink,
};

/// Letters and digits in a call's nonce.
pub const NONCE_LENGTH: usize = 32;

/// A call's nonce: 32 letters and digits.
pub type CallNonce = Nonce<NONCE_LENGTH>;

/// What a call signs, except the ticket. The body is the text that travels, to the byte.
#[derive(Clone, Copy)]
pub struct SignedValues<'a> {
    /// Assigned by the bank.
    pub app_id: &'a str,
    /// `2.0.0`, for [`crate::FILE_VERSION`] operations `1.0.0`.
    pub version: &'a str,
    /// 32 letters and digits, new for each call.
    pub nonce: &'a str,
    /// WB-6: absent and empty sign alike.
    pub kind: Option<&'a str>,
    /// The body exactly as sent; [`None`] where it is not signed.
    pub body: Option<&'a str>,
}

/// The values of a call together with the ticket that signs them: the text to sign is their sorted concatenation.
#[derive(Clone, Copy)]
pub struct SigningInput<'a> {
    values: [(SegmentKind, &'a str); 6],
}

impl<'a> SigningInput<'a> {
    /// Puts the values into their signing order. Allocates nothing.
    #[must_use]
    pub fn new(values: SignedValues<'a>, ticket: &'a Secret) -> Self {
        // SPEC.md §3.1: nulls are removed; an empty string stays and adds nothing, so absent may be empty here.
        let mut values = [
            (SegmentKind::Open, values.app_id),
            (SegmentKind::Open, values.version),
            (SegmentKind::Open, values.nonce),
            (SegmentKind::Open, values.kind.unwrap_or("")),
            (SegmentKind::Personal, values.body.unwrap_or("")),
            (SegmentKind::Secret, ticket.expose()),
        ];
        // SPEC.md §3.1: sorted as Java does, by UTF-16 code unit, the ticket among the others.
        values.sort_unstable_by(|(_, a), (_, b)| Order::Utf16.compare(a, b));
        Self { values }
    }
}

impl Canonical for SigningInput<'_> {
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        for (kind, text) in self.values {
            sink.segment(kind, text);
        }
    }
}

/// Any list of values and the ticket, as the platform's sample code takes them.
#[derive(Clone)]
pub struct ValueList<'a> {
    values: Vec<(SegmentKind, &'a str)>,
}

impl<'a> ValueList<'a> {
    /// Removes nulls and sorts. Values are taken to be personal: any of them may be a body.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = Option<&'a str>>, ticket: &'a Secret) -> Self {
        let mut values: Vec<_> =
            values.into_iter().flatten().map(|text| (SegmentKind::Personal, text)).collect();
        values.push((SegmentKind::Secret, ticket.expose()));
        values.sort_unstable_by(|(_, a), (_, b)| Order::Utf16.compare(a, b));
        Self { values }
    }

    /// The signature: SHA-1 over UTF-8, upper-case hex.
    #[must_use]
    pub fn sign(&self) -> Signature {
        self.digest::<Sha1>().signature(Case::Upper)
    }

    /// Is `got` the signature? In constant time, letter case aside (WB-11).
    ///
    /// # Errors
    /// [`SignatureError`] says in which way it is not, never what the right one is.
    pub fn verify(&self, got: &str) -> Result<(), SignatureError> {
        self.digest::<Sha1>().verify(got)
    }
}

impl Canonical for ValueList<'_> {
    fn write_to<S: TextSink + ?Sized>(&self, sink: &mut S) {
        for (kind, text) in &self.values {
            sink.segment(*kind, text);
        }
    }
}

/// Signs a call: SHA-1 over UTF-8, upper-case hex (WB-11). Allocates nothing.
///
/// ```
/// use webank::{SignedValues, sign};
/// let ticket = sign_core::Secret::new("58b8ea10e5487b88e555feec27fb48201fd788c05b2d424234537b73c7282b70")?;
/// let values = SignedValues {
///     app_id: "wxhiw5xt6q4qtmwcrn",
///     version: webank::VERSION,
///     nonce: "489c60c97daef599efd10cfda46860a1",
///     kind: None,
///     body: Some("{}"),
/// };
/// assert_eq!(sign(values, &ticket).as_str(), "F18E7F0340E4648161F75763944EEFB3E0A96E91");
/// # Ok::<(), sign_core::EmptySecret>(())
/// ```
#[must_use]
pub fn sign(values: SignedValues<'_>, ticket: &Secret) -> Signature {
    SigningInput::new(values, ticket).digest::<Sha1>().signature(Case::Upper)
}
