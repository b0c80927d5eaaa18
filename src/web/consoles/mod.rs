//! Consoles: IEx in the lesson. `docs/decisions/0013-console-channel.md` says how the site and a worker meet.

pub mod open;
pub mod say;
pub mod show;
pub mod socket;
pub mod sockets;

use crate::domain::ids::{ConsoleId, UserId};
use crate::web::error::WebError;
use crate::web::visitor::Visitor;

/// The console of an address, and whose it may be.
///
/// # Errors
/// [`WebError::NotFound`] for what is no id, and for visitors who have nothing; a failing database.
fn of_path(path: &str, visitor: &Visitor) -> Result<(ConsoleId, UserId), WebError> {
    let id = path.parse().map_err(|_| WebError::NotFound)?;
    Ok((id, visitor.user()?.ok_or(WebError::NotFound)?.id))
}
