//! What an `io` block says: expressions to run, and below each what is printed and typed while it runs.

use std::ops::Range;

use crate::domain::exercise::{Expect, Step};
use crate::domain::transcript::TranscriptLine;

use super::doctest::{Line, Prompt, Steps, prompt};
use super::problem::Problems;

/// An expression as written, and the lines below it.
struct Written<'a> {
    span: Range<usize>,
    code: Vec<&'a str>,
    session: Vec<Line<'a>>,
}

/// Reads an `io` block, which is one case.
pub(super) fn read(lines: &[Line<'_>], fence: &Range<usize>, problems: &mut Problems<'_>) -> Vec<Steps> {
    let before = problems.list.len();
    let mut written: Vec<Written<'_>> = Vec::new();
    for line in lines {
        match (prompt(line.text), written.last_mut()) {
            (Prompt::First(code), _) if !line.text.starts_with(' ') => {
                written.push(Written { span: line.span(), code: vec![code], session: Vec::new() });
            }
            (Prompt::More(code), Some(step)) if step.session.is_empty() => step.code.push(code),
            (_, Some(step)) => step.session.push(*line),
            (_, None) if line.text.trim().is_empty() => {}
            (_, None) => {
                problems.error(
                    "text-before-prompt",
                    line.span(),
                    "a session begins with the expression that is run",
                    "put it above, for instance `iex> Greeter.main()`",
                );
                return Vec::new();
            }
        }
    }
    let Some(first) = written.first() else {
        problems.error(
            "empty-test",
            fence.clone(),
            "this `io` block holds no session",
            "write what is run and below it what is printed; lines after `> ` are typed",
        );
        return Vec::new();
    };
    let span = first.span.clone();
    let steps: Vec<Step> = written.into_iter().filter_map(|step| read_step(step, problems)).collect();
    if problems.list.len() == before && steps.iter().all(|step| step.expect.is_none()) {
        problems.error(
            "test-expects-nothing",
            fence.clone(),
            "nothing in this session is printed or typed",
            "write what is printed below the expression; lines after `> ` are typed",
        );
    }
    if steps.is_empty() { Vec::new() } else { vec![Steps { steps, span }] }
}

fn read_step(written: Written<'_>, problems: &mut Problems<'_>) -> Option<Step> {
    let code = written.code.join("\n").trim().to_owned();
    let line = problems.source.line(written.span.start);
    if code.is_empty() {
        problems.error(
            "empty-expression",
            written.span,
            "there is no expression after this prompt",
            "write what is run, for instance `iex> Greeter.main()`",
        );
        return None;
    }
    let filled = written.session.iter().rposition(|line| !line.text.trim().is_empty()).map_or(0, |last| last + 1);
    let session = &written.session[..filled];
    let Some(first) = session.first() else {
        return Some(Step { code, expect: None, prints: None, line, expect_line: 0 });
    };
    let expect_line = problems.source.line(first.at);
    let lines = session.iter().map(|line| transcript_line(line.text)).collect();
    Some(Step { code, expect: Some(Expect::Transcript(lines)), prints: None, line, expect_line })
}

/// `> ` begins a typed line; a backslash keeps what follows it from being special.
fn transcript_line(text: &str) -> TranscriptLine {
    if let Some(typed) = text.strip_prefix("> ") {
        return TranscriptLine::Typed(typed.to_owned());
    }
    if text.trim_end() == ">" {
        return TranscriptLine::Typed(String::new());
    }
    let kept = text.strip_prefix('\\').filter(|rest| rest.starts_with(['>', '\\']) || rest.starts_with("iex"));
    TranscriptLine::Printed(kept.unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::TranscriptLine::{Printed, Typed};
    use super::*;

    fn parse(text: &str) -> (Vec<Steps>, Vec<(&'static str, u32)>) {
        let source = Source::new("x.md", text);
        let mut problems = Problems::new(&source);
        let mut at = 0;
        let lines: Vec<Line<'_>> = source
            .text
            .lines()
            .map(|text| {
                let line = Line { text, at };
                at += text.len() + 1;
                line
            })
            .collect();
        let cases = read(&lines, &(0..0), &mut problems);
        (cases, problems.list.iter().map(|problem| (problem.code, problem.line)).collect())
    }

    #[test]
    fn typed_and_printed_lines_are_told_apart_and_blank_ones_kept() {
        let (cases, problems) =
            parse("iex> alias A.B\niex> B.main(\n...>   1)\nName?\n> Ada\n\nHello\n  there\n>\n\\> x\n\\\\y\n\n");
        assert_eq!(problems, []);
        let steps = &cases[0].steps;
        assert_eq!((steps[0].code.as_str(), &steps[0].expect), ("alias A.B", &None));
        assert_eq!((steps[1].code.as_str(), steps[1].line, steps[1].expect_line), ("B.main(\n  1)", 2, 4));
        let printed = |text: &str| Printed(text.to_owned());
        let typed = |text: &str| Typed(text.to_owned());
        let session = vec![
            printed("Name?"),
            typed("Ada"),
            printed(""),
            printed("Hello"),
            printed("  there"),
            typed(""),
            printed("> x"),
            printed("\\y"),
        ];
        assert_eq!(steps[1].expect, Some(Expect::Transcript(session)));
    }

    #[test]
    fn what_is_no_session_is_said() {
        assert_eq!(parse("").1, [("empty-test", 1)]);
        assert_eq!(parse("\nHello\n").1, [("text-before-prompt", 2)]);
        assert_eq!(parse("iex> f()\n\n").1, [("test-expects-nothing", 1)]);
        assert_eq!(parse("iex>\nHello\n").1, [("empty-expression", 1)]);
    }
}
