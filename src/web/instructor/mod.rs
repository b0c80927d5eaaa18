//! Pages for those who review.

pub mod reports;
pub mod submissions;
