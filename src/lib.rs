//! Athanor: a learning site for Elixir.
pub mod auth;
pub mod db;
pub mod domain;
pub mod web;
