//! The sandbox without its containers.

#[path = "../../src/sandbox/driver.rs"]
pub mod driver;
#[path = "../../src/sandbox/error.rs"]
mod error;
#[path = "../../src/sandbox/event.rs"]
mod event;
#[path = "../../src/sandbox/frame.rs"]
mod frame;
#[path = "../../src/sandbox/protocol.rs"]
pub mod protocol;
#[path = "../../src/sandbox/stray.rs"]
mod stray;

pub use error::SandboxError;
pub use event::{Event, EventSink};
