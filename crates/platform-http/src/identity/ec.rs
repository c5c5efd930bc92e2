//! Elliptic-curve keys as Java writes them: without the public half, which ring wants to see.

use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{self, Decode as _, Encode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// RFC 5480 §2.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const PUBLIC_HALF: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(1) };

/// The PKCS#8 key with the public half added that stands in its certificate's `SubjectPublicKeyInfo`. ring checks
/// that the halves belong together. [`None`] when it is no such key, or has both halves.
pub(super) fn with_public_half(pkcs8: &[u8], public_key: &[u8]) -> Option<Vec<u8>> {
    completed(pkcs8, public_key).ok().flatten()
}

fn completed(pkcs8: &[u8], public_key: &[u8]) -> der::Result<Option<Vec<u8>>> {
    let public_key = SubjectPublicKeyInfoRef::from_der(public_key)?;
    if public_key.algorithm.oid != EC_PUBLIC_KEY {
        return Ok(None);
    }
    // RFC 5208 §5: version, algorithm, private key.
    let mut outer = members(pkcs8)?;
    let Some(private) = outer.get_mut(2) else { return Ok(None) };
    // RFC 5915 §3: version, private half, [0] curve, [1] public half.
    let mut inner = members(private.decode_as::<&OctetStringRef>()?.as_bytes())?;
    if inner.iter().any(|member| member.tag() == PUBLIC_HALF) {
        return Ok(None);
    }
    let point = public_key.subject_public_key.to_der()?;
    inner.push(AnyRef::new(PUBLIC_HALF, &point)?);
    let inner = sequence(&inner)?;
    *private = AnyRef::new(Tag::OctetString, &inner)?;
    sequence(&outer).map(Some)
}

fn members(der: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(AnyRef::from_der(der)?.value())?;
    let mut members = Vec::new();
    while !reader.is_finished() {
        members.push(AnyRef::decode(&mut reader)?);
    }
    Ok(members)
}

fn sequence(members: &[AnyRef<'_>]) -> der::Result<Vec<u8>> {
    let mut content = Vec::new();
    for member in members {
        member.encode_to_vec(&mut content)?;
    }
    AnyRef::new(Tag::Sequence, &content)?.to_der()
}
