//! Light, dark, or as the system has it. Scripts set the same cookie without a page load.

use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::error::WebError;
use super::state::AppState;
use super::{cookies, form, local_path};

/// `POST /theme`
///
/// # Errors
/// When the body is no form.
pub async fn post(request: HttpRequest, state: AppState, payload: Payload) -> Result<HttpResponse, WebError> {
    let form = form::read(&request, payload).await?;
    Ok(HttpResponse::SeeOther()
        .cookie(cookies::theme_cookie(cookies::theme(form.text("theme")), state.settings.https))
        .insert_header((LOCATION, local_path::or_home(form.text("next"))))
        .finish())
}
