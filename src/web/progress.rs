//! How far the reader is.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use super::error::WebError;
use super::page::{self, Frame};
use super::state::AppState;
use super::views::course::{CourseMap, Standings};
use super::visitor::Visitor;
use crate::db;
use crate::db::progress::Progress;
use crate::domain::ids::ExerciseId;

/// What somebody did so far; nothing for those whom nobody knows.
///
/// # Errors
/// A failing database.
pub async fn of(state: &AppState, visitor: &Visitor) -> Result<HashMap<ExerciseId, Progress>, WebError> {
    let Some(user) = visitor.user()? else { return Ok(HashMap::new()) };
    Ok(db::progress::of(&state.pool, user.id).await?)
}

/// Where somebody stands who did this.
#[must_use]
pub fn standings_in(progress: &HashMap<ExerciseId, Progress>) -> Standings {
    progress.iter().map(|(exercise, progress)| (exercise.clone(), progress.standing())).collect()
}

/// Where somebody stands; nothing for those whom nobody knows.
///
/// # Errors
/// A failing database.
pub async fn standings(state: &AppState, visitor: &Visitor) -> Result<Standings, WebError> {
    Ok(standings_in(&of(state, visitor).await?))
}

/// Where somebody stands; nothing when the database does not say, which is logged. Pages that can be read without
/// progress use this.
pub async fn standings_if_known(state: &AppState, visitor: &Visitor) -> Standings {
    standings(state, visitor).await.unwrap_or_else(|error| {
        error.log();
        Standings::new()
    })
}

/// `GET /progress`
///
/// # Errors
/// A failing database.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let standings = standings(&state, &visitor).await?;
    let map = CourseMap::new(state.course(), &standings);
    let layout = Frame::of_request(&request).layout(&state, "Your progress", &standings, None);
    page::respond(&state, StatusCode::OK, &layout, "progress.html", context! { map })
}
