//! What became of exercises that somebody has worked on and a course does not have.

use std::collections::BTreeSet;

use crate::content::version_hash;
use crate::db::course::Absent;
use crate::domain::ids::ExerciseId;
use crate::domain::lesson::Course;

/// What cannot be said to be gone, since lessons with errors are not shown.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    /// Exercises that such lessons name.
    pub exercises: BTreeSet<ExerciseId>,
    /// The lessons themselves, by name: one that cannot be read at all names nothing.
    pub lessons: BTreeSet<String>,
}

/// An exercise that is gone.
#[derive(Debug, PartialEq, Eq)]
struct Gone {
    id: ExerciseId,
    /// A new one that looks like it.
    now: Option<ExerciseId>,
}

/// What to tell the author of exercises that `course` does not have.
pub(super) fn warnings(absent: Vec<Absent>, course: &Course, unknown: &Unknown) -> Vec<String> {
    let is_known = |one: &Absent| !unknown.exercises.contains(&one.id) && !unknown.lessons.contains(&one.lesson);
    let gone: Vec<Gone> = absent.into_iter().filter(is_known).map(|one| gone(one, course)).collect();
    let renamed = gone.iter().filter_map(|Gone { id, now }| {
        let now = now.as_ref()?;
        Some(format!(
            "the exercise '{id}' is gone, and '{now}' looks the same: learners begin anew there, because progress \
             hangs on the id. To keep it, give the exercise its id '{id}' back; its title may change freely"
        ))
    });
    let removed: Vec<String> = gone.iter().filter(|one| one.now.is_none()).map(|one| format!("'{}'", one.id)).collect();
    let removed = match removed.as_slice() {
        [] => None,
        [id] => Some(format!(
            "the exercise {id} is gone; what learners did there is kept, and comes back with an exercise of that id"
        )),
        ids => Some(format!(
            "the exercises {} are gone; what learners did there is kept, and comes back with exercises of those ids",
            ids.join(", ")
        )),
    };
    renamed.chain(removed).collect()
}

fn gone(absent: Absent, course: &Course) -> Gone {
    let exercises = course.exercises().map(|(_, placed)| &placed.exercise);
    // What was there beside it is another one, however much it looks like it.
    let mut new = exercises.filter(|exercise| !absent.older.iter().any(|id| id == exercise.id.as_str()));
    let like = new.find(|exercise| {
        exercise.title == absent.title || version_hash(&exercise.tests).as_slice() == absent.content_hash
    });
    Gone { now: like.map(|exercise| exercise.id.clone()), id: absent.id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    const LESSON: &str = "---\ntitle: T\n---\n<!-- exercise: twice -->\n### Double\n\n```elixir test\niex> Double.of(1)\n2\n\
                          ```\n\n```elixir solution\ndefmodule Double do\n  def of(n), do: n * 2\nend\n```\n<!-- /exercise -->\n";

    fn course() -> Course {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("01-t.md"), LESSON).unwrap();
        content::load(folder.path(), None).course
    }

    fn absent(id: &str, lesson: &str, title: &str, older: &[&str]) -> Absent {
        let id = ExerciseId::parse(id).unwrap();
        let older = older.iter().map(|id| (*id).to_owned()).collect();
        Absent { id, lesson: lesson.to_owned(), title: title.to_owned(), content_hash: vec![0; 32], older }
    }

    #[test]
    fn a_renamed_exercise_is_known_by_its_title_or_its_tests_unless_the_other_was_there_before() {
        let course = course();
        let of = |absent: Absent| gone(absent, &course).now.map(|id| id.to_string());
        assert_eq!(of(absent("double", "t", "Double", &["double"])).as_deref(), Some("twice"));
        assert_eq!(of(absent("double", "t", "Other", &[])), None);
        assert_eq!(of(absent("double", "t", "Double", &["double", "twice"])), None);
        let (_, placed) = course.exercises().next().unwrap();
        let same = version_hash(&placed.exercise.tests).to_vec();
        assert_eq!(of(Absent { content_hash: same, ..absent("double", "t", "Other", &[]) }).as_deref(), Some("twice"));
    }

    #[test]
    fn what_is_gone_is_told_in_few_words_and_not_where_errors_hide_it() {
        let all = || {
            ["a", "b"]
                .into_iter()
                .map(|id| absent(id, "t", id, &[]))
                .chain([absent("double", "t", "Double", &[])])
                .collect()
        };
        let course = course();
        insta::assert_snapshot!(warnings(all(), &course, &Unknown::default()).join("\n"), @r"
        the exercise 'double' is gone, and 'twice' looks the same: learners begin anew there, because progress hangs on the id. To keep it, give the exercise its id 'double' back; its title may change freely
        the exercises 'a', 'b' are gone; what learners did there is kept, and comes back with exercises of those ids
        ");
        let exercises = ["a", "double"].map(|id| ExerciseId::parse(id).unwrap()).into();
        let unknown = Unknown { exercises, ..Unknown::default() };
        insta::assert_snapshot!(warnings(all(), &course, &unknown).join("\n"), @"the exercise 'b' is gone; what learners did there is kept, and comes back with an exercise of that id");
        let unknown = Unknown { lessons: ["t".to_owned()].into(), ..Unknown::default() };
        assert!(warnings(all(), &course, &unknown).is_empty());
    }
}
