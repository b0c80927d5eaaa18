//! Proving who somebody is: passwords, the tokens of sessions and programs, and another site's word. Knows no database.

pub mod openid;
pub mod owner;
pub mod password;
pub mod token;
