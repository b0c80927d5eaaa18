//! Everything that needs more than one module: one binary, so that it links once.

mod helpers;

mod cli;
mod content;
mod journey;
mod outage;
mod postgres;
mod queue;
mod tidy;
mod web_account;
mod web_bad_input;
mod web_pages;
