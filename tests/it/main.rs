//! Everything that needs more than one module: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod helpers;

mod blocks;
mod cli;
mod content;
mod hostile;
mod journey;
mod outage;
mod postgres;
mod programs;
mod programs_docker;
mod queue;
mod sandbox_codec;
mod sandbox_contract;
mod sandbox_docker;
mod sandbox_driver;
mod stop;
mod tidy;
mod web_account;
mod web_bad_input;
mod web_pages;
