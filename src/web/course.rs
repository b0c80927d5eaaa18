//! The first page: the course as a map.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use minijinja::context;

use super::error::WebError;
use super::kept;
use super::page::{self, Frame};
use super::progress;
use super::state::AppState;
use super::views::course::CourseMap;
use super::views::next::next;
use super::visitor::Visitor;

/// What the page is kept as: no lesson is called so.
const HOME: &str = "/";

/// `GET /`
///
/// # Errors
/// Only through a fault of ours: without the database the map has no progress on it.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    if kept::serves(&request, &visitor) {
        return state.published().pages.page(&request, HOME, html(&request, &state, &visitor)).await;
    }
    visitor.renew(&state).await;
    let html = html(&request, &state, &visitor).await?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

async fn html(request: &HttpRequest, state: &AppState, visitor: &Visitor) -> Result<String, WebError> {
    let progress = progress::of(state, visitor).await;
    let unsure = progress.is_err();
    let progress = progress.unwrap_or_else(|error| {
        error.log();
        HashMap::new()
    });
    let standings = progress::standings_in(&progress);
    let map = CourseMap::new(state.course(), &standings);
    let next = next(state.course(), &progress, Timestamp::now());
    let layout = Frame::of_request(request).layout(state, "Learn Elixir", &standings, None);
    let next = minijinja::Value::from(minijinja::value::Serde(&next));
    page::render(state, &layout, "home.html", context! { map, next, unsure })
}
