//! `GET` and `POST /sign-up`

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};
use secrecy::SecretString;

use super::of_guest;
use crate::auth::password;
use crate::db::sessions::Evidence;
use crate::db::users::{self, AccountError};
use crate::domain::account::{DisplayName, Email, Role, User};
use crate::web::error::WebError;
use crate::web::form::{self, Form};
use crate::web::page::{self, Frame};
use crate::web::state::AppState;
use crate::web::views::words::sentence;
use crate::web::visitor::Visitor;
use crate::web::{client, local_path, problems, progress};

/// What is wrong with the form, by field; `other` is for the page as a whole.
#[derive(Debug, Default)]
struct Faults {
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    other: Option<WebError>,
}

/// The form.
///
/// # Errors
/// A failing database.
pub async fn get(request: HttpRequest, state: AppState, visitor: Visitor) -> Result<HttpResponse, WebError> {
    let form = Form::parse(request.query_string().as_bytes());
    respond(&request, &state, &visitor, &form, StatusCode::OK, &Faults::default()).await
}

/// Makes an account: a guest's own row becomes it, with all attempts.
///
/// # Errors
/// When the body is no form.
pub async fn post(
    request: HttpRequest,
    state: AppState,
    mut visitor: Visitor,
    payload: Payload,
) -> Result<HttpResponse, WebError> {
    let form = form::read(&request, payload).await?;
    let made = match make(&request, &state, &visitor, &form).await {
        Ok((user, hash)) => match visitor.become_user(&request, &state, user, Evidence::Password(&hash), false).await {
            Ok(true) => Ok(()),
            // An operator was quick to set another password.
            Ok(false) => Err(Faults::other(WebError::SessionEnded)),
            Err(error) => Err(Faults::other(error)),
        },
        Err(faults) => Err(faults),
    };
    let Err(faults) = made else {
        let next = local_path::or_home(form.text("next"));
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, next)).finish());
    };
    let problem = faults.other.as_ref().map(|error| {
        error.log();
        error.problem()
    });
    let status = problem.as_ref().and_then(|problem| StatusCode::from_u16(problem.status).ok());
    let status = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let mut response = respond(&request, &state, &visitor, &form, status, &faults).await?;
    if let Some(problem) = problem {
        problems::put_retry_after(&problem, &mut response);
    }
    Ok(response)
}

impl Faults {
    fn other(error: WebError) -> Self {
        Self { other: Some(error), ..Self::default() }
    }
}

/// The new account, and the hash of its password.
async fn make(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    form: &Form,
) -> Result<(User, String), Faults> {
    let name = DisplayName::parse(form.text("name"));
    let email = Email::parse(form.text("email"));
    let secret = SecretString::from(form.text("password").to_owned());
    let strong = password::check(&secret, &[form.text("name"), form.text("email")]);
    let (Ok(name), Ok(email), Ok(())) = (&name, &email, &strong) else {
        return Err(Faults {
            name: name.err().map(sentence),
            email: email.err().map(sentence),
            password: strong.err().map(sentence),
            other: None,
        });
    };
    let address = client::address(request, state.settings.trust_proxy);
    state
        .rates
        .sign_up_address
        .check(&address)
        .map_err(|wait| Faults::other(WebError::TooMany { what: "new accounts", wait }))?;
    let hash = state.passwords.hash(secret).await.map_err(|error| Faults::other(WebError::internal(error)))?;
    let made = match visitor.guest() {
        Some(guest) => match users::adopt_guest(&state.pool, guest, name, email, &hash).await {
            // Another tab was quicker: the guest is somebody already.
            Err(AccountError::Unknown) => users::create(&state.pool, name, email, Role::Learner, &hash, false).await,
            made => made,
        },
        None => users::create(&state.pool, name, email, Role::Learner, &hash, false).await,
    };
    made.map(|user| (user, hash)).map_err(|error| match error {
        AccountError::Database(error) => Faults::other(error.into()),
        taken => Faults { email: Some(sentence(taken)), ..Faults::default() },
    })
}

async fn respond(
    request: &HttpRequest,
    state: &AppState,
    visitor: &Visitor,
    form: &Form,
    status: StatusCode,
    faults: &Faults,
) -> Result<HttpResponse, WebError> {
    let values = context! {
        next => local_path::or_home(form.text("next")),
        message => faults.other.as_ref().map(|error| error.problem().detail),
        guest => of_guest(state, visitor).await,
        fields => fields(form, faults),
        provider => state.settings.accounts.provider_name(),
    };
    let standings = progress::standings_if_known(state, visitor).await;
    let layout = Frame::of_request(request).at("/".to_owned()).layout(state, "Sign up", &standings, None);
    page::respond(state, status, &layout, "sign_up.html", context! { form => values })
}

fn fields(form: &Form, faults: &Faults) -> [Value; 3] {
    [
        context! {
            name => "name", label => "Name", note => "How you are called here; your instructors see it.",
            type => "text", value => form.text("name"), autocomplete => "name", error => faults.name.as_deref(),
        },
        context! {
            name => "email", label => "E-mail address", note => "To sign in with.",
            type => "email", value => form.text("email"), autocomplete => "username", error => faults.email.as_deref(),
        },
        context! {
            name => "password", label => "Password", note => "A few words that do not belong together are easy to keep and hard to guess.",
            type => "password", value => "", autocomplete => "new-password", error => faults.password.as_deref(),
        },
    ]
}
