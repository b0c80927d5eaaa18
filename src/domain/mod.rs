//! What Athanor is about, without any way to reach the outside: values and pure functions from values to values.
//!
//! Nothing here reads a clock, a file, a database or a socket, so everything here can be tested by a table.

pub mod account;
pub mod attempts;
pub mod block;
pub mod canary;
pub mod code;
pub mod console;
pub mod difference;
pub mod draft;
pub mod exercise;
pub mod formatting;
pub mod glossary;
pub mod ids;
pub mod job;
pub mod lesson;
pub mod limits;
pub mod mail;
pub mod program;
pub mod progress;
pub mod regrade;
pub mod report;
pub mod retry;
pub mod schedule;
pub mod scope;
pub mod source;
pub mod submission;
pub mod suite;
pub mod term;
pub mod transcript;
pub mod verdict;
pub mod wait;
pub mod warmth;
