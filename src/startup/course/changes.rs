//! What became of exercises that a course has no more.

use std::collections::BTreeSet;

use crate::content::version_hash;
use crate::domain::exercise::Exercise;
use crate::domain::ids::ExerciseId;
use crate::domain::lesson::Course;

/// An exercise that is gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone {
    id: ExerciseId,
    /// A new one that looks like it.
    now: Option<ExerciseId>,
}

impl Gone {
    /// What to tell the author.
    pub fn warning(&self) -> String {
        let Self { id, now } = self;
        match now {
            Some(now) => format!(
                "the exercise '{id}' is gone, and '{now}' looks the same: learners begin anew there, because progress \
                 hangs on the id. To keep it, give the exercise its id '{id}' back; its title may change freely"
            ),
            None => format!(
                "the exercise '{id}' is gone; what learners did there is kept, and comes back with an exercise of that id"
            ),
        }
    }
}

/// The exercises of `before` that are not in `now`.
pub(super) fn gone(before: &Course, now: &Course) -> Vec<Gone> {
    let ids =
        |course: &Course| course.exercises().map(|(_, placed)| placed.exercise.id.clone()).collect::<BTreeSet<_>>();
    let (then, present) = (ids(before), ids(now));
    let new: Vec<&Exercise> =
        now.exercises().map(|(_, placed)| &placed.exercise).filter(|exercise| !then.contains(&exercise.id)).collect();
    let lost = before.exercises().map(|(_, placed)| &placed.exercise).filter(|old| !present.contains(&old.id));
    lost.map(|old| {
        let like = |new: &&&Exercise| version_hash(&new.tests) == version_hash(&old.tests) || new.title == old.title;
        Gone { id: old.id.clone(), now: new.iter().find(like).map(|new| new.id.clone()) }
    })
    .collect()
}
