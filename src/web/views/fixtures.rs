//! A small course and verdicts for tests.

use crate::domain::exercise::{Case, Exercise, Expect, Language, Step, TestSet};
use crate::domain::glossary::Glossary;
use crate::domain::ids::{ExerciseId, LessonSlug};
use crate::domain::lesson::{Chapter, Course, Hint, Lesson, Part, PlacedExercise};
use crate::domain::report::Output;
use crate::domain::verdict::{CaseResult, Outcome, Verdict, VerdictKind};

fn placed(id: &str, title: &str) -> PlacedExercise {
    let step = Step {
        code: "First.of([1, 2, 3], 0)".into(),
        expect: Some(Expect::Value("1".into())),
        prints: None,
        line: 1,
        expect_line: 2,
    };
    let case = Case {
        name: "of three".into(),
        hidden: false,
        steps: vec![step],
        points: 1,
        timeout_ms: None,
        line: 1,
        file: None,
    };
    PlacedExercise {
        exercise: Exercise {
            id: ExerciseId::parse(id).unwrap(),
            title: title.into(),
            points: 1,
            starter: "defmodule First do\n  def of(list, default) do\n  end\nend\n".into(),
            files: Vec::new(),
            starter_passes: false,
            tests: TestSet {
                language: Language::Elixir,
                support: Vec::new(),
                cases: vec![case],
                solution: String::new(),
                wrong: Vec::new(),
                exunit: None,
                flavour: None,
                image: None,
            },
            file: "01/01.md".into(),
            line: 1,
            solution_line: None,
        },
        statement: format!("<h3>{title}</h3><p>Write <code>First.of/2</code>.</p>"),
        hints: vec![Hint { summary: "Hint".into(), html: "<p>Two heads.</p>".into() }],
        other_ways: vec![Hint { summary: "Other ways".into(), html: "<p>With a guard.</p>".into() }],
        examples_html: "<pre>First.of([], 1)</pre>".into(),
        test_names: Vec::new(),
        solution_html: "<span class=\"hl-keyword\">defmodule</span> First".into(),
    }
}

/// Two lessons in one chapter, the second without exercises.
pub fn course() -> Course {
    let lesson = |slug: &str, title: &str, parts: Vec<Part>| Lesson {
        slug: LessonSlug::parse(slug).unwrap(),
        title: title.into(),
        summary: "Take values apart by describing their shape.".into(),
        needs: Vec::new(),
        file: format!("01-first/{slug}.md"),
        minutes: 10,
        parts,
        headings: Vec::new(),
        pictures: Vec::new(),
        terms: Vec::new(),
    };
    let exercise = |id, title| Part::Exercise(Box::new(placed(id, title)));
    let first = vec![
        Part::Html("<h2 id=\"shapes\">Shapes</h2><p>Text.</p>".into()),
        Part::Run { code: "[h | t] = [1]".into(), html: "[h | t] = [1]".into(), image: None },
        exercise("swap", "Swap"),
        exercise("first-or-default", "First or default"),
    ];
    Course {
        chapters: vec![Chapter {
            title: "First steps".into(),
            lessons: vec![
                lesson("pattern-matching", "Pattern matching", first),
                lesson("outlook", "Outlook", vec![Part::Html("<p>More.</p>".into())]),
            ],
        }],
        glossary: Glossary::default(),
    }
}

/// A case of the given outcome.
pub fn case(name: &str, outcome: Outcome) -> CaseResult {
    CaseResult {
        name: name.into(),
        hidden: false,
        outcome,
        expression: Some("First.of([], :none)".into()),
        expected: Some(":none".into()),
        actual: Some("nil".into()),
        printed: false,
        difference: None,
        message: None,
        stack: Vec::new(),
        output: Output::default(),
        us: Some(420),
        points: 1,
    }
}

/// A verdict of these cases.
pub fn verdict(kind: VerdictKind, cases: Vec<CaseResult>) -> Verdict {
    Verdict {
        kind,
        cases,
        diagnostics: Vec::new(),
        compile_output: Output::default(),
        stray_output: Output::default(),
        says: None,
        fault: None,
        checked_in_vm: false,
    }
}
