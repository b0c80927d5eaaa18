//! An exercise: gathered block by block, then checked as a whole.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::exercise::{ExUnit, Exercise, Language, SourceFile, TestSet, WrongAnswer};
use crate::domain::ids::ExerciseId;
use crate::domain::lesson::{Hint, PlacedExercise};

use super::attributes;
use super::cases::{self, TestBlock};
use super::doctest;
use super::examples::examples;
use super::fence::Fence;
use super::highlight::highlight;
use super::html::Page;
use super::markup::support_file;
use super::nearest::suggest;
use super::opening::Opening;
use super::problem::{Problem, Problems};
use super::roles::{Role, TestAttributes};
use super::scan::Placed;
use super::session;
use super::source::Source;
use super::suite_names::suite_names;
use super::written::{self, Written};

/// A mistake that the author foresaw, in the lesson or in the private tree.
#[derive(Debug, Clone)]
pub(super) struct Wrong<'a> {
    pub source: &'a Source,
    pub fails: Option<attributes::Value>,
    pub answer: WrongAnswer,
}

/// What the private tree adds to an exercise.
#[derive(Debug, Clone, Default)]
pub(super) struct Private<'a> {
    pub tests: Vec<TestBlock<'a>>,
    pub wrong: Vec<Wrong<'a>>,
}

/// What the private tree adds, by exercise.
pub(super) type PrivateTests<'a> = BTreeMap<ExerciseId, Private<'a>>;

/// What an exercise's text is made of.
enum Chunk<'a> {
    Text(Vec<Placed<'a>>),
    Support { name: String, language: Language, code: String },
}

/// An exercise that is being gathered.
pub(super) struct Draft<'a> {
    pub opening: Opening,
    chunks: Vec<Chunk<'a>>,
    hints: Vec<(Option<Range<usize>>, Range<usize>)>,
    /// The language of what the learner writes, and the line that said so first.
    language: Option<(Language, u32)>,
    starter: Vec<Written>,
    solution: Vec<Written>,
    support: Vec<SourceFile>,
    exunit: Option<(ExUnit, Range<usize>)>,
    tests: Vec<TestBlock<'a>>,
    wrong: Vec<Wrong<'a>>,
}

/// Reads the cases of a `test` block.
pub(super) fn test_block<'a>(
    attributes: TestAttributes,
    fence: &Fence<'a>,
    problems: &mut Problems<'a>,
) -> TestBlock<'a> {
    let cases = if attributes.session {
        session::read(&fence.lines, &fence.span, problems)
    } else {
        doctest::read(&fence.lines, &fence.span, attributes.prints, problems)
    };
    TestBlock { source: problems.source, attributes, cases }
}

/// Takes a `wrong` block.
pub(super) fn wrong_block<'a>(
    fails: Option<attributes::Value>,
    says: Option<String>,
    fence: &Fence<'a>,
    problems: &mut Problems<'a>,
) -> Wrong<'a> {
    let source = problems.source;
    not_blank(fence, "wrong", problems);
    let line = source.line(fence.span.start);
    Wrong { source, fails, answer: WrongAnswer { code: fence.text(), fails: Vec::new(), says, line, file: None } }
}

fn not_blank(fence: &Fence<'_>, role: &str, problems: &mut Problems<'_>) {
    if fence.is_blank() {
        let message = format!("this `{role}` block is empty");
        problems.error("empty-block", fence.span.clone(), message, "write the code, or take the block out");
    }
}

impl<'a> Draft<'a> {
    pub fn new(opening: Opening) -> Self {
        Self {
            opening,
            chunks: Vec::new(),
            hints: Vec::new(),
            language: None,
            starter: Vec::new(),
            solution: Vec::new(),
            exunit: None,
            support: Vec::new(),
            tests: Vec::new(),
            wrong: Vec::new(),
        }
    }

    pub fn text(&mut self, events: Vec<Placed<'a>>) {
        self.chunks.push(Chunk::Text(events));
    }

    pub fn hint(&mut self, summary: Option<Range<usize>>, body: Range<usize>) {
        self.hints.push((summary, body));
    }

    pub fn block(&mut self, role: Role, fence: &Fence<'a>, problems: &mut Problems<'a>) {
        match role {
            Role::Run { .. } => problems.error(
                "run-in-exercise",
                fence.info.clone(),
                "a runnable example cannot stand within an exercise",
                "put it before the exercise, or leave out `run` to show the code only",
            ),
            Role::Starter { file } => {
                self.speaks(fence, problems);
                written::add(&mut self.starter, "starter", file, fence, problems);
            }
            Role::Solution { file } => {
                self.speaks(fence, problems);
                not_blank(fence, "solution", problems);
                written::add(&mut self.solution, "solution", file, fence, problems);
            }
            Role::Test(attributes) => self.tests.push(test_block(attributes, fence, problems)),
            Role::ExUnit { file, timeout_ms } => self.exunit(file, timeout_ms, fence, problems),
            Role::Wrong { fails, says } => {
                self.speaks(fence, problems);
                self.wrong.push(wrong_block(fails, says, fence, problems));
            }
            Role::Support { file, hidden } => self.support(file, hidden, fence, problems),
        }
    }

