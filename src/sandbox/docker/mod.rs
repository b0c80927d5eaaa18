//! Containers of a Docker engine.

mod engine;
mod fate;
mod recipe;
mod watch;

pub use engine::DockerEngine;
