//! The known name that somebody probably meant.

/// The known name nearest to `name`, if one is near: a letter wrong, left out, too many, or two of them swapped; in
/// names of eight letters and more, two. Case does not count.
pub(super) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wanted = letters(name)?;
    let near = known.into_iter().filter_map(|candidate| {
        let letters = letters(candidate)?;
        let distance = distance(&wanted, &letters);
        (distance <= allowed(wanted.len().min(letters.len()))).then_some((distance, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Names longer than this have no neighbours: looking for them would cost more than it helps.
const LONGEST: usize = 64;

fn letters(name: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = name.chars().take(LONGEST + 1).map(|c| c.to_ascii_lowercase()).collect();
    (!letters.is_empty() && letters.len() <= LONGEST).then_some(letters)
}

const fn allowed(length: usize) -> usize {
    match length {
        0..=1 => 0,
        2..=7 => 1,
        _ => 2,
    }
}

/// Letters to change, add, leave out or swap with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the table: for the prefixes of `a` two before, one before, and this one.
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, &x) in (1..).zip(a) {
        let mut now = vec![row];
        let mut left = None;
        let mut corner_two = None;
        for ((&y, pair), two) in b.iter().zip(last.windows(2)).zip(&before) {
            let &[corner, above] = pair else { break };
            let beside = now.last().copied().unwrap_or(row);
            let mut cost = (above + 1).min(beside + 1).min(corner + usize::from(x != y));
            if let (Some(swapped), true) = (corner_two, previous == Some(y) && left == Some(x)) {
                cost = cost.min(swapped + 1);
            }
            now.push(cost);
            corner_two = Some(*two);
            left = Some(y);
        }
        before = std::mem::replace(&mut last, now);
        previous = Some(x);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(nearest(name, ["age", "sex", "realName", "children", "城市", "level"]), expected);
    }

    #[test]
    fn the_nearest_name_is_one_that_was_probably_meant() {
        check("agee", Some("age"));
        check("aeg", Some("age"));
        check("AGE", Some("age"));
        check("chlidren", Some("children"));
        check("childern", Some("children"));
        check("realname", Some("realName"));
        check("relaNmae", Some("realName"));
        check("城巿", Some("城市"));
        check("levels", Some("level"));
        check("gender", None);
        check("", None);
        check("a", None);
        check(&"x".repeat(1000), None);
    }

    #[track_caller]
    fn far(a: &str, b: &str, expected: usize) {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters(a), &letters(b)), expected, "{a} {b}");
        assert_eq!(distance(&letters(b), &letters(a)), expected, "{b} {a}");
    }

    #[test]
    fn distances() {
        far("", "", 0);
        far("abc", "", 3);
        far("abc", "abc", 0);
        far("abc", "acb", 1);
        far("ab", "ba", 1);
        far("abcd", "badc", 2);
        far("kitten", "sitting", 3);
    }
}
