//! `athanor check --since` and `--database`: exercises whose tests changed under the feet of those who solve them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use super::revision::Revision;
use crate::config::Config;
use crate::content::{self, Loaded, Problem, Severity};
use crate::db::regrades::{self, Preview, Scope};
use crate::db::{self, Pool};
use crate::domain::exercise::{Exercise, TestSet};
use crate::domain::ids::{ExerciseId, LessonSlug};
use crate::startup;

/// An exercise as it was.
struct Before {
    /// The lesson, as far as it is known by a name.
    lesson: String,
    /// Whether it was in the part of the course that is looked at.
    here: bool,
    title: String,
    tests: TestSet,
    /// What its tests are to be compared with, where that is not what the course has now.
    instead: Option<TestSet>,
    /// What was handed in, where a database says so.
    handed_in: Option<Preview>,
}

/// The course as it is now, or the part of it that is looked at.
pub(super) struct Now<'a> {
    pub path: &'a Path,
    pub private: Option<&'a Path>,
    pub loaded: &'a Loaded,
}

impl Now<'_> {
    /// Which of these exercises the whole course has no more; nobody can tell while a lesson has errors.
    fn without<'i>(&self, ids: Vec<&'i ExerciseId>) -> Vec<&'i ExerciseId> {
        let gone = |loaded: &Loaded, ids: Vec<&'i ExerciseId>| -> Vec<&'i ExerciseId> {
            let sure = !loaded.has_errors();
            ids.into_iter().filter(|id| sure && loaded.course.exercise(id).is_none()).collect()
        };
        let here = gone(self.loaded, ids);
        // It may have moved to another part of the course.
        if here.is_empty() || self.is_whole() {
            return here;
        }
        gone(&content::load(&content::root_of(self.path), self.private), here)
    }

    fn is_whole(&self) -> bool {
        self.path.canonicalize().is_ok_and(|path| path == content::root_of(&path))
    }
}

/// What another state of the course had.
struct Then {
    /// What that state is called.
    name: String,
    exercises: BTreeMap<ExerciseId, Before>,
}

/// What changed since a revision of the git repository that the course lies in.
///
/// What the private tree was like then nobody knows, so both states are taken with the hidden tests of today; where the
/// older lesson does not fit them, both are taken without.
///
/// # Errors
/// There is no such revision or no repository; git is not installed.
pub(super) async fn since(revision: &str, now: &Now<'_>) -> anyhow::Result<Vec<Problem>> {
    let old = Revision::of(revision, now.path).await?;
    let then = content::load(old.course(), now.private);
    let mut exercises: BTreeMap<ExerciseId, Before> = before(&old, &then).collect();
    let mut left_out = left_out_of(&then);
    if now.private.is_some() && then.has_errors() {
        let (then, public) = (content::load(old.course(), None), content::load(now.path, None));
        let still = left_out_of(&then);
        left_out.retain(|lesson| still.contains(lesson));
        for (id, mut before) in before(&old, &then) {
            before.instead = public.course.exercise(&id).map(|(_, placed)| placed.exercise.tests.clone());
            let comparable = before.instead.is_some() || now.loaded.course.exercise(&id).is_none();
            if comparable && !exercises.contains_key(&id) {
                exercises.insert(id, before);
            }
        }
    }
    if !left_out.is_empty() {
        let names = left_out.iter().map(|slug| format!("`{slug}`")).collect::<Vec<_>>().join(", ");
        eprintln!("athanor: as of {revision} there are errors in {names}: nothing is said of exercises there");
    }
    Ok(problems(&Then { name: revision.to_owned(), exercises }, now))
}

/// The exercises of an older course.
fn before(old: &Revision, then: &Loaded) -> impl Iterator<Item = (ExerciseId, Before)> {
    then.course.exercises().map(|(lesson, placed)| {
        let before = Before {
            lesson: lesson.slug.to_string(),
            here: old.has(&lesson.file),
            title: placed.exercise.title.clone(),
            tests: placed.exercise.tests.clone(),
            instead: None,
            handed_in: None,
        };
        (placed.exercise.id.clone(), before)
    })
}

/// Lessons that are left out because of their errors.
fn left_out_of(loaded: &Loaded) -> BTreeSet<LessonSlug> {
    let slugs = loaded.outline.iter().map(|(_, slug)| slug.clone());
    slugs.filter(|slug| loaded.course.lesson(slug.as_str()).is_none()).collect()
}

/// What is not as the site's database has it.
///
/// # Errors
/// The database cannot be reached.
pub(super) async fn against_database(config: &Config, now: &Now<'_>) -> anyhow::Result<Vec<Problem>> {
    let database = startup::database(config).await?;
    let then = in_database(&database.pool, now).await;
    database.close().await;
    Ok(problems(&then?, now))
}

async fn in_database(pool: &Pool, now: &Now<'_>) -> db::Result<Then> {
    let lessons: BTreeSet<&str> = now.loaded.outline.iter().map(|(_, slug)| slug.as_str()).collect();
    let whole = now.is_whole();
    let mut exercises = BTreeMap::new();
    for present in db::course::present(pool).await? {
        let tests = db::course::tests(pool, present.version).await?;
        let scope = Scope { exercise: present.id.clone(), since: None };
        let handed_in = regrades::preview(pool, &scope).await?;
        let here = whole || lessons.contains(present.lesson.as_str());
        let (lesson, title) = (present.lesson, present.title);
        exercises.insert(present.id, Before { lesson, here, title, tests, instead: None, handed_in });
    }
    Ok(Then { name: "the database".to_owned(), exercises })
}

