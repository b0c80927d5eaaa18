//! Copies the files of a course, as they are.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Copies what lies in `from`, but for names that begin with a dot, into the new folder `to`. Answers what was left out and
/// why: links that lead out of the folder, folders behind links, and what is no file.
///
/// `except`, a folder in full, is never looked into nor followed into.
///
/// # Errors
/// When something cannot be read or written; it is named then.
pub(super) fn copy(from: &Path, to: &Path, except: Option<&Path>) -> io::Result<Vec<String>> {
    let root = fs::canonicalize(from).map_err(|error| named(from, error))?;
    let mut left_out = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        fs::create_dir_all(to.join(&folder)).map_err(|error| named(to, error))?;
        for name in names(&root.join(&folder))? {
            let inner = folder.join(&name);
            let path = root.join(&inner);
            let shown = from.join(&inner).display().to_string();
            let Ok(real) = fs::canonicalize(&path) else {
                left_out.push(format!("{shown}: this link leads nowhere"));
                continue;
            };
            if except.is_some_and(|except| real.starts_with(except)) {
                continue;
            }
            if real.is_dir() && !path.is_symlink() {
                folders.push(inner);
            } else if real.is_dir() || !real.starts_with(&root) {
                left_out.push(format!("{shown}: this link leads to a folder, or out of the course"));
            } else if real.is_file() {
                fs::copy(&real, to.join(&inner)).map_err(|error| named(&path, error))?;
            } else {
                left_out.push(format!("{shown}: this is neither a file nor a folder"));
            }
        }
    }
    left_out.sort();
    Ok(left_out)
}

fn names(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| named(folder, error))? {
        let name = entry.map_err(|error| named(folder, error))?.file_name();
        if !name.to_string_lossy().starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_are_copied_and_nothing_from_outside_or_from_the_private_tree_is() {
        let place = tempfile::tempdir().expect("a folder");
        let write = |name: &str, bytes: &[u8]| {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, bytes).expect("a file");
        };
        write("course/01-a/01-one.md", b"\xff not UTF-8\r\n");
        write("course/01-a/a.svg", b"<svg/>");
        write("course/.git/config", b"secret");
        write("course/hidden/01-a/01-one.md", b"secret");
        write("outside.md", b"secret");
        let link = |to: &str, from: &str| symlink(place.path().join(to), place.path().join("course/01-a").join(from));
        link("outside.md", "02-out.md").expect("a link");
        link("nowhere", "03-gone.md").expect("a link");
        link("course/01-a/a.svg", "b.svg").expect("a link");
        link("course/hidden/01-a/01-one.md", "04-in.md").expect("a link");
        link("course", "05-round").expect("a link");
        let except = fs::canonicalize(place.path().join("course/hidden")).expect("a folder");
        let to = place.path().join("to");
        let left_out = copy(&place.path().join("course"), &to, Some(&except)).expect("a copy");
        let ends = left_out.iter().map(|line| line.split("01-a/").nth(1).and_then(|rest| rest.split(':').next()));
        assert_eq!(ends.collect::<Vec<_>>(), [Some("02-out.md"), Some("03-gone.md"), Some("05-round")]);
        assert_eq!(fs::read(to.join("01-a/01-one.md")).expect("a file"), b"\xff not UTF-8\r\n");
        assert_eq!(fs::read(to.join("01-a/b.svg")).expect("a file"), b"<svg/>");
        for absent in [".git", "hidden", "01-a/02-out.md", "01-a/04-in.md", "01-a/05-round"] {
            assert!(!to.join(absent).exists(), "{absent}");
        }
    }
}
