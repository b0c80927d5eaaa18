//! Shows what went wrong: as a page, or as `application/problem+json` where JSON was asked for.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use minijinja::context;

use super::error::{Problem, Typed, WebError};
use super::page::{self, Frame};
use super::state::AppState;
use super::{bearer, client, local_path};

/// Puts words to errors.
///
/// # Errors
/// Those of the services below it.
pub async fn show(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Ok(response.map_into_boxed_body());
    }
    let error = response.response().error().and_then(|error| error.as_error::<WebError>());
    if let Some(error) = error {
        error.log();
    } else if response.headers().contains_key(CONTENT_TYPE) {
        // Whoever answered has put words to it.
        return Ok(response.map_into_boxed_body());
    }
    let problem = error.map_or_else(|| Problem::of_status(status), WebError::problem);
    let away = error.and_then(|error| leads_away(error, response.request()));
    let json = client::wants_json(response.request());
    let answer = match away {
        Some(location) if !json => HttpResponse::SeeOther().insert_header((LOCATION, location)).finish(),
        _ => answer(response.request(), &problem),
    };
    let challenge = bearer::challenge(response.request().path(), status, error);
    let mut response = response.into_response(answer);
    if let Some(challenge) = challenge {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    Ok(response)
}

/// Where a reader goes who has something to do first.
fn leads_away(error: &WebError, request: &HttpRequest) -> Option<String> {
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let next: String = percent(if request.method().is_safe() { local_path::or_home(here) } else { "/" });
    match error {
        WebError::SignInNeeded => Some(format!("/sign-in?next={next}")),
        WebError::PasswordMustChange => Some(format!("/password?next={next}")),
        _ => None,
    }
}

/// A path as the value of a query parameter.
#[must_use]
pub fn percent(path: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    path.bytes().map(|byte| if keep(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A response builder of the problem's status and headers.
#[must_use]
pub fn builder(problem: &Problem) -> HttpResponseBuilder {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    if let Some(seconds) = problem.retry_after {
        builder.insert_header((RETRY_AFTER, seconds));
    }
    builder
}

/// Puts the time to wait on an answer that shows the problem in its own way.
pub fn put_retry_after(problem: &Problem, response: &mut HttpResponse) {
    if let Some(seconds) = problem.retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// The problem as JSON.
#[must_use]
pub fn json(problem: &Problem) -> HttpResponse {
    match serde_json::to_string(problem) {
        Ok(body) => builder(problem).content_type("application/problem+json").body(body),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn answer(request: &HttpRequest, problem: &Problem) -> HttpResponse {
    if client::wants_json(request) {
        return json(problem);
    }
    let typed = request.extensions().get::<Typed>().cloned();
    let page = request.app_data::<web::Data<AppState>>().and_then(|state| {
        let state = &state.present();
        let mut layout = Frame::of_request(request).layout(state, problem.title, &Default::default(), None);
        layout.tallies = false;
        let words = context! {
            status => problem.status,
            title => problem.title,
            detail => problem.detail.as_str(),
            source => typed.map(|typed| typed.0),
        };
        page::render(state, &layout, "problem.html", context! { problem => words }).ok()
    });
    match page {
        Some(html) => builder(problem).content_type("text/html; charset=utf-8").body(html),
        None => builder(problem)
            .content_type("text/plain; charset=utf-8")
            .body(format!("{}\n\n{}\n", problem.title, problem.detail)),
    }
}
