//! Submissions: taking them in, waiting for them, showing them.

pub mod attempts;
pub mod cancel;
pub mod create;
pub mod events;
pub mod handed;
pub mod report;
pub mod show;
pub mod shown;
pub mod wait;
