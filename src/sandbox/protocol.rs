//! The frames between the host and a container: `runner-images/README.md` describes them.
//!
//! A frame is a big-endian length of four bytes and so many bytes of JSON. Everything that comes from a container may
//! have been written by hostile code: it is bounded before it is kept, and whatever does not parse ends the job.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

pub use super::frame::{Decoder, FrameError, frame_of};
use crate::domain::exercise::{Language, SourceFile};
use crate::domain::limits::Limits;
use crate::domain::report::{Diagnostic, Output, Raised, Severity};
use crate::domain::suite::{Decoy, Slot, TestReport};

/// The version of the protocol that this program speaks.
pub const VERSION: u32 = 2;

/// Bytes that all frames of one job may have together: sixteen values of the largest size, with room to spare.
pub const JOB_BYTES: usize = 8 * 1024 * 1024;

/// Puts a length before a frame's content.
#[must_use]
pub fn encode(frame: &Outgoing<'_>) -> Vec<u8> {
    frame_of(&serde_json::to_vec(frame).unwrap_or_default())
}

/// What the host says.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Outgoing<'a> {
    /// Compile and load this.
    Load {
        /// [`VERSION`].
        v: u32,
        /// To be repeated in the answer.
        nonce: &'a str,
        /// Compiled first.
        support: &'a [SourceFile],
        /// Compiled after it.
        source: &'a [SourceFile],
        /// Language of both.
        lang: Language,
        /// Whether modules become files on the path, for their docs, and protocols are consolidated.
        beams: bool,
        /// What the harness holds by itself.
        limits: HarnessLimits,
    },
    /// Run these ExUnit modules.
    Suite {
        /// To be repeated in every answer.
        nonce: &'a str,
        /// The files.
        files: &'a [SourceFile],
        /// How each test is run.
        slots: &'a [Slot],
        /// Tests to add.
        decoys: &'a [Decoy],
        /// Decides the order.
        seed: u32,
        /// When a test is stopped.
        timeout_ms: u64,
        /// Whether the code of each test is to be told.
        code: bool,
        /// Whether negated tests tell that they came to their end.
        ends: bool,
    },
    /// Evaluate this.
    Step {
        /// To be repeated in the answer.
        nonce: &'a str,
        /// Place of the case, from 0. A new number begins a new process.
        case: usize,
        /// Place of the step in its case, from 0.
        n: usize,
        /// The expression.
        code: &'a str,
        /// What is typed on standard input.
        input: Option<&'a str>,
        /// When the harness stops it.
        timeout_ms: u64,
    },
    /// That was all.
    End,
}

/// The limits that the harness holds by itself, in bytes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct HarnessLimits {
    /// Output kept of a case.
    pub kept_output_bytes: usize,
    /// Output of the whole job.
    pub job_output_bytes: usize,
    /// A value's term.
    pub term_bytes: usize,
    /// A value's text.
    pub text_bytes: usize,
}

impl From<&Limits> for HarnessLimits {
    fn from(limits: &Limits) -> Self {
        Self {
            kept_output_bytes: limits.kept_output_bytes,
            job_output_bytes: limits.job_output_bytes,
            term_bytes: limits.term_bytes,
            text_bytes: limits.text_bytes,
        }
    }
}

