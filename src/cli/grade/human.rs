//! A verdict for people who read a terminal.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::Path;
use std::time::Duration;

use crate::domain::difference::{self, Mark, Segment};
use crate::domain::exercise::SourceFile;
use crate::domain::report::{Diagnostic, Severity, StackLine};
use crate::domain::verdict::{CaseResult, Outcome, Verdict};

/// Longest line of source that is shown, in characters.
const WIDEST: usize = 160;

/// How what differs is marked.
#[derive(Debug, Clone, Copy)]
enum Pen {
    /// By colour and underline.
    Terminal,
    /// By signs: `{+expected+}` and `[-wrong-]`.
    Signs,
}

/// Puts a verdict into lines.
pub(super) fn verdict(file: &Path, sources: &[SourceFile], verdict: &Verdict, took: Duration) -> String {
    let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let pen = if colours { Pen::Terminal } else { Pen::Signs };
    let mut text = format!("{}: {} ({:.1} ms)", file.display(), verdict.kind.as_str(), took.as_secs_f64() * 1000.0);
    for remark in &verdict.diagnostics {
        diagnostic(&mut text, sources, remark);
    }
    for case in &verdict.cases {
        one_case(&mut text, pen, case);
    }
    for (label, line) in [("says", &verdict.says), ("message", &verdict.fault)] {
        if let Some(line) = line {
            let _ = write!(text, "\n  {label}: {line}");
        }
    }
    text
}

fn diagnostic(text: &mut String, sources: &[SourceFile], remark: &Diagnostic) {
    let severity = if remark.severity == Severity::Error { "error" } else { "warning" };
    let file = remark.file.as_deref().filter(|_| sources.len() > 1);
    let mut place: Vec<String> = file.map(str::to_owned).into_iter().collect();
    place.extend(remark.line.map(|line| format!("line {line}")));
    place.extend(remark.column.map(|column| format!("column {column}")));
    let place = if place.is_empty() { String::new() } else { format!("{}: ", place.join(", ")) };
    let _ = write!(text, "\n  {severity}: {place}{}", tame(remark.message.trim_end()).replace('\n', "\n    "));
    let source = sources.iter().find(|source| remark.file.as_deref().is_none_or(|named| named == source.file));
    let Some((line, source)) = remark.line.zip(source) else { return };
    let Some(shown) = source.text.lines().nth(line.saturating_sub(1) as usize) else { return };
    let shown: String = shown.chars().take(WIDEST).collect();
    let gutter = " ".repeat(line.to_string().len());
    let _ = write!(text, "\n    {gutter} |\n    {line} | {shown}");
    if let Some((before, width)) = under(&shown, remark) {
        let _ = write!(text, "\n    {gutter} | {before}{}", "^".repeat(width));
    }
}

/// What stands before the carets, tabs kept, and how many carets there are.
fn under(line: &str, remark: &Diagnostic) -> Option<(String, usize)> {
    let start = (remark.column? as usize).checked_sub(1)?;
    let length = line.chars().count();
    if start > length {
        return None;
    }
    let end = match remark.end {
        Some((line, column)) if Some(line) == remark.line => (column as usize).saturating_sub(1),
        Some(_) => length,
        None => start + line.chars().skip(start).take_while(|c| c.is_alphanumeric() || "_?!@".contains(*c)).count(),
    };
    let before = line.chars().take(start).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    Some((before, end.clamp(start + 1, length.max(start + 1)) - start))
}

fn one_case(text: &mut String, pen: Pen, case: &CaseResult) {
    let sign = if case.outcome == Outcome::Passed { "✓" } else { "✗" };
    let hidden = if case.hidden { " (hidden)" } else { "" };
    let _ = write!(text, "\n  {sign} {}{hidden}: {}", case.name, case.outcome.as_str());
    if case.outcome == Outcome::Passed {
        return;
    }
    let compared = match (&case.expected, &case.actual) {
        (Some(expected), Some(actual)) if case.outcome == Outcome::Failed && !expected.starts_with("** (") => {
            Some(if case.printed {
                difference::of_output(expected, actual)
            } else {
                difference::of_values(expected, actual)
            })
        }
        _ => None,
    };
    let (expected, actual) = match &compared {
        Some(found) => (Some(written(pen, &found.expected, true)), Some(written(pen, &found.actual, false))),
        None => (case.expected.as_deref().map(tame), case.actual.as_deref().map(tame)),
    };
    let output = super::shown(&case.output);
    let stack = (!case.stack.is_empty()).then(|| case.stack.iter().map(frame).collect::<Vec<_>>().join("\n"));
    for (label, value) in [
        ("message", &case.message),
        ("at", &stack),
        ("expression", &case.expression),
        ("expected", &expected),
        ("actual", &actual),
        ("output", &output),
    ] {
        if let Some(value) = value {
            let value = if label == "expected" || label == "actual" { value.clone() } else { tame(value) };
            let _ = write!(text, "\n      {label:<10} {}", value.replace('\n', "\n                 "));
        }
    }
}

/// What code prints does not steer the terminal.
fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{FFFD}' } else { c }).collect()
}

fn frame(line: &StackLine) -> String {
    format!("{}:{} {}", line.file, line.line, line.function)
}

fn written(pen: Pen, segments: &[Segment], expected: bool) -> String {
    let mut text = String::new();
    for segment in segments {
        let shown = segment.stand_in().map_or_else(|| tame(&segment.text), |(sign, _)| sign);
        let line_end = if segment.mark == Mark::Invisible && segment.text == "\n" { "\n" } else { "" };
        let _ = match (segment.mark, pen, expected) {
            (Mark::Same | Mark::Note, ..) => write!(text, "{shown}"),
            (_, Pen::Terminal, true) => write!(text, "\x1b[32;4m{shown}\x1b[0m{line_end}"),
            (_, Pen::Terminal, false) => write!(text, "\x1b[31;4m{shown}\x1b[0m{line_end}"),
            (_, Pen::Signs, true) => write!(text, "{{+{shown}+}}{line_end}"),
            (_, Pen::Signs, false) => write!(text, "[-{shown}-]{line_end}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(line: u32, column: Option<u32>, end: Option<(u32, u32)>) -> Diagnostic {
        let file = Some("solution.ex".to_owned());
        Diagnostic {
            severity: Severity::Error,
            message: "undefined variable \"yy\"".into(),
            file,
            line: Some(line),
            column,
            end,
        }
    }

    #[test]
    fn a_remark_shows_its_line_with_carets_below() {
        let sources = [SourceFile { file: "solution.ex".into(), text: "one\n\tdo: yy + 1\n".into() }];
        let mut text = String::new();
        diagnostic(&mut text, &sources, &remark(2, Some(6), Some((2, 8))));
        assert_eq!(
            text,
            "\n  error: line 2, column 6: undefined variable \"yy\"\n      |\n    2 | \tdo: yy + 1\n      | \t    ^^"
        );
        for (line, column, end) in
            [(9, Some(1), None), (1, Some(90), None), (0, Some(0), Some((0, 0))), (1, Some(4), Some((1, 1)))]
        {
            diagnostic(&mut text, &sources, &remark(line, column, end));
        }
    }

    #[test]
    fn signs_say_what_differs_where_there_are_no_colours() {
        let found = difference::of_values("[1, \"a\"]", "[2, \"a \"]");
        assert_eq!(written(Pen::Signs, &found.expected, true), "[{+1+}, \"a\"]");
        assert_eq!(written(Pen::Signs, &found.actual, false), "[[-2-], \"a[-·-]\"]");
    }
}
