//! Where the links and pictures of a track's texts lead once they stand in a lesson.

use std::collections::{BTreeMap, BTreeSet};

use super::super::links::join;
use super::super::pictures;
use super::files::{Entry, Files};

/// The lessons that exercises became: their files, from the course's folder, by slug.
pub type LessonFiles = BTreeMap<String, String>;

/// What becomes of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Link {
    /// It leads there by itself.
    Keep,
    /// It is written differently here; what to say about it, where there is something.
    To(String, Option<String>),
    /// Only its text stays, and why.
    TextOnly(String),
}

/// A picture that comes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its name beside the lesson.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What becomes of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Image {
    /// It lies beside the lesson.
    Beside(Picture),
    /// A page shows nothing from elsewhere: a link.
    Elsewhere,
    /// Only its description stays, and why.
    TextOnly(String),
}

/// Where a text stands and what it can lead to.
pub(super) struct Place<'a> {
    pub slug: &'a str,
    /// The exercise's folder, from the track's.
    pub folder: &'a str,
    /// The text's file, from the exercise's folder.
    pub file: &'a str,
    /// The lesson's file, from the course's folder.
    pub lesson: &'a str,
    pub files: &'a Files,
    /// The site that addresses from the root belong to, where there is one.
    pub site: Option<&'a str>,
    pub known: &'a LessonFiles,
}

impl Place<'_> {
    fn resolve(&self, path: &str) -> Option<String> {
        let folder = self.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        join(&format!("{}/{folder}", self.folder), path)
    }

    /// What becomes of a link; `anchors` are those of the same text.
    pub fn link(&self, dest: &str, anchors: &BTreeSet<String>) -> Link {
        if let Some(anchor) = dest.strip_prefix('#') {
            let here = anchors.contains(anchor);
            return if here { Link::Keep } else { Link::TextOnly("this text has no such heading".to_owned()) };
        }
        let scheme = dest.split(['/', '?', '#']).next().and_then(|start| start.split_once(':'));
        match scheme {
            Some(("http" | "https" | "mailto", _)) => return Link::Keep,
            Some(("exercise", _)) => return self.lesson(dest.rsplit('/').next().unwrap_or_default()),
            Some((scheme, _)) => return Link::TextOnly(format!("`{scheme}:` leads nowhere on a page")),
            None => {}
        }
        if dest.is_empty() {
            return Link::TextOnly("it names nothing".to_owned());
        }
        if dest.starts_with("//") {
            return Link::To(format!("https:{dest}"), None);
        }
        if dest.starts_with('/') {
            let Some(site) = self.site else {
                return Link::TextOnly("it begins at the root of a site that is not known".to_owned());
            };
            let note = format!("`{dest}` begins at the root of a site: it now leads to {site}");
            return Link::To(format!("{site}{dest}"), Some(note));
        }
        let path = dest.split(['?', '#']).next().unwrap_or_default();
        let full = self.resolve(path).unwrap_or_default();
        let parts: Vec<&str> = full.split('/').collect();
        match parts.as_slice() {
            ["exercises", "concept" | "practice", slug, ..] if *slug != self.slug => self.lesson(slug),
            _ => Link::TextOnly("the file does not come along".to_owned()),
        }
    }

    fn lesson(&self, slug: &str) -> Link {
        match self.known.get(slug) {
            Some(file) => Link::To(self.path_to(file), None),
            None => Link::TextOnly(format!("there is no lesson for `{slug}`")),
        }
    }

    /// The path from this lesson to another.
    fn path_to(&self, file: &str) -> String {
        let chapter = |file: &str| file.split_once('/').map(|(chapter, _)| chapter.to_owned());
        match file.split_once('/') {
            Some((_, name)) if chapter(file) == chapter(self.lesson) => name.to_owned(),
            _ => format!("../{file}"),
        }
    }

    /// What becomes of a picture.
    pub fn image(&self, dest: &str) -> Image {
        if dest.starts_with("http:") || dest.starts_with("https:") {
            return Image::Elsewhere;
        }
        let full = self.resolve(dest).unwrap_or_default();
        let Some(path) = full.strip_prefix(self.folder).and_then(|rest| rest.strip_prefix('/')) else {
            return Image::TextOnly("it lies outside the exercise's folder".to_owned());
        };
        let bytes = match self.files.get(path) {
            Some(Entry::File(bytes)) => bytes,
            Some(Entry::Unread(why)) => return Image::TextOnly(why.clone()),
            None => return Image::TextOnly("it does not exist".to_owned()),
        };
        if let Err(why) = pictures::usable(path, bytes) {
            return Image::TextOnly(why);
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
        let rest: String = path.trim_start_matches('.').chars().map(plain).collect();
        // A slug has no dot, so that pictures of two exercises never share a name.
        Image::Beside(Picture { name: format!("{}.{rest}", self.slug), bytes: bytes.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_lessons_to_the_site_or_stay_as_text() {
        let known = LessonFiles::from([
            ("lists".to_owned(), "01-concepts/01-lists.md".to_owned()),
            ("clock".to_owned(), "02-practice/01-clock.md".to_owned()),
        ]);
        let files = Files::from([
            (".docs/a b.svg".to_owned(), Entry::File(b"<svg xmlns='x'/>".to_vec())),
            (".docs/c.png".to_owned(), Entry::File(b"no".to_vec())),
        ]);
        let place = Place {
            slug: "lists",
            folder: "exercises/concept/lists",
            file: ".docs/instructions.md",
            lesson: "01-concepts/01-lists.md",
            files: &files,
            site: Some("https://exercism.org"),
            known: &known,
        };
        let anchors = BTreeSet::from(["here".to_owned()]);
        let link = |dest| place.link(dest, &anchors);
        assert_eq!(link("https://example.org/x"), Link::Keep);
        assert_eq!(link("#here"), Link::Keep);
        assert_eq!(
            link("../../../practice/clock/.docs/instructions.md#x"),
            Link::To("../02-practice/01-clock.md".into(), None)
        );
        assert_eq!(link("exercise:elixir/clock"), Link::To("../02-practice/01-clock.md".into(), None));
        assert!(matches!(link("/docs/x"), Link::To(to, Some(_)) if to == "https://exercism.org/docs/x"));
        for dead in ["#there", "hints.md", "../../../../../x", "javascript:x", "exercise:elixir/none", ""] {
            assert!(matches!(link(dead), Link::TextOnly(_)), "{dead}");
        }
        assert!(matches!(place.image("a b.svg"), Image::Beside(picture) if picture.name == "lists.docs-a-b.svg"));
        assert_eq!(place.image("http://example.org/a.png"), Image::Elsewhere);
        for dead in ["c.png", "d.png", "../../clock/x.png", "/x.png"] {
            assert!(matches!(place.image(dead), Image::TextOnly(_)), "{dead}");
        }
    }
}
