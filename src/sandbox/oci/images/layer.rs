//! Unpacks the layers of an image one over the other.
//!
//! An entry `.wh.NAME` of a layer takes away what an earlier one has there, and `.wh..wh..opq` everything in its folder (OCI
//! image specification, "layer").

use std::io::Read;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use tar::EntryType;

use super::{ImageError, at};

/// What every container mounts something on.
const MOUNT_POINTS: [&str; 4] = ["proc", "dev", "sys", "tmp"];

/// Unpacks one layer.
///
/// # Errors
///
/// [`ImageError::File`], or [`ImageError::Form`] for an entry outside of the root.
pub fn unpack(layer: impl Read, root: &Path) -> Result<(), ImageError> {
    let mut archive = tar::Archive::new(layer);
    archive.set_preserve_permissions(true);
    archive.set_preserve_ownerships(rustix::process::geteuid().is_root());
    archive.set_unpack_xattrs(false);
    archive.set_overwrite(true);
    for entry in archive.entries().map_err(at(root))? {
        let mut entry = entry.map_err(at(root))?;
        let path = inside(&entry.path().map_err(at(root))?)?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(hidden) = name.strip_prefix(".wh.") {
            let folder = plain_folder(root, &path)?;
            if hidden == ".wh..opq" {
                empty(&folder)?
            } else {
                take_away(&folder.join(hidden))?
            }
            continue;
        }
        match entry.header().entry_type() {
            EntryType::Regular | EntryType::Directory | EntryType::Symlink | EntryType::Link | EntryType::GNUSparse => {
            }
            // Devices, pipes and the like: containers get the few devices that there are from the runtime.
            _ => continue,
        }
        if name.is_empty() {
            continue;
        }
        let place = plain_folder(root, &path)?.join(name);
        let is_folder = entry.header().entry_type() == EntryType::Directory;
        if place.symlink_metadata().is_ok_and(|there| there.is_dir() != is_folder) {
            take_away(&place)?;
        }
        entry.unpack_in(root).map_err(at(&place))?;
    }
    Ok(())
}

/// A path without a beginning at the root; one that would lead out of it is refused.
fn inside(path: &Path) -> Result<PathBuf, ImageError> {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => clean.push(part),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => {
                return Err(ImageError::Form(format!("an entry leads out of it: {}", path.display())));
            }
        }
    }
    Ok(clean)
}

/// The folder of a path. Links on the way are followed as long as they stay inside: a layer may put a file into a folder
/// that an earlier one made a link (`/lib` to `/usr/lib`).
fn plain_folder(root: &Path, path: &Path) -> Result<PathBuf, ImageError> {
    let folder = root.join(path.parent().unwrap_or_else(|| Path::new("")));
    match folder.canonicalize() {
        Ok(real) => {
            let real_root = root.canonicalize().map_err(at(root))?;
            if real.starts_with(&real_root) {
                Ok(real)
            } else {
                Err(ImageError::Form(format!("a link leads out of it: {}", path.display())))
            }
        }
        Err(_) => Ok(folder),
    }
}

fn take_away(path: &Path) -> Result<(), ImageError> {
    match path.symlink_metadata() {
        Ok(there) if there.is_dir() => std::fs::remove_dir_all(path).map_err(at(path)),
        Ok(_) => std::fs::remove_file(path).map_err(at(path)),
        Err(_) => Ok(()),
    }
}

fn empty(folder: &Path) -> Result<(), ImageError> {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        take_away(&entry.path())?;
    }
    Ok(())
}

/// Makes the folders that containers mount something on: in a root that is read-only nobody else can.
///
/// # Errors
///
/// [`ImageError::File`].
pub fn finish(root: &Path) -> Result<(), ImageError> {
    for name in MOUNT_POINTS {
        let folder = root.join(name);
        std::fs::create_dir_all(&folder).map_err(at(&folder))?;
    }
    open_to_all(root)
}

/// Lets everybody through a folder: a container's root is nobody in particular to the host.
///
/// # Errors
///
/// [`ImageError::File`].
pub fn open_to_all(folder: &Path) -> Result<(), ImageError> {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).map_err(at(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, kind, text) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_uid(0);
            header.set_gid(0);
            header.set_mtime(0);
            header.set_mode(if *kind == EntryType::Directory { 0o755 } else { 0o644 });
            if *kind == EntryType::Symlink {
                header.set_size(0);
                builder.append_link(&mut header, path, text).expect("an entry");
            } else {
                header.set_size(text.len() as u64);
                builder.append_data(&mut header, path, text.as_bytes()).expect("an entry");
            }
        }
        builder.into_inner().expect("an archive")
    }

    #[test]
    fn a_layer_adds_to_and_takes_from_those_before_it() {
        let root = tempfile::tempdir().expect("a folder");
        let (file, folder) = (EntryType::Regular, EntryType::Directory);
        let first =
            layer(&[("d", folder, ""), ("d/a", file, "1"), ("d/b", file, "2"), ("e", folder, ""), ("e/x", file, "3")]);
        unpack(&first[..], root.path()).expect("unpacked");
        let second =
            layer(&[("d/.wh.a", file, ""), ("d/b", file, "4"), ("e/.wh..wh..opq", file, ""), ("e/y", file, "5")]);
        unpack(&second[..], root.path()).expect("unpacked");
        let read = |path: &str| std::fs::read_to_string(root.path().join(path)).ok();
        assert_eq!((read("d/a"), read("d/b").as_deref()), (None, Some("4")));
        assert_eq!((read("e/x"), read("e/y").as_deref()), (None, Some("5")));
    }

    #[test]
    fn nothing_is_written_outside_of_the_root() {
        let outside = tempfile::tempdir().expect("a folder");
        let root = outside.path().join("root");
        std::fs::create_dir(&root).expect("a folder");
        let target = outside.path().to_str().expect("text");
        let through_a_link = layer(&[("out", EntryType::Symlink, target), ("out/a", EntryType::Regular, "1")]);
        assert!(unpack(&through_a_link[..], &root).is_err());
        let hidden = layer(&[("out/.wh.root", EntryType::Regular, "")]);
        assert!(unpack(&hidden[..], &root).is_err());
        assert!(root.exists() && !outside.path().join("a").exists());
    }
}
