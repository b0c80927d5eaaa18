//! Signs of life for whoever keeps the site running.

use actix_web::HttpResponse;

use super::state::AppState;
use crate::db;

/// `GET /healthz`: the process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: requests can be served, which needs the database.
pub async fn ready(state: AppState) -> HttpResponse {
    match db::ping(&state.pool).await {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Err(_) => HttpResponse::ServiceUnavailable()
            .content_type("text/plain; charset=utf-8")
            .body("the database cannot be reached\n"),
    }
}
