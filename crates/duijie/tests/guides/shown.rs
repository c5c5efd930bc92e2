//! What a guide shows beside what a command says: `…` stands for what varies.

const ANYTHING: char = '…';

/// A line of `…` is any number of lines. Nothing shown is nothing asked for.
pub(crate) fn compare(shown: &[String], said: &str) -> Result<(), String> {
    let said: Vec<&str> = said.lines().collect();
    if shown.is_empty() || fit(shown, &said) {
        return Ok(());
    }
    let lost = shown.iter().find(|line| !said.iter().any(|said| is_like(line, said)));
    Err(match lost {
        Some(line) => format!("it does not say `{line}`"),
        None => "the lines are others, or in another order, than the guide shows".to_owned(),
    })
}

fn fit(shown: &[String], said: &[&str]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((first, rest)) if first.trim() == "…" => (0..=said.len()).any(|from| fit(rest, &said[from..])),
        Some((first, rest)) => {
            said.split_first().is_some_and(|(line, left)| is_like(first, line) && fit(rest, left))
        }
    }
}

fn is_like(shown: &str, said: &str) -> bool {
    let mut pieces = shown.split(ANYTHING);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    let pieces: Vec<_> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The comparison itself: a guide that shows something else does not pass.
pub(crate) fn tells_apart() {
    #[track_caller]
    fn check(shown: &str, said: &str, fits: bool) {
        let shown: Vec<_> = shown.lines().map(str::to_owned).collect();
        assert_eq!(compare(&shown, said).is_ok(), fits, "{shown:?} {said:?}");
    }
    check("", "anything\n", true);
    check("a\nb", "a\nb\n", true);
    check("a\nb", "a\n", false);
    check("a", "a\nb\n", false);
    check("a\n\nb", "a\nb\n", false);
    check("a\n…", "a\nb\nc\n", true);
    check("a\n…", "a\n", true);
    check("…\nc", "a\nb\nc\n", true);
    check("…\nb", "a\nb\nc\n", false);
    check("b\na\n…", "a\nb\n", false);
    check("left … s", "left 12 s", true);
    check("left … s", "left 12 m", false);
    check("…ab…", "xaby", true);
    check("…ab…cd", "xcdab", false);
    check("sign=…", "sign=", true);
    check("signed=…", "sign=1", false);
}
