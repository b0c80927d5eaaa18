//! A verdict as it is shown: the same fragment on a page and in a stream of events.

use jiff::Timestamp;
use serde::Serialize;

use super::difference::{self, Piece};
use super::excerpt::{self, Line};
use super::report::ReportView;
use super::sent::{Place, Sent};
use super::words;
use crate::domain::ids::SubmissionId;
use crate::domain::job::Kind;
use crate::domain::report::{Diagnostic, Output, StackLine};
use crate::domain::verdict::{CaseResult, Outcome, Verdict, VerdictKind};

/// A verdict and what it is the verdict of. Whoever makes it has already taken out what its reader may not see.
#[derive(Debug, Clone)]
pub struct Judged<'a> {
    /// Which submission.
    pub id: SubmissionId,
    /// Run or submit.
    pub kind: Kind,
    /// When it was sent.
    pub at: Timestamp,
    /// The time on the page.
    pub now: Timestamp,
    /// What was sent.
    pub sent: Sent<'a>,
    /// What came of it.
    pub verdict: &'a Verdict,
}

/// A result, in words.
#[derive(Debug, Clone, Serialize)]
pub struct ResultView {
    id: String,
    verdict: &'static str,
    tone: &'static str,
    sign: &'static str,
    headline: String,
    kind_word: &'static str,
    at: String,
    when: String,
    explanation: Option<String>,
    checked_in_vm: bool,
    says: Option<String>,
    diagnostics: Vec<RemarkView>,
    cases: Vec<CaseView>,
    compile_output: Option<OutputView>,
    stray_output: Option<OutputView>,
    /// What its owner said against the verdict, or may say.
    report: Option<ReportView>,
    /// Where the present version of the exercise is, when this is the verdict of an older one.
    newer: Option<String>,
    /// One sentence for people who cannot see the page change.
    #[serde(skip)]
    pub sentence: String,
}

#[derive(Debug, Clone, Serialize)]
struct RemarkView {
    severity: crate::domain::report::Severity,
    place: Option<String>,
    /// Line and column to go to, where it is about what was sent.
    at: Option<Place>,
    column: Option<u32>,
    /// Line and column where it ends, if that is known.
    end: Option<(u32, u32)>,
    message: String,
    excerpt: Vec<Line>,
}

#[derive(Debug, Clone, Serialize)]
struct CaseView {
    name: String,
    outcome: &'static str,
    word: &'static str,
    tone: &'static str,
    sign: &'static str,
    hidden: bool,
    time: Option<String>,
    open: bool,
    expression: Option<String>,
    expected: Option<Vec<Piece>>,
    actual: Option<Vec<Piece>>,
    /// Both values in full, where some of them is folded away.
    whole: Option<(String, String)>,
    /// What is wrong, in words.
    why: Option<String>,
    /// What was raised.
    raised: Option<Vec<Piece>>,
    stack: Vec<StackView>,
    output: Option<OutputView>,
}

#[derive(Debug, Clone, Serialize)]
struct StackView {
    function: String,
    place: String,
    /// Line in the listing, where it is in what was sent.
    at: Option<Place>,
}

#[derive(Debug, Clone, Serialize)]
struct OutputView {
    head: String,
    tail: String,
    cut: Option<String>,
}

impl ResultView {
    /// Puts a verdict into words.
    #[must_use]
    pub fn new(judged: Judged<'_>) -> Self {
        let Judged { verdict, ref sent, .. } = judged;
        let badge = words::verdict(verdict.kind);
        let headline = headline(judged.kind, verdict);
        Self {
            id: judged.id.to_string(),
            verdict: verdict.kind.as_str(),
            tone: badge.tone,
            sign: badge.sign,
            sentence: sentence(&headline, verdict, sent),
            headline,
            kind_word: words::kind(judged.kind),
            at: judged.at.to_string(),
            when: words::ago(judged.at, judged.now),
            explanation: explanation(judged.kind, verdict),
            checked_in_vm: verdict.checked_in_vm && verdict.kind == VerdictKind::Passed,
            says: verdict.says.clone(),
            diagnostics: verdict.diagnostics.iter().map(|d| remark(d, sent)).collect(),
            cases: verdict.cases.iter().map(|result| case(result, sent)).collect(),
            compile_output: output(&verdict.compile_output),
            stray_output: output(&verdict.stray_output),
            report: None,
            newer: None,
        }
    }

