//! Composition root: brings up what the program stands on, and takes it down again.
pub mod postgres;
