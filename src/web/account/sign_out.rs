//! `POST /sign-out`

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};

use crate::db::consoles;
use crate::domain::console::EndReason;
use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;

/// Ends the session, and IEx with it.
///
/// # Errors
/// A failing database: the session is not ended then.
pub async fn post(request: HttpRequest, state: AppState, mut visitor: Visitor) -> Result<HttpResponse, WebError> {
    if let Some(user) = visitor.user_if_known() {
        consoles::end_all_of(&state.pool, user.id, EndReason::SignedOut).await?;
    }
    visitor.leave(&request, &state).await?;
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/")).finish())
}
