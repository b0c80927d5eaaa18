//! Pictures that lie beside a lesson: read, measured, and named by what is in them.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::domain::lesson::Picture;

use super::files::{Unreadable, read_bytes, split_number};
use super::highlight::escape;
use super::links::join;
use super::problem::Problems;

/// The kinds that every browser shows, by the ending of the file's name.
const KINDS: [(&str, &str); 6] = [
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("webp", "image/webp"),
];

/// Largest picture, in bytes. They are kept in memory, and readers on a phone pay for each.
const LARGEST: u64 = 1024 * 1024;

/// Where a lesson is.
pub(super) struct Place<'c> {
    /// The folder of its file; `None` where there is only its text.
    pub folder: Option<&'c Path>,
    /// Its page's address.
    pub address: String,
}

/// A picture as it is written.
pub(super) struct Image {
    pub path: String,
    pub title: String,
    pub alt: String,
    pub range: Range<usize>,
}

impl Image {
    /// The picture and its HTML; nothing where it cannot be shown.
    pub fn show(&self, place: &Place<'_>, file: &str, problems: &mut Problems<'_>) -> Option<(String, Picture)> {
        let Self { path, title, alt, range } = self;
        if alt.trim().is_empty() {
            let help = "say between the brackets what it shows, for those who cannot see it: `![a list as two boxes](list.svg)`";
            problems.error("missing-alt", range.clone(), "this picture has no description", help);
        }
        let read = match place.find(file, path) {
            Ok(None) => return None,
            Ok(Some(found)) => read(&found),
            Err(()) => {
                let help = "put it beside the lesson and write its name: nothing of a page comes from elsewhere";
                problems.error("remote-picture", range.clone(), format!("`{path}` is not a file of this course"), help);
                return None;
            }
        };
        let mut refuse = |code, message: String, help: &str| {
            problems.error(code, range.clone(), message, help);
            None
        };
        match read {
            Ok((picture, size)) => {
                let size =
                    size.map_or_else(String::new, |(width, height)| format!(" width=\"{width}\" height=\"{height}\""));
                let mut html = format!("<img src=\"{}/pictures/{}\"{size} alt=\"", place.address, picture.name);
                escape(alt, &mut html);
                if !title.is_empty() {
                    html.push_str("\" title=\"");
                    escape(title, &mut html);
                }
                html.push_str("\">");
                Some((html, picture))
            }
            Err(Unusable::Missing(error)) => refuse(
                "missing-picture",
                format!("`{path}` cannot be read: {error}"),
                "name it by its path from this file",
            ),
            Err(Unusable::Kind) => {
                let message = format!("`{path}` is of no kind that browsers show");
                refuse(
                    "picture-kind",
                    message,
                    "use SVG or PNG for drawings, JPEG or WebP for photographs, GIF for what moves",
                )
            }
            Err(Unusable::Large(most)) => {
                let message = format!("`{path}` is larger than {most} KiB");
                refuse("large-picture", message, "make it smaller: many readers pay for each byte")
            }
            Err(Unusable::Content) => {
                refuse("picture-content", format!("`{path}` is not what its name says"), "save it again in that format")
            }
        }
    }
}

impl Place<'_> {
    /// The file of a picture; `None` where nobody can look. An error for what is not in the course.
    fn find(&self, file: &str, path: &str) -> Result<Option<PathBuf>, ()> {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let foreign = path.starts_with('/') || path.contains(':') || path.contains('\\') || path.is_empty();
        if foreign || join(folder, path).is_none() {
            return Err(());
        }
        Ok(self.folder.map(|folder| folder.join(path)))
    }
}

/// Why a picture cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unusable {
    /// Of no kind that is known by its name.
    Kind,
    /// Not there, or not to be read.
    Missing(String),
    /// Larger than so many KiB.
    Large(u64),
    /// Not what its name says.
    Content,
}

/// A picture, with its width and height in pixels where its file tells.
fn read(path: &Path) -> Result<(Picture, Option<(usize, usize)>), Unusable> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (ending, kind) = KINDS.into_iter().find(|(known, _)| *known == ending).ok_or(Unusable::Kind)?;
    let bytes = read_bytes(path, LARGEST).map_err(|why| match why {
        Unreadable::Refused(error) => Unusable::Missing(error.to_string()),
        Unreadable::NoFile => Unusable::Missing("it is no file".to_owned()),
        Unreadable::TooLarge => Unusable::Large(LARGEST / 1024),
    })?;
    let size = size(ending, &bytes)?;
    let digest = Sha256::digest(&bytes);
    let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok((Picture { name: format!("{hash}.{ending}"), kind, bytes: bytes.into() }, size))
}

