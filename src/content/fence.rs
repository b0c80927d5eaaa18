//! Fenced code blocks: their place and their lines.

use std::ops::Range;

use crate::domain::exercise::Language;

use super::doctest::Line;
use super::source::Source;

/// A fenced block as it stands in the file.
#[derive(Debug, Clone)]
pub(super) struct Fence<'a> {
    /// The opening line, from the fence on.
    pub span: Range<usize>,
    /// What stands after the opening fence.
    pub info: Range<usize>,
    /// The language of a block with a role.
    pub language: Language,
    pub lines: Vec<Line<'a>>,
    pub closed: bool,
    /// A line inside that looks as if it opened another fence.
    pub inner_opening: Option<Range<usize>>,
}

impl<'a> Fence<'a> {
    /// Takes the fenced block that the Markdown parser found at `range`; it must not stand in a list or quotation.
    pub fn at(source: &'a Source, range: &Range<usize>) -> Self {
        let first = source.line_range(range.start);
        let text = &source.text[first.clone()];
        let indent = text.len() - text.trim_start_matches(' ').len();
        let mark = text[indent..].chars().next().unwrap_or('`');
        let width = text[indent..].chars().take_while(|c| *c == mark).count();
        let info = trimmed(source, first.start + indent + width..first.end);
        let mut fence = Self {
            span: first.start + indent..first.start + text.trim_end().len(),
            info,
            language: Language::Elixir,
            lines: Vec::new(),
            closed: false,
            inner_opening: None,
        };
        let mut at = first.end + 1;
        while at < range.end {
            let line = source.line_range(at);
            let text = &source.text[line.clone()];
            let shown = text.trim_start_matches(' ');
            let marks = shown.chars().take_while(|c| *c == mark).count();
            if text.len() - shown.len() <= 3 && marks >= width {
                if shown[marks..].trim().is_empty() {
                    fence.closed = true;
                    break;
                }
                if mark == '~' || !shown[marks..].contains('`') {
                    fence.inner_opening.get_or_insert(trimmed(source, line.clone()));
                }
            }
            let taken = indent.min(text.len() - shown.len());
            fence.lines.push(Line { text: &text[taken..], at: line.start + taken });
            at = line.end + 1;
        }
        fence
    }

    /// The block's text; every line ends with a line feed.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text, "\n"]).collect()
    }

    pub fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| line.text.trim().is_empty())
    }
}

fn trimmed(source: &Source, range: Range<usize>) -> Range<usize> {
    let text = &source.text[range.clone()];
    let start = range.start + text.len() - text.trim_start().len();
    start..(range.start + text.trim_end().len()).max(start)
}
