//! Blocks of a lesson that a reader runs: *Run* beside a piece of code in the text.

pub mod create;
pub mod show;
