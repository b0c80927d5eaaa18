//! Digests of a tree of files, by which a change shows.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{ImageError, at};

/// Digest of what can be seen without reading a file: names, kinds, rights, sizes, and when each was last changed in any
/// way (`ctime`, which nobody can set).
///
/// # Errors
///
/// [`ImageError::File`].
pub fn stamp(root: &Path) -> Result<String, ImageError> {
    digest(root, |hash, _, metadata| {
        for number in [metadata.size(), metadata.ino()] {
            hash.update(number.to_be_bytes());
        }
        for number in [metadata.ctime(), metadata.ctime_nsec()] {
            hash.update(number.to_be_bytes());
        }
        Ok(())
    })
}

/// Digest of names, kinds, rights and contents.
///
/// # Errors
///
/// [`ImageError::File`].
pub fn content(root: &Path) -> Result<String, ImageError> {
    digest(root, |hash, path, metadata| {
        if metadata.is_file() {
            hash.update(metadata.size().to_be_bytes());
            let mut file = std::fs::File::open(path).map_err(at(path))?;
            std::io::copy(&mut file, hash).map_err(at(path))?;
        } else if metadata.is_symlink() {
            hash.update(std::fs::read_link(path).map_err(at(path))?.as_os_str().as_bytes());
        }
        Ok(())
    })
}

fn digest(
    root: &Path,
    mut add: impl FnMut(&mut Sha256, &Path, &std::fs::Metadata) -> Result<(), ImageError>,
) -> Result<String, ImageError> {
    let mut hash = Sha256::new();
    for path in tree(root)? {
        let metadata = path.symlink_metadata().map_err(at(&path))?;
        let name = path.strip_prefix(root).unwrap_or(&path).as_os_str().as_bytes();
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name);
        for number in [metadata.mode(), metadata.uid(), metadata.gid()] {
            hash.update(number.to_be_bytes());
        }
        add(&mut hash, &path, &metadata)?;
    }
    Ok(hex(&hash.finalize()))
}

/// Everything below a folder, in an order that does not depend on the file system.
fn tree(root: &Path) -> Result<Vec<PathBuf>, ImageError> {
    let (mut all, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(at(&folder))? {
            let path = entry.map_err(at(&folder))?.path();
            if path.symlink_metadata().map_err(at(&path))?.is_dir() {
                folders.push(path.clone());
            }
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Bytes as text.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_a_tree_shows() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a");
        std::fs::write(&file, "1").expect("a file");
        let (first_stamp, first_content) =
            (stamp(folder.path()).expect("a digest"), content(folder.path()).expect("a digest"));
        assert_eq!(content(folder.path()).expect("a digest"), first_content);
        std::fs::write(&file, "2").expect("a file");
        assert_ne!(stamp(folder.path()).expect("a digest"), first_stamp, "of the same size");
        assert_ne!(content(folder.path()).expect("a digest"), first_content);
        std::fs::write(&file, "1").expect("a file");
        assert_eq!(content(folder.path()).expect("a digest"), first_content);
        std::os::unix::fs::symlink("a", folder.path().join("b")).expect("a link");
        assert_ne!(content(folder.path()).expect("a digest"), first_content);
    }
}