fn problems(then: &Then, course: &Now<'_>) -> Vec<Problem> {
    let loaded = course.loaded;
    let now: BTreeMap<&ExerciseId, &Exercise> =
        loaded.course.exercises().map(|(_, placed)| (&placed.exercise.id, &placed.exercise)).collect();
    let warning = |exercise: &Exercise, code, message, help: &str| Problem {
        severity: Severity::Warning,
        ..loaded.problem_at_line(exercise, exercise.line, code, message, help)
    };
    let mut found = Vec::new();
    for (id, exercise) in &now {
        let Some(before) = then.exercises.get(*id) else { continue };
        if let Some(change) = Changes::between(&before.tests, before.instead.as_ref().unwrap_or(&exercise.tests)) {
            let message = format!("the tests of '{id}' are not those of {}: {change}", then.name);
            found.push(warning(exercise, "tests-changed", message, &what_a_regrade_does(id, before)));
        }
    }
    let here = then.exercises.iter().filter(|(_, before)| before.here).map(|(id, _)| id);
    let gone = course.without(here.collect());
    for (id, before) in gone.into_iter().filter_map(|id| then.exercises.get_key_value(id)) {
        let same = |exercise: &&&Exercise| {
            !then.exercises.contains_key(&exercise.id)
                && (exercise.title == before.title
                    || content::version_hash(&exercise.tests) == content::version_hash(&before.tests))
        };
        let message = format!("the exercise '{id}' of {}, in the lesson `{}`, is gone", then.name, before.lesson);
        let renamed = now.values().find(same);
        let help = match renamed {
            Some(exercise) => format!(
                "'{}' looks like the same one: an id is permanent, because progress hangs on it, so call it '{id}' again",
                exercise.id
            ),
            None => "what was handed in stays in the history; nobody can solve it any more".to_owned(),
        };
        let place = renamed.copied().or_else(|| now.values().next().copied());
        let code = "exercise-removed";
        found.push(match place {
            Some(exercise) if renamed.is_some() => warning(exercise, code, message, &help),
            // Where it was nobody knows; some file has to be named.
            place => Problem {
                severity: Severity::Warning,
                code,
                message,
                file: place
                    .map_or_else(|| course.path.display().to_string(), |exercise| loaded.name_of(&exercise.file)),
                line: 1,
                column: 1,
                span: 0..0,
                help: Some(help),
            },
        });
    }
    found
}

fn what_a_regrade_does(id: &ExerciseId, before: &Before) -> String {
    let command = format!("`athanor regrade --exercise {id}`");
    match &before.handed_in {
        Some(Preview { submissions: 0, .. }) => {
            "nobody has handed anything in, so there is nothing to judge anew".to_owned()
        }
        Some(Preview { submissions, learners, .. }) => format!(
            "who has begun is judged by what they saw; {command} would judge the {submissions} submissions of {learners} \
             learners anew, and shows who wins and loses before anything counts"
        ),
        None => {
            format!("who has begun is judged by what they saw; {command} judges old submissions anew, and shows first")
        }
    }
}

/// What is not the same in two test sets.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    new: Vec<String>,
    gone: Vec<String>,
    changed: Vec<String>,
    /// What else, in words.
    others: Vec<&'static str>,
}

impl Changes {
    fn between(old: &TestSet, new: &TestSet) -> Option<Self> {
        if content::version_hash(old) == content::version_hash(new) {
            return None;
        }
        let case = |tests: &TestSet, name: &str| tests.cases.iter().find(|case| case.name == name).cloned();
        let mut changes = Self::default();
        for now in &new.cases {
            match case(old, &now.name) {
                None => changes.new.push(now.name.clone()),
                Some(before) => {
                    // Where it stands in the file is no part of a case.
                    let text = |case| serde_json::to_string(case).unwrap_or_default();
                    if text(&before) != text(now) {
                        changes.changed.push(now.name.clone());
                    }
                }
            }
        }
        changes.gone = old.cases.iter().filter(|c| case(new, &c.name).is_none()).map(|c| c.name.clone()).collect();
        let files = |tests: &TestSet| tests.exunit.as_ref().map(|exunit| exunit.files.clone());
        let wrong = |tests: &TestSet| tests.wrong.iter().map(|w| (w.code.clone(), w.says.clone())).collect::<Vec<_>>();
        for (differs, what) in [
            (files(old) != files(new), "the ExUnit module"),
            (old.support != new.support, "support files"),
            (old.solution != new.solution, "the reference"),
            (wrong(old) != wrong(new), "wrong answers"),
        ] {
            changes.others.extend(differs.then_some(what));
        }
        Some(changes)
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &[String], what: &str| {
            let names = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
            (!names.is_empty()).then(|| format!("{what} {names}"))
        };
        let mut parts: Vec<String> =
            [list(&self.new, "new are"), list(&self.gone, "gone are"), list(&self.changed, "changed are")]
                .into_iter()
                .flatten()
                .collect();
        if !self.others.is_empty() {
            parts.push(format!("other {}", self.others.join(", ")));
        }
        if parts.is_empty() {
            parts.push("what a case is worth, or its order".to_owned());
        }
        f.write_str(&parts.join("; "))
    }
}
