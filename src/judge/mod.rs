//! From a queued grading to its verdict: claims, has it run, decides, writes.
//!
//! [`programs`] does the same for program runs and blocks of lessons, which are run and not judged.
//!
//! [`consoles`] stands between an open IEx and whoever types at it.
//!
//! `turns` is what their loops have in common: look, work, wait for a hint.
//!
//! [`grade`] is the part without a database, which the command line uses too; [`worker`] is the loop around it.

mod announce;
mod canary;
pub mod consoles;
pub mod expected;
mod flights;
pub mod grade;
pub mod metrics;
mod pause;
mod presence;
mod process;
pub mod programs;
mod provisional;
mod shelf;
mod suite;
mod turns;
pub mod wish;
pub mod worker;

pub use worker::{Settings, Worker, worker_name};
