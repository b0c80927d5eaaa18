//! What a program writes past the VM.

use crate::domain::report::Output;

/// Bytes that are kept, half from the beginning and half from the end: enough for an error message or a report of a crash.
const KEPT_BYTES: usize = 16 * 1024;

/// What is kept of the container's standard error.
#[derive(Debug)]
pub struct Stray {
    head: Vec<u8>,
    tail: Vec<u8>,
    bytes: usize,
    limit: usize,
}

impl Stray {
    /// Keeps little, and takes at most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self { head: Vec::new(), tail: Vec::new(), bytes: 0, limit }
    }

    /// Takes bytes; `Err` once they are more than the limit.
    pub fn keep(&mut self, bytes: &[u8]) -> Result<(), ()> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        let room = (KEPT_BYTES / 2).saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(&bytes[room..]);
        let surplus = self.tail.len().saturating_sub(KEPT_BYTES / 2);
        self.tail.drain(..surplus);
        if self.bytes > self.limit { Err(()) } else { Ok(()) }
    }

    /// What was kept.
    pub fn into_output(self) -> Output {
        let cut_bytes = (self.bytes - self.head.len() - self.tail.len()) as u64;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if cut_bytes == 0 {
            Output::whole(text(&[self.head, self.tail].concat()))
        } else {
            Output { head: text(&self.head), tail: text(&self.tail), cut_bytes }
        }
    }
}
