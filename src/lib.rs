//! Athanor: a learning site for Elixir.
pub mod content;
pub mod domain;
