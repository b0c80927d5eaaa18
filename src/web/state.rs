//! What every request may use.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::consoles::sockets::Sockets;
use super::error::WebError;
use super::kept::KeptPages;
use super::page::Templates;
use super::rates::Rates;
use super::search::index::Index;
use super::settings::Settings;
use super::watch::Hub;
use crate::auth::password::Passwords;
use crate::db::Pool;
use crate::domain::ids::{ExerciseId, VersionId};
use crate::domain::lesson::Course;

/// What every request may use. Cheap to clone: all clones are the same state, but for the course, which stays what it was
/// when the state was taken for a request ([`AppState::present`]). So a request sees one course from its first line to
/// its last, whatever is published meanwhile.
#[derive(Debug, Clone)]
pub struct AppState {
    inner: Arc<Inner>,
    published: Arc<Published>,
}

/// A course as it is shown, with everything that must fit to it. Never changed, only replaced as a whole.
#[derive(Debug, Default)]
pub struct Published {
    /// The course, held in memory.
    pub course: Arc<Course>,
    /// The present version of each exercise: what [`crate::db::course::synchronise`] answered for this course.
    pub versions: HashMap<ExerciseId, VersionId>,
    /// Pages of it that are the same for everybody whom we do not know.
    pub pages: KeptPages,
    /// What can be found in it.
    pub search: Index,
    /// What is wrong with the folder that it comes from, for instructors.
    pub problems: Vec<String>,
}

/// The state itself.
#[derive(Debug)]
pub struct Inner {
    /// What was set.
    pub settings: Settings,
    /// The database.
    pub pool: Pool,
    present: ArcSwap<Published>,
    /// Makes and checks password hashes.
    pub passwords: Passwords,
    /// Wakes whoever waits for a submission.
    pub hub: Hub,
    /// Counts who asks how often.
    pub rates: Rates,
    /// Counts sockets of consoles.
    pub sockets: Sockets,
    /// Renders pages.
    pub templates: Templates,
    /// Wakes whoever sends mail.
    pub mail: Notify,
    /// Ends streams of events when the server stops.
    pub shutdown: CancellationToken,
}

impl AppState {
    /// Puts the state together.
    #[must_use]
    pub fn new(settings: Settings, pool: Pool, published: Published, passwords: Passwords) -> Self {
        let published = Arc::new(published);
        let inner = Inner {
            rates: Rates::new(&settings.rates),
            settings,
            pool,
            present: ArcSwap::new(Arc::clone(&published)),
            passwords,
            hub: Hub::default(),
            sockets: Sockets::default(),
            templates: Templates::new(),
            mail: Notify::new(),
            shutdown: CancellationToken::new(),
        };
        Self { inner: Arc::new(inner), published }
    }

    /// Shows this course to every request that begins from now on.
    pub fn publish(&self, published: Published) {
        self.inner.present.store(Arc::new(published));
    }

    /// The state with the course that is published now.
    #[must_use]
    pub fn present(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), published: self.inner.present.load_full() }
    }

    /// The course that this request sees, and what fits to it.
    #[must_use]
    pub fn published(&self) -> &Published {
        &self.published
    }

    /// The course that this request sees.
    #[must_use]
    pub fn course(&self) -> &Arc<Course> {
        &self.published.course
    }
}

impl FromRequest for AppState {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<Self>>().map(|state| state.present());
        ready(state.ok_or_else(|| WebError::internal("no state")))
    }
}

impl std::ops::Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}
