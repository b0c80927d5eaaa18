//! One submission: as JSON, and what its page says.

use jiff::Timestamp;
use serde::Serialize;

use super::report::ReportJson;
use crate::db::results::Submission;
use crate::domain::code::Code;
use crate::domain::exercise::SourceFile;
use crate::domain::report::{Diagnostic, Output};
use crate::domain::submission::GradingState;
use crate::domain::verdict::{CaseResult, Outcome, Verdict, VerdictKind};
use crate::domain::wait::{Estimate, Place};

/// A submission in JSON.
#[derive(Debug, Serialize)]
pub struct SubmissionJson {
    id: String,
    exercise: String,
    kind: &'static str,
    state: &'static str,
    created_at: String,
    finished_at: Option<String>,
    verdict: Option<VerdictKind>,
    cases: Vec<CaseJson>,
    diagnostics: Vec<Diagnostic>,
    says: Option<String>,
    fault: Option<String>,
    points: Option<u32>,
    report: Option<ReportJson>,
    position: Option<i64>,
    eta: Option<Estimate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileJson>>,
}

#[derive(Debug, Serialize)]
struct FileJson {
    name: String,
    text: String,
}

/// A case in JSON, in the shape that scripts rely on (DESIGN §8).
#[derive(Debug, Serialize)]
pub struct CaseJson {
    name: String,
    hidden: bool,
    outcome: Outcome,
    expression: Option<String>,
    expected: Option<String>,
    actual: Option<String>,
    message: Option<String>,
    output: String,
    us: Option<u64>,
}

impl From<&CaseResult> for CaseJson {
    fn from(case: &CaseResult) -> Self {
        Self {
            name: case.name.clone(),
            hidden: case.hidden,
            outcome: case.outcome,
            expression: case.expression.clone(),
            expected: case.expected.clone(),
            actual: case.actual.clone(),
            message: case.message.clone(),
            output: whole(&case.output),
            us: case.us,
        }
    }
}

fn whole(output: &Output) -> String {
    if output.cut_bytes == 0 {
        return output.head.clone();
    }
    format!("{}\n… {} bytes left out …\n{}", output.head, output.cut_bytes, output.tail)
}

impl SubmissionJson {
    /// A submission with the verdict that its reader may see, or with its place while it waits.
    #[must_use]
    pub fn new(submission: &Submission, verdict: Option<&Verdict>, place: Option<Place>) -> Self {
        Self {
            id: submission.id.to_string(),
            exercise: submission.exercise.to_string(),
            kind: submission.kind.as_str(),
            state: submission.state.as_str(),
            created_at: submission.created_at.to_string(),
            // Whole seconds: how long hidden cases took is not to be read off here.
            finished_at: submission
                .finished_at
                .and_then(|at| Timestamp::from_second(at.as_second()).ok())
                .map(|at| at.to_string()),
            verdict: verdict.map(|verdict| verdict.kind),
            cases: verdict.map(|verdict| verdict.cases.iter().map(CaseJson::from).collect()).unwrap_or_default(),
            diagnostics: verdict.map(|verdict| verdict.diagnostics.clone()).unwrap_or_default(),
            says: verdict.and_then(|verdict| verdict.says.clone()),
            fault: verdict.and_then(|verdict| verdict.fault.clone()),
            points: verdict.map(Verdict::points),
            report: submission.report.as_ref().map(ReportJson::from),
            position: place.map(|place| place.ahead + 1),
            eta: place.and_then(|place| place.estimate()),
            source: None,
            files: None,
        }
    }

    /// With what was sent: `source`, or `files`.
    #[must_use]
    pub fn with_code(self, code: &Code) -> Self {
        match code {
            Code::Text(text) => Self { source: Some(text.clone()), ..self },
            Code::Files(files) => {
                let file = |file: &SourceFile| FileJson { name: file.file.clone(), text: file.text.clone() };
                Self { files: Some(files.iter().map(file).collect()), ..self }
            }
        }
    }
}

/// What is said about a submission that will have no verdict.
#[must_use]
pub const fn ended_without(state: GradingState) -> Option<&'static str> {
    match state {
        GradingState::Superseded => {
            Some("A newer run of the same exercise took the place of this one, so it has no result.")
        }
        GradingState::Cancelled => Some("This was called off, so it has no result and does not count."),
        _ => None,
    }
}
