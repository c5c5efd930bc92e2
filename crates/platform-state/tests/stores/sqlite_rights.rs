//! Files and folders without the rights that are needed. As root nothing is forbidden: then another user tries.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use crate::child::{answer, command};
use crate::folder::Folder;
use crate::{Single, single};

pub(crate) fn singles() -> Vec<Single> {
    vec![
        single("a_read_only_file_is_refused", read_only_file),
        single("a_read_only_folder_is_refused", read_only_folder),
        single("a_file_in_a_read_only_folder_is_refused", file_in_read_only_folder),
        single("an_unreadable_file_is_refused", unreadable_file),
    ]
}

/// Nobody's number, nearly everywhere.
const NOBODY: u32 = 65534;

/// Whose are the folders that we make?
fn root() -> bool {
    fs::metadata(Folder::new().itself()).unwrap().uid() == 0
}

fn give(path: &Path, mode: u32) {
    if root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn attempt(folder: &Folder) -> String {
    let mut command = command("use", &format!("sqlite:{}", folder.path("state.db").display()));
    if root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    answer(&mut command)
}

#[track_caller]
fn check(said: &str, words: &str) {
    assert!(said.starts_with("Refused: sqlite:") && said.contains(words), "{said}");
}

async fn read_only_file() {
    let folder = Folder::new();
    give(folder.itself(), 0o700);
    assert_eq!(attempt(&folder), "ok");
    give(&folder.path("state.db"), 0o400);
    check(&attempt(&folder), "read only");
    give(&folder.path("state.db"), 0o600);
    assert_eq!(attempt(&folder), "ok");
}

async fn read_only_folder() {
    let folder = Folder::new();
    give(folder.itself(), 0o500);
    check(&attempt(&folder), "cannot be made");
    assert!(!folder.path("state.db").exists());
}

async fn file_in_read_only_folder() {
    let folder = Folder::new();
    give(folder.itself(), 0o700);
    assert_eq!(attempt(&folder), "ok");
    // A process that ends in haste leaves its log, which would do.
    for name in ["state.db-wal", "state.db-shm"] {
        let _ = fs::remove_file(folder.path(name));
    }
    give(folder.itself(), 0o500);
    check(&attempt(&folder), "the right to");
    give(folder.itself(), 0o700);
    assert_eq!(attempt(&folder), "ok");
}

async fn unreadable_file() {
    let folder = Folder::new();
    give(folder.itself(), 0o700);
    assert_eq!(attempt(&folder), "ok");
    give(&folder.path("state.db"), 0o200);
    check(&attempt(&folder), "cannot be read");
}
