//! Cuts a lesson into its pieces: text, blocks with a role, exercise comments, hints.
//!
//! One Markdown parser decides what is a fence, a comment or a list; this file only looks at what it found.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::comments::{self, Cut, CutKind};
use super::fence::Fence;
use super::problem::Problems;
use super::roles::{self, Info, Role};

/// An event of the Markdown parser and its place in the file.
pub(super) type Placed<'a> = (Event<'a>, Range<usize>);

/// A piece of a lesson.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// Text to be rendered.
    Text(Vec<Placed<'a>>),
    /// A block with a role.
    Block(Role, Fence<'a>),
    /// `<!-- exercise: … -->`, with the range of what stands after the colon.
    Open { span: Range<usize>, attributes: Range<usize> },
    /// `<!-- /exercise -->`
    Close { span: Range<usize> },
    /// `<details>…</details>` within an exercise: what stands in its summary, and the rest.
    Hint { span: Range<usize>, summary: Option<Range<usize>>, body: Range<usize> },
}

/// The Markdown that lessons may use.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_HEADING_ATTRIBUTES
}

/// The events of a stretch of the file.
pub(super) fn events<'a>(text: &'a str, range: Range<usize>) -> Vec<Placed<'a>> {
    let base = range.start;
    Parser::new_ext(&text[range], options())
        .into_offset_iter()
        .map(|(event, range)| (event, range.start + base..range.end + base))
        .collect()
}

/// Cuts the text of a lesson, which begins at `body`, into pieces.
pub(super) fn scan<'a>(body: usize, problems: &mut Problems<'a>) -> Vec<Piece<'a>> {
    let source = problems.source;
    let events = events(&source.text, body..source.text.len());
    let cuts = comments::cuts(&html_blocks(&events), problems);
    let mut scanner = Scanner { pieces: Vec::new(), text: Vec::new(), cuts, depth: 0, in_html: false, in_code: false };
    for (event, range) in events {
        scanner.event(event, range, problems);
    }
    scanner.flush();
    scanner.pieces
}

