//! Turns the text of a lesson into HTML that is safe to put on a page.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Tag, TagEnd, html};

use crate::domain::lesson::{Heading, Picture};

use super::glossary;
use super::hexdocs;
use super::highlight::{escape, highlight};
use super::links::{AnchorLink, Target, Targets};
use super::markup::{TableState, alert, task};
use super::nearest::nearest;
use super::pictures::{Image, Place};
use super::problem::{Problem, Problems, Severity};
use super::raw_html::{Raw, raw};
use super::roles;
use super::sanitize::sanitize;
use super::scan::{Placed, events};
use super::source::Source;

/// Renders the pieces of one lesson; what must be unique or numbered on its page is kept here.
pub(super) struct Page<'c> {
    /// The lesson's file, relative to the course's folder.
    pub file: &'c str,
    place: Place<'c>,
    pub pictures: Vec<Picture>,
    pub targets: &'c Targets,
    pub headings: Vec<Heading>,
    pub anchors: BTreeSet<String>,
    /// Ids of the lesson's exercises, which no other heading may take.
    pub reserved: BTreeSet<String>,
    pub links: Vec<AnchorLink>,
    /// Terms of the glossary that it links to, in the order of their first use.
    pub terms: Vec<String>,
    own_links: Vec<(String, Range<usize>)>,
    footnotes: HashMap<String, usize>,
}

impl<'c> Page<'c> {
    pub fn new(file: &'c str, place: Place<'c>, targets: &'c Targets) -> Self {
        Self {
            file,
            place,
            pictures: Vec::new(),
            targets,
            headings: Vec::new(),
            anchors: BTreeSet::new(),
            reserved: BTreeSet::new(),
            links: Vec::new(),
            terms: Vec::new(),
            own_links: Vec::new(),
            footnotes: HashMap::new(),
        }
    }

    /// Renders a stretch of the file on its own, such as a hint.
    pub fn render_range(&mut self, range: Range<usize>, problems: &mut Problems<'_>) -> String {
        let events = events(&problems.source.text, range);
        for (event, range) in &events {
            if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = event
                && roles::asks_for_role(info)
            {
                let span = range.start..problems.source.line_range(range.start).end.max(range.start);
                if !problems.list.iter().any(|problem| problem.span.start == span.start) {
                    let help = "leave out the role to show the code only";
                    problems.error("misplaced-role", span, "a block with a role cannot stand in a hint", help);
                }
            }
        }
        // What a closed hint holds is no place to jump to.
        let headings = self.headings.len();
        let html = self.render(events, None, problems);
        self.headings.truncate(headings);
        html
    }

