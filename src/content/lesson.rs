//! One lesson file, from its text to its parts.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use crate::domain::exercise::Language;
use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use crate::domain::ids::{ExerciseId, LessonSlug};
use crate::domain::lesson::{Lesson, Part, minutes};

use super::concepts::{self, Words};
use super::exercise::{Draft, PrivateTests};
use super::fence::Fence;
use super::front_matter;
use super::highlight::highlight;
use super::html::Page;
use super::links::{AnchorLink, Targets};
use super::opening;
use super::pictures::Place;
use super::problem::{Problem, Problems, Severity};
use super::roles::Role;
use super::scan::{Piece, Placed, scan};
use super::source::Source;

/// A lesson and what the rest of the course must know to check it.
pub(super) struct Read {
    pub lesson: Lesson,
    /// Lessons it needs, and where it says so.
    pub needs: Vec<(LessonSlug, Range<usize>)>,
    /// Its exercises' ids and where they stand, the broken ones included.
    pub exercises: Vec<(ExerciseId, Range<usize>)>,
    pub anchors: BTreeSet<String>,
    pub links: Vec<AnchorLink>,
    /// What it says that it teaches.
    pub teaches: Vec<String>,
    /// The words of its Elixir code.
    pub words: Words,
    pub problems: Vec<Problem>,
}

/// Reads a lesson. `folder` is where its file lies; without it pictures are not looked for.
pub(super) fn read<'a>(
    source: &'a Source,
    file: &str,
    folder: Option<&Path>,
    slug: LessonSlug,
    targets: &Targets,
    private: &PrivateTests<'a>,
) -> Read {
    let mut problems = Problems::new(source);
    let address = format!("/lessons/{slug}");
    let (matter, body) = front_matter::read(&mut problems);
    let pieces = scan(body, &mut problems);
    let mut reader = Reader {
        page: Page::new(file, Place { folder, address }, targets),
        private,
        parts: Vec::new(),
        exercises: Vec::new(),
        words: Words::new(),
        current: None,
    };
    for piece in pieces {
        reader.piece(piece, &mut problems);
    }
    reader.end(&mut problems);
    let Reader { page, parts, exercises, words, .. } = reader;
    let lesson = Lesson {
        slug,
        title: matter.title,
        summary: matter.summary,
        needs: matter.needs.iter().map(|(slug, _)| slug.clone()).collect(),
        file: file.to_owned(),
        minutes: minutes(&parts),
        parts,
        headings: page.headings,
        pictures: page.pictures,
        terms: page.terms,
    };
    let Page { anchors, links, .. } = page;
    let problems = problems.list;
    Read { lesson, needs: matter.needs, exercises, anchors, links, teaches: matter.teaches, words, problems }
}

/// Shows headings of level one at level two: plain Markdown has them, and a page has one of its own.
fn lower_headings(events: &mut [Placed<'_>], problems: &mut Problems<'_>) {
    for (event, range) in events {
        match event {
            Event::Start(Tag::Heading { level, .. }) if *level == HeadingLevel::H1 => {
                *level = HeadingLevel::H2;
                let line = problems.source.line_range(range.start);
                let message = "the page's own heading comes from the `title` of the front matter";
                let help = "begin the headings of a lesson at level two, `## …`: this one is shown as if it were";
                let span = range.start..line.end.max(range.start);
                let problem = Problem::error(problems.source, "level-one-heading", span, message, help);
                problems.list.push(Problem { severity: Severity::Warning, ..problem });
            }
            Event::End(TagEnd::Heading(level)) if *level == HeadingLevel::H1 => *level = HeadingLevel::H2,
            _ => {}
        }
    }
}

struct Reader<'a, 'c> {
    page: Page<'c>,
    private: &'c PrivateTests<'a>,
    parts: Vec<Part>,
    exercises: Vec<(ExerciseId, Range<usize>)>,
    words: Words,
    current: Option<Draft<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn piece(&mut self, piece: Piece<'a>, problems: &mut Problems<'a>) {
        // A wrong answer may go astray by any means, and no reader sees it.
        if let Piece::Block(role, fence) = &piece
            && fence.language == Language::Elixir
            && !matches!(role, Role::Wrong { .. })
        {
            concepts::add(&mut self.words, role, fence);
        }
        match (piece, &mut self.current) {
            (Piece::Text(events), Some(draft)) => draft.text(events),
            (Piece::Text(mut events), None) => {
                lower_headings(&mut events, problems);
                let html = self.page.render(events, None, problems);
                if !html.trim().is_empty() {
                    self.parts.push(Part::Html(html));
                }
            }
            (Piece::Block(role, fence), Some(draft)) => draft.block(role, &fence, problems),
            (Piece::Block(role, fence), None) => self.block_outside(&role, &fence, problems),
            (Piece::Open { span, attributes }, current) => {
                if let Some(open) = current {
                    let line = problems.source.line(open.opening.span.start);
                    problems.error(
                        "nested-exercise",
                        span.clone(),
                        format!("an exercise begins here while the one of line {line} is still open"),
                        "close the first one above with <!-- /exercise -->",
                    );
                    self.finish(problems);
                }
                self.open(span, attributes, problems);
            }
            (Piece::Close { .. }, Some(_)) => self.finish(problems),
            (Piece::Close { span }, None) => problems.error(
                "stray-exercise-end",
                span,
                "no exercise is open here",
                "take this comment out, or open the exercise above with <!-- exercise: its-id -->",
            ),
            (Piece::Hint { summary, body, .. }, Some(draft)) => draft.hint(summary, body),
            (Piece::Hint { .. }, None) => {}
        }
    }

    fn open(&mut self, span: Range<usize>, attributes: Range<usize>, problems: &mut Problems<'a>) {
        let opening = opening::read(span, attributes, problems);
        if let Some(id) = &opening.id {
            self.exercises.push((id.clone(), opening.id_span.clone()));
            self.page.reserved.insert(id.to_string());
        }
        self.current = Some(Draft::new(opening));
    }

    fn finish(&mut self, problems: &mut Problems<'a>) {
        if let Some(placed) = self.current.take().and_then(|draft| draft.finish(&mut self.page, self.private, problems))
        {
            self.parts.push(Part::Exercise(Box::new(placed)));
        }
    }

    fn end(&mut self, problems: &mut Problems<'a>) {
        if let Some(draft) = &self.current {
            if !problems.has("unclosed-fence") {
                problems.error(
                    "unclosed-exercise",
                    draft.opening.span.clone(),
                    "this exercise has no end",
                    "close it with <!-- /exercise -->",
                );
            }
            self.finish(problems);
        }
        self.page.check_own_links(problems);
    }

    fn block_outside(&mut self, role: &Role, fence: &Fence<'a>, problems: &mut Problems<'a>) {
        if let Role::Run { image } = role {
            let code = fence.text();
            self.parts.push(Part::Run { html: highlight("elixir", &code), code, image: image.clone() });
            return;
        }
        let help = "put it between <!-- exercise: its-id --> and <!-- /exercise -->, or leave out the role";
        let message = "a block with this role belongs to an exercise, and none is open here";
        problems.error("role-outside-exercise", fence.info.clone(), message, help);
    }
}
