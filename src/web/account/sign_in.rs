//! `GET` and `POST /sign-in`

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};
use secrecy::SecretString;

use super::of_guest;
use crate::auth::password::MAX_BYTES;
use crate::db::sessions::Evidence;
use crate::db::users::{self, Account};
use crate::domain::account::Email;
use crate::domain::code::Code;
use crate::domain::ids::ExerciseId;
use crate::web::error::{Problem, WebError};
use crate::web::form::{self, Form};
use crate::web::lessons::page::LessonPage;
use crate::web::page::{self, Frame};
use crate::web::problems::{self, percent};
use crate::web::state::AppState;
use crate::web::submissions::handed::{FILE_FIELD, Typed};
use crate::web::views::exercise::{Desk, Message};
use crate::web::visitor::Visitor;
use crate::web::{client, local_path, progress};

/// What the page says about every pair that does not fit: not which half of it.
const NO_MATCH: &str = "This address and password do not belong together. Check both and try again.";

/// The form.
///
/// # Errors
/// A failing database.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let form = Form::parse(request.query_string().as_bytes());
    respond(&request, &state, &visitor, &form, StatusCode::OK, None).await
}

/// Signs somebody in: rotates the session, and brings a guest's attempts along if they say so.
///
/// # Errors
/// A failing database.
pub async fn post(
    request: HttpRequest,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let form = form::read(&request, payload).await?;
    match prove(&request, &state, &form).await {
        Ok(Some(account)) => {
            let evidence = Evidence::Password(&account.password_hash);
            let bring = form.text("bring") == "yes";
            // A new password may have been set while this one was checked.
            if visitor.become_user(&request, &state, account.user, evidence, bring).await? {
                return welcome(&request, &state, &visitor, &form).await;
            }
            respond(&request, &state, &visitor, &form, StatusCode::UNPROCESSABLE_ENTITY, Some(NO_MATCH)).await
        }
        Ok(None) => respond(&request, &state, &visitor, &form, StatusCode::UNPROCESSABLE_ENTITY, Some(NO_MATCH)).await,
        Err(error) => {
            error.log();
            let problem: Problem = error.problem();
            let mut response =
                respond(&request, &state, &visitor, &form, error_status(&problem), Some(&problem.detail)).await?;
            problems::put_retry_after(&problem, &mut response);
            Ok(response)
        }
    }
}

fn error_status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The account if the password is its own. Takes as long for addresses without an account.
async fn prove(request: &HttpRequest, state: &AppState, form: &Form) -> Result<Option<Account>, WebError> {
    let too_many = |wait| WebError::TooMany { what: "attempts to sign in", wait };
    let address = client::address(request, state.settings.trust_proxy);
    state.rates.sign_in_address.check(&address).map_err(too_many)?;
    let email = Email::parse(form.text("email")).ok();
    if let Some(email) = &email {
        // Counted for each address apart: else anybody could keep the owner out by guessing wrong.
        state.rates.sign_in_account.check(&format!("{email} {address}")).map_err(too_many)?;
    }
    let password = form.text("password");
    if password.len() > MAX_BYTES {
        return Ok(None);
    }
    let account = match &email {
        Some(email) => users::by_email(&state.pool, email).await?,
        None => None,
    };
    let stored = account.as_ref().map(|account| account.password_hash.clone()).filter(|hash| !hash.is_empty());
    let fits =
        state.passwords.verify(SecretString::from(password.to_owned()), stored).await.map_err(WebError::internal)?;
    Ok(account.filter(|_| fits))
}

/// Where somebody goes who has just signed in.
async fn welcome(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    form: &Form,
) -> Result<HttpResponse, WebError> {
    let next = local_path::or_home(form.text("next"));
    if visitor.must_change_password() {
        return Ok(see_other(format!("/password?next={}", percent(next))));
    }
    let exercise = ExerciseId::parse(form.text("return_exercise")).ok();
    let Some((lesson, placed)) = exercise.as_ref().and_then(|id| state.course().exercise(id)) else {
        return Ok(see_other(next.to_owned()));
    };
    // The code travels in the form, so the page comes with this answer and not after a redirect.
    let message = Message {
        tone: "good",
        text: "You are signed in again, and your code is still here. Send it when you like.".to_owned(),
        ..Message::default()
    };
    let desk =
        Desk { message: Some(message), ..Desk::typed(Typed::of_form(form).shown(), form.text("draft").parse().ok()) };
    LessonPage { desk: Some((placed.exercise.id.clone(), desk)), ..LessonPage::new(lesson) }
        .respond(request, state, visitor)
        .await
}

fn see_other(location: String) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, location)).finish()
}

async fn respond(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    form: &Form,
    status: StatusCode,
    message: Option<&str>,
) -> Result<HttpResponse, WebError> {
    let typed: Vec<Value> = match Typed::of_form(form).shown() {
        Code::Text(text) => vec![context! { field => "source", text }],
        Code::Files(files) => files
            .into_iter()
            .map(
                |file| context! { field => format!("{FILE_FIELD}{}", file.file), name => file.file, text => file.text },
            )
            .collect(),
    };
    let values = context! {
        next => local_path::or_home(form.text("next")),
        email => form.text("email"),
        message,
        guest => of_guest(state, visitor).await,
        bring => !request.method().is_safe() && form.text("bring") == "yes" || request.method().is_safe(),
        exercise => Some(form.text("return_exercise")).filter(|id| !id.is_empty()),
        typed,
        provider => state.settings.accounts.provider_name(),
        draft => form.text("draft"),
    };
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).at("/".to_owned()).layout(state, "Sign in", &standings, None);
    page::respond(state, status, &layout, "sign_in.html", context! { form => values })
}
