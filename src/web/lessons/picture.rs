//! `GET /lessons/{slug}/pictures/{name}`

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use bytes::Bytes;

use crate::web::error::WebError;
use crate::web::state::AppState;

/// A picture of a lesson. Its name is a hash of its content, so it may be kept for ever.
///
/// # Errors
/// [`WebError::NotFound`] when the lesson shows no such picture.
pub async fn picture(path: web::Path<(String, String)>, state: AppState) -> Result<HttpResponse, WebError> {
    let (slug, name) = path.into_inner();
    let lesson = state.course().lesson(&slug).ok_or(WebError::NotFound)?;
    let picture = lesson.pictures.iter().find(|picture| picture.name == name).ok_or(WebError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .content_type(picture.kind)
        .body(Bytes::from_owner(picture.bytes.clone())))
}
