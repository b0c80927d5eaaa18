//! How what stands in an exercise's editors stands to what is kept.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::words;
use crate::db::drafts::{Draft, Other};
use crate::domain::code::Code;
use crate::domain::draft::Reason;
use crate::domain::ids::DraftRevision;

/// How the editors stand to what is kept.
#[derive(Debug, Default, Serialize)]
pub struct DraftView {
    /// Revision that the editors' code is based on; empty where there was no draft.
    base: String,
    /// Whether the editors hold what the server does not keep as the draft.
    unsaved: bool,
    /// When it was saved.
    saved: Option<SavedView>,
    /// The draft that was there when something else was to be saved.
    conflict: Option<VersionView>,
    /// Versions that are kept beside it.
    others: Vec<VersionView>,
}

#[derive(Debug, Serialize)]
struct SavedView {
    at: String,
    when: String,
}

/// A version beside what is in the editors.
#[derive(Debug, Serialize)]
pub struct VersionView {
    /// Its id; of a draft its revision.
    id: String,
    /// Where it comes from, as a sentence.
    story: &'static str,
    at: String,
    when: String,
    files: Vec<FileView>,
}

#[derive(Debug, Serialize)]
struct FileView {
    /// Empty where there is one without a name.
    name: String,
    text: String,
}

fn files(code: &Code) -> Vec<FileView> {
    match code {
        Code::Text(text) => vec![FileView { name: String::new(), text: text.clone() }],
        Code::Files(files) => {
            files.iter().map(|file| FileView { name: file.file.clone(), text: file.text.clone() }).collect()
        }
    }
}

const fn story(reason: Reason) -> &'static str {
    match reason {
        Reason::Merged => {
            "You had written here both as a guest and with your account. The newer of the two is in the editor."
        }
        Reason::Sent => "Something else was sent from another tab or device, and is in the editor now.",
        Reason::Restored => "This was in the editor before another version took its place.",
    }
}

impl DraftView {
    /// What was typed and came back unsaved.
    #[must_use]
    pub fn unsaved(base: Option<DraftRevision>) -> Self {
        Self { base: base.map(|base| base.to_string()).unwrap_or_default(), unsaved: true, ..Self::default() }
    }

    /// Whether the editors hold what is not the draft.
    #[must_use]
    pub const fn is_unsaved(&self) -> bool {
        self.unsaved
    }

    /// The draft that what was typed is not based on.
    #[must_use]
    pub fn against(mut self, draft: &Draft, now: Timestamp) -> Self {
        self.conflict = Some(VersionView {
            id: draft.revision.to_string(),
            story: "It was saved from another tab or device.",
            at: draft.updated_at.to_string(),
            when: words::ago(draft.updated_at, now),
            files: files(&draft.code),
        });
        self
    }

    /// The revision that the next change replaces, and when it was written where the editors hold it.
    pub fn follow(&mut self, draft: &Draft, shown: bool, now: Timestamp) {
        self.base = draft.revision.to_string();
        self.saved =
            shown.then(|| SavedView { at: draft.updated_at.to_string(), when: words::ago(draft.updated_at, now) });
    }

    /// A version that is kept beside it.
    pub fn beside(&mut self, other: &Other, now: Timestamp) {
        self.others.push(VersionView {
            id: other.id.to_string(),
            story: story(other.reason),
            at: other.written_at.to_string(),
            when: words::ago(other.written_at, now),
            files: files(&other.code),
        });
    }
}

fn with_code(mut json: Value, code: &Code) -> Value {
    match code {
        Code::Text(text) => json["source"] = json!(text),
        Code::Files(files) => {
            json["files"] = files.iter().map(|file| json!({ "name": file.file, "text": file.text })).collect();
        }
    }
    json
}

/// A draft in JSON.
#[must_use]
pub fn draft_json(draft: &Draft) -> Value {
    with_code(json!({ "revision": draft.revision, "updated_at": draft.updated_at }), &draft.code)
}

/// A version beside a draft in JSON.
#[must_use]
pub fn other_json(other: &Other) -> Value {
    let about = json!({ "id": other.id, "reason": other.reason.as_str(), "written_at": other.written_at });
    with_code(about, &other.code)
}