    /// Renders events; the first heading gets `anchor` where one is given.
    pub fn render(&mut self, events: Vec<Placed<'_>>, anchor: Option<&str>, problems: &mut Problems<'_>) -> String {
        let mut anchor = anchor;
        let mut out: Vec<Event<'_>> = Vec::with_capacity(events.len());
        let mut table = TableState::default();
        let mut code: Option<(String, String)> = None;
        let mut linked = false;
        let mut image: Option<Image> = None;
        let mut in_html = false;
        let texts = heading_texts(&events);
        let mut texts = texts.into_iter();
        for (event, range) in events {
            if let Some((language, text)) = &mut code {
                match event {
                    Event::Text(piece) => text.push_str(&piece),
                    Event::End(TagEnd::CodeBlock) => {
                        out.push(Event::Html(format!("{}\n", highlight(language, text)).into()));
                        code = None;
                    }
                    _ => {}
                }
                continue;
            }
            if let Some(written) = &mut image {
                match event {
                    Event::Text(text) | Event::Code(text) => written.alt.push_str(&text),
                    Event::SoftBreak | Event::HardBreak => written.alt.push(' '),
                    Event::End(TagEnd::Image) => {
                        if let Some(written) = image.take() {
                            out.push(Event::InlineHtml(self.picture(&written, problems).into()));
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match &event {
                // Its lines come one by one, and a tag may go over several.
                Event::Start(Tag::HtmlBlock) => {
                    in_html = true;
                    self.raw_html(&range, problems);
                }
                Event::End(TagEnd::HtmlBlock) => in_html = false,
                Event::Html(_) | Event::InlineHtml(_) if !in_html => self.raw_html(&range, problems),
                _ => {}
            }
            match event {
                Event::Start(Tag::CodeBlock(kind)) => code = Some((language(&kind), String::new())),
                Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                    let text = texts.next().unwrap_or_default();
                    let id = match anchor.take() {
                        Some(anchor) => anchor.to_owned(),
                        None => self.free_anchor(&id.map_or_else(|| anchor_of(&text), |id| id.to_string())),
                    };
                    // A heading that is a link in parts looks like one as a whole.
                    linked = true;
                    self.heading(level, text, &id, range, problems);
                    out.push(Event::Start(Tag::Heading { level, id: Some(id.into()), classes, attrs }));
                }
                Event::Code(text) if !linked => match hexdocs::link(&text) {
                    Some(url) => {
                        let mut html = format!("<a href=\"{url}\"><code>");
                        escape(&text, &mut html);
                        html.push_str("</code></a>");
                        out.push(Event::InlineHtml(html.into()));
                    }
                    None => out.push(Event::Code(text)),
                },
                Event::End(TagEnd::Link | TagEnd::Heading(_)) => {
                    linked = false;
                    out.push(event);
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    linked = true;
                    if let Some(html) = self.term(&dest_url, &range, problems) {
                        out.push(Event::InlineHtml(html.into()));
                        continue;
                    }
                    let dest_url = self.link(&dest_url, range, problems).map_or(dest_url, CowStr::from);
                    out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
                }
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    image = Some(Image {
                        path: dest_url.into_string(),
                        title: title.into_string(),
                        alt: String::new(),
                        range,
                    });
                }
                Event::Start(Tag::BlockQuote(Some(kind))) => out.push(Event::Html(alert(kind).into())),
                Event::End(TagEnd::BlockQuote(Some(_))) => out.push(Event::Html("</div>\n".into())),
                Event::FootnoteReference(name) => out.push(Event::Html(self.footnote_reference(&name).into())),
                Event::Start(Tag::FootnoteDefinition(name)) => {
                    out.push(Event::Html(self.footnote_definition(&name).into()));
                }
                Event::End(TagEnd::FootnoteDefinition) => out.push(Event::Html("</div>\n".into())),
                Event::TaskListMarker(done) => out.push(Event::InlineHtml(task(done).into())),
                event => match table.html(&event) {
                    Some(html) => out.push(Event::Html(html.into())),
                    None => out.push(event),
                },
            }
        }
        let mut unsafe_html = String::new();
        html::push_html(&mut unsafe_html, out.into_iter());
        let html = sanitize(&unsafe_html);
        self.anchors.extend(ids(&html).map(str::to_owned));
        html
    }

    fn heading(
        &mut self,
        level: HeadingLevel,
        text: String,
        anchor: &str,
        range: Range<usize>,
        problems: &mut Problems<'_>,
    ) {
        if level == HeadingLevel::H1 {
            let line = problems.source.line_range(range.start);
            problems.error(
                "level-one-heading",
                range.start..line.end.max(range.start),
                "the page's own heading comes from the `title` of the front matter",
                "begin the headings of a lesson at level two: `## …`",
            );
        }
        self.anchors.insert(anchor.to_owned());
        if (HeadingLevel::H2..=HeadingLevel::H4).contains(&level) {
            self.headings.push(Heading { level: level as u8, text, anchor: anchor.to_owned() });
        }
    }

    /// The anchor itself, or with a number as Git hosts add it when it is taken.
    fn free_anchor(&self, wanted: &str) -> String {
        let base = if wanted.is_empty() { "section" } else { wanted };
        let numbered = (1..).map(|number| format!("{base}-{number}"));
        let mut candidates = std::iter::once(base.to_owned()).chain(numbered);
        let free = |anchor: &String| !self.anchors.contains(anchor) && !self.reserved.contains(anchor);
        candidates.find(free).unwrap_or_default()
    }

    /// The address of a link, where it is not the one that is written.
    fn link(&mut self, dest: &str, span: Range<usize>, problems: &mut Problems<'_>) -> Option<String> {
        match self.targets.resolve(self.file, dest) {
            Target::Elsewhere => None,
            Target::Here(anchor) => {
                self.own_links.push((anchor, span));
                None
            }
            // Of a term that is not there, or from the glossary itself.
            Target::Glossary(anchor) => {
                let page = if self.file == glossary::FILE { "" } else { glossary::PAGE };
                Some(anchor.map_or_else(|| glossary::PAGE.to_owned(), |anchor| format!("{page}#{anchor}")))
            }
            Target::Lesson(slug, None) => Some(format!("/lessons/{slug}")),
            Target::Lesson(slug, Some(anchor)) => {
                let address = format!("/lessons/{slug}#{anchor}");
                self.links.push(AnchorLink { slug, anchor, span });
                Some(address)
            }
            Target::Missing(meant) => {
                let help = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None if dest.split('#').next().is_some_and(|path| path.ends_with(glossary::FILE)) => {
                        "make `glossary.md` in the course's folder, with a heading `## …` and a text for each term"
                            .to_owned()
                    }
                    None => {
                        "name a lesson by its path from this file, such as 02-pattern-matching.md#anchor".to_owned()
                    }
                };
                problems.error("missing-link-target", span, format!("`{dest}` is not a lesson of this course"), help);
                None
            }
        }
    }

    /// The opening of a link to a term that the glossary has, with what it means. A term that it has not is reported.
    fn term(&mut self, dest: &str, span: &Range<usize>, problems: &mut Problems<'_>) -> Option<String> {
        let Target::Glossary(Some(anchor)) = self.targets.resolve(self.file, dest) else { return None };
        let terms = self.targets.glossary.as_ref()?;
        let Some(first) = terms.first(&anchor) else {
            problems.list.extend(terms.missing(problems.source, &anchor, span.clone()));
            return None;
        };
        if !self.terms.contains(&anchor) {
            self.terms.push(anchor.clone());
        }
        (self.file != glossary::FILE).then(|| glossary::link(&anchor, first))
    }

    /// Looks at pictures and links that are written as HTML: only Markdown's are the site's own.
    fn raw_html(&mut self, range: &Range<usize>, problems: &mut Problems<'_>) {
        for (raw, place) in raw(&problems.source.text[range.clone()]) {
            let span = range.start + place.start..range.start + place.end;
            let (code, message, help) = match raw {
                Raw::Picture(src) => {
                    let help = match src.is_empty() || src.contains(':') {
                        true => {
                            "put the picture beside the lesson and write `![what it shows](its-name.png)`".to_owned()
                        }
                        false => format!("write it as Markdown: `![what it shows]({src})`"),
                    };
                    ("raw-picture", "a picture that is written as HTML is not shown".to_owned(), help)
                }
                Raw::Link(href) => match self.targets.resolve(self.file, &href) {
                    Target::Elsewhere => continue,
                    Target::Here(anchor) => {
                        self.own_links.push((anchor, span));
                        continue;
                    }
                    Target::Lesson(..) | Target::Glossary(_) | Target::Missing(_) => (
                        "raw-link",
                        format!("a link to `{href}` that is written as HTML leads nowhere on the site"),
                        format!("write it as Markdown: `[its text]({href})`"),
                    ),
                },
            };
            let problem = Problem::error(problems.source, code, span, message, help);
            problems.list.push(Problem { severity: Severity::Warning, ..problem });
        }
    }

    /// The links within the page, with their places.
    pub fn own_links(&mut self) -> Vec<(String, Range<usize>)> {
        std::mem::take(&mut self.own_links)
    }

    /// Reports links within the page that lead nowhere; to be called when all of it is rendered.
    pub fn check_own_links(&mut self, problems: &mut Problems<'_>) {
        for (anchor, span) in self.own_links() {
            if !anchor.is_empty() && !self.anchors.contains(&anchor) {
                missing_anchor(problems.source, "this lesson", &anchor, span, &self.anchors, &mut problems.list);
            }
        }
    }

    fn picture(&mut self, image: &Image, problems: &mut Problems<'_>) -> String {
        let Some((html, picture)) = image.show(&self.place, self.file, problems) else {
            return String::new();
        };
        if !self.pictures.contains(&picture) {
            self.pictures.push(picture);
        }
        html
    }

    fn footnote_number(&mut self, name: &str) -> usize {
        let next = self.footnotes.len() + 1;
        *self.footnotes.entry(name.to_owned()).or_insert(next)
    }

    fn footnote_reference(&mut self, name: &str) -> String {
        let number = self.footnote_number(name);
        format!("<sup class=\"footnote-reference\"><a href=\"#footnote-{number}\">{number}</a></sup>")
    }

    fn footnote_definition(&mut self, name: &str) -> String {
        let number = self.footnote_number(name);
        format!(
            "<div class=\"footnote-definition\" id=\"footnote-{number}\">\
             <sup class=\"footnote-definition-label\">{number}</sup>"
        )
    }
}

/// Reports a link to an anchor that does not exist.
pub(super) fn missing_anchor(
    source: &Source,
    place: &str,
    anchor: &str,
    span: Range<usize>,
    anchors: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    let help = match nearest(anchor, anchors.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `#{meant}`?"),
        None => "an anchor is a heading in small letters with hyphens for spaces, or an exercise's id".to_owned(),
    };
    let message = format!("{place} has no anchor `#{anchor}`");
    problems.push(Problem::error(source, "missing-anchor", span, message, help));
}

fn language(kind: &CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or_default().to_owned(),
        CodeBlockKind::Indented => String::new(),
    }
}

/// The plain text of each heading, in order.
pub(super) fn heading_texts(events: &[Placed<'_>]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut current: Option<String> = None;
    for (event, _) in events {
        match event {
            Event::Start(Tag::Heading { .. }) => current = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => texts.extend(current.take()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(current) = &mut current {
                    current.push_str(text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(current) = &mut current {
                    current.push(' ');
                }
            }
            _ => {}
        }
    }
    texts
}

/// The anchor that Git hosts give a heading: small letters, hyphens for spaces, no punctuation.
pub(super) fn anchor_of(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn ids(html: &str) -> impl Iterator<Item = &str> {
    html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next())
}
