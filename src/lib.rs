//! Athanor: a learning site for Elixir.
pub mod auth;
pub mod cli;
pub mod config;
pub mod content;
pub mod db;
pub mod domain;
pub mod judge;
pub mod sandbox;
pub mod startup;
pub mod telemetry;
pub mod web;
