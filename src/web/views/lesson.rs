//! A lesson with its exercises in place.

use std::collections::HashMap;

use serde::Serialize;

use super::block::BlockDesk;
use super::course::{Standings, standing_of};
use super::exercise::{Desk, ExerciseView};
use super::glossary::TermView;
use crate::domain::ids::{ExerciseId, VersionId};
use crate::domain::lesson::{Course, Lesson, Part};
use crate::domain::progress::Standing;

/// What a page of a lesson is made of.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The course.
    pub course: &'a Course,
    /// The lesson.
    pub lesson: &'a Lesson,
    /// Present versions of the exercises.
    pub versions: &'a HashMap<ExerciseId, VersionId>,
    /// Where the reader stands.
    pub standings: &'a Standings,
    /// What the reader has at each exercise.
    pub desks: HashMap<ExerciseId, Desk>,
    /// How many hints of each exercise the reader has opened.
    pub hints: HashMap<ExerciseId, usize>,
    /// What the reader has at blocks, by their numbers.
    pub blocks: HashMap<usize, BlockDesk>,
}

/// A lesson.
#[derive(Debug, Serialize)]
pub struct LessonView {
    title: String,
    summary: String,
    minutes: u32,
    needs: Vec<NeedView>,
    headings: Vec<HeadingView>,
    parts: Vec<PartView>,
    terms: Vec<TermView>,
    has_exercises: bool,
    has_blocks: bool,
    before: Option<LinkView>,
    after: Option<LinkView>,
}

#[derive(Debug, Serialize)]
struct NeedView {
    slug: String,
    title: String,
    done: bool,
}

#[derive(Debug, Serialize)]
struct HeadingView {
    level: u8,
    text: String,
    anchor: String,
}

#[derive(Debug, Serialize)]
struct LinkView {
    slug: String,
    title: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum PartView {
    Html { html: String },
    Run { block: Box<BlockView> },
    Exercise { exercise: Box<ExerciseView> },
}

/// A block that can be run, with its form and what came of it.
#[derive(Debug, Serialize)]
struct BlockView {
    number: usize,
    slug: String,
    html: String,
    code: String,
    changed: bool,
    rows: usize,
    refreshing: bool,
    desk: BlockDesk,
}

impl LessonView {
    /// A lesson as a reader finds it.
    #[must_use]
    pub fn new(mut reading: Reading<'_>) -> Self {
        let Reading { course, lesson, .. } = reading;
        let link = |lesson: &Lesson| LinkView { slug: lesson.slug.to_string(), title: lesson.title.clone() };
        let at = course.lessons().position(|other| other.slug == lesson.slug);
        let nth = |index: Option<usize>| index.and_then(|index| course.lessons().nth(index)).map(link);
        let needs = lesson
            .needs
            .iter()
            .filter_map(|slug| course.lesson(slug.as_str()))
            .map(|need| NeedView {
                slug: need.slug.to_string(),
                title: need.title.clone(),
                done: need.exercises().count() > 0
                    && need
                        .exercises()
                        .all(|placed| standing_of(reading.standings, &placed.exercise.id) == Standing::Passed),
            })
            .collect();
        let headings = lesson
            .headings
            .iter()
            .map(|h| HeadingView { level: h.level, text: h.text.clone(), anchor: h.anchor.clone() })
            .collect();
        let mut number = 0;
        let parts = lesson
            .parts
            .iter()
            .map(|part| match part {
                Part::Html(html) => PartView::Html { html: html.clone() },
                Part::Run { html, code, .. } => {
                    number += 1;
                    let desk = reading.blocks.remove(&number).unwrap_or_default();
                    PartView::Run { block: Box::new(block(lesson, number, (html, code), desk)) }
                }
                Part::Exercise(placed) => {
                    PartView::Exercise { exercise: Box::new(ExerciseView::new(placed, &mut reading)) }
                }
            })
            .collect();
        Self {
            title: lesson.title.clone(),
            summary: lesson.summary.clone(),
            minutes: lesson.minutes,
            needs,
            headings,
            parts,
            terms: course.terms_of(lesson).map(TermView::new).collect(),
            has_exercises: lesson.exercises().next().is_some(),
            has_blocks: lesson.block(1).is_some(),
            before: nth(at.and_then(|at| at.checked_sub(1))),
            after: nth(at.map(|at| at + 1)),
        }
    }
}

fn block(lesson: &Lesson, number: usize, (html, written): (&str, &str), desk: BlockDesk) -> BlockView {
    let code = desk.code.clone().unwrap_or_else(|| written.to_owned());
    BlockView {
        number,
        slug: lesson.slug.to_string(),
        html: html.to_owned(),
        // A form's line ends and a last one that is missing are no changes.
        changed: code.trim_end() != written.trim_end(),
        rows: code.lines().count().clamp(2, 30),
        refreshing: desk.waiting.is_some(),
        code,
        desk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Code;
    use crate::web::page::Templates;
    use crate::web::views::exercise::Message;
    use crate::web::views::fixtures::course;
    use minijinja::context;

    fn page(desks: HashMap<ExerciseId, Desk>, standings: &Standings) -> String {
        let course = course();
        let view = LessonView::new(Reading {
            course: &course,
            lesson: course.lesson("pattern-matching").unwrap(),
            versions: &HashMap::new(),
            standings,
            desks,
            hints: HashMap::new(),
            blocks: HashMap::new(),
        });
        let layout = context! {
            title => "x", theme => (), here => "/", account => (), session_ended => false,
            sidebar => Vec::<minijinja::Value>::new(), glossary => (),
        };
        Templates::new()
            .render("lesson.html", context! { layout, lesson => view, notice => (), owners => "" })
            .expect("a page")
    }

    fn swap() -> ExerciseId {
        ExerciseId::parse("swap").unwrap()
    }

    #[test]
    fn the_reference_is_shown_to_those_who_passed() {
        let passed = Standings::from([(swap(), Standing::Passed)]);
        for text in ["One way to solve it", "With a guard."] {
            assert!(!page(HashMap::new(), &Standings::new()).contains(text));
            assert_eq!(page(HashMap::new(), &passed).matches(text).count(), 1);
        }
    }

    #[test]
    fn the_editor_holds_the_starter_or_what_was_typed_as_it_was_typed() {
        assert!(page(HashMap::new(), &Standings::new()).contains("\ndefmodule First do"));
        let typed = "\n</textarea><script>\n";
        let desk = Desk { code: Some(Code::Text(typed.into())), message: Some(Message::bad("No.")), ..Desk::default() };
        let page = page(HashMap::from([(swap(), desk)]), &Standings::new());
        // A browser drops the first line end of a textarea, so there is one more.
        assert!(page.contains(">\n\n&lt;&#x2f;textarea&gt;&lt;script&gt;\n</textarea>"), "{page}");
        assert!(page.contains("role=\"alert\""));
    }
}
