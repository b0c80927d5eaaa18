//! Program runs: asked for here, done by a worker that this process never sees.

pub mod asked;
pub mod languages;
pub mod plain;
pub mod requester;
pub mod run;
pub mod stream;
pub mod trouble;
pub mod wait;
