//! Proving who somebody is: passwords, and the tokens of sessions and programs. Knows no database and no HTTP.

pub mod password;
pub mod token;
