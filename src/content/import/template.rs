//! Introductions that a track generates of those of its concepts: `%{concept:lists}` stands for one.

use super::super::source::Source;
use super::files::{Files, prose};
use super::finding::Findings;
use super::markdown::without_blank_ends;

const OPENING: &str = "%{concept:";

/// The introduction: as it is written, else its template filled in from the track's `concepts` folder.
pub(super) fn introduction(files: &Files, concepts: &Files, findings: &mut Findings) -> Option<(&'static str, Source)> {
    const WRITTEN: &str = ".docs/introduction.md";
    const TEMPLATE: &str = ".docs/introduction.md.tpl";
    if files.contains_key(WRITTEN) {
        return Some((WRITTEN, prose(files, WRITTEN, findings)?));
    }
    let template = prose(files, TEMPLATE, findings)?;
    let lines = template.text.lines().enumerate().map(|(index, line)| {
        let named = line.trim().strip_prefix(OPENING).and_then(|rest| rest.strip_suffix('}'));
        let Some(concept) = named else { return line.to_owned() };
        let path = format!("{}/introduction.md", concept.trim());
        let mut quiet = Findings::new("concepts");
        let Some(text) = prose(concepts, &path, &mut quiet) else {
            let message = format!("the introduction of the concept `{concept}` is not there: concepts/{path}");
            findings.add(super::Weight::LeftOut, TEMPLATE, u32::try_from(index + 1).ok(), message);
            return String::new();
        };
        findings.list.append(&mut quiet.list);
        without_title(&text.text)
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    Some((TEMPLATE, Source::new(TEMPLATE, &text)))
}

/// The template has a heading of its own above each concept.
fn without_title(text: &str) -> String {
    let text = without_blank_ends(text);
    let rest = text.strip_prefix("# ").map(|rest| rest.split_once('\n').map_or("", |(_, rest)| rest));
    without_blank_ends(rest.unwrap_or(text)).to_owned()
}
