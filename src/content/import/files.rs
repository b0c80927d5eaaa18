//! The files of one exercise, as far as they could be read.

use std::collections::BTreeMap;

use super::super::source::Source;
use super::finding::Findings;

/// What was found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file and what it holds.
    File(Vec<u8>),
    /// Anything whose bytes are not to be had, and why, as the end of "it is not taken: …".
    Unread(String),
}

/// Files by their path from the exercise's folder, with `/` between its parts.
pub type Files = BTreeMap<String, Entry>;

/// A file of code as text: UTF-8, no NUL, and not blank. Says why not.
pub(super) fn code(files: &Files, path: &str) -> Result<String, String> {
    let bytes = match files.get(path) {
        Some(Entry::File(bytes)) => bytes,
        Some(Entry::Unread(why)) => return Err(why.clone()),
        None => return Err("it does not exist".to_owned()),
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("it is not UTF-8: line {} holds other bytes", line_of(bytes, error.valid_up_to())))?;
    if let Some(at) = text.find('\0') {
        return Err(format!("line {} holds a NUL character", line_of(bytes, at)));
    }
    let mut text = Source::new(path, text).text;
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// A file of prose. What is not text in it is replaced, with a warning; `None` when there is nothing to show.
pub(super) fn prose(files: &Files, path: &str, findings: &mut Findings) -> Option<Source> {
    let bytes = match files.get(path)? {
        Entry::File(bytes) => bytes,
        Entry::Unread(why) => {
            findings.left_out(path, format!("it is not taken: {why}"));
            return None;
        }
    };
    if let Err(error) = std::str::from_utf8(bytes) {
        let line = line_of(bytes, error.valid_up_to());
        findings.warn(path, Some(line), "this is not UTF-8; each byte that is no text became \u{fffd}");
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        findings.warn(path, Some(line_of(bytes, at)), "a NUL character was replaced by \u{fffd}");
    }
    let source = Source::new(path, &String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}"));
    if source.text.trim().is_empty() {
        findings.warn(path, None, "this file is empty");
        return None;
    }
    Some(source)
}

fn line_of(bytes: &[u8], at: usize) -> u32 {
    let lines = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    u32::try_from(lines).unwrap_or(u32::MAX)
}
