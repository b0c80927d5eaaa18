//! What a line of exported results may hold, field by field. A field that is not named here is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// JSON as it is kept, to the letter.
type Json = Box<RawValue>;

/// One row of some kind.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Row {
    User(User),
    Exercise(Exercise),
    ExerciseVersion(ExerciseVersion),
    Regrade(Regrade),
    Submission(Submission),
    Grading(Grading),
    CaseResult(CaseResult),
    Progress(Progress),
    Report(Report),
    Draft(Draft),
    DraftOther(DraftOther),
    HintOpened(HintOpened),
}

/// A person. Whoever had a password needs a new one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct User {
    pub id: Uuid,
    pub role: String,
    pub name: String,
    pub email: Option<String>,
    pub created_at: Timestamp,
}

/// An exercise, also one that no lesson holds any more.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Exercise {
    pub id: String,
    pub lesson: String,
    pub title: String,
    pub current_version: Option<Uuid>,
    pub retired_at: Option<Timestamp>,
}

/// A version of an exercise's tests, hidden ones and the reference included.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ExerciseVersion {
    pub id: Uuid,
    pub exercise_id: String,
    /// SHA-256 in hexadecimal digits.
    pub content_hash: String,
    pub tests: Json,
    pub points: i32,
    pub created_at: Timestamp,
}

/// Old submissions judged anew.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Regrade {
    pub id: Uuid,
    pub exercise_id: String,
    pub to_version: Uuid,
    pub since: Option<Timestamp>,
    pub take_back: bool,
    pub asked_by: String,
    pub state: String,
    pub submissions: i32,
    pub outcome: Option<Json>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// What somebody handed in.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Submission {
    pub id: Uuid,
    pub user_id: Uuid,
    pub exercise_id: String,
    pub version_id: Uuid,
    pub kind: String,
    pub source: Source,
    pub source_is_files: bool,
    pub idempotency_key: Uuid,
    pub created_at: Timestamp,
    pub source_removed_at: Option<Timestamp>,
}

/// The bytes of a submission or draft: text, but for bytes that are none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Source {
    Text(String),
    Base64(String),
}

impl Source {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Self::Base64(STANDARD.encode(error.as_bytes())), Self::Text)
    }

    /// The bytes, unless they are not in Base64.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Base64(text) => STANDARD.decode(text).ok(),
        }
    }
}

/// One attempt at judging a submission.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Grading {
    pub id: Uuid,
    pub submission_id: Uuid,
    pub user_id: Uuid,
    pub exercise_id: String,
    pub version_id: Uuid,
    pub kind: String,
    pub reason: String,
    /// Never `running`.
    pub state: String,
    pub standing: bool,
    pub queued_at: Timestamp,
    pub attempts: i32,
    pub worker: Option<String>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub verdict: Option<String>,
    pub shown_verdict: Option<String>,
    pub points: Option<i32>,
    pub remarks: Option<Json>,
    pub timings: Option<Json>,
    pub regrade_id: Option<Uuid>,
    pub details_removed_at: Option<Timestamp>,
}

/// What became of one case.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct CaseResult {
    pub grading_id: Uuid,
    pub case_no: i32,
    pub name: String,
    pub hidden: bool,
    pub outcome: String,
    pub detail: Json,
}

/// How far somebody is with an exercise.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Progress {
    pub user_id: Uuid,
    pub exercise_id: String,
    pub attempts: i32,
    pub best_points: i32,
    pub passed_at: Option<Timestamp>,
    pub begun_at: Timestamp,
}

/// A learner's word that a verdict is wrong, and the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Report {
    pub id: Uuid,
    pub submission_id: Uuid,
    pub grading_id: Uuid,
    pub words: String,
    pub created_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub resolved_by: Option<Uuid>,
    pub note: Option<String>,
}

/// What somebody has typed at an exercise.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Draft {
    pub user_id: Uuid,
    pub exercise_id: String,
    pub source: Source,
    pub source_is_files: bool,
    pub revision: Uuid,
    /// The page that wrote it, and which of its changes this is: a page that is still open goes on where it was.
    pub writer: Option<Uuid>,
    pub writer_seq: i64,
    pub updated_at: Timestamp,
}

/// A version that is kept beside a draft.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct DraftOther {
    pub id: Uuid,
    pub user_id: Uuid,
    pub exercise_id: String,
    pub source: Source,
    pub source_is_files: bool,
    pub reason: String,
    pub written_at: Timestamp,
}

/// A hint that somebody opened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct HintOpened {
    pub user_id: Uuid,
    pub exercise_id: String,
    /// From 1.
    pub hint_no: i16,
    pub opened_at: Timestamp,
}

/// The last line: how many rows there are above. Without it the file is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct End {
    pub rows: u64,
}
