//! Athanor: a learning site for Elixir whose grading engine people can trust.
//!
//! # The map
//!
//! ```text
//! main.rs        reads the command line, hands over to cli
//! config.rs      every setting, typed, read once
//! telemetry.rs   log lines
//! startup/       composition root: brings up database, course, sandbox, judge, site; takes them down again
//! domain/        pure: ids, accounts, lessons, exercises, jobs, reports, verdicts, progress, limits
//! content/       Markdown files become lessons, or problems with their places
//! auth/          passwords, tokens, and another site's word for somebody
//! mail/          letters, by SMTP or into the log
//! db/            every SQL statement, one file for each concern
//! sandbox/       where code that nobody trusts runs: the contract, containers by Docker or without, a fake
//! judge/         the worker: claims, has it run, decides, writes
//! web/           pages and their JSON twins
//! cli/           serve, worker, grade, check, new, preview, user, doctor, bench
//! ```
//!
//! # Who may import whom
//!
//! | module | may import |
//! |---|---|
//! | `domain` | nothing of ours |
//! | `content` | `domain` |
//! | `auth` | `domain` |
//! | `mail` | `domain` |
//! | `db` | `domain` |
//! | `sandbox` | `domain` |
//! | `judge` | `domain`, `db`, `sandbox` |
//! | `web` | `domain`, `content`, `auth`, `db` |
//! | `config` | `domain` |
//! | `telemetry` | `config` |
//! | `startup` | everything |
//! | `cli` | everything |
//!
//! A test reads this table and the `use` lines, and fails when they differ.
//!
//! # One submission's journey
//!
//! 1. `web::submissions::create` parses what was sent into a [`domain::source::SourceCode`].
//! 2. [`db::submissions::accept`] stores it and queues its grading in one transaction. From here on nothing may lose it.
//! 3. [`judge::Worker`] takes it with [`db::queue::claim`]: a lease, and a token that every later write must show.
//! 4. [`judge::grade::grade`] hands a [`domain::job::Job`] to a [`sandbox::Sandbox`], which answers what happened: a
//!    [`domain::report::Report`]. Expected values never go in.
//! 5. [`domain::verdict::judge`] decides.
//! 6. [`db::queue::finish`] writes verdict, cases and progress, all or nothing, if the lease still holds.
//! 7. `web::watch` wakes the learner's stream, which reads the row.

pub mod auth;
pub mod cli;
pub mod config;
pub mod content;
pub mod db;
pub mod domain;
pub mod judge;
pub mod mail;
pub mod sandbox;
pub mod startup;
pub mod telemetry;
pub mod web;
