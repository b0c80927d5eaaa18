//! Everything that needs more than one module: one binary, so that it links once.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod helpers;

mod bench;
mod blocks;
mod cli;
mod cli_check;
mod cli_new;
mod content;
mod diagnostics;
mod doctor;
mod fault_canary;
mod fault_cancel;
mod fault_client;
mod fault_clock;
mod fault_database;

mod fault_engine;
mod fault_program;
mod fault_worker;
mod hostile;
mod hostile_exunit;
mod hostile_hidden;
mod hostile_secrets;
mod image_boot;
mod import;
mod journey;
mod outage;
mod pool_wishes;
mod postgres;
mod preview;
mod programs;
mod programs_docker;
mod publishing;
mod queue;
mod queue_order;
mod regrade;
mod reports;
mod retention;
mod roles;
mod sandbox_codec;
mod sandbox_contract;
mod sandbox_docker;
mod sandbox_driver;
mod sandbox_engine;
mod sandbox_oci;
mod scheduling;
mod seen_from_outside;
mod several_files;
mod stop;
mod tidy;
mod tokens;
mod waiting;
mod web_account;
mod web_bad_input;
mod web_pages;
