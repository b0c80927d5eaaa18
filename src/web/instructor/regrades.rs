//! `/instructor/regrades`: old submissions judged anew, for those to decide on who review. Begun they are on the command line.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use minijinja::context;
use serde_json::json;

use crate::db::regrades::{self, ApplyError, Regrade, State};
use crate::domain::account::may_decide_on_regrades;
use crate::domain::ids::RegradeId;
use crate::domain::regrade::{Change, Tally};
use crate::web::client;
use crate::web::error::WebError;
use crate::web::form::{self, Form};
use crate::web::page::{self, Frame};
use crate::web::progress;
use crate::web::state::AppState;
use crate::web::views::regrade::{GroupView, RegradeJson, RegradeView, groups, of_kind};
use crate::web::visitor::Visitor;

/// Regrades on one page.
const PAGE: usize = 25;

/// Regrades, newest first.
///
/// # Errors
/// [`WebError::SignInNeeded`], [`WebError::NotAllowed`], or a failing database.
pub async fn list(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    visitor.reviewer()?;
    let query = Form::parse(request.query_string().as_bytes());
    let before: Option<RegradeId> = query.text("before").parse().ok();
    let mut listed = regrades::page(&state.pool, before, PAGE as i64 + 1).await?;
    let more = listed.len() > PAGE;
    listed.truncate(PAGE);
    let older = listed
        .last()
        .filter(|_| more)
        .map(|last| format!("{}/instructor/regrades?before={}", client::root(&request), last.id));
    if client::wants_json(&request) {
        let regrades: Vec<RegradeJson> = listed.iter().map(RegradeJson::from).collect();
        return Ok(HttpResponse::Ok().json(json!({ "regrades": regrades, "older": older })));
    }
    let now = Timestamp::now();
    let rows: Vec<RegradeView> = listed.iter().map(|regrade| RegradeView::new(regrade, state.course(), now)).collect();
    let standings = progress::standings_if_known(&state, &visitor).await;
    let layout = Frame::of_request(&request).layout(&state, "Regrades", &standings, None);
    page::respond(&state, StatusCode::OK, &layout, "regrades.html", context! { regrades => context! { rows, older } })
}

async fn find(state: &AppState, id: &str) -> Result<Regrade, WebError> {
    let id: RegradeId = id.parse().map_err(|_| WebError::NotFound)?;
    regrades::find(&state.pool, id).await?.ok_or(WebError::NotFound)
}

/// One regrade: who loses and wins by it.
///
/// # Errors
/// As [`list`]; [`WebError::NotFound`].
pub async fn show(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let user = visitor.reviewer()?;
    let regrade = find(&state, &path).await?;
    let changes = regrades::changes(&state.pool, regrade.id).await?;
    let tally = Tally::of(changes.iter().map(|changed| changed.change));
    if client::wants_json(&request) {
        let mut answer = serde_json::to_value(RegradeJson::from(&regrade)).map_err(WebError::internal)?;
        for (name, kind) in [
            ("losers", Change::Loser),
            ("winners", Change::Winner),
            ("not_graded", Change::NotGraded),
            ("others", Change::Other),
        ] {
            answer[name] = json!(of_kind(&changes, kind));
        }
        answer["unchanged"] = json!(tally.unchanged);
        return Ok(HttpResponse::Ok().json(answer));
    }
    let groups: Vec<GroupView> = groups(&changes, regrade.state == State::Applied);
    let view = RegradeView::new(&regrade, state.course(), Timestamp::now());
    let values = context! {
        view, groups, unchanged => tally.unchanged, losers => tally.losers, decides => may_decide_on_regrades(user),
    };
    let standings = progress::standings_if_known(&state, &visitor).await;
    let layout = Frame::of_request(&request).layout(&state, "A regrade", &standings, None);
    page::respond(&state, StatusCode::OK, &layout, "regrade.html", context! { regrade => values })
}

/// `POST /instructor/regrades/{id}/apply`: lets the verdicts of a regrade stand. The page's form says that its reader is
/// sure; a program's request says so by itself.
///
/// # Errors
/// As [`show`]; [`WebError::Regrade`] when it cannot be applied.
pub async fn apply(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let id = decided(&state, &visitor, &path).await?;
    let json = client::wants_json(&request);
    if !json && form::read(&request, payload).await?.text("sure") != "yes" {
        return Err(WebError::BadRequest("tick the box that says that you have looked at it first"));
    }
    let tally = regrades::apply(&state.pool, id).await.map_err(refused)?;
    tracing::info!(regrade = %id, by = visitor.reviewer()?.name, "a regrade was applied");
    Ok(if json {
        HttpResponse::Ok().json(json!({ "regrade": id, "state": "applied", "outcome": tally }))
    } else {
        back(id)
    })
}

/// `POST /instructor/regrades/{id}/discard`: drops the verdicts of a regrade.
///
/// # Errors
/// As [`apply`].
pub async fn discard(
    request: HttpRequest,
    path: web::Path<String>,
    state: AppState,
    visitor: Visitor,
) -> Result<HttpResponse, WebError> {
    let id = decided(&state, &visitor, &path).await?;
    regrades::discard(&state.pool, id).await.map_err(refused)?;
    tracing::info!(regrade = %id, by = visitor.reviewer()?.name, "a regrade was discarded");
    let json = client::wants_json(&request);
    Ok(if json { HttpResponse::Ok().json(json!({ "regrade": id, "state": "discarded" })) } else { back(id) })
}

/// The regrade, for somebody who may decide on it.
async fn decided(state: &AppState, visitor: &Visitor, id: &str) -> Result<RegradeId, WebError> {
    if !may_decide_on_regrades(visitor.account()?) {
        return Err(WebError::NotAllowed);
    }
    Ok(find(state, id).await?.id)
}

fn refused(error: ApplyError) -> WebError {
    match error {
        ApplyError::Database(error) => error.into(),
        ApplyError::Unknown => WebError::NotFound,
        error => WebError::Regrade(error),
    }
}

fn back(id: RegradeId) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/instructor/regrades/{id}"))).finish()
}
