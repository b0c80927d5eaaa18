//! The files of a course: which there are, and what they hold.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::domain::ids::LessonSlug;

use super::glossary;
use super::problem::{Problem, Severity};
use super::source::Source;

/// Largest lesson file, in bytes. The text of a long lesson is a twentieth of it.
pub(super) const LARGEST_FILE: u64 = 1024 * 1024;

/// A lesson file that was found.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Its path from the course's folder, with `/` between its parts.
    pub relative: String,
    /// Title of its chapter.
    pub chapter: String,
    /// From its name.
    pub slug: Option<LessonSlug>,
    /// Whether it is to be read; the others are only known by name.
    pub wanted: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub files: Vec<File>,
    /// The course's glossary, and whether it is to be checked: of a part of a course it is only read.
    pub glossary: Option<(PathBuf, bool)>,
    pub problems: Vec<Problem>,
}

/// A problem with a file as a whole.
pub(super) fn problem(path: &Path, code: &'static str, message: String, help: &str) -> Problem {
    Problem {
        severity: Severity::Error,
        code,
        message,
        file: path.display().to_string(),
        line: 1,
        column: 1,
        span: 0..0,
        help: (!help.is_empty()).then(|| help.to_owned()),
    }
}

/// Finds the lessons of `given`: a course's folder, a chapter's folder, or a single file. Of a part of a course, the
/// files around it are found too, so that links and needs can be checked, but they are not wanted.
pub(super) fn find(given: &Path) -> Found {
    let mut found = Found::default();
    if given.is_file() {
        let folder = folder_of(given);
        if name(given) == glossary::FILE {
            // It lies in the course's own folder.
            let own = list(&folder, &mut found);
            course(&folder, own, &mut found);
            found.problems.clear();
            found.files.iter_mut().for_each(|file| file.wanted = false);
            found.glossary = Some((given.to_owned(), true));
            return found;
        }
        around(&folder, &mut found);
        found.glossary = found.glossary.map(|(path, _)| (path, false));
        let same = |file: &File| file.path.file_name() == given.file_name() && file.path.parent() == Some(&folder);
        found.problems.clear();
        found.files.iter_mut().for_each(|file| file.wanted = same(file));
        if !found.files.iter().any(|file| file.wanted) {
            found.files.push(file(given, "", &title_of(&name(&folder))));
        }
        if let Some(file) = found.files.iter_mut().find(|file| file.wanted) {
            given.clone_into(&mut file.path);
            // A file that is named by itself needs no number.
            file.slug = LessonSlug::parse(split_number(&stem(given)).1).ok();
            if file.slug.is_none() {
                found.problems.push(bad_name(given));
            }
        }
    } else {
        let own = list(given, &mut found);
        if holds_lessons_only(&own) {
            around(given, &mut found);
            let in_given = |file: &File| file.path.parent() == Some(given);
            found.files.iter_mut().for_each(|file| file.wanted = in_given(file));
            let of_part = |path: &Path| path.parent() != Some(given);
            found.glossary = found.glossary.map(|(path, wanted)| (path.clone(), wanted && !of_part(&path)));
            found.problems.retain(|problem| Path::new(&problem.file).parent() == Some(given));
        } else {
            course(given, own, &mut found);
        }
    }
    found
}

/// The folder of the course that this is, or that it is a part of: a course's folder, a chapter's, or a single file.
pub(super) fn root(given: &Path) -> PathBuf {
    let (folder, part) = if given.is_file() {
        (folder_of(given), name(given) != glossary::FILE)
    } else {
        let own = list(given, &mut Found::default());
        (given.to_owned(), holds_lessons_only(&own))
    };
    let absolute = absolute(&folder);
    let above = course_of(&absolute).filter(|_| part).map(Path::to_owned);
    above.unwrap_or(absolute)
}

/// The folder that a file lies in.
fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whether a folder of these entries is a chapter, or a course without chapters.
fn holds_lessons_only(own: &[PathBuf]) -> bool {
    own.iter().any(|path| is_lesson(path)) && own.iter().all(|path| !is_chapter(path))
}

