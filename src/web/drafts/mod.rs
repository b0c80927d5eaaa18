//! Drafts: what was typed at an exercise and perhaps not sent. Scripts save them as JSON ([`api`]), pages without scripts by a
//! button ([`save`]); versions that were pushed aside wait in [`others`] for their owner's choice.

pub mod api;
pub mod others;
pub mod save;
pub mod trouble;

use std::collections::HashMap;

use jiff::Timestamp;

use crate::db::drafts::{self, Draft, Other};
use crate::domain::draft::comes_first;
use crate::domain::ids::{ExerciseId, UserId};
use crate::domain::lesson::Lesson;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::views::exercise::Desk;

/// Somebody's drafts at a lesson's exercises, and what is kept beside them.
#[derive(Debug, Default)]
pub struct Drafts {
    drafts: Vec<(ExerciseId, Draft)>,
    others: Vec<Other>,
}

impl Drafts {
    /// Reads them.
    ///
    /// # Errors
    /// A failing database.
    pub async fn of(state: &AppState, user: UserId, lesson: &Lesson) -> Result<Self, WebError> {
        let ids: Vec<ExerciseId> = lesson.exercises().map(|placed| placed.exercise.id.clone()).collect();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let drafts = drafts::of(&state.pool, user, &ids).await?;
        Ok(Self { drafts, others: drafts::others_of(&state.pool, user, &ids).await? })
    }

    /// Puts them on the desks. What was typed into a form stays in the editors, as does another's attempt; else the draft is
    /// there if it is newer than what was sent.
    pub fn lay(self, desks: &mut HashMap<ExerciseId, Desk>) {
        let now = Timestamp::now();
        for other in &self.others {
            desks.entry(other.exercise.clone()).or_default().draft.beside(other, now);
        }
        for (exercise, draft) in self.drafts {
            let desk = desks.entry(exercise).or_default();
            if desk.of_another || desk.draft.is_unsaved() {
                continue;
            }
            let shown = comes_first(draft.updated_at, desk.sent_at);
            // A draft that is not seen is not what the next change is based on: it would be replaced unseen.
            if shown || desk.code.as_ref() == Some(&draft.code) {
                desk.draft.follow(&draft, shown, now);
            }
            if shown {
                desk.code = Some(draft.code);
            }
        }
    }
}

/// Counts one change of a draft.
fn count(state: &AppState, user: UserId) -> Result<(), WebError> {
    let too_many = |wait| WebError::TooMany { what: "changes of what you typed", wait };
    state.rates.drafts_account.check(&user).map_err(too_many)
}
