//! A file that appears under its name when it is whole, and never before.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A part in the folder of its target. Whatever happens, it is gone when this is dropped.
pub(super) struct Part {
    path: PathBuf,
    target: PathBuf,
}

impl Part {
    /// Creates the part. Blocks.
    pub(super) fn create(target: &Path, unique: &str) -> io::Result<(Self, fs::File)> {
        let target = resolve(target)?;
        let folder = match target.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // Not named after the target: its name may be as long as names get.
        let path = folder.join(format!(".webank-{unique}.part"));
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
        let part = Self { path, target };
        // What is replaced keeps its permissions; a part that is nobody else's business is not open to them meanwhile.
        if let Ok(existing) = fs::metadata(&part.target) {
            file.set_permissions(existing.permissions())?;
        }
        Ok((part, file))
    }

    /// Puts the whole file in the target's place, at once. Blocks.
    pub(super) fn keep(self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)?;
        // So that the new name survives a power cut too; not every system can do it.
        #[cfg(unix)]
        if let Some(folder) = self.path.parent() {
            let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

/// The file that a link leads to is replaced, not the link. What is no regular file is not replaced at all: a device
/// or a pipe would be gone.
fn resolve(target: &Path) -> io::Result<PathBuf> {
    match fs::metadata(target) {
        Ok(metadata) if metadata.is_file() => fs::canonicalize(target),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(target.to_owned()),
        Err(error) => Err(error),
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Kept, it has another name by now; otherwise the error that led here is the one to tell.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("webank-part-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_part_becomes_the_file_or_is_gone() {
        let folder = folder("keep");
        let target = folder.join(format!("{}.bin", "长".repeat(80)));
        let (part, mut file) = Part::create(&target, "one").unwrap();
        file.write_all(b"half").unwrap();
        assert_eq!(names(&folder), [".webank-one.part"]);
        drop(part);
        assert!(names(&folder).is_empty());

        for content in [&b"first"[..], b"second"] {
            let (part, mut file) = Part::create(&target, "one").unwrap();
            file.write_all(content).unwrap();
            part.keep().unwrap();
            assert_eq!((names(&folder).len(), fs::read(&target).unwrap()), (1, content.to_vec()));
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn links_stay_and_permissions_too() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = folder("link");
        let (real, link) = (folder.join("real"), folder.join("link"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        symlink("real", &link).unwrap();
        let (part, mut file) = Part::create(&link, "one").unwrap();
        file.write_all(b"new").unwrap();
        part.keep().unwrap();
        assert_eq!((fs::read(&real).unwrap(), names(&folder).len()), (b"new".to_vec(), 2));
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn folders_devices_and_wrong_paths_are_refused() {
        let kind = |path: &Path| Part::create(path, "one").map(drop).unwrap_err().kind();
        assert_eq!(kind(&std::env::temp_dir()), io::ErrorKind::InvalidInput);
        assert_eq!(kind(Path::new("/nowhere/at/all")), io::ErrorKind::NotFound);
        #[cfg(unix)]
        assert_eq!(kind(Path::new("/dev/null")), io::ErrorKind::InvalidInput);
    }
}
