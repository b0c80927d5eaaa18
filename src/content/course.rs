//! What only the whole course can tell: names used twice, lessons in a circle, links into nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{ExerciseId, LessonSlug};

use super::concepts;
use super::glossary;
use super::html::missing_anchor;
use super::lesson::Read;
use super::links::AnchorLink;
use super::nearest::suggest;
use super::problem::{Problem, Severity};
use super::source::Source;

/// A lesson and the text it was read from.
pub(super) type Sourced<'s> = (&'s Source, Read);

/// Checks the lessons against each other; what is wrong is added to each one's problems.
pub(super) fn check(lessons: &mut [Sourced<'_>], known: &BTreeSet<LessonSlug>) {
    duplicate_slugs(lessons);
    duplicate_exercises(lessons);
    unknown_needs(lessons, known);
    circles(lessons);
    anchors(lessons);
    untaught(lessons);
}

/// Reports what a lesson uses and only a later one teaches.
fn untaught(lessons: &mut [Sourced<'_>]) {
    // The first lesson that teaches something is where it is taught.
    let mut taught: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (place, (_, read)) in lessons.iter().enumerate() {
        for concept in &read.teaches {
            let teacher = || (place, read.lesson.slug.to_string());
            taught.entry(concepts::word(concept).to_owned()).or_insert_with(teacher);
        }
    }
    for (place, (source, read)) in lessons.iter_mut().enumerate() {
        let early = taught.iter().filter(|(_, (teacher, _))| *teacher > place);
        let early = early.filter_map(|(word, (_, lesson))| Some((word, lesson, read.words.get(word)?.clone())));
        let found: Vec<Problem> = early
            .map(|(word, lesson, span)| {
                let message = format!("`{word}` is used here, and taught by `{lesson}`, which comes later");
                let help =
                    "use what was taught by now, or teach it here: a word may be in the `teaches` of several lessons";
                Problem { severity: Severity::Warning, ..Problem::error(source, "untaught", span, message, help) }
            })
            .collect();
        read.problems.extend(found);
    }
}

/// Every exercise and the file of its lesson.
pub(super) fn exercises(lessons: &[Sourced<'_>]) -> BTreeMap<ExerciseId, String> {
    let of_lesson = |(_, read): &Sourced<'_>| {
        let file = read.lesson.file.clone();
        read.exercises.iter().map(move |(id, _)| (id.clone(), file.clone())).collect::<Vec<_>>()
    };
    lessons.iter().flat_map(of_lesson).collect()
}

fn duplicate_slugs(lessons: &mut [Sourced<'_>]) {
    let mut seen: BTreeMap<LessonSlug, String> = BTreeMap::new();
    for (source, read) in lessons {
        let slug = read.lesson.slug.clone();
        if let Some(first) = seen.get(&slug) {
            let message = format!("two lessons are called `{slug}`: the first is {first}");
            let help = "give the files different names; the number in front does not count";
            read.problems.push(Problem::error(source, "duplicate-slug", 0..0, message, help));
        } else {
            seen.insert(slug, source.file.clone());
        }
    }
}

fn duplicate_exercises(lessons: &mut [Sourced<'_>]) {
    let mut seen: BTreeMap<ExerciseId, String> = BTreeMap::new();
    for (source, read) in lessons {
        for (id, span) in &read.exercises {
            if let Some(first) = seen.get(id) {
                let message = format!("two exercises have the id `{id}`: the first is at {first}");
                let help = "ids are unique in the whole course, and permanent: give the newer one another";
                read.problems.push(Problem::error(source, "duplicate-exercise-id", span.clone(), message, help));
            } else {
                let (line, column) = source.position(span.start);
                seen.insert(id.clone(), format!("{}:{line}:{column}", source.file));
            }
        }
    }
}

fn unknown_needs(lessons: &mut [Sourced<'_>], known: &BTreeSet<LessonSlug>) {
    for (source, read) in lessons {
        for (slug, span) in read.needs.iter().filter(|(slug, _)| !known.contains(slug)) {
            let message = format!("`needs` names a lesson `{slug}`, which the course does not have");
            let help = suggest(slug.as_str(), known.iter().map(LessonSlug::as_str));
            read.problems.push(Problem::error(source, "unknown-lesson", span.clone(), message, help));
        }
    }
}

/// Reports each circle of needs once, at the need that closes it.
fn circles(lessons: &mut [Sourced<'_>]) {
    let needs: BTreeMap<LessonSlug, Vec<LessonSlug>> =
        lessons.iter().map(|(_, read)| (read.lesson.slug.clone(), read.lesson.needs.clone())).collect();
    let mut done = BTreeSet::new();
    for start in needs.keys() {
        let mut path = Vec::new();
        let Some(circle) = find_circle(start, &needs, &mut path, &mut done) else { continue };
        let Some((last, next)) = circle.last().zip(circle.first()) else { continue };
        let lesson = lessons.iter_mut().find(|(_, read)| read.lesson.slug == *last);
        let Some((source, read)) = lesson else { continue };
        let place = read.needs.iter().find(|(slug, _)| slug == next).map_or(0..0, |(_, span)| span.clone());
        let shown = circle.iter().chain([next]).map(|slug| format!("`{slug}`")).collect::<Vec<_>>().join(" needs ");
        let help = "take out the need that points back";
        read.problems.push(Problem::error(
            source,
            "needs-cycle",
            place,
            format!("no lesson can come first: {shown}"),
            help,
        ));
    }
}

/// Walks from a lesson to what it needs. Iterative, so that a long chain costs no stack.
fn find_circle(
    start: &LessonSlug,
    needs: &BTreeMap<LessonSlug, Vec<LessonSlug>>,
    path: &mut Vec<LessonSlug>,
    done: &mut BTreeSet<LessonSlug>,
) -> Option<Vec<LessonSlug>> {
    let mut stack = vec![(start.clone(), 0_usize)];
    let mut circle = None;
    while let Some((slug, next)) = stack.pop() {
        if next == 0 {
            if done.contains(&slug) {
                continue;
            }
            path.push(slug.clone());
        }
        match needs.get(&slug).and_then(|needed| needed.get(next)) {
            Some(needed) => {
                stack.push((slug, next + 1));
                match path.iter().position(|on_path| on_path == needed) {
                    Some(at) => circle = circle.or_else(|| Some(path[at..].to_vec())),
                    None => stack.push((needed.clone(), 0)),
                }
            }
            None => {
                path.pop();
                done.insert(slug);
            }
        }
    }
    circle
}

/// What the links of each lesson may lead to; what an unread lesson holds, or one with errors, is not known: an open
/// fence swallows the headings below it.
fn anchors_of(lessons: &[Sourced<'_>]) -> BTreeMap<LessonSlug, BTreeSet<String>> {
    let good = lessons.iter().filter(|(_, read)| !read.problems.iter().any(Problem::is_error));
    good.map(|(_, read)| (read.lesson.slug.clone(), read.anchors.clone())).collect()
}

fn anchors(lessons: &mut [Sourced<'_>]) {
    let anchors = anchors_of(lessons);
    for (source, read) in lessons {
        for link in std::mem::take(&mut read.links) {
            check_link(source, link, &anchors, &mut read.problems);
        }
    }
}

fn check_link(
    source: &Source,
    link: AnchorLink,
    anchors: &BTreeMap<LessonSlug, BTreeSet<String>>,
    problems: &mut Vec<Problem>,
) {
    if let Some(there) = anchors.get(&link.slug)
        && !there.contains(&link.anchor)
    {
        missing_anchor(source, &format!("the lesson `{}`", link.slug), &link.anchor, link.span, there, problems);
    }
}

/// Checks a glossary against the lessons; `all` says whether these are all of the course.
pub(super) fn check_glossary(glossary: &mut glossary::Read, source: &Source, lessons: &[Sourced<'_>], all: bool) {
    let anchors = anchors_of(lessons);
    for link in std::mem::take(&mut glossary.links) {
        check_link(source, link, &anchors, &mut glossary.problems);
    }
    if all {
        let used: Vec<&str> =
            lessons.iter().flat_map(|(_, read)| read.lesson.terms.iter().map(String::as_str)).collect();
        glossary.unused(source, &used);
    }
}
