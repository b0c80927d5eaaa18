//! Loads a course from its folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::ids::{ExerciseId, LessonSlug};
use crate::domain::lesson::{Chapter, Course};

use super::course::{self, Sourced};
use super::exercise::PrivateTests;
use super::files::{self, File, Found};
use super::lesson;
use super::links::Targets;
use super::private;
use super::problem::{self, Problem, Severity};
use super::source::Source;

/// A course, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The lessons without errors.
    pub course: Course,
    /// What is wrong, by file and line.
    pub problems: Vec<Problem>,
    sources: BTreeMap<String, Source>,
}

impl Loaded {
    /// The text of a file that was read, by the name that problems give it.
    #[must_use]
    pub fn source(&self, file: &str) -> Option<&Source> {
        self.sources.get(file)
    }

    /// Shows a problem as a compiler would; see [`problem::render`].
    #[must_use]
    pub fn render(&self, problem: &Problem) -> String {
        problem::render(problem, self.source(&problem.file))
    }

    /// A problem that showed when the exercises of a lesson were run. `file` is the lesson as [`Exercise::file`] has it.
    ///
    /// [`Exercise::file`]: crate::domain::exercise::Exercise::file
    #[must_use]
    pub fn problem_at_line(&self, file: &str, line: u32, code: &'static str, message: String, help: &str) -> Problem {
        let ending = format!("/{file}");
        let source = self.sources.iter().find(|(name, _)| *name == file || name.ends_with(&ending));
        let span = source.map_or(0..0, |(_, source)| source.line_range(source.offset(line as usize, 1)));
        Problem {
            severity: Severity::Error,
            code,
            message,
            file: source.map_or_else(|| file.to_owned(), |(name, _)| name.clone()),
            line,
            column: 1,
            span,
            help: (!help.is_empty()).then(|| help.to_owned()),
        }
    }

    /// Whether anything was left out because of an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// Loads the course in `dir`, which may also be a single chapter's folder or a single lesson file.
///
/// `private` is a tree of the same shape that adds hidden tests. A lesson with an error is left out, its siblings are
/// not; an error in the private tree leaves out the lessons whose exercises it belongs to, so that nothing is ever
/// graded by half of its tests. No file makes this fail: everything that is wrong is among the problems.
#[must_use]
pub fn load(dir: &Path, private: Option<&Path>) -> Loaded {
    let Found { files, mut problems } = files::find(dir);
    let public = read_all(&files, &mut problems);
    let hidden = private.map(files::find).unwrap_or_default();
    // Of a part of a course only the private tests of that part are read.
    let whole = files.iter().all(|file| file.wanted);
    let wanted = |file: &&File| whole || public.iter().any(|(known, _)| known.relative == file.relative);
    let hidden_files = hidden.files.iter().filter(wanted).cloned().collect::<Vec<_>>();
    if whole {
        problems.extend(hidden.problems);
    }
    let mut hidden_problems = Vec::new();
    let hidden_sources = read_all(&hidden_files, &mut hidden_problems);

    let (tests, places, mut broken) = read_private(&hidden_sources, &mut hidden_problems);
    // A private file that cannot be read at all belongs to the lesson of the same path.
    let unread = hidden_files.iter().filter(|file| !hidden_sources.iter().any(|(read, _)| read.path == file.path));
    let unread = unread.map(|file| file.relative.clone()).collect::<BTreeSet<_>>();
    let targets = targets(&files);
    let mut lessons: Vec<(usize, Sourced<'_>)> = Vec::new();
    for (index, (file, source)) in public.iter().enumerate() {
        let Some(slug) = file.slug.clone() else { continue };
        lessons.push((index, (source, lesson::read(source, &file.relative, slug, &targets, &tests))));
    }
    let known = files.iter().filter_map(|file| file.slug.clone()).collect::<BTreeSet<LessonSlug>>();
    let (indices, mut read): (Vec<usize>, Vec<Sourced<'_>>) = lessons.into_iter().unzip();
    course::check(&mut read, &known);
    if whole {
        hidden_problems.extend(private::check_known(&places, &course::exercises(&read)));
    }

    let mut loaded = Loaded::default();
    for (index, (_, read)) in indices.into_iter().zip(read) {
        let (file, _) = &public[index];
        let failed = |problem: &Problem| problem.severity == Severity::Error;
        let halved = read.exercises.iter().any(|(id, _)| broken.contains(id)) || unread.contains(&file.relative);
        if !halved && !read.problems.iter().any(failed) {
            place(&mut loaded.course, &file.chapter, read.lesson);
        }
        problems.extend(read.problems);
    }
    broken.clear();
    problems.extend(hidden_problems);
    problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    problems.dedup();
    loaded.problems = problems;
    let sources = public.iter().chain(&hidden_sources).map(|(_, source)| (source.file.clone(), source.clone()));
    loaded.sources = sources.collect();
    loaded
}

fn read_all(files: &[File], problems: &mut Vec<Problem>) -> Vec<(File, Source)> {
    let mut read = Vec::new();
    for file in files.iter().filter(|file| file.wanted && file.slug.is_some()) {
        match files::read(&file.path) {
            Ok(source) => {
                problems.extend(nul(&source));
                read.push((file.clone(), source));
            }
            Err(problem) => problems.push(*problem),
        }
    }
    read
}

/// PostgreSQL's JSON cannot hold the character U+0000, and no lesson needs it.
fn nul(source: &Source) -> Option<Problem> {
    let at = source.text.find('\0')?;
    let message = "this file holds a NUL character";
    Some(Problem::error(source, "nul-character", at..at + 1, message, "take it out"))
}

fn targets(files: &[File]) -> Targets {
    let by_path = files.iter().filter_map(|file| Some((file.relative.clone(), file.slug.clone()?)));
    Targets { by_path: by_path.collect() }
}

type PrivateRead<'a> = (PrivateTests<'a>, Vec<private::Place<'a>>, BTreeSet<ExerciseId>);

/// Reads the private files; the exercises of a broken one are in the third place.
fn read_private<'a>(sources: &'a [(File, Source)], problems: &mut Vec<Problem>) -> PrivateRead<'a> {
    let mut tests = PrivateTests::new();
    let mut places = Vec::new();
    let mut broken = BTreeSet::new();
    for (_, source) in sources {
        let first = places.len();
        let found = private::read(source, &mut tests, &mut places);
        if !found.is_empty() {
            broken.extend(places[first..].iter().map(|place| place.id.clone()));
        }
        problems.extend(found);
    }
    (tests, places, broken)
}

/// Adds a lesson to the chapter it belongs to; files come in the order of chapters.
fn place(course: &mut Course, chapter: &str, lesson: crate::domain::lesson::Lesson) {
    match course.chapters.last_mut().filter(|last| last.title == chapter) {
        Some(last) => last.lessons.push(lesson),
        None => course.chapters.push(Chapter { title: chapter.to_owned(), lessons: vec![lesson] }),
    }
}
