//! Links between lessons: written as paths between files, so that they work on a Git host too.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::ids::LessonSlug;

use super::glossary::{self, Terms};
use super::nearest::nearest;

/// Every lesson file of the course by its path from the course's folder, parsed or not, and its glossary.
#[derive(Debug, Clone, Default)]
pub(super) struct Targets {
    pub by_path: BTreeMap<String, LessonSlug>,
    /// `None` in a course without a glossary.
    pub glossary: Option<Terms>,
}

/// A link to a lesson's anchor, to be checked once all lessons are rendered.
#[derive(Debug, Clone)]
pub(super) struct AnchorLink {
    pub slug: LessonSlug,
    pub anchor: String,
    pub span: Range<usize>,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Out of the course, or from the site's root: left as it is.
    Elsewhere,
    /// To an anchor of the same page.
    Here(String),
    /// To another lesson.
    Lesson(LessonSlug, Option<String>),
    /// To the glossary, or to a term of it.
    Glossary(Option<String>),
    /// To a file that is no lesson; the path that may have been meant.
    Missing(Option<String>),
}

impl Targets {
    /// Where a link in the lesson file `from` leads.
    pub fn resolve(&self, from: &str, link: &str) -> Target {
        if let Some(anchor) = link.strip_prefix('#') {
            return Target::Here(anchor.to_owned());
        }
        let scheme = link.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':'));
        if link.is_empty() || link.starts_with('/') || scheme {
            return Target::Elsewhere;
        }
        let (path, anchor) = match link.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor.to_owned())),
            None => (link, None),
        };
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(full) = join(folder, path) else {
            return Target::Missing(None);
        };
        let anchor = anchor.filter(|anchor| !anchor.is_empty());
        if let Some(slug) = self.by_path.get(&full) {
            return Target::Lesson(slug.clone(), anchor);
        }
        if full == glossary::FILE && self.glossary.is_some() {
            return Target::Glossary(anchor);
        }
        // The same file name in another folder, or a name that differs by a slip.
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let same_name = self.by_path.keys().find(|known| name(known) == name(&full));
        let glossary = || self.glossary.as_ref().filter(|_| name(&full) == glossary::FILE).map(|_| glossary::FILE);
        let near = || nearest(&full, self.by_path.keys().map(String::as_str));
        let meant = same_name.map(String::as_str).or_else(glossary).or_else(near);
        Target::Missing(meant.map(|meant| relative(folder, meant)))
    }
}

/// Follows `path` from `folder`; `None` when it leaves the course.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn relative(folder: &str, target: &str) -> String {
    match target.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
        Some(name) => name.to_owned(),
        None if folder.is_empty() => target.to_owned(),
        None => format!("../{target}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_between_lessons_are_followed() {
        let slug = |text| LessonSlug::parse(text).expect("a slug");
        let paths = [("01-a/01-one.md", "one"), ("01-a/02-two.md", "two"), ("02-b/01-three.md", "three")];
        let by_path = paths.map(|(path, name)| (path.to_owned(), slug(name))).into();
        let mut targets = Targets { by_path, glossary: None };
        assert_eq!(targets.resolve("01-a/01-one.md", "../glossary.md#x"), Target::Missing(None));
        targets.glossary = Some(Terms::default());
        let from = |link| targets.resolve("01-a/01-one.md", link);
        assert_eq!(from("02-two.md"), Target::Lesson(slug("two"), None));
        assert_eq!(from("./02-two.md#x"), Target::Lesson(slug("two"), Some("x".into())));
        assert_eq!(from("../02-b/01-three.md#"), Target::Lesson(slug("three"), None));
        assert_eq!(from("../glossary.md#x"), Target::Glossary(Some("x".into())));
        assert_eq!(from("../glossary.md"), Target::Glossary(None));
        assert_eq!(from("glossary.md#x"), Target::Missing(Some("../glossary.md".into())));
        assert_eq!(from("#x"), Target::Here("x".into()));
        assert_eq!(from("https://example.org/a.md"), Target::Elsewhere);
        assert_eq!(from("/exercises/x"), Target::Elsewhere);
        assert_eq!(from("02-tow.md"), Target::Missing(Some("02-two.md".into())));
        assert_eq!(from("01-three.md"), Target::Missing(Some("../02-b/01-three.md".into())));
        assert_eq!(from("../../../etc/passwd"), Target::Missing(None));
    }
}
