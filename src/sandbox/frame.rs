//! Cuts what a container sends into frames, and bounds it before it is kept.

/// Why a stretch of bytes is not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// One frame is larger than it may be.
    #[error("a frame of {bytes} bytes, where {limit} are allowed")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// All frames together are larger than they may be.
    #[error("more than {limit} bytes in all")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// It is not the JSON that it should be.
    #[error("not a frame of the protocol: {0}")]
    Malformed(String),
}

/// Cuts a stream of bytes into frames, wherever its chunks begin and end.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    start: usize,
    seen: usize,
    frame_bytes: usize,
    total_bytes: usize,
}

impl Decoder {
    /// A decoder for frames of at most `frame_bytes` each and `total_bytes` together.
    #[must_use]
    pub const fn new(frame_bytes: usize, total_bytes: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, seen: 0, frame_bytes, total_bytes }
    }

    /// Takes a chunk. It holds at most one frame more than was taken out.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooMany`] once the total is passed.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), FrameError> {
        self.seen = self.seen.saturating_add(chunk.len());
        if self.seen > self.total_bytes {
            return Err(FrameError::TooMany { limit: self.total_bytes });
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(chunk);
        Ok(())
    }

    /// The next frame's content, when all of it is there.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooLarge`] as soon as its length is known.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let rest = &self.buffer[self.start..];
        let Some((length, content)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let bytes = u32::from_be_bytes(*length) as usize;
        if bytes > self.frame_bytes {
            return Err(FrameError::TooLarge { bytes, limit: self.frame_bytes });
        }
        if content.len() < bytes {
            return Ok(None);
        }
        let begin = self.start + 4;
        self.start = begin + bytes;
        Ok(Some(&self.buffer[begin..self.start]))
    }

    /// Whether bytes are left that no frame was made of.
    #[must_use]
    pub fn has_rest(&self) -> bool {
        self.start < self.buffer.len()
    }
}

/// A frame with this content.
#[must_use]
pub fn frame_of(content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(content.len() + 4);
    bytes.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(content);
    bytes
}
