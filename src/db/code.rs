//! How the code of a submission is kept: a text as it is, files as a JSON list, either as bytes.

use std::borrow::Cow;

use super::{Error, Result};
use crate::domain::code::Code;

/// The bytes to keep, and whether they are a list of files.
pub(super) fn encode(code: &Code) -> Result<(Cow<'_, [u8]>, bool)> {
    match code {
        Code::Text(text) => Ok((Cow::Borrowed(text.as_bytes()), false)),
        Code::Files(files) => {
            let bytes = serde_json::to_vec(files).map_err(|error| Error::Unexpected(format!("files: {error}")))?;
            Ok((Cow::Owned(bytes), true))
        }
    }
}

/// The code of these bytes. What was removed for its age is an empty text.
pub(super) fn decode(bytes: Vec<u8>, files: bool) -> Result<Code> {
    if files && !bytes.is_empty() {
        return serde_json::from_slice(&bytes)
            .map(Code::Files)
            .map_err(|error| Error::Unexpected(format!("files of a submission: {error}")));
    }
    String::from_utf8(bytes).map(Code::Text).map_err(|error| Error::Unexpected(format!("source: {error}")))
}
