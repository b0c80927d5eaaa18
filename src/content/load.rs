//! Loads a course from its folder.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::domain::exercise::{Exercise, SourceLine};
use crate::domain::ids::{ExerciseId, LessonSlug};
use crate::domain::lesson::{Chapter, Course, Lesson};

use super::course::{self, Sourced};
use super::exercise::PrivateTests;
use super::files::{self, File, Found};
use super::glossary::{self, Terms};
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
    /// Every lesson that was looked for, those with errors as well: title of its chapter and name, in order.
    pub outline: Vec<(String, LessonSlug)>,
    /// Exercises that are named in lessons with errors.
    pub left_out: BTreeSet<ExerciseId>,
    /// Whether the glossary has errors, so that terms may be missing.
    pub glossary_broken: bool,
    sources: BTreeMap<String, Source>,
    /// What problems call each lesson's file, by its path from the course's folder. Files of the private tree, which
    /// have the same paths there, are not among them.
    names: BTreeMap<String, String>,
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

    /// What problems call this file, a lesson as [`Exercise::file`] has it.
    #[must_use]
    pub fn name_of(&self, file: &str) -> String {
        self.names.get(file).cloned().unwrap_or_else(|| file.to_owned())
    }

    /// A problem that showed when an exercise was run, at a line of its lesson or of a private file.
    #[must_use]
    pub fn problem_at_line<'l>(
        &self,
        exercise: &Exercise,
        at: impl Into<SourceLine<'l>>,
        code: &'static str,
        message: String,
        help: &str,
    ) -> Problem {
        let SourceLine { file, line } = at.into();
        let file = file.map_or_else(|| self.name_of(&exercise.file), str::to_owned);
        let span = self.source(&file).map_or(0..0, |source| source.line_range(source.offset(line as usize, 1)));
        Problem {
            severity: Severity::Error,
            code,
            message,
            file,
            line,
            column: 1,
            span,
            help: (!help.is_empty()).then(|| help.to_owned()),
        }
    }

    /// Takes the glossary as far as it is good; what is wrong with it is said where it is looked at for its own sake.
    fn put_glossary(
        &mut self,
        words: Option<Result<(glossary::Read, Source), Box<Problem>>>,
        wanted: bool,
        problems: &mut Vec<Problem>,
    ) {
        let found = match words {
            None => return,
            Some(Err(problem)) => vec![*problem],
            Some(Ok((read, source))) => {
                self.course.glossary = read.glossary;
                self.sources.insert(source.file.clone(), source);
                read.problems
            }
        };
        self.glossary_broken = found.iter().any(Problem::is_error);
        problems.extend(found.into_iter().filter(|_| wanted));
    }

    /// Whether anything was left out because of an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}

/// Loads the course in `dir`, which may also be a single chapter's folder or a single lesson file.
///
/// `private` is a tree of the same shape that adds hidden tests. A lesson with an error is left out, its siblings are
/// not; an error in the private tree leaves out the lessons whose exercises it belongs to, so that nothing is ever
/// graded by half of its tests. No file makes this fail: everything that is wrong is among the problems.
#[must_use]
pub fn load(dir: &Path, private: Option<&Path>) -> Loaded {
    let Found { files, glossary, mut problems } = files::find(dir);
    let named = files.iter().filter(|file| file.wanted && file.slug.is_some());
    let public = read_all(named, &mut problems);
    let found = private.map(files::find).unwrap_or_default();
    let mut unread = Vec::new();
    let hidden_sources = read_all(&found.files, &mut unread);
    let mut hidden = Hidden::read(&hidden_sources, &found, unread);

    let mut targets = targets(&files);
    let words = glossary.as_ref().map(|(path, _)| files::read(path));
    let mut words = words.map(|read| read.map(|source| (glossary::read(&source, &mut targets), source)));
    if matches!(words, Some(Err(_))) {
        targets.glossary = Some(Terms::unread());
    }
    let tests = &hidden.tests;
    // Most of the time goes into this, and no lesson needs another's.
    let read = public.par_iter().filter_map(|(file, source)| {
        let slug = file.slug.clone()?;
        Some((source, lesson::read(source, &file.relative, file.path.parent(), slug, &targets, tests)))
    });
    let mut lessons: Vec<Sourced<'_>> = read.collect();
    course::check(&mut lessons, &files.iter().filter_map(|file| file.slug.clone()).collect::<BTreeSet<LessonSlug>>());
    let whole = files.iter().all(|file| file.wanted);
    hidden.relate(&lessons, whole);
    if let Some(Ok((read, source))) = &mut words {
        course::check_glossary(read, source, &lessons, whole && !files.is_empty() && public.len() == files.len());
    }

    let mut loaded = Loaded::default();
    let wanted = glossary.is_some_and(|(_, wanted)| wanted);
    loaded.put_glossary(words, wanted, &mut problems);
    let chapters = public.iter().map(|(file, _)| (file.relative.as_str(), file.chapter.as_str()));
    let chapters = chapters.collect::<BTreeMap<_, _>>();
    for (_, read) in lessons {
        let broken = read.problems.iter().any(Problem::is_error);
        if !broken && !hidden.leaves_out(&read.lesson.file, &read.exercises) {
            let chapter = chapters.get(read.lesson.file.as_str()).copied().unwrap_or_default();
            place(&mut loaded.course, chapter, read.lesson);
        } else {
            loaded.left_out.extend(read.exercises.into_iter().map(|(id, _)| id));
        }
        problems.extend(read.problems);
    }
    problems.extend(hidden.problems);
    problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    problems.dedup();
    loaded.problems = problems;
    let wanted = files.iter().filter(|file| file.wanted);
    loaded.outline = wanted.filter_map(|file| Some((file.chapter.clone(), file.slug.clone()?))).collect();
    let names = public.iter().map(|(file, source)| (file.relative.clone(), source.file.clone()));
    loaded.names = names.collect();
    let sources = public.iter().chain(&hidden_sources).map(|(_, source)| (source.file.clone(), source.clone()));
    loaded.sources.extend(sources);
    loaded
}

