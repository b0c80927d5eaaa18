//! The glossary of a course: `glossary.md` in its folder, with a heading and a definition for each term.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use crate::domain::glossary::{Glossary, Term};

use super::front_matter;
use super::highlight::escape;
use super::html::{Page, anchor_of, heading_texts};
use super::links::{AnchorLink, Targets};
use super::nearest::nearest;
use super::pictures::Place;
use super::problem::{Problem, Problems, Severity};
use super::scan::{Piece, Placed, scan};
use super::source::Source;

/// The file, from the course's folder.
pub const FILE: &str = "glossary.md";

/// The address of its page.
pub(super) const PAGE: &str = "/glossary";

/// What the page is called where the file does not say.
const TITLE: &str = "Glossary";

/// Longest first sentence, in characters: what stands beside a lesson is a reminder, and the page has all of it.
const FIRST_CHARS: usize = 300;

/// What lessons may link to: anchors, and the first sentence of each definition.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    first: BTreeMap<String, String>,
    /// Nothing is known of the file but that it is there, so that any term may be in it.
    unread: bool,
}

impl Terms {
    /// Those of a file that cannot be read.
    pub fn unread() -> Self {
        Self { unread: true, ..Self::default() }
    }

    /// The first sentence of a term's definition.
    pub fn first(&self, anchor: &str) -> Option<&str> {
        self.first.get(anchor).map(String::as_str).or(self.unread.then_some(""))
    }

    /// What is wrong with a link to a term that is not there.
    pub fn missing(&self, source: &Source, anchor: &str, span: Range<usize>) -> Option<Problem> {
        if self.first(anchor).is_some() {
            return None;
        }
        let help = match nearest(anchor, self.first.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean `#{meant}`?"),
            None => format!(
                "add a heading for it to `{FILE}`, with what it means below: a term's anchor is its heading in small letters with hyphens for spaces"
            ),
        };
        Some(Problem::error(source, "unknown-term", span, format!("the glossary has no term `#{anchor}`"), help))
    }
}

/// The id of what a lesson's page says about a term. No heading has such an anchor by itself.
fn id(anchor: &str) -> String {
    format!("term.{anchor}")
}

/// The opening of a link to a term, described by what the page of the lesson says about it.
pub(super) fn link(anchor: &str, first: &str) -> String {
    let mut html = String::from("<a class=\"term\" href=\"");
    for (before, text) in [(PAGE.to_owned() + "#", anchor), ("\" aria-describedby=\"".to_owned(), &id(anchor))] {
        html.push_str(&before);
        escape(text, &mut html);
    }
    if !first.is_empty() {
        html.push_str("\" title=\"");
        escape(first, &mut html);
    }
    html.push_str("\">");
    html
}

/// A glossary and what the rest of the course must know to check it.
pub(super) struct Read {
    /// The terms without errors.
    pub glossary: Glossary,
    /// Each term and where it is defined, those with errors as well.
    places: Vec<(String, Range<usize>)>,
    /// Terms that other definitions link to.
    used: Vec<String>,
    /// Links to lessons.
    pub links: Vec<AnchorLink>,
    pub problems: Vec<Problem>,
}

/// A heading with its text.
struct Entry<'a> {
    name: String,
    anchor: String,
    span: Range<usize>,
    events: Vec<Placed<'a>>,
}

/// Reads a glossary, and makes its terms known to the lessons.
pub(super) fn read(source: &Source, targets: &mut Targets) -> Read {
    let mut problems = Problems::new(source);
    let (title, body) = head(source, &mut problems);
    let (intro, entries) = entries(body, source, &mut problems);
    let mut terms = Terms::default();
    let mut places: Vec<(String, Range<usize>)> = Vec::new();
    let mut good = Vec::new();
    for entry in entries {
        let first = first_sentence(&first_text(&entry.events));
        let before = places.iter().find(|(anchor, _)| *anchor == entry.anchor).map(|(_, span)| span.start);
        if let Some(before) = before {
            let (line, column) = source.position(before);
            let message = format!("`{}` is defined twice: first at {}:{line}:{column}", entry.name, source.file);
            problems.error("duplicate-term", entry.span, message, "keep one of them, or give it another name");
            continue;
        }
        places.push((entry.anchor.clone(), entry.span.clone()));
        terms.first.insert(entry.anchor.clone(), first.clone());
        if entry.name.is_empty() || first.is_empty() {
            let (message, help) = match entry.name.as_str() {
                "" => ("this heading names no term".to_owned(), "write the term behind the marks, `## Tuple`"),
                name => (format!("`{name}` has no definition"), "say below the heading what it means"),
            };
            problems.error("empty-term", entry.span, message, help);
            continue;
        }
        good.push((entry, first));
    }
    targets.glossary = Some(terms);
    let mut page = Page::new(FILE, Place { folder: None, address: PAGE.to_owned() }, targets);
    let mut glossary = Glossary { title, intro: page.render(intro, None, &mut problems), terms: Vec::new() };
    for (entry, first) in good {
        let html = page.render(entry.events, None, &mut problems);
        glossary.terms.push(Term { name: entry.name, anchor: entry.anchor, html, first });
    }
    glossary.sort();
    let mut used = std::mem::take(&mut page.terms);
    for (anchor, span) in page.own_links().into_iter().filter(|(anchor, _)| !anchor.is_empty()) {
        if let Some(terms) = page.targets.glossary.as_ref().filter(|_| !page.anchors.contains(&anchor)) {
            problems.list.extend(terms.missing(source, &anchor, span));
        }
        used.push(anchor);
    }
    Read { glossary, places, used, links: std::mem::take(&mut page.links), problems: problems.list }
}