    /// Remembers the language of what the learner writes: one for the whole exercise.
    fn speaks(&mut self, fence: &Fence<'a>, problems: &mut Problems<'a>) {
        let (language, line) = *self.language.get_or_insert((fence.language, problems.source.line(fence.span.start)));
        if language != fence.language {
            problems.error(
                "mixed-languages",
                fence.info.clone(),
                format!("this exercise is in {} since line {line}", language.as_str()),
                "write starter, solution and wrong answers in one language; `support` may be in either",
            );
        }
    }

    fn exunit(
        &mut self,
        file: Option<attributes::Value>,
        timeout_ms: Option<u64>,
        fence: &Fence<'a>,
        problems: &mut Problems<'a>,
    ) {
        not_blank(fence, "exunit", problems);
        let line = problems.source.line(fence.span.start);
        let (exunit, _) = self
            .exunit
            .get_or_insert_with(|| (ExUnit { files: Vec::new(), points: 0, timeout_ms, line }, fence.span.clone()));
        exunit.timeout_ms = exunit.timeout_ms.max(timeout_ms);
        let (name, span) =
            file.map_or_else(|| ("solution_test.exs".to_owned(), fence.info.clone()), |file| (file.text, file.span));
        if exunit.files.iter().any(|earlier| earlier.file == name) {
            let help = "give each a name of its own: ```elixir exunit file=shapes_test.exs";
            problems.error("duplicate-file", span, format!("this exercise has two test files called `{name}`"), help);
        }
        exunit.files.push(SourceFile { file: name, text: fence.text() });
    }

    fn support(
        &mut self,
        file: Option<attributes::Value>,
        hidden: bool,
        fence: &Fence<'a>,
        problems: &mut Problems<'a>,
    ) {
        not_blank(fence, "support", problems);
        let (name, span) =
            file.map_or_else(|| (support_name(fence.language), fence.info.clone()), |f| (f.text, f.span));
        if self.support.iter().any(|earlier| earlier.file == name) {
            problems.error(
                "duplicate-file",
                span,
                format!("this exercise has two support files called `{name}`"),
                "give each a name of its own: ```elixir support file=shapes.ex",
            );
        }
        let code = fence.text();
        if !hidden {
            self.chunks.push(Chunk::Support { name: name.clone(), language: fence.language, code: code.clone() });
        }
        self.support.push(SourceFile { file: name, text: code });
    }

    /// Checks the exercise as a whole. `None` when something is missing that it cannot be without.
    pub fn finish(
        mut self,
        page: &mut Page<'_>,
        private: &PrivateTests<'a>,
        problems: &mut Problems<'a>,
    ) -> Option<PlacedExercise> {
        let headings = page.headings.len();
        let statement = self.statement(page, problems);
        let title = page.headings.get(headings).map(|heading| heading.text.clone());
        let details = std::mem::take(&mut self.hints).into_iter().map(|hint| read_hint(hint, page, problems));
        let (other_ways, hints) = details.partition(|hint: &Hint| is_other_way(&hint.summary));
        if let Some(added) = self.opening.id.as_ref().and_then(|id| private.get(id)) {
            self.tests.extend(added.tests.iter().cloned());
            self.wrong.extend(added.wrong.iter().cloned());
        }
        self.check_complete(title.is_some(), problems);
        let stated = self.opening.points.clone();
        let (cases, mut points) = cases::assemble(&self.tests, stated.clone(), problems.source, &mut problems.list);
        let exunit = self.exunit.take().map(|(exunit, _)| {
            points = stated.map_or(1, |(points, _)| points);
            ExUnit { points, ..exunit }
        });
        // The names of an ExUnit module's tests are known once it has run.
        let named = exunit.is_none().then_some(cases.as_slice());
        let wrong = std::mem::take(&mut self.wrong);
        let wrong =
            wrong.into_iter().map(|wrong| read_wrong(wrong, named, problems.source, &mut problems.list)).collect();
        let (language, _) = self.language?;
        let solution = written::joined(language, &self.solution)?;
        let (flavour, image) = (self.opening.flavour, self.opening.image.clone());
        let tests = TestSet { language, support: self.support, cases, solution, wrong, exunit, flavour, image };
        Some(PlacedExercise {
            solution_html: highlight(language.as_str(), &tests.solution),
            examples_html: examples(&tests),
            test_names: tests.exunit.as_ref().map(|exunit| suite_names(&exunit.files)).unwrap_or_default(),
            statement,
            hints,
            other_ways,
            exercise: Exercise {
                id: self.opening.id?,
                title: title?,
                points,
                starter: written::joined(language, &self.starter).unwrap_or_default(),
                files: written::editors(&self.starter, &self.solution),
                starter_passes: self.opening.starter_passes,
                tests,
                file: page.file.to_owned(),
                line: problems.source.line(self.opening.span.start),
                solution_line: written::first_line(&self.solution, problems.source),
            },
        })
    }

