//! Signing up, in and out; what somebody does with their account; the password, and tokens for programs.

mod confirm;
pub mod details;
pub mod export;
pub mod home;
pub mod leave;
pub mod openid;
pub mod password;
pub mod reset;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
pub mod tokens;

use minijinja::{Value, context};

use super::error::WebError;
use super::state::AppState;
use super::visitor::Visitor;
use crate::db;

/// What a guest would bring to an account: how many attempts, and whether they have typed anything that was not sent. Nothing
/// where the database does not say.
async fn of_guest(state: &AppState, visitor: &Visitor) -> Value {
    let (mut attempts, mut typed) = (0, false);
    if let Some(guest) = visitor.guest() {
        attempts = db::users::submission_count(&state.pool, guest).await.unwrap_or_else(|error| {
            WebError::from(error).log();
            0
        });
        typed = db::drafts::count(&state.pool, guest).await.is_ok_and(|count| count > 0);
    }
    context! { attempts, typed }
}
