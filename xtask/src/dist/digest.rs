//! SHA-256 of files, and the list of them that `sha256sum -c` reads.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// In hexadecimal digits, lower case.
pub(super) fn of_file(path: &Path) -> Result<String, String> {
    let mut digest = Sink(Sha256::new());
    let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut digest));
    copied.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(hex::encode(digest.0.finalize()))
}

/// One line for each file below a folder, by path.
pub(super) fn sums(folder: &Path) -> Result<String, String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut text = String::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        text.push_str(&format!("{}  {name}\n", of_file(&file)?));
    }
    Ok(text)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot read {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// A digest that is written to.
struct Sink(Sha256);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_sha256sum() {
        let folder = std::env::temp_dir().join(format!("xtask-sums-{}", std::process::id()));
        fs::create_dir_all(folder.join("man")).unwrap();
        fs::write(folder.join("man/a.1"), "abc").unwrap();
        fs::write(folder.join("b"), "").unwrap();
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n\
                        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  man/a.1\n";
        let made = sums(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(made, Ok(expected.to_owned()));
        assert!(of_file(&folder).unwrap_err().starts_with("cannot read "));
    }
}