    fn statement(&mut self, page: &mut Page<'_>, problems: &mut Problems<'a>) -> String {
        let id = self.opening.id.clone();
        let headings = page.headings.len();
        let mut statement = String::new();
        for chunk in std::mem::take(&mut self.chunks) {
            match chunk {
                Chunk::Text(events) => {
                    let anchor = id.as_ref().map(ExerciseId::as_str).filter(|_| page.headings.len() == headings);
                    statement.push_str(&page.render(events, anchor, problems));
                }
                Chunk::Support { name, language, code } => {
                    statement.push_str(&support_file(&name, language, &code));
                }
            }
        }
        statement
    }

    fn check_complete(&self, titled: bool, problems: &mut Problems<'a>) {
        // An unclosed fence swallows what comes after it; the rest would only repeat that.
        if problems.has("unclosed-fence") {
            return;
        }
        let name = self.opening.id.as_ref().map_or("this exercise".to_owned(), |id| format!("the exercise `{id}`"));
        let broken = problems.list.iter().any(|problem| problem.line >= problems.source.line(self.opening.span.start));
        // In the text around it, one is only a warning.
        let level_one = |problem: &Problem| problem.is_error() && problem.code == "level-one-heading";
        let titled = titled || problems.list.iter().any(level_one);
        if let (Some((_, span)), false) = (&self.exunit, self.tests.is_empty()) {
            let message = "an exercise has either `exunit` blocks or `test` and `io` blocks";
            let help = "make two exercises of it, or write these tests as `test` blocks";
            problems.error("mixed-tests", span.clone(), message, help);
        }
        let mut missing = |code, what: &str, help: &str| {
            problems.error(code, self.opening.span.clone(), format!("{name} has no {what}"), help);
        };
        if !titled {
            missing("exercise-without-heading", "heading", "begin its text with a heading: `### Its title`");
        }
        if self.tests.is_empty() && self.exunit.is_none() && !broken {
            missing("exercise-without-tests", "tests", "add a block that begins with ```elixir test");
        }
        if self.solution.is_empty() && !broken {
            let help = "add a block that begins with ```elixir solution: it is what every check is measured by";
            missing("exercise-without-solution", "reference solution", help);
        }
    }
}

fn support_name(language: Language) -> String {
    match language {
        Language::Elixir => "support.ex".to_owned(),
        Language::Erlang => "support.erl".to_owned(),
    }
}

/// Whether what can be unfolded is for those who have passed: `<summary>Other ways</summary>`, or `Another way: …`.
pub(super) fn is_other_way(summary: &str) -> bool {
    let summary = summary.trim_start().to_lowercase();
    summary.starts_with("other way") || summary.starts_with("another way")
}

fn read_hint(
    (summary, body): (Option<Range<usize>>, Range<usize>),
    page: &mut Page<'_>,
    problems: &mut Problems<'_>,
) -> Hint {
    let source = problems.source;
    let summary = summary.map(|range| plain_text(&source.text[range])).unwrap_or_default();
    let summary = if summary.is_empty() { "Hint".to_owned() } else { summary };
    Hint { summary, html: page.render_range(body, problems) }
}

/// Text without tags and with entities resolved.
pub(super) fn plain_text(html: &str) -> String {
    use pulldown_cmark::{Event, Parser};
    let text: String = Parser::new(html.trim())
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.to_string()),
            Event::SoftBreak | Event::HardBreak => Some(" ".to_owned()),
            _ => None,
        })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `cases` are those it may name; `None` where any name may turn out to be one.
fn read_wrong(
    wrong: Wrong<'_>,
    cases: Option<&[crate::domain::exercise::Case]>,
    lesson: &Source,
    problems: &mut Vec<Problem>,
) -> WrongAnswer {
    let mut answer = wrong.answer;
    answer.file = cases::elsewhere(wrong.source, lesson);
    let Some(fails) = wrong.fails else {
        return answer;
    };
    let Some(cases) = cases else {
        answer.fails =
            fails.text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        return answer;
    };
    for (name, span, known) in cases::split_names(&fails.text, fails.span.start, cases) {
        if !known {
            problems.push(Problem::error(
                wrong.source,
                "unknown-case",
                span,
                format!("this exercise has no case called `{name}`"),
                suggest(&name, cases.iter().map(|case| case.name.as_str())),
            ));
        } else if !answer.fails.contains(&name) {
            answer.fails.push(name);
        }
    }
    answer
}
