//! `/instructor/reports`: verdicts that learners call wrong.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use minijinja::{Value, context};
use serde_json::json;

use crate::db::reports;
use crate::domain::ids::ReportId;
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{self, Frame};
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::submissions::report;
use crate::web::views::report::ListedView;
use crate::web::visitor::Visitor;

/// Reports on one page.
const PAGE: usize = 25;

/// Reports that nobody has answered, newest first; with `?answered=yes` those that somebody has.
///
/// # Errors
/// [`WebError::SignInNeeded`], [`WebError::NotAllowed`], or a failing database.
pub async fn list(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    visitor.reviewer()?;
    let query = Form::parse(request.query_string().as_bytes());
    let answered = query.text("answered") == "yes";
    let before: Option<ReportId> = query.text("before").parse().ok();
    let mut listed = reports::page(&state.pool, answered, before, PAGE as i64 + 1).await?;
    let more = listed.len() > PAGE;
    listed.truncate(PAGE);
    let older = listed.last().filter(|_| more).map(|last| {
        format!("/instructor/reports?answered={}&before={}", if answered { "yes" } else { "no" }, last.report.id)
    });
    let now = Timestamp::now();
    let rows: Vec<ListedView> = listed.iter().map(|listed| ListedView::new(listed, state.course(), now)).collect();
    if client::wants_json(&request) {
        return Ok(HttpResponse::Ok().json(json!({ "reports": rows, "older": older })));
    }
    let standings = progress::standings_if_known(&state, &visitor).await;
    let layout = Frame::of_request(&request).layout(&state, "Reports", &standings, None);
    let rows: Vec<Value> = rows.into_iter().map(|row| Value::from(minijinja::value::Serde(&row))).collect();
    page::respond(
        &state,
        StatusCode::OK,
        &layout,
        "reports.html",
        context! { reports => context! { rows, older, answered } },
    )
}

/// `POST /instructor/reports/{id}`: answers one; its learner sees the words beside the verdict.
///
/// # Errors
/// As [`list`]; [`WebError::NotFound`] when it is not there or was answered before.
pub async fn answer(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let by = visitor.reviewer()?.id;
    let id: ReportId = path.parse().map_err(|_| WebError::NotFound)?;
    let words = report::words(&request, payload).await?;
    if !reports::answer(&state.pool, id, by, &words).await? {
        return Err(WebError::NotFound);
    }
    if client::wants_json(&request) {
        return Ok(HttpResponse::Ok().json(json!({ "id": id, "answer": words })));
    }
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/instructor/reports")).finish())
}
