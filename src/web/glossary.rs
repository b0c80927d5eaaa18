//! `GET /glossary` and `GET /api/v1/glossary`

use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use super::client;
use super::error::WebError;
use super::kept;
use super::page::{self, Frame};
use super::progress;
use super::state::AppState;
use super::views::glossary::GlossaryView;
use super::visitor::Visitor;

/// The terms of the course with their definitions and the lessons that use them.
///
/// # Errors
/// [`WebError::NotFound`] in a course without a glossary.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    if client::wants_json(&request) {
        return Ok(HttpResponse::Ok().json(view(&state)?));
    }
    visitor.renew(&state).await;
    let html = html(&request, &state, &visitor);
    if kept::serves(&request, &visitor) {
        // No lesson is called so.
        return state.published().pages.page(&request, "/glossary", html).await;
    }
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html.await?))
}

fn view(state: &AppState) -> Result<GlossaryView, WebError> {
    GlossaryView::new(state.course()).ok_or(WebError::NotFound)
}

async fn html(request: &HttpRequest, state: &AppState, visitor: &Visitor) -> Result<String, WebError> {
    let view = view(state)?;
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).layout(state, &view.title, &standings, None);
    page::render(state, &layout, "glossary.html", context! { glossary => view })
}
