//! A text of a track as Markdown that fits into a lesson.
//!
//! What is changed is cut out and put in by place, so that everything else stays as its author wrote it.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};

use super::super::edits::Edits;
use super::super::fence::Fence;
use super::super::html::{anchor_of, heading_texts};
use super::super::roles::ROLES;
use super::super::scan::{Placed, options};
use super::super::source::Source;
use super::finding::Findings;
use super::html_blocks;
use super::links::{Image, Link, Picture, Place};
use super::notes;

/// Headings that only name the file they stand in.
const NAMES_OF_FILES: [&str; 6] =
    ["instructions", "introduction", "description", "hints", "instructions append", "introduction append"];

/// A text that fits, and the pictures that it shows.
pub(super) struct Rewritten {
    pub text: String,
    pub pictures: Vec<Picture>,
}

/// Rewrites a text whose highest heading shall be of level `top`. `folds` says whether `<details>` may stay.
pub(super) fn rewrite(
    source: &Source,
    place: &Place<'_>,
    top: usize,
    folds: bool,
    findings: &mut Findings,
) -> Rewritten {
    let written = source;
    let source = &Source::new(source.file.as_str(), &notes::into_quotations(&source.text));
    let mut broken = Vec::new();
    let mut remember = |link: BrokenLink<'_>| -> Option<(CowStr<'_>, CowStr<'_>)> {
        if link.link_type == LinkType::Reference && link.reference.contains(char::is_alphabetic) {
            broken.push((link.span.start, link.reference.to_string()));
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(&source.text, options(), Some(&mut remember)).into_offset_iter();
    let definitions: Vec<Range<usize>> =
        parser.reference_definitions().iter().map(|(_, definition)| definition.span.clone()).collect();
    let events: Vec<Placed<'_>> = parser.collect();
    let mut writer = Writer { written, ..Writer::new(source, place, &events, top, folds, findings) };
    for (at, reference) in broken {
        writer.warn(at, format!("the link [{reference}] is defined nowhere"));
    }
    for definition in definitions {
        writer.edits.replace(definition, "");
    }
    for (index, (event, range)) in events.iter().enumerate() {
        writer.event(event, range, events[index + 1..].iter());
    }
    let text = writer.edits.apply(&source.text);
    Rewritten { text: without_blank_ends(&text).to_owned(), pictures: writer.pictures }
}

/// The text without blank lines around it. Its first line keeps its indentation, which may make it a code block.
pub(super) fn without_blank_ends(text: &str) -> &str {
    let blank = text.len() - text.trim_start().len();
    let line = text[..blank].rfind('\n').map_or(0, |at| at + 1);
    text[line..].trim_end()
}

struct Writer<'a, 'f> {
    source: &'a Source,
    /// The text before notes became quotations, line for line.
    written: &'a Source,
    place: &'a Place<'a>,
    findings: &'f mut Findings,
    edits: Edits,
    pictures: Vec<Picture>,
    anchors: BTreeSet<String>,
    /// Levels to add to every heading.
    shift: usize,
    /// Where the heading stands that only names the file.
    dropped: Option<usize>,
    details: bool,
    depth: usize,
    in_heading: bool,
}

impl<'a, 'f> Writer<'a, 'f> {
    fn new(
        source: &'a Source,
        place: &'a Place<'a>,
        events: &[Placed<'_>],
        top: usize,
        folds: bool,
        findings: &'f mut Findings,
    ) -> Self {
        let texts = heading_texts(events);
        let headings: Vec<(HeadingLevel, usize)> = events
            .iter()
            .filter_map(|(event, range)| match event {
                Event::Start(Tag::Heading { level, .. }) => Some((*level, range.start)),
                _ => None,
            })
            .collect();
        let first = events.first().map(|(_, range)| range.start);
        let names_file =
            texts.first().is_some_and(|text| NAMES_OF_FILES.contains(&text.trim().to_lowercase().as_str()));
        let dropped = headings.first().map(|(_, at)| *at).filter(|at| names_file && first == Some(*at));
        let kept = headings.iter().filter(|(_, at)| Some(*at) != dropped);
        let highest = kept.map(|(level, _)| *level as usize).min().unwrap_or(top);
        let html = events.iter().filter(|(event, _)| matches!(event, Event::Start(Tag::HtmlBlock)));
        let details = folds && html_blocks::details_are_whole(html.map(|(_, range)| &source.text[range.clone()]));
        Self {
            source,
            written: source,
            place,
            findings,
            edits: Edits::default(),
            pictures: Vec::new(),
            anchors: texts.iter().map(|text| anchor_of(text)).collect(),
            shift: top.saturating_sub(highest),
            dropped,
            details,
            depth: 0,
            in_heading: false,
        }
    }

    fn warn(&mut self, at: usize, message: String) {
        self.say(super::Weight::Warning, at, message);
    }

    fn say(&mut self, weight: super::Weight, at: usize, message: impl Into<String>) {
        let (line, column) = self.source.position(at);
        let text = |source: &'a Source| {
            let start = source.offset(usize::try_from(line).unwrap_or(usize::MAX), 1);
            &source.text[source.line_range(start)]
        };
        // What became a quotation has a mark and a space before it.
        let quoted = text(self.source).strip_prefix("> ") == Some(text(self.written).trim_end());
        let column = if quoted { column.saturating_sub(2).max(1) } else { column };
        self.findings.add_at(weight, self.place.file, (line, column), message);
    }

    fn event<'e>(&mut self, event: &Event<'_>, range: &Range<usize>, after: impl Iterator<Item = &'e Placed<'e>>) {
        let top = self.depth == 0;
        match event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.in_heading = true;
                self.heading(*level as usize, range, after);
            }
            Event::End(TagEnd::Heading(_)) => self.in_heading = false,
            Event::SoftBreak | Event::HardBreak if self.in_heading => self.edits.replace(range.clone(), " "),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => self.fence(info, range, top),
            Event::Start(Tag::HtmlBlock) => self.html_block(range),
            Event::InlineHtml(html) => self.inline_html(html, range),
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {}
            Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                let inside = inside(range, after, 1);
                self.link(dest_url, title, &self.whole(*link_type, range), inside);
            }
            Event::Start(Tag::Image { link_type, dest_url, title, .. }) => {
                let inside = inside(range, after, 2);
                self.image(dest_url, title, &self.whole(*link_type, range), inside);
            }
            Event::FootnoteReference(_) | Event::Start(Tag::FootnoteDefinition(_)) => self.footnote(range),
            Event::Text(text) if text.contains("%{") => self.leftover(range),
            _ => {}
        }
    }

    fn heading<'e>(&mut self, level: usize, range: &Range<usize>, after: impl Iterator<Item = &'e Placed<'e>>) {
        if self.dropped == Some(range.start) {
            self.edits.replace(range.clone(), "");
            return;
        }
        let text = &self.source.text[range.clone()];
        let marks = "#".repeat((level + self.shift).min(6));
        let inside = inside(range, after, 0);
        if text.starts_with('#') {
            self.edits.replace(range.start..range.start + level, marks);
        } else {
            // Underlined headings have two levels only.
            self.edits.replace(range.start..range.start, format!("{marks} "));
            self.edits.replace(inside.end..range.start + text.trim_end().len(), "");
        }
        let line = self.source.text[range.start..inside.end.max(range.start)].trim_end();
        let whole = text.lines().next().unwrap_or_default().trim_end();
        // Here these would be taken for attributes of the heading.
        if whole.ends_with('}') && !whole.ends_with("\\}") && !line.ends_with('`') {
            let at = range.start + whole.len() - 1;
            self.edits.replace(at..at + 1, "\\}");
        }
    }

    fn fence(&mut self, info: &str, range: &Range<usize>, top: bool) {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let language = if ROLES.contains(&language) { "text" } else { language };
        let shown = language.trim_start_matches(['{', '.']).trim_end_matches('}');
        let written = self.info(range);
        if shown != info.trim() && !info.trim().is_empty() {
            let message =
                format!("the code block's `{}` became `{shown}`: more would have a meaning here", info.trim());
            self.warn(range.start, message);
            self.edits.replace(written, shown);
        }
        if !top {
            return;
        }
        let fence = Fence::at(self.source, range);
        if fence.closed && fence.inner_opening.is_none() {
            return;
        }
        let opening = &self.source.text[fence.span.start..fence.info.start.max(fence.span.start)];
        let mark = if opening.starts_with('~') { '~' } else { '`' };
        let width = opening.chars().take_while(|c| *c == mark).count();
        let runs = fence.lines.iter().map(|line| line.text.trim_start().chars().take_while(|c| *c == mark).count());
        let wider = mark.to_string().repeat(runs.max().unwrap_or(0).max(width) + 1);
        self.edits.replace(fence.span.start..fence.span.start + width, wider.clone());
        let block = range.start + self.source.text[range.clone()].trim_end().len();
        if fence.closed {
            let line = self.source.line_range(block.saturating_sub(1));
            self.edits.replace(line, wider);
        } else {
            self.warn(range.start, "this code block has no end: it is closed where the text ends".to_owned());
            self.edits.replace(range.end..range.end, format!("\n{wider}\n"));
        }
    }

    /// All of a link or picture: the parser leaves out the `[]` of `[text][]`.
    fn whole(&self, link_type: LinkType, range: &Range<usize>) -> Range<usize> {
        let collapsed = link_type == LinkType::Collapsed && self.source.text[range.end..].starts_with("[]");
        range.start..range.end + if collapsed { 2 } else { 0 }
    }

    /// What stands after an opening fence, which may stand in a list.
    fn info(&self, range: &Range<usize>) -> Range<usize> {
        let line = self.source.line_range(range.start);
        let text = &self.source.text[range.start..line.end];
        let start = text.len() - text.trim_start_matches([' ', '`', '~']).len();
        let end = text.trim_end().len().max(start);
        range.start + start..range.start + end
    }

    fn html_block(&mut self, range: &Range<usize>) {
        let block = &self.source.text[range.clone()];
        let html = html_blocks::rewrite(block, self.details);
        for comment in &html.comments {
            self.comment(range.start + comment.start);
        }
        if html.escaped {
            self.warn(range.start, "this HTML is shown as it is written: as HTML it would break the lesson".to_owned());
        } else {
            self.refused(&html.text, range.start);
        }
        if html.text != block {
            self.edits.replace(range.clone(), html.text);
        }
    }

    fn inline_html(&mut self, html: &str, range: &Range<usize>) {
        if html.starts_with("<!--") {
            self.comment(range.start);
            self.edits.replace(range.clone(), "");
        } else {
            self.refused(html, range.start);
        }
    }

    fn comment(&mut self, at: usize) {
        self.say(super::Weight::Notice, at, "an HTML comment is not taken");
    }

    fn refused(&mut self, html: &str, at: usize) {
        if let Some(tag) = html_blocks::refused_tag(html) {
            self.warn(at, format!("the page will not show this <{tag}>: nothing may come from elsewhere or run"));
        }
    }

    fn link(&mut self, dest: &str, title: &str, range: &Range<usize>, inside: Range<usize>) {
        let (dest, note) = match self.place.link(dest, &self.anchors) {
            Link::Keep => (dest.to_owned(), None),
            Link::To(dest, note) => (dest, note),
            Link::TextOnly(why) => {
                self.warn(range.start, format!("of the link to `{dest}` only the text stays: {why}"));
                self.edits.replace(range.start..inside.start, "");
                self.edits.replace(inside.end..range.end, "");
                return;
            }
        };
        if let Some(note) = note {
            self.warn(range.start, note);
        }
        // Written out, because a definition does not reach into a hint.
        self.edits.replace(inside.end..range.end, format!("]({})", target(&dest, title)));
    }

    fn image(&mut self, dest: &str, title: &str, range: &Range<usize>, inside: Range<usize>) {
        let blank = self.source.text[inside.clone()].trim().is_empty();
        let name = dest.rsplit('/').next().unwrap_or_default();
        let alt =
            if blank { name.split('.').next().unwrap_or_default().replace(['[', ']'], "") } else { String::new() };
        let (opening, closing) = match self.place.image(dest) {
            Image::Beside(picture) => {
                let written = format!("]({})", target(&picture.name, title));
                if !self.pictures.contains(&picture) {
                    self.pictures.push(picture);
                }
                if blank {
                    self.warn(range.start, format!("the picture `{dest}` has no description: it got `{alt}`"));
                }
                ("![", written)
            }
            Image::Elsewhere => {
                self.warn(range.start, format!("the picture `{dest}` became a link: a page shows none from elsewhere"));
                ("[", format!("]({})", target(dest, title)))
            }
            Image::TextOnly(why) => {
                let message = format!("the picture `{dest}` does not come along: {why}");
                self.say(super::Weight::LeftOut, range.start, message);
                ("", String::new())
            }
        };
        self.edits.replace(range.start..inside.start, format!("{opening}{alt}"));
        self.edits.replace(inside.end..range.end, closing);
    }

    /// Texts of one lesson share its footnotes, so their names begin with the text's.
    fn footnote(&mut self, range: &Range<usize>) {
        if self.source.text[range.clone()].starts_with("[^") {
            let stem = self.place.file.rsplit('/').next().unwrap_or_default().replace('.', "-");
            self.edits.replace(range.start + 2..range.start + 2, format!("{stem}-"));
        }
    }

    /// What a generator should have filled in.
    fn leftover(&mut self, range: &Range<usize>) {
        let text = &self.source.text[range.clone()];
        for (start, _) in text.match_indices("%{") {
            let Some(end) = text[start..].find('}').map(|end| start + end + 1) else { continue };
            if text[start..end].starts_with("%{concept:") {
                self.warn(range.start + start, format!("`{}` was never filled in: it is taken out", &text[start..end]));
                self.edits.replace(range.start + start..range.start + end, "");
            }
        }
    }
}

/// The inside of what begins at `range`, whose opening mark is `opening` bytes long.
fn inside<'e>(range: &Range<usize>, after: impl Iterator<Item = &'e Placed<'e>>, opening: usize) -> Range<usize> {
    let start = (range.start + opening).min(range.end);
    let within = after.take_while(|(event, other)| !(matches!(event, Event::End(_)) && other == range));
    let end = within.map(|(_, other)| other.end).max().unwrap_or(start);
    start..end.clamp(start, range.end)
}

/// A link's address and title as Markdown writes them.
fn target(dest: &str, title: &str) -> String {
    let plain = !dest.is_empty() && !dest.contains(|c: char| c.is_whitespace() || c.is_control() || "()<>".contains(c));
    let clean: String = dest.chars().filter(|c| !c.is_control()).collect();
    let dest = if plain { clean } else { format!("<{}>", clean.replace('<', "%3C").replace('>', "%3E")) };
    if title.is_empty() { dest } else { format!("{dest} \"{}\"", title.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests;
