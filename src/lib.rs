//! Athanor: a learning site for Elixir.
pub mod domain;
pub mod startup;
