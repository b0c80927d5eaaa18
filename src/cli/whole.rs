//! A file that is there whole: whoever reads it sees the old content or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file, with the permissions of the one that it replaces or of a new one.
///
/// # Errors
/// It cannot be written; what was there before is there still.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = staged(path, bytes)?;
    // A temporary file is for its owner only; what a new one may be like is known by making one.
    let permissions = match fs::metadata(path) {
        Ok(old) => old.permissions(),
        Err(_) => File::create_new(path)?.metadata()?.permissions(),
    };
    file.as_file_mut().set_permissions(permissions)?;
    file.persist(path)?;
    Ok(())
}

/// Writes a file for its owner only.
///
/// # Errors
/// It cannot be written; what was there before is there still.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    staged(path, bytes)?.persist(path)?;
    Ok(())
}

fn staged(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    Ok(file)
}
