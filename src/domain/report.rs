//! What a sandbox saw. Facts only: it knows nothing of what was expected.

use serde::{Deserialize, Serialize};

use super::suite::SuiteReport;

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How compiling and loading went; `None` when the container ended before it said so.
    pub load: Option<Load>,
    /// The cases in the job's order, as far as it got. The last one may hold fewer steps than its case has.
    pub cases: Vec<CaseReport>,
    /// What was seen of a suite, where one was asked for and begun.
    pub suite: Option<SuiteReport>,
    /// How the job ended.
    pub end: End,
    /// What was printed past the VM's own input and output.
    pub stray_output: Output,
    /// Whether other work competed for the CPU meanwhile, so that a time-out proves nothing.
    pub contended: bool,
    /// How long it took.
    pub timings: Timings,
}

/// Where a job's time went, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// Waiting for a free core.
    pub slot_us: u64,
    /// Waiting for a container: nearly nothing from the warm pool.
    pub container_us: u64,
    /// Compiling and loading, seen from the host.
    pub load_us: u64,
    /// All cases, seen from the host.
    pub cases_us: u64,
}

/// How compiling and loading went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// The modules are there.
    Loaded {
        /// Warnings.
        diagnostics: Vec<Diagnostic>,
        /// What the code printed while it was compiled.
        output: Output,
    },
    /// It did not compile.
    Refused {
        /// Errors and warnings.
        diagnostics: Vec<Diagnostic>,
        /// What the code printed while it was compiled.
        output: Output,
    },
}

/// How serious a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It does not compile.
    Error,
    /// It compiles, but look here.
    Warning,
}

/// One remark of the compiler.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// The compiler's own words.
    pub message: String,
    /// The file it is about, as the job named it.
    pub file: Option<String>,
    /// Line, counted from 1.
    pub line: Option<u32>,
    /// Column, counted from 1 in characters.
    pub column: Option<u32>,
    /// Line and column where the span ends.
    pub end: Option<(u32, u32)>,
}

/// What was printed: the head, and where it was too much, the tail and how many bytes are missing between.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Output {
    /// The beginning, or all of it. Bytes that are not UTF-8 are shown as U+FFFD.
    pub head: String,
    /// The end, when something was cut.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
    /// How many bytes were cut.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Output {
    /// Output of which nothing was cut.
    #[must_use]
    pub fn whole(text: impl Into<String>) -> Self {
        Self { head: text.into(), tail: String::new(), cut_bytes: 0 }
    }

    /// Whether nothing was printed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty() && self.cut_bytes == 0
    }
}

/// What happened in one case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseReport {
    /// The steps in order, as far as they got.
    pub steps: Vec<StepReport>,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// What came of it.
    pub outcome: StepOutcome,
    /// What it printed.
    pub output: Output,
    /// How many bytes of that had been printed when each line of its input was first read.
    pub typed_at: Vec<u64>,
    /// How long it took inside the VM, in microseconds, as the VM says.
    pub us: u64,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// It returned.
    Value {
        /// The value in Erlang's external term format, deterministic.
        term: Vec<u8>,
        /// The value as `inspect` shows it, for people to read; may be cut.
        text: String,
    },
    /// It returned more than the limit.
    TooLarge {
        /// Size of the value in bytes of the external term format.
        bytes: u64,
    },
    /// It raised, threw or exited.
    Raised(Raised),
    /// It was stopped at its time limit, in the VM or from outside.
    TimedOut,
}

/// An exception, a throw or an exit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Raised {
    /// `error`, `throw` or `exit`.
    pub kind: String,
    /// The exception's module as Elixir writes it; `None` for throws and exits.
    pub module: Option<String>,
    /// What it says.
    pub message: String,
    /// The same with what the VM can add to it: arguments, clauses that were tried, names that are near.
    #[serde(default)]
    pub help: Option<String>,
    /// The lines of the stack that lie in the learner's own code.
    pub stack: Vec<StackLine>,
}

/// One line of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StackLine {
    /// `Module.function/arity`.
    pub function: String,
    /// The file as the job named it.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Every step was answered.
    Finished,
    /// The code did not compile, so there was nothing to run.
    Refused,
    /// The VM or the container ended by itself.
    Exited {
        /// Its exit code, where it is known.
        code: Option<i64>,
    },
    /// The kernel ended it at its memory limit.
    OutOfMemory,
    /// It sent more output than a job may.
    OutputExceeded,
    /// It sent something that is not an answer.
    BadFrame {
        /// What was wrong with it, for the log.
        reason: String,
    },
    /// A time limit that is held from outside passed: of compiling, of a step that did not answer, or of the job.
    Deadline,
}

impl End {
    /// The exit code of a program that the kernel killed. A program may also choose it.
    pub const KILLED: i64 = 137;
}
