//! What the licences of the parts ask for: their texts, with the names of those who wrote them, handed out with the binary.
//! Each text stands once, under the parts that came with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::tree::{Id, Part, Tree};

/// How the files begin in which packages carry their licences, in lower case.
const NAMES: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];

const HEAD: &str = "\
What `duijie` is made of besides its own code, with the licences that came with it. Of several licences that are joined by
OR any one may be chosen. duijie.cdx.json lists the same parts for programs.
";

/// The texts for all that is in the binary and is not ours.
///
/// # Errors
///
/// When a package's folder, or a licence in it, cannot be read.
pub(super) fn make(tree: &Tree) -> Result<String, String> {
    let theirs = tree.parts.iter().filter(|(_, part)| !part.builds_only && part.checksum.is_some());
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut without = Vec::new();
    for (id, part) in theirs {
        let found = licences(&part.folder)?;
        if found.is_empty() {
            let repository = part.repository.as_deref().unwrap_or("no repository");
            without.push(format!("  {}: {repository}\n", line(id, part)));
        }
        for text in found {
            texts.entry(text).or_default().insert(line(id, part));
        }
    }
    // By the first of its parts, so that a new part moves nothing else.
    let mut texts: Vec<_> = texts.into_iter().map(|(text, parts)| (parts, text)).collect();
    texts.sort();
    let mut made = HEAD.to_owned();
    if !without.is_empty() {
        made.push_str("\nThese packages carry no text; it is that of the licence they name:\n\n");
        made.extend(without);
    }
    for (parts, text) in texts {
        made.push_str(&format!("\n{}\n", "=".repeat(100)));
        made.extend(parts.iter().map(|part| format!("{part}\n")));
        made.push_str(&format!("{}\n\n{text}\n", "-".repeat(100)));
    }
    Ok(made)
}

fn line((name, version): &Id, part: &Part) -> String {
    let licence = super::bom::expression(part.license.as_deref());
    format!("{name} {version} ({})", licence.unwrap_or_else(|| "see below".to_owned()))
}

/// The texts in a package's folder, in the order of their files' names, without what differs between systems.
fn licences(folder: &Path) -> Result<Vec<String>, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if NAMES.iter().any(|start| name.starts_with(start)) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let text = |path: &std::path::PathBuf| {
        let bytes = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim_matches('\n').trim_end().to_owned())
    };
    files.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::tree;
    use super::*;

    #[test]
    fn each_text_stands_once_under_all_that_came_with_it() {
        let folder = std::env::temp_dir().join(format!("xtask-notices-{}", std::process::id()));
        for (name, text) in [("lib/LICENSE-MIT", "Copyright A\r\nMIT\r\n"), ("lib/src.rs", "code")] {
            fs::create_dir_all(folder.join("lib")).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
        fs::create_dir_all(folder.join("bare")).unwrap();
        let mut tree = tree();
        let lib = tree.parts.get(&("lib".to_owned(), "1.0.0".to_owned())).unwrap().clone();
        let of = |folder| Part { folder, ..lib.clone() };
        for (name, from) in [("lib", "lib"), ("twin", "lib"), ("bare", "bare")] {
            tree.parts.insert((name.to_owned(), "1.0.0".to_owned()), of(folder.join(from)));
        }
        let made = make(&tree).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let bars = ("=".repeat(100), "-".repeat(100));
        let expected = format!(
            "{HEAD}\nThese packages carry no text; it is that of the licence they name:\n\n\
             \x20 bare 1.0.0 (MIT OR Apache-2.0): https://x\n\n\
             {}\nlib 1.0.0 (MIT OR Apache-2.0)\ntwin 1.0.0 (MIT OR Apache-2.0)\n{}\n\nCopyright A\nMIT\n",
            bars.0, bars.1
        );
        assert_eq!(made, expected);
    }
}
