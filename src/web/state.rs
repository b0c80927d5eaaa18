//! What every request may use.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::page::Templates;
use super::rates::Rates;
use super::settings::Settings;
use super::watch::Hub;
use crate::auth::password::Passwords;
use crate::db::Pool;
use crate::domain::ids::{ExerciseId, VersionId};
use crate::domain::lesson::Course;

/// What every request may use. Cheap to clone: all clones are the same state.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Inner>);

/// The state itself.
#[derive(Debug)]
pub struct Inner {
    /// What was set.
    pub settings: Settings,
    /// The database.
    pub pool: Pool,
    /// The course, held in memory.
    pub course: Arc<Course>,
    /// The present version of each exercise.
    pub versions: HashMap<ExerciseId, VersionId>,
    /// Makes and checks password hashes.
    pub passwords: Passwords,
    /// Wakes whoever waits for a submission.
    pub hub: Hub,
    /// Counts who asks how often.
    pub rates: Rates,
    /// Renders pages.
    pub templates: Templates,
    /// Ends streams of events when the server stops.
    pub shutdown: CancellationToken,
}

impl AppState {
    /// Puts the state together. `versions` is what [`crate::db::course::synchronise`] answered for this course.
    #[must_use]
    pub fn new(
        settings: Settings,
        pool: Pool,
        course: Arc<Course>,
        versions: HashMap<ExerciseId, VersionId>,
        passwords: Passwords,
    ) -> Self {
        Self(Arc::new(Inner {
            rates: Rates::new(&settings.rates),
            settings,
            pool,
            course,
            versions,
            passwords,
            hub: Hub::default(),
            templates: Templates::new(),
            shutdown: CancellationToken::new(),
        }))
    }
}

impl std::ops::Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}
