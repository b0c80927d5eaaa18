//! Signing in with an account of another site: OpenID Connect's authorization code flow, with PKCE, state and nonce.
//!
//! The library `openidconnect` was looked at and left: it brings the crate `rsa`, whose timing flaw (RUSTSEC-2023-0071) has no
//! fix, and some eighty others. What is needed here is two documents, one form and one token.

mod provider;
mod signature;
mod token;

pub use provider::{Error, Journey, Provider};
pub use token::Person;