    /// Says that the exercise has changed since, and where its present version is.
    #[must_use]
    pub fn with_newer(self, newer: Option<String>) -> Self {
        Self { newer, ..self }
    }

    /// Adds what is said against the verdict, or the place to say it.
    #[must_use]
    pub fn with_report(self, report: Option<ReportView>) -> Self {
        Self { report, ..self }
    }
}

fn headline(kind: Kind, verdict: &Verdict) -> String {
    let total = verdict.cases.len();
    let open = verdict.cases.iter().filter(|case| case.outcome != Outcome::Passed).count();
    match (verdict.kind, kind) {
        (VerdictKind::Passed, _) if total == 1 => "The case passed".to_owned(),
        (VerdictKind::Passed, Kind::Run) => format!("All {total} visible cases passed"),
        (VerdictKind::Passed, Kind::Submit) => format!("All {total} cases passed"),
        (VerdictKind::Failed, _) if total == 1 => "The case did not pass".to_owned(),
        (VerdictKind::Failed, _) => format!("{open} of {total} cases did not pass"),
        (VerdictKind::CompileError, _) => "The code does not compile yet".to_owned(),
        (VerdictKind::Crashed, _) => "The program ended before its answers were in".to_owned(),
        (VerdictKind::Timeout, _) => "The program took longer than it may".to_owned(),
        (VerdictKind::MemoryExceeded, _) => "The program wanted more memory than it may have".to_owned(),
        (VerdictKind::OutputExceeded, _) => "The program printed more than it may".to_owned(),
        (VerdictKind::NotGraded, _) => "We could not grade this: the fault is ours".to_owned(),
    }
}

fn explanation(kind: Kind, verdict: &Verdict) -> Option<String> {
    match (verdict.kind, kind) {
        (VerdictKind::Passed, Kind::Run) => Some("Submit it to have it graded and counted.".to_owned()),
        (VerdictKind::NotGraded, _) => {
            let why = verdict.fault.as_deref().map(|fault| format!(" What went wrong: {}", words::sentence(fault)));
            Some(format!(
                "Sorry. Your code is kept and this does not count as an attempt. It is tried again by itself; you may \
                 also send it again.{}",
                why.unwrap_or_default()
            ))
        }
        _ => None,
    }
}

fn sentence(headline: &str, verdict: &Verdict, sent: &Sent<'_>) -> String {
    let first = verdict.cases.iter().find(|case| !matches!(case.outcome, Outcome::Passed | Outcome::NotReached));
    let remark = verdict.diagnostics.first();
    match (verdict.kind, first, remark) {
        (VerdictKind::CompileError, _, Some(Diagnostic { line: Some(line), file, .. })) => {
            match sent.named(file.as_deref()) {
                Some(file) => format!("{headline}: see {file}, line {line}."),
                None => format!("{headline}: see line {line}."),
            }
        }
        (VerdictKind::Failed, Some(case), _) if verdict.cases.len() > 1 => {
            format!("{headline}. The first is {}.", case.name)
        }
        _ => format!("{headline}."),
    }
}

fn remark(diagnostic: &Diagnostic, sent: &Sent<'_>) -> RemarkView {
    let file = diagnostic.file.as_deref();
    let at = diagnostic.line.and_then(|line| sent.place(file, line));
    let position = match (diagnostic.line, diagnostic.column) {
        (Some(line), Some(column)) => Some(format!("line {line}, column {column}")),
        (Some(line), None) => Some(format!("line {line}")),
        (None, _) => None,
    };
    let place = match (sent.named(file), position) {
        (Some(named), Some(position)) => Some(format!("{named}, {position}")),
        (Some(named), None) => Some(named.to_owned()),
        (None, position) => position,
    };
    RemarkView {
        severity: diagnostic.severity,
        place,
        column: diagnostic.column.filter(|_| at.is_some()),
        end: diagnostic.end,
        at,
        message: diagnostic.message.trim_end().to_owned(),
        excerpt: sent.text(file).map(|text| excerpt::of(text, diagnostic)).unwrap_or_default(),
    }
}

