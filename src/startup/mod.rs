//! Composition root: brings up what the program stands on, hands each part what it needs, and takes it all down again.

mod course;
mod database;
mod first_start;
mod mail;
mod metrics;
pub mod postgres;
mod retention;
mod sandbox;
mod serve;
mod stop;
pub mod watching;
mod work;

pub use course::synchronise;
pub use database::{Database, data_folder, database};
pub use sandbox::{at_once, oci_settings, prepare, sandbox, worker_sandbox};
pub use serve::{Grading, Listeners, serve, site};
pub use stop::on_signal as stop_on_signal;
pub use work::{worker, worker_in};
