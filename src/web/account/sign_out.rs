//! `POST /sign-out`

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};

use crate::web::error::WebError;
use crate::web::state::AppState;
use crate::web::visitor::Visitor;

/// Ends the session.
///
/// # Errors
/// A failing database: the session is not ended then.
pub async fn post(request: HttpRequest, state: AppState, mut visitor: Visitor) -> Result<HttpResponse, WebError> {
    visitor.leave(&request, &state).await?;
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/")).finish())
}
