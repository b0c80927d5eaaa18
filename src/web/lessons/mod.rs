//! A lesson's page, however a reader comes to it.

pub mod hint;
pub mod page;
pub mod picture;
pub mod show;