impl Read {
    /// Warns of terms that neither a lesson nor another definition links to.
    pub fn unused(&mut self, source: &Source, in_lessons: &[&str]) {
        for (anchor, span) in &self.places {
            if !in_lessons.contains(&anchor.as_str()) && !self.used.contains(anchor) {
                let message = format!("no lesson links to `#{anchor}`");
                let help = format!(
                    "link it where it is first used, `[…](../{FILE}#{anchor})`, or leave the term out of the glossary"
                );
                let problem = Problem::error(source, "unused-term", span.clone(), message, help);
                self.problems.push(Problem { severity: Severity::Warning, ..problem });
            }
        }
    }
}

/// The title, and where the text begins. A front matter may be missing, and so may its title.
fn head(source: &Source, problems: &mut Problems<'_>) -> (String, usize) {
    if !front_matter::begins(source) {
        return (TITLE.to_owned(), 0);
    }
    let (matter, body) = front_matter::read(problems);
    problems.list.retain(|problem| problem.code != "missing-title");
    (if matter.title.is_empty() { TITLE.to_owned() } else { matter.title }, body)
}

/// What stands above the first term, and the terms.
fn entries<'a>(body: usize, source: &'a Source, problems: &mut Problems<'a>) -> (Vec<Placed<'a>>, Vec<Entry<'a>>) {
    let mut events: Vec<Placed<'a>> = Vec::new();
    for piece in scan(body, problems) {
        match piece {
            Piece::Text(text) => events.extend(text),
            Piece::Block(_, fence) => refuse(source, fence.info, "a block with a role", problems),
            Piece::Open { span, .. } | Piece::Close { span } => refuse(source, span, "an exercise", problems),
            Piece::Hint { span, .. } => refuse(source, span, "a hint", problems),
        }
    }
    let mut names = heading_texts(&events).into_iter();
    let mut intro = Vec::new();
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let (mut depth, mut in_name) = (0_usize, false);
    for (event, range) in events {
        match &event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                let name = names.next().unwrap_or_default().trim().to_owned();
                if depth == 0 && *level == HeadingLevel::H2 {
                    let anchor = id.as_ref().map_or_else(|| anchor_of(&name), |id| id.to_string());
                    entries.push(Entry { name, anchor, span: range.clone(), events: Vec::new() });
                    in_name = true;
                } else {
                    refuse(source, range.clone(), "a heading that is not of level two", problems);
                }
            }
            Event::Start(Tag::Image { .. }) => refuse(source, range.clone(), "a picture", problems),
            _ => {}
        }
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if in_name {
            in_name = !(matches!(event, Event::End(TagEnd::Heading(_))) && depth == 0);
        } else {
            entries.last_mut().map_or(&mut intro, |entry| &mut entry.events).push((event, range));
        }
    }
    (intro, entries)
}

fn refuse(source: &Source, span: Range<usize>, what: &str, problems: &mut Problems<'_>) {
    let span = span.start..source.line_range(span.start).end.clamp(span.start, span.end.max(span.start));
    let help = "a glossary has headings of level two, each a term, and below them text, lists, tables and code";
    problems.error("glossary-content", span, format!("{what} cannot stand in a glossary"), help);
}

/// The plain text of the first block.
fn first_text(events: &[Placed<'_>]) -> String {
    let mut text = String::new();
    for (event, _) in events {
        match event {
            Event::Text(piece) | Event::Code(piece) => text.push_str(piece),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::TableCell)
                if !text.trim().is_empty() =>
            {
                break;
            }
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first sentence of a text: up to a mark that a space follows, and neither a small letter nor a number, as after `e.g.`.
fn first_sentence(text: &str) -> String {
    let ends = |(at, mark): &(usize, char)| {
        let rest = text[at + mark.len_utf8()..].trim_start_matches(['"', '”', '’', ')']);
        matches!(mark, '.' | '!' | '?')
            && rest.starts_with(' ')
            && !rest.trim_start().starts_with(|c: char| c.is_lowercase() || c.is_numeric())
    };
    let end = text.char_indices().find(ends).map_or(text.len(), |(at, mark)| {
        let after = at + mark.len_utf8();
        text[after..].find(' ').map_or(text.len(), |space| after + space)
    });
    match text[..end].char_indices().nth(FIRST_CHARS) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text[..end].to_owned(),
    }
}

#[cfg(test)]
#[path = "glossary_tests.rs"]
mod tests;