fn case(result: &CaseResult, sent: &Sent<'_>) -> CaseView {
    let badge = words::outcome(result.outcome);
    let went_wrong = matches!(result.outcome, Outcome::Failed | Outcome::Raised | Outcome::Timeout | Outcome::Crashed);
    let raised = result.outcome == Outcome::Raised;
    let output = output(&result.output);
    let compared = compared(result).filter(|_| went_wrong);
    let told = result.expression.is_some() || result.expected.is_some() || result.message.is_some();
    let mut view = CaseView {
        name: result.name.clone(),
        outcome: result.outcome.as_str(),
        word: badge.word,
        tone: badge.tone,
        sign: badge.sign,
        hidden: result.hidden,
        time: result.us.map(words::duration),
        open: (went_wrong && told) || output.is_some(),
        expression: result.expression.clone().filter(|_| went_wrong),
        expected: None,
        actual: None,
        whole: None,
        why: result.message.clone().filter(|_| went_wrong && !raised),
        raised: None,
        stack: result.stack.iter().map(|line| stack_line(line, sent)).collect(),
        output,
    };
    match compared {
        Some(sides) if raised && result.actual.is_none() => {
            view.expected = Some(sides.expected);
            view.raised = Some(sides.actual);
        }
        Some(sides) => {
            view.expected = Some(sides.expected);
            view.actual = Some(sides.actual);
            // What was printed is shown already, unless there was more of it.
            view.output = view.output.filter(|output| !result.printed || output.cut.is_some());
            view.whole = result.expected.clone().zip(result.actual.clone()).filter(|_| sides.folded);
            view.why = view.why.or(sides.explanation).filter(|_| !raised);
            view.raised = result.message.as_deref().filter(|_| raised).map(difference::plain);
        }
        None if went_wrong => {
            view.expected = result.expected.as_deref().map(difference::plain);
            view.actual = result.actual.as_deref().map(difference::plain);
            view.raised = result.message.as_deref().filter(|_| raised).map(difference::plain);
        }
        None => {}
    }
    view
}

/// What is worth comparing: two values, two outputs, or the exception that was expected and the one that came.
fn compared(result: &CaseResult) -> Option<difference::Sides> {
    let expected = result.expected.as_deref()?;
    if let (Outcome::Failed, Some(difference)) = (result.outcome, &result.difference) {
        return Some(difference.clone().into());
    }
    match (result.outcome, &result.actual, &result.message) {
        (Outcome::Raised, None, Some(message)) if expected.starts_with("** (") && message.starts_with("** (") => {
            Some(difference::mark(expected, message, true))
        }
        (Outcome::Raised | Outcome::Failed, Some(actual), _) if !expected.starts_with("** (") => {
            Some(difference::mark(expected, actual, result.printed))
        }
        _ => None,
    }
}

fn stack_line(line: &StackLine, sent: &Sent<'_>) -> StackView {
    let file = Some(line.file.as_str());
    StackView {
        function: line.function.clone(),
        place: match sent.named(file) {
            Some(file) => format!("{file}, line {}", line.line),
            None => format!("line {}", line.line),
        },
        at: sent.place(file, line.line),
    }
}

fn output(output: &Output) -> Option<OutputView> {
    (!output.is_empty()).then(|| OutputView {
        head: output.head.clone(),
        tail: output.tail.clone(),
        cut: (output.cut_bytes > 0).then(|| format!("… {} cut …", words::exact_bytes(output.cut_bytes))),
    })
}

#[cfg(test)]
mod tests;