/// The glossary of the course that a folder, a chapter's folder or a lesson belongs to, if there is one.
#[must_use]
pub fn glossary_of(path: &Path) -> Option<PathBuf> {
    files::find(path).glossary.map(|(file, _)| file)
}

/// The folder of the course that a chapter's folder or a lesson belongs to, or that this is; absolute, where it exists.
#[must_use]
pub fn root_of(path: &Path) -> PathBuf {
    files::root(path)
}

/// What is wrong with a text as a lesson, and as a file of hidden tests, without the rest of a course.
#[must_use]
pub fn problems_of(file: &str, text: &str) -> (Source, Vec<Problem>) {
    let source = Source::new(file, text);
    let mut problems = Vec::new();
    if let Ok(slug) = LessonSlug::parse("lesson") {
        problems = lesson::read(&source, file, None, slug, &Targets::default(), &PrivateTests::new()).problems;
    }
    problems.extend(private::read(&source, &mut PrivateTests::new(), &mut Vec::new()));
    (source, problems)
}

fn read_all<'f>(files: impl IntoIterator<Item = &'f File>, problems: &mut Vec<Problem>) -> Vec<(File, Source)> {
    let mut read = Vec::new();
    for file in files {
        match files::read(&file.path) {
            Ok(source) => read.push((file.clone(), source)),
            Err(problem) => problems.push(*problem),
        }
    }
    read
}

fn targets(files: &[File]) -> Targets {
    let by_path = files.iter().filter_map(|file| Some((file.relative.clone(), file.slug.clone()?)));
    Targets { by_path: by_path.collect(), glossary: None }
}

/// What the private tree holds.
struct Hidden<'a> {
    tests: PrivateTests<'a>,
    places: Vec<private::Place<'a>>,
    problems: Vec<Problem>,
    /// Exercises named in a file with errors.
    broken: BTreeSet<ExerciseId>,
    /// Paths of files that cannot be read, from the tree's folder: they belong to the lessons of the same path.
    unread: BTreeSet<String>,
    /// Whether a whole folder cannot be read, so that any exercise may lack tests.
    blind: bool,
}

impl<'a> Hidden<'a> {
    fn read(sources: &'a [(File, Source)], found: &Found, unread: Vec<Problem>) -> Self {
        let is_read = |file: &&File| sources.iter().any(|(read, _)| read.path == file.path);
        let mut hidden = Self {
            tests: PrivateTests::new(),
            places: Vec::new(),
            // Names do not matter in the private tree.
            problems: found.problems.iter().filter(|problem| problem.code != "bad-file-name").cloned().collect(),
            broken: BTreeSet::new(),
            unread: found.files.iter().filter(|file| !is_read(file)).map(|file| file.relative.clone()).collect(),
            blind: found.problems.iter().any(|problem| problem.code == "unreadable-folder"),
        };
        for (_, source) in sources {
            let first = hidden.places.len();
            let problems = private::read(source, &mut hidden.tests, &mut hidden.places);
            if !problems.is_empty() {
                hidden.broken.extend(hidden.places[first..].iter().map(|place| place.id.clone()));
            }
            hidden.problems.extend(problems);
        }
        hidden.problems.extend(unread);
        hidden
    }

    /// Looks for exercises that the course does not have; of a part of a course, forgets what is wrong elsewhere.
    fn relate(&mut self, lessons: &[Sourced<'_>], whole: bool) {
        let known = course::exercises(lessons);
        if whole {
            self.problems.extend(private::check_known(&self.places, &known));
            return;
        }
        let here = self.places.iter().filter(|place| known.contains_key(&place.id));
        let here = here.map(|place| place.source.file.as_str()).collect::<BTreeSet<_>>();
        let same_path = |problem: &Problem| {
            lessons.iter().any(|(_, read)| Path::new(&problem.file).ends_with(Path::new(&read.lesson.file)))
        };
        let blinding = |problem: &Problem| problem.code == "unreadable-folder";
        self.problems.retain(|problem| here.contains(problem.file.as_str()) || same_path(problem) || blinding(problem));
    }

    fn leaves_out(&self, file: &str, exercises: &[(ExerciseId, Range<usize>)]) -> bool {
        let halved = exercises.iter().any(|(id, _)| self.broken.contains(id));
        halved || self.unread.contains(file) || (self.blind && !exercises.is_empty())
    }
}

/// Adds a lesson to the chapter it belongs to; files come in the order of chapters.
pub(super) fn place(course: &mut Course, chapter: &str, lesson: Lesson) {
    match course.chapters.last_mut().filter(|last| last.title == chapter) {
        Some(last) => last.lessons.push(lesson),
        None => course.chapters.push(Chapter { title: chapter.to_owned(), lessons: vec![lesson] }),
    }
}