/// Width and height in pixels, where such a file tells them.
fn size(ending: &str, bytes: &[u8]) -> Result<Option<(usize, usize)>, Unusable> {
    if ending == "svg" {
        let text = std::str::from_utf8(bytes).map_err(|_| Unusable::Content)?;
        return text.contains("<svg").then_some(None).ok_or(Unusable::Content);
    }
    let size = imagesize::blob_size(bytes).map_err(|_| Unusable::Content)?;
    Ok(Some((size.width, size.height)))
}

/// The bytes of a picture that a lesson in `folder` shows by this path.
///
/// # Errors
/// It is not there, of no kind that a lesson shows, or not in the lesson's course.
pub fn beside(folder: &Path, path: &str) -> io::Result<Vec<u8>> {
    let outside = || io::Error::new(io::ErrorKind::PermissionDenied, "it is not in the lesson's course");
    let file = fs::canonicalize(folder.join(path))?;
    // A chapter's folder has a number, and lies in the course's.
    let own = fs::canonicalize(folder)?;
    let numbered = own.file_name().is_some_and(|name| split_number(&name.to_string_lossy()).0.is_some());
    let course = own.parent().filter(|_| numbered).unwrap_or(&own);
    if path.contains(':') || path.starts_with('/') || !file.starts_with(course) {
        return Err(outside());
    }
    let bytes = read_bytes(&file, LARGEST).map_err(|why| match why {
        Unreadable::Refused(error) => error,
        Unreadable::NoFile => io::Error::other("it is no file"),
        Unreadable::TooLarge => io::Error::other(format!("it is larger than {} KiB", LARGEST / 1024)),
    })?;
    usable(path, &bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// Whether a lesson can show a picture of this name that holds `bytes`. Says why not.
pub(super) fn usable(name: &str, bytes: &[u8]) -> Result<(), String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    if !KINDS.iter().any(|(known, _)| *known == ending) {
        return Err("it is of no kind that browsers show".to_owned());
    }
    if bytes.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} KiB", LARGEST / 1024));
    }
    size(&ending, bytes).map(|_| ()).map_err(|_| "it is not what its name says".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One pixel.
    const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

    #[test]
    fn a_picture_is_taken_from_the_course_and_from_nowhere_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let course = folder.path().join("course");
        for chapter in ["01-a", "02-b"] {
            std::fs::create_dir_all(course.join(chapter)).expect("a folder");
        }
        for file in ["course/02-b/b.gif", "out.gif", "course/02-b/text.md"] {
            std::fs::write(folder.path().join(file), GIF).expect("a file");
        }
        let of = |path: &str| beside(&course.join("01-a"), path);
        assert_eq!(of("../02-b/b.gif").expect("a picture"), GIF);
        std::os::unix::fs::symlink("../../out.gif", course.join("01-a/link.gif")).expect("a link");
        for path in ["../../out.gif", "link.gif", "../02-b/text.md", "no.gif", "/etc/passwd"] {
            assert!(of(path).is_err(), "{path}");
        }
        assert!(beside(&course, "02-b/b.gif").is_ok() && beside(&course, "../out.gif").is_err());
    }

    #[test]
    fn a_picture_is_what_its_name_says_and_not_too_large() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("a file");
            path
        };
        let (picture, size) = read(&file("a.GIF", GIF)).expect("a picture");
        assert_eq!((picture.kind, size, &*picture.bytes), ("image/gif", Some((1, 1)), GIF));
        let (other, _) = read(&file("b.gif", GIF)).expect("a picture");
        assert_eq!(picture.name, other.name, "named by what is in it");
        assert_eq!(
            read(&file("a.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>")).map(|(_, size)| size),
            Ok(None)
        );
        assert_eq!(read(&file("a.png", b"no picture")).err(), Some(Unusable::Content));
        assert_eq!(read(&file("a.bmp", GIF)).err(), Some(Unusable::Kind));
        assert_eq!(read(&file("large.gif", &vec![0; 1024 * 1024 + 1])).err(), Some(Unusable::Large(1024)));
        assert!(matches!(read(&folder.path().join("none.gif")), Err(Unusable::Missing(_))));
    }
}
