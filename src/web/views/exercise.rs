//! An exercise in a lesson: its form, what stands in it, and what came of it.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::course::standing_of;
use super::draft::DraftView;
use super::hints::HintsView;
use super::lesson::Reading;
use super::passed::PassedView;
use super::result::ResultView;
use super::waiting::WaitingView;
use super::words;
use crate::domain::code::Code;
use crate::domain::exercise::Language;
use crate::domain::ids::DraftRevision;
use crate::domain::lesson::PlacedExercise;
use crate::domain::progress::Standing;

/// What a reader has at one exercise.
#[derive(Debug, Default)]
pub struct Desk {
    /// What the editors hold instead of the starter.
    pub code: Option<Code>,
    /// The file that is to be looked at, where the message is about one.
    pub faulty_file: Option<String>,
    /// What the editors held, where something else was put in its place.
    pub kept: Option<Code>,
    /// What is to be said about the form that was sent.
    pub message: Option<Message>,
    /// The last result.
    pub result: Option<ResultView>,
    /// A submission that has no verdict yet.
    pub waiting: Option<WaitingView>,
    /// Whether the page loads itself again until the verdict is there.
    pub refreshing: bool,
    /// When the code was sent, where it is an attempt's.
    pub sent_at: Option<Timestamp>,
    /// Whether it is somebody else's attempt.
    pub of_another: bool,
    /// How the code stands to what is kept as the draft.
    pub draft: DraftView,
}

impl Desk {
    /// What was typed into a form that comes back, and the revision of the draft that it was based on.
    #[must_use]
    pub fn typed(code: Code, basis: Option<DraftRevision>) -> Self {
        Self { code: Some(code), draft: DraftView::unsaved(basis), ..Self::default() }
    }
}

/// Something to say at an exercise.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Message {
    /// `bad`, `warn` or `good`.
    pub tone: &'static str,
    /// What to say.
    pub text: String,
    /// Whether to offer signing in again.
    pub session_ended: bool,
    /// What else one signs in with then.
    pub provider: Option<String>,
}

impl Message {
    /// Something that is wrong with what was sent.
    #[must_use]
    pub fn bad(text: impl Into<String>) -> Self {
        Self { tone: "bad", text: text.into(), ..Self::default() }
    }
}

/// An exercise with its form and the last result.
#[derive(Debug, Serialize)]
pub struct ExerciseView {
    id: String,
    title: String,
    points: u32,
    standing: &'static str,
    standing_words: &'static str,
    begun: bool,
    statement: String,
    examples: String,
    hidden: String,
    hints: HintsView,
    version: String,
    key: String,
    language: Language,
    source: String,
    rows: usize,
    /// The editors, where there are several.
    files: Vec<FileView>,
    message: Option<Message>,
    /// What the reader had written, where the starter is back in its place.
    kept: Vec<KeptView>,
    /// What decides, by name, in the order in which it runs.
    cases: Vec<CaseName>,
    result: Option<ResultView>,
    waiting: Option<WaitingView>,
    refreshing: bool,
    draft: DraftView,
    /// What passing it has opened.
    passed: Option<PassedView>,
}

/// A text that is no longer in an editor.
#[derive(Debug, Serialize)]
struct KeptView {
    name: Option<String>,
    text: String,
}

/// A case as it is known before it ran.
#[derive(Debug, Serialize)]
struct CaseName {
    name: String,
    hidden: bool,
}

/// One of several editors.
#[derive(Debug, Serialize)]
struct FileView {
    name: String,
    text: String,
    rows: usize,
    /// Whether the message is about this file.
    faulty: bool,
}

impl ExerciseView {
    /// An exercise as a reader finds it; takes what they have at it.
    #[must_use]
    pub fn new(placed: &PlacedExercise, reading: &mut Reading<'_>) -> Self {
        let exercise = &placed.exercise;
        let standing = standing_of(reading.standings, &exercise.id);
        let desk = reading.desks.remove(&exercise.id).unwrap_or_default();
        let (language, given) = (exercise.tests.language, exercise.files.as_slice());
        let files = match &desk.code {
            None => given.to_vec(),
            Some(code) => code.in_editors(language, given),
        };
        let source = match desk.code {
            Some(Code::Text(text)) => text,
            _ => exercise.starter.clone(),
        };
        let message = desk.message.as_ref().is_some_and(|message| message.tone != "good");
        let passed = standing == Standing::Passed;
        let cases = exercise.tests.cases.iter().map(|case| CaseName { name: case.name.clone(), hidden: case.hidden });
        let tests = placed.test_names.iter().map(|name| CaseName { name: name.clone(), hidden: false });
        let files = files
            .into_iter()
            .map(|file| FileView {
                faulty: message && desk.faulty_file.as_ref().is_none_or(|faulty| *faulty == file.file),
                rows: file.text.lines().count().clamp(5, 28) + 1,
                name: file.file,
                text: file.text,
            })
            .collect();
        Self {
            id: exercise.id.to_string(),
            title: exercise.title.clone(),
            points: exercise.points,
            standing: words::standing_class(standing),
            standing_words: words::standing(standing),
            begun: standing != Standing::New,
            statement: without_anchor(&placed.statement, exercise.id.as_str()),
            examples: placed.examples_html.clone(),
            hidden: hidden_words(exercise.tests.cases.iter().filter(|case| case.hidden).count()),
            hints: HintsView::new(&placed.hints, reading.hints.get(&exercise.id).copied().unwrap_or(0)),
            version: reading.versions.get(&exercise.id).map(ToString::to_string).unwrap_or_default(),
            key: Uuid::now_v7().to_string(),
            language,
            files,
            rows: source.lines().count().clamp(8, 28) + 1,
            source,
            message: desk.message,
            kept: desk.kept.map(kept).unwrap_or_default(),
            cases: cases.chain(tests).collect(),
            result: desk.result,
            waiting: desk.waiting,
            refreshing: desk.refreshing,
            draft: desk.draft,
            passed: passed.then(|| PassedView::new(reading.course, reading.lesson, placed)),
        }
    }
}

fn kept(code: Code) -> Vec<KeptView> {
    match code {
        Code::Text(text) => vec![KeptView { name: None, text }],
        Code::Files(files) => {
            files.into_iter().map(|file| KeptView { name: Some(file.file), text: file.text }).collect()
        }
    }
}

/// What is said of the cases that are not shown.
fn hidden_words(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "One more case is hidden. Submit tries it too.".to_owned(),
        count => format!("{count} more cases are hidden. Submit tries them too."),
    }
}

/// The statement without the anchor of its heading where that is the exercise's own: an id stands on a page once, and
/// the whole exercise bears it.
fn without_anchor(statement: &str, id: &str) -> String {
    statement.replacen(&format!(" id=\"{id}\""), "", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_on_the_page_once() {
        assert_eq!(
            without_anchor("<h3 id=\"swap\">Swap</h3><p id=\"swap-2\">", "swap"),
            "<h3>Swap</h3><p id=\"swap-2\">"
        );
    }
}