fn absolute(folder: &Path) -> PathBuf {
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

/// The folder of the course that a folder with lessons is a chapter of.
fn course_of(absolute: &Path) -> Option<&Path> {
    let numbered = split_number(&name(absolute)).0.is_some();
    absolute.parent().filter(|_| numbered)
}

/// The course that a chapter's folder belongs to; the folder alone when it is in none.
fn around(folder: &Path, found: &mut Found) {
    let absolute = absolute(folder);
    let Some(above) = course_of(&absolute) else {
        let title = title_of(&name(&absolute));
        chapter(folder, "", &title, found);
        return;
    };
    let own = list(above, found);
    found.glossary = own.iter().find(|path| name(path) == glossary::FILE).map(|path| (path.clone(), true));
    for path in own.iter().filter(|path| is_chapter(path)) {
        let title = title_of(&name(path));
        // The folder itself keeps the name that it was given by.
        let shown = if *path == absolute { folder } else { path };
        chapter(shown, &format!("{}/", name(path)), &title, found);
    }
}

fn course(folder: &Path, own: Vec<PathBuf>, found: &mut Found) {
    for path in own {
        if is_chapter(&path) {
            chapter(&path, &format!("{}/", name(&path)), &title_of(&name(&path)), found);
        } else if is_lesson(&path) {
            let title = title_of(&name(folder));
            add(&path, "", &title, found);
        } else if name(&path) == glossary::FILE {
            found.glossary = Some((path, true));
        }
    }
}

fn chapter(folder: &Path, prefix: &str, title: &str, found: &mut Found) {
    for path in list(folder, found).iter().filter(|path| is_markdown(path)) {
        // Where there are no chapters, the folder is the course.
        if prefix.is_empty() && name(path) == glossary::FILE {
            found.glossary = Some((path.clone(), true));
        } else {
            add(path, prefix, title, found);
        }
    }
}

fn add(path: &Path, prefix: &str, chapter: &str, found: &mut Found) {
    if name(path).eq_ignore_ascii_case("readme.md") {
        return;
    }
    let file = file(path, prefix, chapter);
    if file.slug.is_none() {
        found.problems.push(bad_name(path));
    }
    found.files.push(file);
}

fn file(path: &Path, prefix: &str, chapter: &str) -> File {
    let stem = stem(path);
    let slug = match split_number(&stem) {
        (Some(_), rest) => LessonSlug::parse(rest).ok(),
        (None, _) => None,
    };
    File {
        path: path.to_owned(),
        relative: format!("{prefix}{}", name(path)),
        chapter: chapter.to_owned(),
        slug,
        wanted: true,
    }
}

fn bad_name(path: &Path) -> Problem {
    let message = format!("`{}` is not the name of a lesson file", name(path));
    let help = "call it by a number and its name in small letters: 02-pattern-matching.md";
    problem(path, "bad-file-name", message, help)
}

/// The entries of a folder in order, hidden ones apart.
fn list(folder: &Path, found: &mut Found) -> Vec<PathBuf> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let message = format!("this folder cannot be read: {error}");
            found.problems.push(problem(
                folder,
                "unreadable-folder",
                message,
                "give a course's folder or a lesson file",
            ));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| !name(path).starts_with('.')).collect();
    paths.sort_by_key(|path| {
        let name = name(path);
        (split_number(&name).0.unwrap_or(u64::MAX), name)
    });
    paths
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
}

fn is_lesson(path: &Path) -> bool {
    is_markdown(path) && split_number(&name(path)).0.is_some()
}

fn is_chapter(path: &Path) -> bool {
    split_number(&name(path)).0.is_some() && path.is_dir()
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `02-lists` is 2 and `lists`.
pub(super) fn split_number(name: &str) -> (Option<u64>, &str) {
    match name.split_once('-') {
        Some((digits, rest)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            (digits.parse().ok(), rest)
        }
        _ => (None, name),
    }
}

/// `01-first-steps` is called "First steps".
fn title_of(folder: &str) -> String {
    let words = split_number(folder).1.replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_else(|| "Lessons".to_owned())
}

/// Why the bytes of a file are not to be had.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// The operating system's reason.
    Refused(std::io::Error),
    /// It is a folder, a pipe or the like.
    NoFile,
    /// There are more than are taken.
    TooLarge,
}

/// The bytes of a file, if they are not more than `largest`.
pub(super) fn read_bytes(path: &Path, largest: u64) -> Result<Vec<u8>, Unreadable> {
    // A named pipe would keep us waiting for ever, so look before opening.
    if !fs::metadata(path).map_err(Unreadable::Refused)?.is_file() {
        return Err(Unreadable::NoFile);
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(path).map_err(Unreadable::Refused)?;
    opened.take(largest + 1).read_to_end(&mut bytes).map_err(Unreadable::Refused)?;
    if bytes.len() as u64 > largest { Err(Unreadable::TooLarge) } else { Ok(bytes) }
}

/// Reads a file. Anything that is not a file of UTF-8 text of a sensible size is a problem.
pub(super) fn read(path: &Path) -> Result<Source, Box<Problem>> {
    let fail = |code, message: String, help: &str| Err(Box::new(problem(path, code, message, help)));
    let bytes = match read_bytes(path, LARGEST_FILE) {
        Ok(bytes) => bytes,
        Err(Unreadable::Refused(error)) => {
            let help = "check that it exists and that its permissions let it be read";
            return fail("unreadable-file", format!("this file cannot be read: {error}"), help);
        }
        Err(Unreadable::NoFile) => return fail("not-a-file", "this is not a regular file".to_owned(), ""),
        Err(Unreadable::TooLarge) => {
            let message = format!("this file is larger than {} KiB", LARGEST_FILE / 1024);
            return fail("file-too-large", message, "split the lesson");
        }
    };
    let shown = path.display().to_string();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(shown, &text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(at).copied().unwrap_or_default();
            let readable = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
            let source = Source::new(shown, &readable);
            let message = format!("this file is not UTF-8: the byte 0x{byte:02X} begins no character");
            let end = source.text.len();
            let help = "save the file as UTF-8";
            Err(Box::new(Problem::error(&source, "not-utf8", end..end, message, help)))
        }
    }
}
