//! Finding a place in the course by words.

pub mod index;
pub mod page;
