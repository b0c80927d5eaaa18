//! What a `test` block says: prompts, expressions and what they should do.

use std::ops::Range;

use crate::domain::exercise::{Expect, Step};

use super::problem::Problems;
use super::unwritable;

/// One line of a block, with its place in the file; the fence's own indentation is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl Line<'_> {
    /// Where the line stands, without the space around it.
    pub fn span(&self) -> Range<usize> {
        let start = self.at + self.text.len() - self.text.trim_start().len();
        start..(self.at + self.text.trim_end().len()).max(start)
    }
}

/// The steps of one case and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Steps {
    pub steps: Vec<Step>,
    pub span: Range<usize>,
}

/// A step as written: the lines of its expression, and those after it.
struct Written<'a> {
    span: Range<usize>,
    code: Vec<&'a str>,
    expected: Vec<Line<'a>>,
}

pub(super) enum Prompt<'a> {
    First(&'a str),
    More(&'a str),
    None,
}

/// `iex>` and `...>`, each optionally with a number: `iex(1)>`.
pub(super) fn prompt(line: &str) -> Prompt<'_> {
    let line = line.trim_start();
    let after = |word: &str| {
        let rest = line.strip_prefix(word)?;
        let rest = match rest.strip_prefix('(') {
            Some(numbered) => numbered.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(')')?,
            None => rest,
        };
        rest.strip_prefix('>').map(|code| code.strip_prefix(' ').unwrap_or(code))
    };
    match (after("iex"), after("...")) {
        (Some(code), _) => Prompt::First(code),
        (_, Some(code)) => Prompt::More(code),
        _ => Prompt::None,
    }
}

/// Reads a `test` block. Groups separated by blank lines are cases; with `prints` the whole block is one.
pub(super) fn read(lines: &[Line<'_>], fence: &Range<usize>, prints: bool, problems: &mut Problems<'_>) -> Vec<Steps> {
    let before = problems.list.len();
    let mut cases = Vec::new();
    if prints {
        cases.extend(group(lines, true, problems));
    } else {
        for lines in lines.split(|line| line.text.trim().is_empty()).filter(|lines| !lines.is_empty()) {
            cases.extend(group(lines, false, problems));
        }
    }
    if problems.list.len() > before {
        return cases;
    }
    let expects = |case: &Steps| case.steps.iter().any(|step| step.expect.is_some());
    if cases.is_empty() {
        problems.error(
            "empty-test",
            fence.clone(),
            "this test block holds no case",
            "write a prompt, an expression and below it the value: `iex> 1 + 1`, then `2`",
        );
    } else if !cases.iter().any(expects) {
        problems.error(
            "test-expects-nothing",
            fence.clone(),
            "nothing in this test block says what to expect",
            "write the expected value on the line below an expression",
        );
    } else {
        for case in cases.iter().filter(|case| !expects(case)) {
            problems.error(
                "case-expects-nothing",
                case.span.clone(),
                "this case expects nothing",
                "write the expected value below it, or take out the blank line if it prepares the next case",
            );
        }
    }
    cases
}

fn group(lines: &[Line<'_>], prints: bool, problems: &mut Problems<'_>) -> Option<Steps> {
    let mut written: Vec<Written<'_>> = Vec::new();
    for line in lines {
        match (prompt(line.text), written.last_mut()) {
            (Prompt::First(code), _) => {
                written.push(Written { span: line.span(), code: vec![code], expected: Vec::new() });
            }
            (Prompt::More(code), Some(step)) if step.expected.is_empty() => step.code.push(code),
            (Prompt::More(_), _) => {
                problems.error(
                    "stray-continuation",
                    line.span(),
                    "`...>` continues no expression here",
                    "begin the expression with `iex>`; `...>` follows directly below it",
                );
                return None;
            }
            (Prompt::None, Some(step)) => step.expected.push(*line),
            (Prompt::None, None) if line.text.trim().is_empty() => {}
            (Prompt::None, None) => {
                problems.error(
                    "text-before-prompt",
                    line.span(),
                    "a case begins with `iex>`",
                    "put `iex> ` and an expression above; a blank line ends a case, also within an expected value",
                );
                return None;
            }
        }
    }
    let span = written.first()?.span.clone();
    let steps = written.into_iter().filter_map(|step| read_step(&step, prints, problems)).collect::<Vec<_>>();
    (!steps.is_empty()).then_some(Steps { steps, span })
}

fn read_step(written: &Written<'_>, prints: bool, problems: &mut Problems<'_>) -> Option<Step> {
    let code = written.code.join("\n").trim().to_owned();
    let line = problems.source.line(written.span.start);
    if code.is_empty() {
        problems.error(
            "empty-expression",
            written.span.clone(),
            "there is no expression after this prompt",
            "write one",
        );
        return None;
    }
    let mut expected = written.expected.as_slice();
    while let [rest @ .., last] = expected {
        if !last.text.trim().is_empty() {
            break;
        }
        expected = rest;
    }
    let Some(last) = expected.last() else {
        return Some(Step { code, expect: None, prints: None, line, expect_line: 0 });
    };
    let value_from = if !prints {
        0
    } else if last.text.trim_start().starts_with("** (") {
        expected.len() - 1
    } else {
        expected.iter().rposition(|line| line.text.trim_start().starts_with("** (")).unwrap_or(expected.len() - 1)
    };
    let indent = indentation(expected);
    let (output, value) = expected.split_at(value_from);
    let joined =
        |lines: &[Line<'_>]| lines.iter().map(|line| unindented(line.text, indent)).collect::<Vec<_>>().join("\n");
    let text = joined(value).trim_end().to_owned();
    let span = value.first()?.span();
    let expect_line = problems.source.line(span.start);
    let expect = if text.starts_with("** (") {
        exception(&text, span, problems)?
    } else {
        unwritable::check(value, problems)?;
        Expect::Value(text)
    };
    Some(Step { code, expect: Some(expect), prints: prints.then(|| joined(output)), line, expect_line })
}

/// How far all lines are indented together.
fn indentation(lines: &[Line<'_>]) -> usize {
    let filled = lines.iter().filter(|line| !line.text.trim().is_empty());
    filled.map(|line| line.text.len() - line.text.trim_start_matches(' ').len()).min().unwrap_or(0)
}

fn unindented(text: &str, indent: usize) -> &str {
    text.get(indent..).unwrap_or("")
}

/// `** (Module) message`; the message may go on over several lines, and may be left out.
fn exception(text: &str, span: Range<usize>, problems: &mut Problems<'_>) -> Option<Expect> {
    let inside = text.trim_start_matches("** (");
    let Some((module, message)) = inside.split_once(')') else {
        problems.error(
            "bad-exception",
            span,
            "this exception has no closing parenthesis",
            "write `** (ArgumentError) its message`",
        );
        return None;
    };
    let is_module = module.split('.').all(|part| {
        part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    if !is_module {
        problems.error(
            "bad-exception",
            span,
            format!("`{module}` is not an exception's module"),
            "write `** (ArgumentError) its message`; a throw or an exit can be caught in the expression: \
             `try do … catch value -> value end`",
        );
        return None;
    }
    let message = message.trim();
    let message = (!message.is_empty()).then(|| message.to_owned());
    Some(Expect::Exception { module: module.to_owned(), message })
}

#[cfg(test)]
#[path = "doctest_tests.rs"]
mod tests;
