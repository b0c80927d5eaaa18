//! Source text to be written as `mix format` writes it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::job::Job;
use super::limits::Limits;
use super::report::{Report, StepOutcome};

/// Files to be formatted, each by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formatting {
    /// Their texts, in order.
    pub texts: Vec<String>,
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formatted {
    /// It is written like this.
    Text(String),
    /// It cannot be read as Elixir.
    Unreadable(Unreadable),
    /// It took too long, or more memory than it may have: it is left as it was.
    NotDone,
}

/// Where a text stops being Elixir.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1 in characters, where it is known.
    pub column: Option<u32>,
    /// The parser's own words.
    pub message: String,
}

/// What came of all files, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatResult {
    /// One for each.
    pub files: Vec<Formatted>,
}

/// The formatter's answer as one binary: `=` and the text, or `!`, line, column and what is wrong. A delimiter that does
/// not fit is told at the place where another one was expected. The text comes in as digits, which need no quoting.
#[must_use]
pub fn expression(text: &str) -> String {
    let mut digits = String::with_capacity(2 * text.len());
    for byte in text.bytes() {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    format!(
        r#"try do
  case Code.format_string!(Base.decode16!("{digits}", case: :lower)) do
    [] -> "="
    formatted -> IO.iodata_to_binary([?=, formatted, ?\n])
  end
rescue
  error in MismatchedDelimiterError -> "!#{{error.end_line}} #{{error.end_column}} #{{error.description}}"
  error in [SyntaxError, TokenMissingError] -> "!#{{error.line}} #{{error.column}} #{{error.description}}"
end"#
    )
}

impl Formatting {
    /// The job that does it. The texts are only parsed, never run.
    #[must_use]
    pub fn job(&self, limits: Limits) -> Job {
        Job::evaluating([self.texts.iter().map(|text| expression(text)).collect()], limits)
    }

    /// What came of it.
    #[must_use]
    pub fn result(&self, report: Report) -> FormatResult {
        let mut seen = report.cases.into_iter().flat_map(|case| case.steps);
        let files = self.texts.iter().map(|_| {
            seen.next().and_then(|step| match step.outcome {
                StepOutcome::Value { term, .. } => formatted(&term),
                _ => None,
            })
        });
        FormatResult { files: files.map(|file| file.unwrap_or(Formatted::NotDone)).collect() }
    }
}

/// Bytes before the text of a binary in the external term format: version, tag and four of length.
const BINARY_HEAD: usize = 6;

/// What the value of an [`expression`] says, in the external term format; `None` for what it never answers.
#[must_use]
pub fn formatted(term: &[u8]) -> Option<Formatted> {
    let answer = std::str::from_utf8(term.get(BINARY_HEAD..)?).ok()?;
    if let Some(text) = answer.strip_prefix('=') {
        return Some(Formatted::Text(text.to_owned()));
    }
    let mut parts = answer.strip_prefix('!')?.splitn(3, ' ');
    let (line, column, message) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Formatted::Unreadable(Unreadable {
        line: line.parse().ok()?,
        column: column.parse().ok(),
        message: message.trim_end().to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{CaseReport, End, Output, StepReport, Timings};

    fn report(answers: &[&str]) -> Report {
        let step = |answer: &&str| {
            let length = u32::try_from(answer.len()).unwrap().to_be_bytes();
            let term = [&[131, 109], length.as_slice(), answer.as_bytes()].concat();
            let outcome = StepOutcome::Value { term, text: String::new() };
            StepReport { outcome, output: Output::default(), typed_at: Vec::new(), us: 1 }
        };
        Report {
            load: None,
            suite: None,
            cases: vec![CaseReport { steps: answers.iter().map(step).collect() }],
            end: End::Finished,
            stray_output: Output::default(),
            contended: false,
            timings: Timings::default(),
        }
    }

    #[test]
    fn an_answer_is_a_text_or_a_place_or_neither() {
        let asked = Formatting { texts: vec![String::new(); 5] };
        let result = asked.result(report(&["=a\n", "!3 5 unexpected token: )", "=", "nonsense"]));
        let unreadable = Unreadable { line: 3, column: Some(5), message: "unexpected token: )".into() };
        assert_eq!(
            result.files,
            [
                Formatted::Text("a\n".into()),
                Formatted::Unreadable(unreadable),
                Formatted::Text(String::new()),
                Formatted::NotDone,
                Formatted::NotDone
            ]
        );
    }

    #[test]
    fn what_is_formatted_is_never_part_of_the_code_that_formats() {
        let job = Formatting { texts: vec!["\"); System.halt(0) #{".into()] }.job(Limits::DEFAULT);
        assert!(!job.cases[0].steps[0].code.contains("halt"));
    }
}
