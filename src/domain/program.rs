//! Program runs: a whole program in some language, with what is typed on its standard input, and what came of it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::Limits;

/// The name of a language as it stands in an address: small letters and digits, words joined by single hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageName(String);

/// Why a text is not a language's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no name of a language: small letters and digits, words joined by single hyphens, at most 40 characters"
)]
pub struct NotALanguageName(pub String);

impl LanguageName {
    /// Takes a text that is such a name.
    ///
    /// # Errors
    /// [`NotALanguageName`] when it is empty, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, NotALanguageName> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() <= 40 && text.split('-').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotALanguageName(text.to_owned()))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LanguageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LanguageName {
    type Error = NotALanguageName;
    fn try_from(text: String) -> Result<Self, NotALanguageName> {
        Self::parse(&text)
    }
}

impl From<LanguageName> for String {
    fn from(name: LanguageName) -> Self {
        name.0
    }
}

/// What a program may use. Each has a setting `ATHANOR_PROGRAM_LIMIT_…`, and a test that shows it hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramLimits {
    /// Longest time from handing over the program to its end, in milliseconds.
    pub time_ms: u64,
    /// Memory, in bytes; swap is not added to it.
    pub memory_bytes: i64,
    /// Processes and threads.
    pub pids: i64,
    /// CPUs, in thousandths of a core.
    pub cpu_millis: i64,
    /// Size of its `/tmp`, the only place it can write to, in bytes.
    pub tmp_bytes: i64,
    /// Open files of a process.
    pub open_files: i64,
    /// Output kept of each of its two streams, in bytes, half from the head and half from the tail.
    pub kept_output_bytes: usize,
    /// Output of both streams together, in bytes, past which it is stopped.
    pub output_bytes: usize,
}

impl ProgramLimits {
    /// The limits of the design.
    pub const DEFAULT: Self = Self {
        time_ms: 3_000,
        memory_bytes: 256 * 1024 * 1024,
        pids: 64,
        cpu_millis: 1_000,
        tmp_bytes: 16 * 1024 * 1024,
        open_files: 1024,
        kept_output_bytes: 64 * 1024,
        output_bytes: 8 * 1024 * 1024,
    };

    /// Longest time from handing over the program to its end.
    #[must_use]
    pub const fn time(&self) -> Duration {
        Duration::from_millis(self.time_ms)
    }

    /// What of them is a container's, in the words of a grading's limits.
    #[must_use]
    pub const fn of_container(&self) -> Limits {
        Limits {
            job_ms: self.time_ms,
            memory_bytes: self.memory_bytes,
            pids: self.pids,
            cpu_millis: self.cpu_millis,
            tmp_bytes: self.tmp_bytes,
            open_files: self.open_files,
            ..Limits::DEFAULT
        }
    }
}

/// Limits that somebody set: an image for its language, or the operator for all. What is not set is left as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetLimits {
    /// See [`ProgramLimits::time_ms`].
    pub time_ms: Option<u64>,
    /// See [`ProgramLimits::memory_bytes`].
    pub memory_bytes: Option<i64>,
    /// See [`ProgramLimits::pids`].
    pub pids: Option<i64>,
    /// See [`ProgramLimits::cpu_millis`].
    pub cpu_millis: Option<i64>,
    /// See [`ProgramLimits::tmp_bytes`].
    pub tmp_bytes: Option<i64>,
    /// See [`ProgramLimits::open_files`].
    pub open_files: Option<i64>,
    /// See [`ProgramLimits::kept_output_bytes`].
    pub kept_output_bytes: Option<usize>,
    /// See [`ProgramLimits::output_bytes`].
    pub output_bytes: Option<usize>,
}

impl SetLimits {
    /// Puts what is set in the place of what was there.
    #[must_use]
    pub fn over(&self, limits: ProgramLimits) -> ProgramLimits {
        ProgramLimits {
            time_ms: self.time_ms.unwrap_or(limits.time_ms),
            memory_bytes: self.memory_bytes.unwrap_or(limits.memory_bytes),
            pids: self.pids.unwrap_or(limits.pids),
            cpu_millis: self.cpu_millis.unwrap_or(limits.cpu_millis),
            tmp_bytes: self.tmp_bytes.unwrap_or(limits.tmp_bytes),
            open_files: self.open_files.unwrap_or(limits.open_files),
            kept_output_bytes: self.kept_output_bytes.unwrap_or(limits.kept_output_bytes),
            output_bytes: self.output_bytes.unwrap_or(limits.output_bytes),
        }
    }
}

/// A language that programs can be run in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// Its name in addresses.
    pub name: LanguageName,
    /// Its name for people.
    pub title: String,
    /// Version of its interpreter or VM, as that says it.
    pub version: String,
    /// The file that a program becomes.
    pub file: String,
    /// What is there beside the language's own library.
    pub packages: Vec<String>,
    /// What a program may use.
    pub limits: ProgramLimits,
}

/// A program to run.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// In which language.
    pub language: LanguageName,
    /// Its text.
    pub code: String,
    /// What is typed on its standard input; the end of file comes after it.
    pub input: String,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Program({}, {} bytes, input {} bytes)", self.language, self.code.len(), self.input.len())
    }
}

/// Which of its streams a program wrote to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// The stream as it is written in the database and in events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// A piece of what a program wrote, as it wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where to.
    pub stream: Stream,
    /// What. Bytes that are not UTF-8 have become U+FFFD.
    pub text: String,
}

/// What came of a program. The names are those of the API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramResult {
    /// What it wrote to standard output. Bytes that are not UTF-8 are shown as U+FFFD.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// Its exit code, 128 and the signal's number when a signal ended it; `None` when it was stopped by us.
    pub exit_code: Option<i64>,
    /// Whether it was stopped at its time limit.
    pub timed_out: bool,
    /// Whether the kernel ended it, or a part of it, at its memory limit.
    pub memory_exceeded: bool,
    /// Whether something of its output is missing: in the middle, where that is said, or because it was stopped for writing too much.
    pub truncated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_s_name_fits_into_an_address() {
        for good in ["python", "c", "python-sorted", "f77", "es2024"] {
            assert_eq!(LanguageName::parse(good).map(|name| name.to_string()), Ok(good.to_owned()));
        }
        let long = "a".repeat(41);
        for bad in ["", "C++", "Python", "a--b", "-a", "a-", "../etc", "a b", "python\0", long.as_str()] {
            assert_eq!(LanguageName::parse(bad), Err(NotALanguageName(bad.to_owned())));
        }
    }

    #[test]
    fn what_is_set_goes_before_what_was_there() {
        let set = SetLimits { time_ms: Some(10_000), ..SetLimits::default() };
        let limits = set.over(ProgramLimits::DEFAULT);
        assert_eq!(limits, ProgramLimits { time_ms: 10_000, ..ProgramLimits::DEFAULT });
        assert_eq!(limits.of_container().memory_bytes, limits.memory_bytes);
    }
}
