//! Athanor: a learning site for Elixir.
pub mod auth;
pub mod config;
pub mod content;
pub mod db;
pub mod domain;
pub mod judge;
pub mod sandbox;
pub mod telemetry;
pub mod web;
