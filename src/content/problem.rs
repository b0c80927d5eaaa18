//! What is wrong with a lesson, where, and what to do about it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

use super::source::Source;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The lesson is left out of the course.
    Error,
    /// Worth a look; the lesson is shown.
    Warning,
}

/// Something an author should change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name for this kind of problem, in kebab-case.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The file, as it was reached from the folder that was given.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1, in characters.
    pub column: u32,
    /// The same place as bytes of the file's text.
    #[serde(skip)]
    pub span: Range<usize>,
    /// What to do.
    pub help: Option<String>,
}

/// Collects the problems of one file.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    pub source: &'a Source,
    pub list: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub fn new(source: &'a Source) -> Self {
        let mut problems = Self { source, list: Vec::new() };
        // PostgreSQL's JSON cannot hold this character, and no lesson needs it.
        if let Some(at) = source.text.find('\0') {
            problems.error("nul-character", at..at + 1, "this file holds a NUL character", "take it out");
        }
        problems
    }

    /// Adds an error at a place; `help` may be empty.
    pub fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.list.push(Problem::error(self.source, code, span, message, help));
    }

    pub fn has(&self, code: &str) -> bool {
        self.list.iter().any(|problem| problem.code == code)
    }
}

impl Problem {
    /// Whether it keeps its lesson out of the course.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// An error at a place of a source; `help` may be empty.
    pub(super) fn error(
        source: &Source,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let (line, column) = source.position(span.start);
        let help = help.into();
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            file: source.file.clone(),
            line,
            column,
            span,
            help: (!help.is_empty()).then_some(help),
        }
    }
}

/// Shows a problem as a compiler would: what is wrong, the line with a caret under the place, and what to do.
///
/// `source` is the file's text; without it only the place is named.
#[must_use]
pub fn render(problem: &Problem, source: Option<&Source>) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let Some(source) = source else {
        let help = problem.help.as_ref().map(|help| format!("\n  = help: {help}")).unwrap_or_default();
        let kind = if problem.is_error() { "error" } else { "warning" };
        let Problem { code, message, file, line, column, .. } = problem;
        return format!("{kind}[{code}]: {message}\n --> {file}:{line}:{column}{help}");
    };
    let span = shown_span(problem, source);
    let snippet = Snippet::source(source.text.as_str())
        .path(problem.file.as_str())
        .fold(true)
        .annotation(AnnotationKind::Primary.span(span));
    let title = level.primary_title(problem.message.as_str()).id(problem.code);
    let mut group = title.element(snippet);
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    Renderer::plain().render(&[group])
}

/// Only the first line of the place: a caret under a whole file helps nobody.
fn shown_span(problem: &Problem, source: &Source) -> Range<usize> {
    let line = source.line_range(problem.span.start);
    let start = problem.span.start.min(line.end);
    let end = problem.span.end.clamp(start, line.end);
    let whole = source.text.is_char_boundary(start) && source.text.is_char_boundary(end);
    if whole { start..end } else { line }
}
