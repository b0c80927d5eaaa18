//! `GET /search` and `GET /api/v1/search`

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use serde_json::json;

use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{self, Frame};
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;

/// Results at most: who finds more adds a word.
const RESULTS: usize = 20;

/// Places of the course that fit the words `q`.
///
/// # Errors
/// Only through a fault of ours: the index is in memory.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let query = asked(&request);
    let results = state.published().search.find(&query, RESULTS);
    let standings = progress::standings_if_known(&state, &visitor).await;
    let title = if query.trim().is_empty() { "Search".to_owned() } else { format!("Search: {}", query.trim()) };
    let layout = Frame::of_request(&request).layout(&state, &title, &standings, None);
    page::respond(
        &state,
        StatusCode::OK,
        &layout,
        "search.html",
        context! { query, results => minijinja::Value::from(minijinja::value::Serde(&results)) },
    )
}

/// The same for programs, and for the page while one types. It asks the database nothing.
pub async fn api(request: HttpRequest, state: AppState) -> HttpResponse {
    let results = state.published().search.find(&asked(&request), RESULTS);
    HttpResponse::Ok().json(json!({ "results": results }))
}

fn asked(request: &HttpRequest) -> String {
    Form::parse(request.query_string().as_bytes()).text("q").to_owned()
}
