//! A timeline of attempts: what each of them was, and what changed since the one before.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::words;
use crate::db::attempts::Attempt;
use crate::db::history::Entry;
use crate::domain::attempts::{self, CaseOutcome, Changed, FileDiff, Flips, is_comparable};
use crate::domain::ids::SubmissionId;

/// One attempt in a timeline.
#[derive(Debug, Serialize)]
pub struct AttemptView {
    id: String,
    at: String,
    when: String,
    /// How long after the attempt before.
    later: Option<String>,
    kind_word: &'static str,
    verdict_word: &'static str,
    tone: &'static str,
    sign: &'static str,
    now_pass: Vec<String>,
    now_fail: Vec<String>,
    /// Whether there is one before it whose code can be compared.
    compared: bool,
    diff: Vec<FileDiff>,
    lines_added: usize,
    lines_removed: usize,
    source_removed: bool,
    #[serde(skip)]
    json: Value,
}

impl AttemptView {
    /// The attempt in JSON.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.json
    }
}

/// Entries newest first as a timeline; the last one only to compare with when there are more than `shown`. With `whole` its
/// reader may see what became of hidden cases. Comparing texts takes its time: not to be called where others wait.
#[must_use]
pub fn timeline(
    entries: &[Entry],
    attempts: &HashMap<SubmissionId, Attempt>,
    shown: usize,
    whole: bool,
    now: Timestamp,
) -> Vec<AttemptView> {
    let before = entries.iter().skip(1).map(Some).chain([None]);
    entries.iter().zip(before).take(shown).map(|(entry, before)| view(entry, before, attempts, whole, now)).collect()
}

fn view(
    entry: &Entry,
    before: Option<&Entry>,
    attempts: &HashMap<SubmissionId, Attempt>,
    whole: bool,
    now: Timestamp,
) -> AttemptView {
    let verdict = if whole { entry.verdict } else { entry.shown_verdict };
    let badge = verdict.map_or_else(|| words::state(entry.state), words::verdict);
    let this = attempts.get(&entry.id);
    let earlier = before.and_then(|before| attempts.get(&before.id));
    let flips = match (this, earlier) {
        (Some(this), Some(earlier))
            if is_comparable(entry.verdict) && is_comparable(before.and_then(|b| b.verdict)) =>
        {
            attempts::flips(&seen(&earlier.cases, whole), &seen(&this.cases, whole))
        }
        _ => Flips::default(),
    };
    let code = this.and_then(|this| this.code.as_ref());
    let codes = code.zip(earlier.and_then(|earlier| earlier.code.as_ref()));
    let diff = codes.map(|(code, earlier)| attempts::code(earlier, code)).unwrap_or_default();
    let count = |changed: Changed| {
        let lines = diff.iter().flat_map(|file| &file.hunks).flat_map(|hunk| &hunk.lines);
        lines.filter(|line| line.changed == changed).count()
    };
    let seconds = before.map(|before| entry.created_at.duration_since(before.created_at).as_secs().max(0));
    AttemptView {
        id: entry.id.to_string(),
        at: entry.created_at.to_string(),
        when: words::ago(entry.created_at, now),
        later: seconds.map(words::later),
        kind_word: words::kind(entry.kind),
        verdict_word: badge.word,
        tone: badge.tone,
        sign: badge.sign,
        compared: codes.is_some(),
        lines_added: count(Changed::Added),
        lines_removed: count(Changed::Removed),
        source_removed: code.is_none(),
        json: json!({
            "id": entry.id,
            "kind": entry.kind.as_str(),
            "state": entry.state.as_str(),
            "verdict": verdict,
            "created_at": entry.created_at,
            "after_s": seconds,
            "now_pass": flips.now_pass,
            "now_fail": flips.now_fail,
            "diff": codes.is_some().then(|| diff.iter().map(file_json).collect::<Vec<_>>()),
        }),
        diff,
        now_pass: flips.now_pass,
        now_fail: flips.now_fail,
    }
}

fn seen(cases: &[CaseOutcome], whole: bool) -> Vec<CaseOutcome> {
    if whole { cases.to_vec() } else { attempts::for_learner(cases.to_vec()) }
}

/// A file's changes as lines of a unified diff.
fn file_json(file: &FileDiff) -> Value {
    let mut lines = Vec::new();
    for hunk in &file.hunks {
        lines.push(format!("@@ {} @@", hunk.from));
        for line in &hunk.lines {
            let sign = match line.changed {
                Changed::Same => ' ',
                Changed::Removed => '-',
                Changed::Added => '+',
            };
            let text: String = line.pieces.iter().map(|(_, text)| text.as_str()).collect();
            lines.push(format!("{sign}{text}"));
        }
    }
    json!({ "file": file.file, "lines": lines, "cut": file.cut })
}
