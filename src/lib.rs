//! Athanor: a learning site for Elixir.
pub mod db;
pub mod domain;
