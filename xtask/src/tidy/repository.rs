//! The files of the repository as a value.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Paths from the root, `/` between their parts, with the text of each file (empty for what is not text).
pub(super) struct Repository(BTreeMap<String, String>);

impl Repository {
    /// Reads what lies below the root, except what `.gitignore` names.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let ignored = fs::read_to_string(root.join(".gitignore"))
            .map_err(|error| format!("cannot read .gitignore: {error}"))?;
        let mut repository = Self(BTreeMap::new());
        repository.visit(root, "", &Ignored::parse(&ignored)?)?;
        Ok(repository)
    }

    fn visit(&mut self, folder: &Path, prefix: &str, ignored: &Ignored) -> Result<(), String> {
        let failed = |error| format!("cannot read {}: {error}", folder.display());
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if path == ".git" || ignored.covers(&path) {
                continue;
            }
            if entry.file_type().map_err(failed)?.is_dir() {
                self.visit(&entry.path(), &format!("{path}/"), ignored)?;
            } else {
                let bytes = fs::read(entry.path()).map_err(failed)?;
                self.0.insert(path, String::from_utf8(bytes).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Made-up files.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// The number of files.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The text of one file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// All files whose path ends so, with their texts.
    pub(super) fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(path, _)| path.ends_with(end))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Is there a file, or a folder with files in it?
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        self.0.contains_key(path) || self.0.keys().any(|file| file.starts_with(&folder))
    }

    /// The names of the folders below `folder`.
    pub(super) fn folders(&self, folder: &str) -> Vec<&str> {
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        let mut names: Vec<_> = inside.filter_map(|rest| Some(rest.split_once('/')?.0)).collect();
        names.dedup();
        names
    }
}

/// The two forms of line that our `.gitignore` has: `/path` from the root, and `*end`.
struct Ignored {
    paths: Vec<String>,
    ends: Vec<String>,
}

impl Ignored {
    fn parse(text: &str) -> Result<Self, String> {
        let mut ignored = Self { paths: Vec::new(), ends: Vec::new() };
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(path) = line.strip_prefix('/') {
                ignored.paths.push(path.trim_end_matches('/').to_owned());
            } else if let Some(end) = line.strip_prefix('*') {
                ignored.ends.push(end.to_owned());
            } else {
                return Err(format!("`.gitignore` has `{line}`; tidy understands `/path` and `*end`"));
            }
        }
        Ok(ignored)
    }

    fn covers(&self, path: &str) -> bool {
        self.paths.iter().any(|ignored| ignored == path)
            || self.ends.iter().any(|end| path.ends_with(end.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_files_are_those_of_gitignore() {
        let ignored = Ignored::parse("# comment\n/target\n/fuzz/corpus/\n*.rejected.jsonl\n").unwrap();
        assert!(
            ignored.covers("target") && ignored.covers("fuzz/corpus") && ignored.covers("a/b.rejected.jsonl")
        );
        assert!(!ignored.covers("xtask/target") && !ignored.covers("targets"));
        assert!(Ignored::parse("target").is_err_and(|message| message.contains("`target`")));
    }

    #[test]
    fn files_and_folders_are_there() {
        let repository = Repository::of(&[("a/b/c.rs", ""), ("a/d", ""), ("a/b/e.rs", "x")]);
        assert!(
            repository.has("a/b")
                && repository.has("a/d")
                && !repository.has("b")
                && !repository.has("a/b/c")
        );
        assert_eq!(repository.folders("a"), ["b"]);
        assert_eq!(repository.ending(".rs").count(), 2);
        assert_eq!(repository.text("a/b/e.rs"), Some("x"));
    }
}