/// Places of the HTML blocks that stand in no list or quotation.
fn html_blocks(events: &[Placed<'_>]) -> Vec<Range<usize>> {
    let mut depth = 0_usize;
    let mut blocks = Vec::new();
    for (event, range) in events {
        match event {
            Event::Start(tag) => {
                if depth == 0 && *tag == Tag::HtmlBlock {
                    blocks.push(range.clone());
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    blocks
}

struct Scanner<'a> {
    pieces: Vec<Piece<'a>>,
    text: Vec<Placed<'a>>,
    cuts: Vec<Cut>,
    depth: usize,
    /// In an HTML block that stands in no list or quotation: its events are replaced by its pieces.
    in_html: bool,
    /// In a block with a role.
    in_code: bool,
}

impl<'a> Scanner<'a> {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.text)));
        }
    }

    fn piece(&mut self, piece: Piece<'a>) {
        self.flush();
        self.pieces.push(piece);
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>, problems: &mut Problems<'a>) {
        let top = self.depth == 0;
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.in_html || self.in_code {
            let ends = matches!(event, Event::End(TagEnd::HtmlBlock | TagEnd::CodeBlock));
            if ends {
                (self.in_html, self.in_code) = (false, false);
            }
            return;
        }
        match event {
            Event::Start(Tag::HtmlBlock) if top => {
                self.in_html = true;
                self.html_block(&range, problems);
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(ref info))) => {
                let hidden_in_hint = self.in_hint(range.start);
                if top && !hidden_in_hint {
                    self.top_fence(event, range, problems);
                    return;
                }
                if roles::asks_for_role(info) {
                    misplaced_role(&range, hidden_in_hint, problems);
                }
                self.keep(event, range);
            }
            Event::Html(ref html) | Event::InlineHtml(ref html) => {
                if comments::is_exercise_comment(html) {
                    problems.error(
                        "misplaced-exercise-comment",
                        range.clone(),
                        "an exercise's comment cannot stand within a list, a quotation or a line of text",
                        "put it on a line of its own, without indentation, with a blank line above",
                    );
                }
                self.keep(event, range);
            }
            _ => self.keep(event, range),
        }
    }

    /// Keeps an event as text, unless it belongs to a hint, which is rendered on its own.
    fn keep(&mut self, event: Event<'a>, range: Range<usize>) {
        if !self.in_hint(range.start) {
            self.text.push((event, range));
        }
    }

    fn in_hint(&self, at: usize) -> bool {
        let hint = |cut: &Cut| matches!(cut.kind, CutKind::Hint { .. }) && cut.span.contains(&at);
        // Cuts are taken from the front as they are passed, so only the last one passed can hold this place.
        self.pieces.last().is_some_and(|piece| matches!(piece, Piece::Hint { span, .. } if span.contains(&at)))
            || self.cuts.iter().any(hint)
    }

    fn top_fence(&mut self, event: Event<'a>, range: Range<usize>, problems: &mut Problems<'a>) {
        let mut fence = Fence::at(problems.source, &range);
        check_closed(&fence, problems);
        match roles::info(fence.info.clone(), problems) {
            Info::Role { role, language } => {
                fence.language = language;
                self.in_code = true;
                self.piece(Piece::Block(role, fence));
            }
            Info::Broken => self.in_code = true,
            Info::Plain { .. } => self.text.push((event, range)),
        }
    }

    /// Splits an HTML block at the comments and hints in it.
    fn html_block(&mut self, range: &Range<usize>, problems: &mut Problems<'a>) {
        let source = problems.source;
        let mut at = range.start;
        // A hint that began in an earlier block may reach into this one.
        if let Some(Piece::Hint { span, .. }) = self.pieces.last() {
            at = at.max(span.end.min(range.end));
        }
        fences_in_html(range, problems);
        while let Some(position) = self.cuts.iter().position(|cut| cut.span.start < range.end) {
            let cut = self.cuts.remove(position);
            self.html(&source.text, at..cut.span.start);
            at = at.max(cut.span.end.min(range.end));
            let span = cut.span;
            self.piece(match cut.kind {
                CutKind::Open { attributes } => Piece::Open { span, attributes },
                CutKind::Close => Piece::Close { span },
                CutKind::Hint { summary, body } => Piece::Hint { span, summary, body },
            });
        }
        self.html(&source.text, at..range.end);
    }

    fn html(&mut self, text: &'a str, range: Range<usize>) {
        if range.start < range.end && !text[range.clone()].trim().is_empty() {
            self.text.push((Event::Html(text[range.clone()].into()), range));
        }
    }
}

fn misplaced_role(range: &Range<usize>, in_hint: bool, problems: &mut Problems<'_>) {
    let line = problems.source.line_range(range.start);
    let place = if in_hint { "a hint" } else { "a list or quotation" };
    problems.error(
        "misplaced-role",
        range.start..line.end.max(range.start),
        format!("a block with a role cannot stand in {place}"),
        if in_hint {
            "leave out the role to show the code only"
        } else {
            "begin the fence at the start of its line, below a blank line"
        },
    );
}

fn check_closed(fence: &Fence<'_>, problems: &mut Problems<'_>) {
    if !fence.closed {
        problems.error(
            "unclosed-fence",
            fence.span.clone(),
            "this code block has no end",
            "close it with a line that holds only the same fence",
        );
    } else if let Some(inner) = &fence.inner_opening {
        let (line, _) = problems.source.position(inner.start);
        problems.error(
            "unclosed-fence",
            fence.span.clone(),
            format!("this code block is not closed before the next one opens, at line {line}"),
            "close it above; or, where fences belong to the code, give the outer one more backticks",
        );
    }
}

/// Markdown takes everything up to the next blank line as part of an HTML block, fences too.
fn fences_in_html(range: &Range<usize>, problems: &mut Problems<'_>) {
    let source = problems.source;
    let mut at = range.start;
    while at < range.end {
        let line = source.line_range(at);
        let text = source.text[line.clone()].trim_start();
        let before = &source.text[range.start..line.start.max(range.start)];
        let in_comment = before.rfind("<!--") > before.rfind("-->");
        if !in_comment && (text.starts_with("```") || text.starts_with("~~~")) {
            problems.error(
                "fence-in-html",
                line.end - text.len()..line.end,
                "this fence is still part of the HTML above it, and not a code block",
                "put a blank line above it",
            );
            return;
        }
        at = line.end + 1;
    }
}
