//! API tokens as their owner sees them.

use jiff::Timestamp;
use serde::Serialize;

use super::words;
use crate::db::api_tokens::Token;
use crate::domain::scope::Scopes;

/// A token in JSON.
#[derive(Debug, Clone, Serialize)]
pub struct TokenJson {
    id: String,
    name: String,
    scopes: Scopes,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    expired: bool,
}

impl TokenJson {
    /// A token, seen at `now`.
    #[must_use]
    pub fn new(token: &Token, now: Timestamp) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.clone(),
            scopes: token.scopes.clone(),
            created_at: token.created_at.to_string(),
            expires_at: token.expires_at.map(|at| at.to_string()),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
            expired: has_expired(token, now),
        }
    }
}

/// A token in the table of the page.
#[derive(Debug, Clone, Serialize)]
pub struct TokenView {
    id: String,
    name: String,
    scopes: String,
    created: String,
    used: String,
    expires: String,
    expired: bool,
}

impl TokenView {
    /// A token, seen at `now`.
    #[must_use]
    pub fn new(token: &Token, now: Timestamp) -> Self {
        let expired = has_expired(token, now);
        Self {
            id: token.id.to_string(),
            name: token.name.clone(),
            scopes: token.scopes.to_string(),
            created: words::ago(token.created_at, now),
            used: token.last_used_at.map_or_else(|| "never".to_owned(), |at| words::ago(at, now)),
            expires: match token.expires_at {
                None => "never".to_owned(),
                Some(at) if expired => words::ago(at, now),
                Some(at) => words::day(at),
            },
            expired,
        }
    }
}

fn has_expired(token: &Token, now: Timestamp) -> bool {
    token.expires_at.is_some_and(|at| at <= now)
}
