//! Proving who somebody is: passwords and session tokens. Knows no database and no HTTP.

pub mod password;
pub mod token;
