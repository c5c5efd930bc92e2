//! Which stage went wrong first.

use crate::{Expected, Vector};

/// How many characters of each side a report shows: enough to see the place, too few to flood a terminal.
const SHOWN: usize = 32;

/// Compares what a signer made, stage by stage, and names the first stage that is wrong; `None` when all agree.
///
/// `got_text` is the text to sign with its secret, `got_digest` lower-case hex, `got_signature` as it travels: letter
/// case counts. The report says at which character (from 0) the stage parts from the vector, and cites the vector's
/// note. For a case that must be refused, any signature is wrong.
#[must_use]
pub fn report_first_difference(
    vector: &Vector,
    got_text: &str,
    got_digest: &str,
    got_signature: &str,
) -> Option<String> {
    let found = match &vector.expected {
        Expected::Error { kind } => Some(format!("signed, but must be refused: {kind}")),
        Expected::Signature { text, digest, signature } => [
            ("text", text, got_text),
            ("digest", digest, got_digest),
            ("signature", signature, got_signature),
        ]
        .into_iter()
        .find_map(|(stage, expected, got)| difference(stage, expected, got)),
    }?;
    Some(format!("{}: {found} ({})", vector.id, vector.note))
}

fn difference(stage: &str, expected: &str, got: &str) -> Option<String> {
    if expected == got {
        return None;
    }
    let common = expected.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    let from_there = |text: &str| text.chars().skip(common).take(SHOWN).collect::<String>();
    Some(format!(
        "{stage} differs at character {common}: expected {:?}, got {:?}",
        from_there(expected),
        from_there(got)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(outcome: &str) -> Vector {
        let head = r#"{"id":"w-1","scheme":"webank","origin":"o","note":"why","input":{}"#;
        Vector::parse(&format!("{head},{outcome}}}")).unwrap()
    }

    #[track_caller]
    fn check((text, digest, signature): (&str, &str, &str), expected: Option<&str>) {
        let vector = vector(r#""text":"a中文b","digest":"0a","signature":"0A""#);
        assert_eq!(report_first_difference(&vector, text, digest, signature).as_deref(), expected);
    }

    #[test]
    fn the_first_wrong_stage_is_named() {
        check(("a中文b", "0a", "0A"), None);
        check(
            ("a中x", "ff", "FF"),
            Some(r#"w-1: text differs at character 2: expected "文b", got "x" (why)"#),
        );
        check(
            ("a中文b", "0b", "FF"),
            Some(r#"w-1: digest differs at character 1: expected "a", got "b" (why)"#),
        );
        check(
            ("a中文b", "0a", "0a"),
            Some(r#"w-1: signature differs at character 1: expected "A", got "a" (why)"#),
        );
        check(("a中文", "0a", "0A"), Some(r#"w-1: text differs at character 3: expected "b", got "" (why)"#));
        check(
            ("a中文bc", "0a", "0A"),
            Some(r#"w-1: text differs at character 4: expected "", got "c" (why)"#),
        );
    }

    #[test]
    fn a_signature_where_none_may_be() {
        let vector = vector(r#""error":"empty-secret""#);
        assert_eq!(
            report_first_difference(&vector, "", "", "").as_deref(),
            Some("w-1: signed, but must be refused: empty-secret (why)")
        );
    }

    #[test]
    fn long_texts_are_shown_in_part() {
        let report = difference("text", &"x".repeat(65536), "").unwrap();
        assert!(report.len() < 200, "{report}");
    }
}
