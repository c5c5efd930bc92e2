//! All of it in one file, as it is downloaded: `duijie-0.1.0-x86_64-unknown-linux-gnu.tar.gz`, with a folder of that name in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{digest, failed, write};
use crate::command::program;

/// Packs the folder, and puts the archive and its sum into it.
///
/// # Errors
///
/// When a file cannot be moved or written, or `tar` fails.
pub(super) fn make(dist: &Path, room: &Path, name: &str) -> Result<PathBuf, String> {
    let (inner, packed) = (room.join(name), room.join(format!("{name}.tar.gz")));
    if room.exists() {
        fs::remove_dir_all(room).map_err(|error| failed(room, &error))?;
    }
    fs::create_dir_all(room).map_err(|error| failed(room, &error))?;
    // The folder in it has the archive's name; only for the time of packing has ours.
    fs::rename(dist, &inner).map_err(|error| failed(&inner, &error))?;
    let made = tar(room, &packed, name);
    fs::rename(&inner, dist).map_err(|error| failed(dist, &error))?;
    made?;
    let archive = dist.join(format!("{name}.tar.gz"));
    fs::rename(&packed, &archive).map_err(|error| failed(&archive, &error))?;
    let sum = format!("{}  {name}.tar.gz\n", digest::of_file(&archive)?);
    write(&dist.join(format!("{name}.tar.gz.sha256")), sum.as_bytes())?;
    Ok(archive)
}

fn tar(room: &Path, packed: &Path, name: &str) -> Result<(), String> {
    // Where it can, nothing of who packed it, where and when.
    let gnu = program("tar", &["--version"]).output().is_ok_and(|said| said.contains("GNU tar"));
    let plain: &[&str] = if gnu {
        &["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--mode=u+w,go-w"]
    } else {
        &[]
    };
    program("tar", plain).arg("-C").arg(room).arg("-czf").arg(packed).arg(name).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_unpacks_into_a_folder_of_its_name() {
        let folder = std::env::temp_dir().join(format!("xtask-archive-{}", std::process::id()));
        let dist = folder.join("dist");
        fs::create_dir_all(dist.join("man")).unwrap();
        fs::write(dist.join("man/a.1"), "page").unwrap();
        let archive = make(&dist, &folder.join("room"), "a-0.1.0-here").unwrap();
        assert_eq!(archive, dist.join("a-0.1.0-here.tar.gz"));
        let sum = fs::read_to_string(dist.join("a-0.1.0-here.tar.gz.sha256")).unwrap();
        assert_eq!(sum, format!("{}  a-0.1.0-here.tar.gz\n", digest::of_file(&archive).unwrap()));
        program("tar", &["-xzf"]).arg(&archive).arg("-C").arg(&folder).run().unwrap();
        assert_eq!(fs::read_to_string(folder.join("a-0.1.0-here/man/a.1")).unwrap(), "page");
        assert!(dist.join("man/a.1").is_file());
        // Again, over what is there.
        assert_eq!(make(&dist, &folder.join("room"), "a-0.1.0-here"), Ok(archive));
        fs::remove_dir_all(&folder).unwrap();
    }
}
