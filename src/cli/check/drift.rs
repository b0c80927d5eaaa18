//! `athanor check --since` and `--database`: exercises whose tests changed under the feet of those who solve them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use crate::config::Config;
use crate::content::{self, Loaded, Problem, Severity};
use crate::db::regrades::{self, Preview, Scope};
use crate::db::{self, Pool};
use crate::domain::exercise::{Exercise, TestSet};
use crate::domain::ids::ExerciseId;
use crate::startup;

/// An exercise as it was.
struct Before {
    /// The lesson, as far as it is known by a name.
    lesson: String,
    title: String,
    tests: TestSet,
    /// What was handed in, where a database says so.
    handed_in: Option<Preview>,
}

/// What another state of the course had.
struct Then {
    /// What that state is called.
    name: String,
    exercises: BTreeMap<ExerciseId, Before>,
}

/// What changed since a revision of the git repository that `path` lies in.
///
/// # Errors
/// There is no such revision or no repository; git is not installed.
pub(super) async fn since(revision: &str, path: &Path, loaded: &Loaded) -> anyhow::Result<Vec<Problem>> {
    let folder = tempfile::tempdir().context("there is no room for the older course")?;
    let old = unpack(revision, path, folder.path()).await?;
    let old = content::load(&old, None);
    let before = |exercise: &Exercise, lesson: &str| Before {
        lesson: lesson.to_owned(),
        title: exercise.title.clone(),
        tests: exercise.tests.clone(),
        handed_in: None,
    };
    let exercises = old.course.exercises();
    let exercises = exercises
        .map(|(lesson, placed)| (placed.exercise.id.clone(), before(&placed.exercise, lesson.slug.as_str())))
        .collect();
    Ok(problems(&Then { name: revision.to_owned(), exercises }, loaded, path.is_dir()))
}

/// Writes a folder or file of a revision below `to`, and says where it is there.
async fn unpack(revision: &str, path: &Path, to: &Path) -> anyhow::Result<PathBuf> {
    ensure!(!revision.starts_with('-'), "'{revision}' is not the name of a revision");
    let path = path.canonicalize()?;
    let (folder, file) =
        if path.is_dir() { (path.as_path(), None) } else { (path.parent().unwrap_or(&path), path.file_name()) };
    // Within a folder of the repository, git takes that folder only, and names from there.
    let mut git = Command::new("git");
    git.current_dir(folder).args(["archive", "--format=tar", revision]).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(file) = file {
        git.arg("--").arg(file);
    }
    let output = git.output().await.context("git cannot be run; `--since` needs it")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git does not know {} as of {revision}: {}", path.display(), said.trim());
    tar::Archive::new(output.stdout.as_slice()).unpack(to).context("what git sent cannot be unpacked")?;
    Ok(file.map_or_else(|| to.to_owned(), |file| to.join(file)))
}

/// What is not as the site's database has it.
///
/// # Errors
/// The database cannot be reached.
pub(super) async fn against_database(config: &Config, path: &Path, loaded: &Loaded) -> anyhow::Result<Vec<Problem>> {
    let database = startup::database(config).await?;
    let then = in_database(&database.pool).await;
    database.close().await;
    Ok(problems(&then?, loaded, path.is_dir()))
}

async fn in_database(pool: &Pool) -> db::Result<Then> {
    let mut exercises = BTreeMap::new();
    for present in db::course::present(pool).await? {
        let tests = db::course::tests(pool, present.version).await?;
        let scope = Scope { exercise: present.id.clone(), since: None };
        let handed_in = regrades::preview(pool, &scope).await?;
        exercises.insert(present.id, Before { lesson: present.lesson, title: present.title, tests, handed_in });
    }
    Ok(Then { name: "the database".to_owned(), exercises })
}

/// `whole` says whether the course is all that there is, so that what is not in it is gone.
fn problems(then: &Then, loaded: &Loaded, whole: bool) -> Vec<Problem> {
    let now: BTreeMap<&ExerciseId, &Exercise> =
        loaded.course.exercises().map(|(_, placed)| (&placed.exercise.id, &placed.exercise)).collect();
    let warning = |exercise: &Exercise, code, message, help: &str| Problem {
        severity: Severity::Warning,
        ..loaded.problem_at_line(exercise, exercise.line, code, message, help)
    };
    let mut found = Vec::new();
    for (id, exercise) in &now {
        let Some(before) = then.exercises.get(*id) else { continue };
        if let Some(change) = Changes::between(&before.tests, &exercise.tests) {
            let message = format!("the tests of '{id}' are not those of {}: {change}", then.name);
            found.push(warning(exercise, "tests-changed", message, &what_a_regrade_does(id, before)));
        }
    }
    // A lesson with errors is not in the course, so nothing can be said of its exercises.
    if !whole || loaded.has_errors() {
        return found;
    }
    for (id, before) in then.exercises.iter().filter(|(id, _)| !now.contains_key(id)) {
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
        found.extend(place.map(|exercise| {
            let mut problem = warning(exercise, "exercise-removed", message, &help);
            if renamed.is_none() {
                (problem.line, problem.column, problem.span) = (1, 1, 0..0);
            }
            problem
        }));
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
