//! What a lesson says in HTML: the comments around its exercises, and the hints within them.

use std::ops::Range;

use super::nearest::nearest;
use super::problem::Problems;

/// A stretch of a lesson's HTML that means something to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub span: Range<usize>,
    pub kind: CutKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CutKind {
    /// `<!-- exercise: … -->`
    Open { attributes: Range<usize> },
    /// `<!-- /exercise -->`
    Close,
    /// `<details>…</details>` in an exercise.
    Hint { summary: Option<Range<usize>>, body: Range<usize> },
}

/// Something that opens or closes.
enum Mark {
    Open { attributes: Range<usize> },
    Close,
    DetailsOpen,
    DetailsClose,
}

/// Whether a piece of HTML is a comment that begins or ends an exercise.
pub(super) fn is_exercise_comment(html: &str) -> bool {
    html.match_indices("<!--").any(|(at, _)| {
        let inside = html[at + 4..].trim_start();
        inside.starts_with("exercise:") || inside.starts_with("/exercise")
    })
}

/// Finds comments and hints in the HTML blocks of a lesson, in order.
pub(super) fn cuts(blocks: &[Range<usize>], problems: &mut Problems<'_>) -> Vec<Cut> {
    let mut marks = Vec::new();
    for block in blocks {
        find_marks(block, &mut marks, problems);
    }
    let mut cuts = Vec::new();
    let mut in_exercise = false;
    let mut hint: Option<Range<usize>> = None;
    let mut nested = 0_usize;
    for (mark, span) in marks {
        match mark {
            Mark::DetailsOpen if hint.is_some() => nested += 1,
            Mark::DetailsOpen if in_exercise => hint = Some(span),
            Mark::DetailsClose if nested > 0 => nested -= 1,
            Mark::DetailsClose => {
                if let Some(open) = hint.take() {
                    cuts.push(hint_cut(open, &span, problems));
                }
            }
            Mark::DetailsOpen => {}
            Mark::Open { .. } | Mark::Close => {
                if let Some(open) = hint.take() {
                    nested = 0;
                    problems.error(
                        "unclosed-hint",
                        open,
                        "this hint has no end",
                        "close it with </details>, before the exercise ends",
                    );
                }
                in_exercise = matches!(mark, Mark::Open { .. });
                let kind = match mark {
                    Mark::Open { attributes } => CutKind::Open { attributes },
                    _ => CutKind::Close,
                };
                cuts.push(Cut { span, kind });
            }
        }
    }
    if let Some(open) = hint {
        problems.error("unclosed-hint", open, "this hint has no end", "close it with </details>");
    }
    cuts
}

fn hint_cut(open: Range<usize>, close: &Range<usize>, problems: &mut Problems<'_>) -> Cut {
    let source = problems.source;
    let inside = &source.text[open.end..close.start];
    let lead = inside.len() - inside.trim_start().len();
    let summary = tag(&inside[lead..], "<summary").and_then(|opening| {
        let start = lead + opening;
        let end = start + inside[start..].find("</summary>")?;
        Some((open.end + start..open.end + end, open.end + end + "</summary>".len()))
    });
    let (summary, body) = match summary {
        Some((summary, body)) => (Some(summary), body),
        None => {
            problems.error(
                "hint-without-summary",
                open.clone(),
                "this hint has no summary, which is all that a reader sees of it at first",
                "write <details><summary>Hint</summary> … </details>",
            );
            (None, open.end)
        }
    };
    Cut { span: open.start..close.end, kind: CutKind::Hint { summary, body: body..close.start } }
}

/// Length of the opening tag that `text` begins with.
fn tag(text: &str, name: &str) -> Option<usize> {
    let after = text.strip_prefix(name)?;
    let ends = after.starts_with('>') || after.starts_with(char::is_whitespace);
    ends.then(|| after.find('>').map(|end| name.len() + end + 1)).flatten()
}

fn find_marks(block: &Range<usize>, marks: &mut Vec<(Mark, Range<usize>)>, problems: &mut Problems<'_>) {
    let text = &problems.source.text;
    let mut at = block.start;
    while let Some(next) = text[at..block.end].find('<') {
        let start = at + next;
        let rest = &text[start..block.end];
        at = start + 1;
        if rest.starts_with("<!--") {
            let Some(length) = rest.find("-->").map(|end| end + 3) else {
                problems.error(
                    "unclosed-comment",
                    start..problems.source.line_range(start).end,
                    "this comment has no end",
                    "close it with -->",
                );
                return;
            };
            if let Some(inner) = rest[4..length].find("<!--") {
                let end = problems.source.line_range(start).end;
                let message = "this comment is not closed before the next one begins";
                problems.error("unclosed-comment", start..end, message, "close it with -->");
                at = start + 4 + inner;
                continue;
            }
            at = start + length;
            if let Some(mark) = comment(start..at, problems) {
                marks.push((mark, start..at));
            }
        } else if let Some(length) = tag(rest, "<details") {
            marks.push((Mark::DetailsOpen, start..start + length));
            at = start + length;
        } else if rest.starts_with("</details>") {
            at = start + "</details>".len();
            marks.push((Mark::DetailsClose, start..at));
        }
    }
}

/// Whether a comment begins or ends an exercise, or looks as if it should.
fn comment(span: Range<usize>, problems: &mut Problems<'_>) -> Option<Mark> {
    // `<!-->` is a whole comment.
    let inside_range = (span.start + 4).min(span.end - 3)..span.end - 3;
    let inside = &problems.source.text[inside_range.clone()];
    let trimmed = inside.trim();
    if trimmed == "/exercise" {
        return Some(Mark::Close);
    }
    if trimmed.starts_with("exercise:") {
        let start = inside_range.start + inside.find(':').map_or(0, |at| at + 1);
        return Some(Mark::Open { attributes: start..inside_range.end });
    }
    let word = trimmed.split([':', ' ', '\n']).next().unwrap_or_default();
    let colon = trimmed[word.len()..].starts_with(':');
    let bare = word.trim_start_matches('/');
    let meant = bare == "exercise" || (nearest(bare, ["exercise"]).is_some() && (colon || bare != word));
    if !meant {
        return None;
    }
    let help = if bare == word { "write <!-- exercise: its-id -->" } else { "write <!-- /exercise -->" };
    let message = "this comment looks like an exercise's, but is not one";
    problems.error("bad-exercise-comment", span, message, help);
    // Going on as it was meant keeps one slip from being reported again by everything below it.
    let lead = inside.len() - inside.trim_start().len();
    let start = inside_range.start + lead + word.len() + usize::from(colon);
    Some(if bare == word { Mark::Open { attributes: start..inside_range.end } } else { Mark::Close })
}
