//! The real server on a free port, with a database of its own for each test.

pub mod app;
pub mod audit;
pub mod breakable;
pub mod container;
pub mod daemonless;
pub mod database;
pub mod engine;
pub mod exunit;
pub mod issuer;
pub mod lessons;
pub mod mailbox;
pub mod program;
pub mod socket;
pub mod traces;
pub mod way;
pub mod ways;

pub use app::TestApp;
pub use database::TestDatabase;
