//! How deep JSON is nested, found out in one pass and without recursion.

/// The deepest nesting that is accepted: as deep as `serde_json` follows when a handler's type is read from it.
pub(super) const MAX_DEPTH: usize = 127;

/// Is a text nested no deeper than [`MAX_DEPTH`]? Says nothing on whether it is JSON.
pub(super) fn is_shallow(json: &[u8]) -> bool {
    // Most texts have not even that many brackets; counting them takes a fraction of the time.
    let opening = |piece: &[u8]| piece.iter().map(|byte| u8::from(matches!(byte, b'{' | b'['))).sum::<u8>();
    // No piece has more than a byte can count, so that many are counted at once.
    let opening: usize = json.chunks(usize::from(u8::MAX)).map(|piece| usize::from(opening(piece))).sum();
    opening <= MAX_DEPTH || is_followed_shallow(json)
}

/// The same, text by text and bracket by bracket.
fn is_followed_shallow(json: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                depth = depth.saturating_add(1);
                if depth > MAX_DEPTH {
                    return false;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: bool) {
        assert_eq!(is_shallow(json.as_bytes()), expected);
        assert_eq!(is_followed_shallow(json.as_bytes()), expected);
    }

    #[test]
    fn only_brackets_outside_texts_count() {
        check("", true);
        check(&"[".repeat(MAX_DEPTH), true);
        check(&"[".repeat(MAX_DEPTH + 1), false);
        check(&"{\"a\":".repeat(MAX_DEPTH + 1), false);
        check(&"[]".repeat(1000), true);
        check(&format!("[\"{}\"]", "[".repeat(1000)), true);
        check(&format!("[\"\\\"{}\"]", "[".repeat(1000)), true);
        check(&format!("[\"\\\\\",{}", "[".repeat(1000)), false);
        // Outside of texts, a backslash hides nothing from the count.
        check(&"\\[".repeat(MAX_DEPTH + 1), false);
    }

    /// What is let through is never too deep for a handler's type.
    #[test]
    fn the_limit_is_the_readers() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(serde_json::from_str::<serde_json::Value>(&nested(MAX_DEPTH)).is_ok());
        assert!(serde_json::from_str::<serde_json::Value>(&nested(MAX_DEPTH + 1)).is_err());
    }
}
