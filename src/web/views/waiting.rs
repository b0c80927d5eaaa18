//! What is said of a submission that has no verdict yet.

use serde::Serialize;

use super::words;
use crate::db::results::Submission;
use crate::domain::account::User;
use crate::domain::submission::GradingState;
use crate::domain::wait::{Estimate, Graders, Place};

/// A submission without a verdict.
#[derive(Debug, Clone, Serialize)]
pub struct WaitingView {
    id: String,
    kind: &'static str,
    headline: String,
    note: String,
    /// Whether its reader may call it off.
    own: bool,
}

impl WaitingView {
    /// Says where a submission stands.
    #[must_use]
    pub fn new(submission: &Submission, place: Option<Place>, viewer: &User) -> Self {
        Self {
            id: submission.id.to_string(),
            kind: submission.kind.as_str(),
            headline: headline(submission.state, place),
            note: note(place),
            own: submission.user == viewer.id,
        }
    }

    /// What is said aloud about it.
    #[must_use]
    pub fn headline(&self) -> &str {
        &self.headline
    }

    /// When to expect the result.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }
}

fn headline(state: GradingState, place: Option<Place>) -> String {
    match (state, place) {
        (GradingState::Queued, Some(Place { ahead: ahead @ 1.., .. })) => {
            format!("Waiting, {} before it", words::count(usize::try_from(ahead).unwrap_or(0), "submission"))
        }
        (GradingState::Queued, _) => "Waiting for its turn".to_owned(),
        _ => "Running".to_owned(),
    }
}

fn note(place: Option<Place>) -> String {
    match place {
        Some(Place { graders: Graders::None, .. }) => {
            "Nothing is graded just now; that is our fault. Your code is kept and has its turn as soon as it goes on."
                .to_owned()
        }
        Some(place) => match place.estimate() {
            Some(estimate) => format!("The result comes here by itself, {}.", when(estimate)),
            None => "The result comes here by itself.".to_owned(),
        },
        None => "The result comes here by itself.".to_owned(),
    }
}

/// A range of time in words.
fn when(estimate: Estimate) -> String {
    let Estimate { from_s, to_s } = estimate;
    match to_s {
        0..=3 => "in a moment".to_owned(),
        4..60 if from_s * 2 > to_s || from_s < 2 => format!("in about {to_s} seconds"),
        4..60 => format!("in {from_s} to {to_s} seconds"),
        _ => {
            let (from, to) = (from_s / 60, to_s.div_ceil(60));
            if from == 0 || from == to {
                format!("in about {}", words::count(usize::try_from(to).unwrap_or(usize::MAX), "minute"))
            } else {
                format!("in {from} to {to} minutes")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::wait::Pace;

    #[test]
    fn a_time_is_told_as_roughly_as_it_is_known() {
        let told = |from_s, to_s| when(Estimate { from_s, to_s });
        assert_eq!(told(0, 1), "in a moment");
        assert_eq!(told(1, 6), "in about 6 seconds");
        assert_eq!(told(10, 30), "in 10 to 30 seconds");
        assert_eq!(told(40, 90), "in about 2 minutes");
        assert_eq!(told(120, 300), "in 2 to 5 minutes");
    }

    #[test]
    fn what_nobody_knows_is_not_said() {
        let at = |graders| note(Some(Place { ahead: 4, graders }));
        assert_eq!(at(Graders::Untried), "The result comes here by itself.");
        assert!(at(Graders::None).contains("our fault"));
        assert!(at(Graders::At(Pace { per_s: 1.0, service_s: 0.5 })).contains("in 3 to 9 seconds"));
        assert_eq!(
            headline(GradingState::Queued, Some(Place { ahead: 1, graders: Graders::None })),
            "Waiting, 1 submission before it"
        );
        assert_eq!(headline(GradingState::Running, None), "Running");
    }
}
