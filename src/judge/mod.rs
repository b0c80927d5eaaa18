//! From a queued grading to its verdict: claims, has it run, decides, writes.
//!
//! [`grade`] is the part without a database, which the command line uses too; [`worker`] is the loop around it.

mod announce;
mod canary;
pub mod expected;
mod flights;
pub mod grade;
pub mod metrics;
mod pause;
mod presence;
mod process;
mod provisional;
mod shelf;
pub mod worker;

pub use worker::{Settings, Worker, worker_name};
