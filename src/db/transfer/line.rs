//! One line of exported results: `{"type":"user","version":1,"row":{…}}`.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::rows::{End, Row, Source};
use crate::domain::account::{Email, Role};
use crate::domain::exercise::TestSet;
use crate::domain::ids::ExerciseId;
use crate::domain::verdict::{CaseResult, VerdictKind};

/// The version of the format, which every line says. It goes up when a field is added, renamed or left out. A new type of line
/// leaves it: what was written before has none and is still read, and a program that does not know it refuses it by its name.
pub const FORMAT: u32 = 1;

/// What a line is.
#[derive(Debug)]
pub enum Line {
    /// A row.
    Row(Box<Row>),
    /// The last line.
    End(End),
}

/// Why a line is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadLine {
    /// Where in the line, counted from 1, in characters.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

#[derive(Serialize)]
struct Written<'a, T> {
    r#type: &'a str,
    version: u32,
    row: &'a T,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found<'a> {
    r#type: String,
    version: u32,
    #[serde(borrow)]
    row: &'a RawValue,
}

/// Writes a line, without its line end.
///
/// # Errors
/// When the row holds JSON that is none.
pub fn line(line: &Line) -> serde_json::Result<String> {
    fn text<T: Serialize>(kind: &str, row: &T) -> serde_json::Result<String> {
        serde_json::to_string(&Written { r#type: kind, version: FORMAT, row })
    }
    let Line::Row(row) = line else {
        let Line::End(end) = line else { return Ok(String::new()) };
        return text("end", end);
    };
    let text = match row.as_ref() {
        Row::User(row) => text("user", row),
        Row::Exercise(row) => text("exercise", row),
        Row::ExerciseVersion(row) => text("exercise_version", row),
        Row::Regrade(row) => text("regrade", row),
        Row::Submission(row) => text("submission", row),
        Row::Grading(row) => text("grading", row),
        Row::CaseResult(row) => text("case_result", row),
        Row::Progress(row) => text("progress", row),
        Row::Report(row) => text("report", row),
        Row::Draft(row) => text("draft", row),
        Row::DraftOther(row) => text("draft_other", row),
        Row::HintOpened(row) => text("hint_opened", row),
    };
    // JSON that was kept with line ends between its parts; in a text they are always escaped.
    text.map(|text| if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text })
}

/// Reads a line, without its line end.
///
/// # Errors
/// [`BadLine`] for anything that [`line`] does not write.
pub fn parse(text: &str) -> Result<Line, BadLine> {
    let found: Found<'_> = serde_json::from_str(text).map_err(|error| bad(text, 0, &error))?;
    if found.version != FORMAT {
        let message =
            format!("this line is of version {} of the format, and this Athanor reads version {FORMAT}", found.version);
        return Err(BadLine { column: 1, message });
    }
    let row = Part { text, raw: found.row.get() };
    let row = match found.r#type.as_str() {
        "user" => row.read().map(Row::User),
        "exercise" => row.read().map(Row::Exercise),
        "exercise_version" => row.read().map(Row::ExerciseVersion),
        "regrade" => row.read().map(Row::Regrade),
        "submission" => row.read().map(Row::Submission),
        "grading" => row.read().map(Row::Grading),
        "case_result" => row.read().map(Row::CaseResult),
        "progress" => row.read().map(Row::Progress),
        "report" => row.read().map(Row::Report),
        "draft" => row.read().map(Row::Draft),
        "draft_other" => row.read().map(Row::DraftOther),
        "hint_opened" => row.read().map(Row::HintOpened),
        "end" => return row.read().map(Line::End),
        other => {
            let message = format!("there is no type of line called '{other}'");
            return Err(BadLine { column: 1, message });
        }
    }?;
    check(&row).map_err(|message| BadLine { column: 1, message })?;
    Ok(Line::Row(Box::new(row)))
}

/// A part of a line.
struct Part<'a> {
    text: &'a str,
    raw: &'a str,
}

impl Part<'_> {
    fn read<T: DeserializeOwned>(&self) -> Result<T, BadLine> {
        // The part lies within the line: it was borrowed from there.
        let before = self.raw.as_ptr() as usize - self.text.as_ptr() as usize;
        serde_json::from_str(self.raw).map_err(|error| bad(self.text, before, &error))
    }
}

fn bad(text: &str, before: usize, error: &serde_json::Error) -> BadLine {
    // serde_json counts bytes from 1, and says 0 where it does not know.
    let at = (before + error.column().saturating_sub(1)).min(text.len());
    let column = text.bytes().take(at).filter(|byte| byte & 0xC0 != 0x80).count() + 1;
    let message = error.to_string();
    BadLine { column, message: message.split(" at line ").next().unwrap_or_default().to_owned() }
}

/// What the database would take, and this program could not read again.
fn check(row: &Row) -> Result<(), String> {
    let verdict = |verdict: &Option<String>| match verdict {
        Some(text) if VerdictKind::parse(text).is_none() => Err(format!("'{text}' is not a verdict")),
        _ => Ok(()),
    };
    let source = |source: &Source| match source.bytes() {
        Some(_) => Ok(()),
        None => Err("`source` is not in Base64".to_owned()),
    };
    match row {
        Row::User(user) => {
            user.role.parse::<Role>().map_err(|_| format!("'{}' is not a role", user.role))?;
            match &user.email {
                Some(email) => {
                    Email::parse(email).map(|_| ()).map_err(|_| format!("'{email}' is not an e-mail address"))
                }
                None => Ok(()),
            }
        }
        Row::Exercise(exercise) => ExerciseId::parse(&exercise.id).map(|_| ()).map_err(|error| error.to_string()),
        Row::ExerciseVersion(version) => {
            let digits = version.content_hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if version.content_hash.len() != 64 || !digits {
                return Err("`content_hash` is not 64 hexadecimal digits".to_owned());
            }
            let tests = serde_json::from_str::<TestSet>(version.tests.get());
            tests.map(|_| ()).map_err(|error| format!("`tests` is not a set of tests: {error}"))
        }
        Row::Submission(submission) => source(&submission.source),
        Row::Draft(draft) => source(&draft.source),
        Row::DraftOther(other) => source(&other.source),
        Row::Grading(grading) if grading.state == "running" => {
            Err("a grading that runs is written as `queued`: no worker holds it here".to_owned())
        }
        Row::Grading(grading) => verdict(&grading.verdict).and_then(|()| verdict(&grading.shown_verdict)),
        Row::CaseResult(case) => {
            let detail = serde_json::from_str::<CaseResult>(case.detail.get());
            detail.map(|_| ()).map_err(|error| format!("`detail` is not what became of a case: {error}"))
        }
        Row::Regrade(_) | Row::Progress(_) | Row::Report(_) | Row::HintOpened(_) => Ok(()),
    }
}
