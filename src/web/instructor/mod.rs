//! Pages for those who review.

pub mod regrades;
pub mod reports;
pub mod submissions;