/// What a container says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Incoming {
    /// It has booted and warmed up. Its first frame.
    Ready {
        /// The version it speaks.
        v: u32,
        /// Elixir's version.
        elixir: String,
        /// OTP's release.
        otp: String,
    },
    /// Compiled and loaded.
    Loaded {
        /// That of the request.
        nonce: String,
        /// Warnings.
        diagnostics: Vec<WireDiagnostic>,
        /// What the code printed meanwhile.
        output: WireOutput,
    },
    /// It does not compile.
    Refused {
        /// That of the request.
        nonce: String,
        /// Errors and warnings.
        diagnostics: Vec<WireDiagnostic>,
        /// What the code printed meanwhile.
        output: WireOutput,
    },
    /// A step returned.
    Value {
        /// The step it answers.
        #[serde(flatten)]
        step: WireStep,
        /// The term, in base64.
        term: String,
        /// The text.
        text: WireText,
    },
    /// A step returned more than it may.
    TooLarge {
        /// The step it answers.
        #[serde(flatten)]
        step: WireStep,
        /// How large the term would be.
        bytes: u64,
    },
    /// A step raised.
    Raised {
        /// The step it answers.
        #[serde(flatten)]
        step: WireStep,
        /// What it raised.
        #[serde(flatten)]
        raised: Raised,
    },
    /// A step was stopped at its time limit.
    Timeout {
        /// The step it answers.
        #[serde(flatten)]
        step: WireStep,
    },
    /// A test of a suite ended. There may be more before the suite ends.
    Test {
        /// That of the request.
        nonce: String,
        /// What became of it.
        #[serde(flatten)]
        test: Box<TestReport>,
        /// What it printed.
        output: WireOutput,
    },
    /// A suite ended.
    SuiteDone {
        /// That of the request.
        nonce: String,
    },
    /// The process that ran a suite ended before the suite did.
    SuiteDied {
        /// That of the request.
        nonce: String,
        /// What it ended with.
        message: String,
    },
    /// The job printed more than it may.
    OutputExceeded {},
    /// The answer to [`Outgoing::End`].
    Bye {},
}

impl Incoming {
    /// Reads a frame's content.
    ///
    /// # Errors
    ///
    /// [`FrameError::Malformed`], in the parser's words.
    pub fn parse(content: &[u8]) -> Result<Self, FrameError> {
        serde_json::from_slice(content).map_err(|error| FrameError::Malformed(error.to_string()))
    }
}

/// Which step an answer belongs to, and what is the same in all answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WireStep {
    /// That of the request.
    pub nonce: String,
    /// Place of the case.
    pub case: usize,
    /// Place of the step in its case.
    pub n: usize,
    /// What it printed.
    pub output: WireOutput,
    /// How long it took, in microseconds.
    pub us: u64,
}

/// Text, or bytes that are none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum WireText {
    /// UTF-8.
    Text(String),
    /// Anything.
    Bytes {
        /// In base64.
        base64: String,
    },
}

impl WireText {
    /// As text; what is not UTF-8 becomes U+FFFD.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Bytes { base64 } => {
                String::from_utf8_lossy(&BASE64_STANDARD.decode(base64).unwrap_or_default()).into_owned()
            }
        }
    }
}

/// What was printed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WireOutput {
    head: WireText,
    tail: WireText,
    cut: u64,
    /// How much had been printed when each line of its input was first read, in bytes.
    #[serde(default)]
    pub typed_at: Vec<u64>,
}

impl From<WireOutput> for Output {
    fn from(wire: WireOutput) -> Self {
        Self { head: wire.head.into_text(), tail: wire.tail.into_text(), cut_bytes: wire.cut }
    }
}

/// One remark of the compiler. Lines and columns are the compiler's own, so a macro may make them anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct WireDiagnostic {
    severity: WireSeverity,
    message: String,
    file: Option<String>,
    line: Option<i64>,
    col: Option<i64>,
    span: Option<(i64, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireSeverity {
    Error,
    #[serde(other)]
    Warning,
}

impl From<WireDiagnostic> for Diagnostic {
    fn from(wire: WireDiagnostic) -> Self {
        let place = |n: i64| u32::try_from(n).ok().filter(|n| *n > 0);
        Self {
            severity: match wire.severity {
                WireSeverity::Error => Severity::Error,
                WireSeverity::Warning => Severity::Warning,
            },
            message: wire.message,
            file: wire.file,
            line: wire.line.and_then(place),
            column: wire.col.and_then(place),
            end: wire.span.and_then(|(line, column)| Some((place(line)?, place(column)?))),
        }
    }
}

/// A term's bytes.
///
/// # Errors
///
/// [`FrameError::Malformed`] when it is not base64.
pub fn term(base64: &str) -> Result<Vec<u8>, FrameError> {
    BASE64_STANDARD.decode(base64).map_err(|error| FrameError::Malformed(error.to_string()))
}
