//! The first page: the course as a map.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use super::error::WebError;
use super::page::{self, Frame};
use super::progress;
use super::state::AppState;
use super::views::course::{CourseMap, Standings};
use super::visitor::Visitor;

/// `GET /`
///
/// # Errors
/// Only through a fault of ours: without the database the map has no progress on it.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    visitor.renew(&state).await;
    let standings = progress::standings(&state, &visitor).await;
    let unsure = standings.is_err();
    let standings = standings.unwrap_or_else(|error| {
        error.log();
        Standings::new()
    });
    let map = CourseMap::new(state.course(), &standings);
    let layout = Frame::of_request(&request).layout(&state, "Learn Elixir", &standings, None);
    page::respond(&state, StatusCode::OK, &layout, "home.html", context! { map, unsure })
}
