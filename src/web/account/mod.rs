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

use super::error::WebError;
use super::state::AppState;
use super::visitor::Visitor;
use crate::db;

/// Whether a guest has typed something that they would bring to an account.
async fn guest_typed(state: &AppState, visitor: &Visitor) -> bool {
    let Some(guest) = visitor.guest() else { return false };
    db::drafts::count(&state.pool, guest).await.is_ok_and(|count| count > 0)
}

/// Attempts that a guest would bring to an account.
async fn guest_attempts(state: &AppState, visitor: &Visitor) -> Result<i64, WebError> {
    match visitor.guest() {
        Some(guest) => Ok(db::users::submission_count(&state.pool, guest).await?),
        None => Ok(0),
    }
}
