//! A learner's source text, accepted once at the edge.

use std::fmt;

/// Source that was accepted: valid UTF-8, not blank, not too large, without a byte-order mark, lines ended by `\n`.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceCode(String);

/// Why a text is not taken as source. Nothing is stored and no attempt counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceRejected {
    /// Nothing but white space.
    #[error("there is no code yet: write something and send it again")]
    Empty,
    /// Larger than the limit.
    #[error("the code has {bytes} bytes; at most {limit} are accepted")]
    TooLarge {
        /// Size of what came, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Not text.
    #[error("the code is not valid UTF-8: the first bad byte is at position {valid_up_to}")]
    NotUtf8 {
        /// How many bytes are valid before the first bad one.
        valid_up_to: usize,
    },
}

impl SourceCode {
    /// Accepts what a learner sent. A byte-order mark and CRLF are the learner's editor speaking: they are taken off.
    ///
    /// # Errors
    /// [`SourceRejected`] says what is wrong with it.
    pub fn parse(bytes: &[u8], limit: usize) -> Result<Self, SourceRejected> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        // A CR before each LF is not the learner's doing, so it does not count against the limit either.
        let carriage_returns = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
        let size = bytes.len() - carriage_returns;
        if size > limit {
            return Err(SourceRejected::TooLarge { bytes: size, limit });
        }
        let text =
            std::str::from_utf8(bytes).map_err(|error| SourceRejected::NotUtf8 { valid_up_to: error.valid_up_to() })?;
        if text.trim().is_empty() {
            return Err(SourceRejected::Empty);
        }
        Ok(Self(text.replace("\r\n", "\n")))
    }

    /// The source as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SourceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceCode({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_crlf_are_taken_off() {
        let source = SourceCode::parse("\u{feff}a = 1\r\nb = 2\r\n".as_bytes(), 100).expect("source");
        assert_eq!(source.as_str(), "a = 1\nb = 2\n");
    }

    #[test]
    fn blank_oversized_and_foreign_bytes_are_refused() {
        assert_eq!(SourceCode::parse(b" \r\n\t", 10), Err(SourceRejected::Empty));
        assert_eq!(SourceCode::parse("\u{feff}".as_bytes(), 10), Err(SourceRejected::Empty));
        assert_eq!(SourceCode::parse(b"12345678901", 10), Err(SourceRejected::TooLarge { bytes: 11, limit: 10 }));
        assert!(SourceCode::parse(b"1234567890", 10).is_ok());
        assert!(SourceCode::parse(b"12345678\r\n9", 10).is_ok());
        assert_eq!(SourceCode::parse(b"ab\xff", 10), Err(SourceRejected::NotUtf8 { valid_up_to: 2 }));
    }
}
