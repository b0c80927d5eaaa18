//! A look into Erlang's external term format: just enough to find what cannot be written down.
//!
//! The format is described in the Erlang documentation, "External Term Format" (erts user's guide).

pub mod text;

/// Why a value cannot be an expected value: it is another one each time, or in each VM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwritable {
    /// A process.
    Pid,
    /// A port.
    Port,
    /// A reference.
    Reference,
    /// A function that is not a named function of a module.
    LocalFunction,
}

impl Unwritable {
    /// What it is, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pid => "a process identifier",
            Self::Port => "a port",
            Self::Reference => "a reference",
            Self::LocalFunction => "an anonymous function",
        }
    }
}

/// The bytes are not a term in a form that `term_to_binary(value, [:deterministic])` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not an Erlang term")]
pub struct NotATerm;

/// Terms nested deeper than this are refused rather than followed; the walk itself does not recurse.
const MAX_PENDING: usize = 16 * 1024 * 1024;

/// Finds the first part of a term that cannot be written down; `None` when all of it can.
///
/// # Errors
/// [`NotATerm`] when the bytes are something else.
pub fn find_unwritable(bytes: &[u8]) -> Result<Option<Unwritable>, NotATerm> {
    let mut walk = Walk { rest: bytes.strip_prefix(&[131]).ok_or(NotATerm)? };
    // How many terms are still to come. Every term is read once, from left to right, so no stack is needed.
    let mut pending: usize = 1;
    while pending > 0 {
        pending -= 1;
        match walk.term()? {
            Seen::Leaf => {}
            Seen::Parts(parts) => pending = pending.checked_add(parts).ok_or(NotATerm)?,
            Seen::Unwritable(what) => return Ok(Some(what)),
        }
        if pending > MAX_PENDING {
            return Err(NotATerm);
        }
    }
    if walk.rest.is_empty() { Ok(None) } else { Err(NotATerm) }
}

enum Seen {
    Leaf,
    Parts(usize),
    Unwritable(Unwritable),
}

struct Walk<'a> {
    rest: &'a [u8],
}

impl Walk<'_> {
    fn take(&mut self, count: usize) -> Result<&[u8], NotATerm> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(NotATerm)?;
        self.rest = rest;
        Ok(head)
    }

    fn number(&mut self, bytes: usize) -> Result<usize, NotATerm> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn skip(&mut self, count: usize) -> Result<Seen, NotATerm> {
        self.take(count).map(|_| Seen::Leaf)
    }

    fn term(&mut self) -> Result<Seen, NotATerm> {
        match self.number(1)? {
            97 => self.skip(1),    // SMALL_INTEGER_EXT
            98 => self.skip(4),    // INTEGER_EXT
            70 => self.skip(8),    // NEW_FLOAT_EXT
            106 => Ok(Seen::Leaf), // NIL_EXT
            119 | 115 => {
                let length = self.number(1)?; // SMALL_ATOM_UTF8_EXT, SMALL_ATOM_EXT
                self.skip(length)
            }
            118 | 100 | 107 => {
                let length = self.number(2)?; // ATOM_UTF8_EXT, ATOM_EXT, STRING_EXT
                self.skip(length)
            }
            109 => {
                let length = self.number(4)?; // BINARY_EXT
                self.skip(length)
            }
            77 => {
                let length = self.number(4)?; // BIT_BINARY_EXT
                self.skip(length.checked_add(1).ok_or(NotATerm)?)
            }
            110 => {
                let length = self.number(1)?; // SMALL_BIG_EXT
                self.skip(length + 1)
            }
            111 => {
                let length = self.number(4)?; // LARGE_BIG_EXT
                self.skip(length.checked_add(1).ok_or(NotATerm)?)
            }
            104 => Ok(Seen::Parts(self.number(1)?)), // SMALL_TUPLE_EXT
            105 => Ok(Seen::Parts(self.number(4)?)), // LARGE_TUPLE_EXT
            108 => Ok(Seen::Parts(self.number(4)?.checked_add(1).ok_or(NotATerm)?)), // LIST_EXT and its tail
            116 => Ok(Seen::Parts(self.number(4)?.checked_mul(2).ok_or(NotATerm)?)), // MAP_EXT
            113 => Ok(Seen::Parts(3)),               // EXPORT_EXT: a named function of a module
            88 | 103 => Ok(Seen::Unwritable(Unwritable::Pid)),
            89 | 102 | 120 => Ok(Seen::Unwritable(Unwritable::Port)),
            90 | 101 | 114 => Ok(Seen::Unwritable(Unwritable::Reference)),
            112 | 117 => Ok(Seen::Unwritable(Unwritable::LocalFunction)),
            _ => Err(NotATerm),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_terms_can_be_written() {
        // [1, {:ok, "a"}]
        let list = [131, 108, 0, 0, 0, 2, 97, 1, 104, 2, 119, 2, b'o', b'k', 109, 0, 0, 0, 1, b'a', 106];
        assert_eq!(find_unwritable(&list), Ok(None));
        // %{a: 1.0}
        let map = [131, 116, 0, 0, 0, 1, 119, 1, b'a', 70, 63, 240, 0, 0, 0, 0, 0, 0];
        assert_eq!(find_unwritable(&map), Ok(None));
        // &Enum.map/2
        let export = [131, 113, 119, 1, b'E', 119, 1, b'm', 97, 2];
        assert_eq!(find_unwritable(&export), Ok(None));
    }

    #[test]
    fn a_pid_is_found_wherever_it_hides() {
        // [pid]
        let list = [131, 108, 0, 0, 0, 1, 88, 119, 1, b'n', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 106];
        assert_eq!(find_unwritable(&list), Ok(Some(Unwritable::Pid)));
    }

    #[test]
    fn other_bytes_are_no_term() {
        for bytes in [&[][..], &[131], &[1, 2], &[131, 97], &[131, 97, 1, 1], &[131, 108, 255, 255, 255, 255]] {
            assert_eq!(find_unwritable(bytes), Err(NotATerm), "{bytes:?}");
        }
    }
}
