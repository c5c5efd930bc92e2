//! The files, compiled in.

use crate::{LoadError, Problem, Scheme, Semantics, Vector};

/// The files of vectors, in the order in which [`all`] gives them: known answers first.
const VECTORS: [(&str, &str); 5] = [
    ("known-answers.jsonl", include_str!("../vectors/known-answers.jsonl")),
    ("jinlaiban-java.jsonl", include_str!("../vectors/jinlaiban-java.jsonl")),
    ("yichang-php.jsonl", include_str!("../vectors/yichang-php.jsonl")),
    ("webank-java.jsonl", include_str!("../vectors/webank-java.jsonl")),
    ("webank-callback-java.jsonl", include_str!("../vectors/webank-callback-java.jsonl")),
];

const JAVA_SEMANTICS: (&str, &str) =
    ("java-semantics.jsonl", include_str!("../vectors/java-semantics.jsonl"));
const PHP_SEMANTICS: (&str, &str) = ("php-semantics.jsonl", include_str!("../vectors/php-semantics.jsonl"));

/// Every vector of every scheme: the documents' known answers first, then file by file.
///
/// # Panics
/// When a committed file is damaged; the message names file and line (see [`LoadError`]).
#[must_use]
pub fn all() -> Vec<Vector> {
    VECTORS.into_iter().flat_map(|file| load(file, Vector::parse)).collect()
}

/// The vectors of one scheme, known answers first.
///
/// # Panics
/// As [`all`].
#[must_use]
pub fn of(scheme: Scheme) -> Vec<Vector> {
    let mut vectors = all();
    vectors.retain(|vector| vector.scheme == scheme);
    vectors
}

/// How Java sorts, codes forms, removes nulls and hashes, observed on a JDK.
///
/// # Panics
/// As [`all`].
#[must_use]
pub fn java_semantics() -> Vec<Semantics> {
    load(JAVA_SEMANTICS, |line| Ok(serde_json::from_str(line)?))
}

/// How PHP sorts, makes texts of values, codes URLs and hashes, observed on PHP.
///
/// # Panics
/// As [`all`].
#[must_use]
pub fn php_semantics() -> Vec<Semantics> {
    load(PHP_SEMANTICS, |line| Ok(serde_json::from_str(line)?))
}

#[expect(
    clippy::panic,
    reason = "the files are compiled in: a damaged one is a bug here, and only tests load them"
)]
fn load<T>(file: (&'static str, &str), parse: impl Fn(&str) -> Result<T, Problem>) -> Vec<T> {
    read(file, parse).unwrap_or_else(|error| panic!("{error}"))
}

fn read<T>(
    (file, text): (&'static str, &str),
    parse: impl Fn(&str) -> Result<T, Problem>,
) -> Result<Vec<T>, LoadError> {
    text.lines()
        .enumerate()
        .map(|(index, line)| parse(line).map_err(|problem| LoadError { file, line: index + 1, problem }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_parses() {
        for file in VECTORS {
            let count = read(file, Vector::parse).unwrap().len();
            assert_eq!(count, file.1.lines().count(), "{}", file.0);
            assert!(count > 0, "{}", file.0);
        }
        assert_eq!(java_semantics().len(), 76);
        assert_eq!(php_semantics().len(), 28);
    }

    #[test]
    fn an_error_says_file_and_line() {
        let first = include_str!("../vectors/known-answers.jsonl").lines().next().unwrap();
        let error = read(("a.jsonl", &format!("{first}\n{{\n")), Vector::parse).unwrap_err();
        assert_eq!((error.file, error.line), ("a.jsonl", 2));
        assert!(matches!(error.problem, Problem::Json(_)), "{error:?}");
        assert!(error.to_string().starts_with("a.jsonl:2: not a case: "), "{error}");
    }
}
