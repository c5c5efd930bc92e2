//! Places in documents that a chore writes: from `<!-- NAME: begin -->` to `<!-- NAME: end -->`.

use std::fs;

use crate::command::root;

/// The document with what stands between the marks exchanged.
///
/// # Errors
///
/// When it has no such marks; `path` is what the message calls it.
pub(crate) fn replaced(path: &str, text: &str, name: &str, new: &str) -> Result<String, String> {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let missing = || format!("{path} has no marks `{}` and `{end}`", begin.trim_end());
    let (before, rest) = text.split_once(&begin).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&end).ok_or_else(missing)?;
    Ok(format!("{before}{begin}{new}{end}{after}"))
}

/// Writes it into the file, below the root of the workspace.
pub(crate) fn write(path: &str, name: &str, new: &str) -> Result<(), String> {
    let file = root().join(path);
    let text = fs::read_to_string(&file).map_err(|error| format!("cannot read {path}: {error}"))?;
    let made = replaced(path, &text, name, new)?;
    fs::write(&file, made).map_err(|error| format!("cannot write {path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_marked_changes() {
        let text = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n";
        let new = "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb\n";
        assert_eq!(replaced("D.md", text, "x", "new\n"), Ok(new.to_owned()));
        let missing = "D.md has no marks `<!-- y: begin -->` and `<!-- y: end -->`";
        assert_eq!(replaced("D.md", text, "y", ""), Err(missing.to_owned()));
    }
}
