//! What is written in one file or several: starter and solution.
//!
//! Where they are judged, several files of an author come as one text, each below a line that names it: the compiler takes
//! any number of modules from one text. On the page each has an editor of its own.

use std::ops::Range;

use crate::domain::exercise::{Language, SourceFile};

use super::attributes::Value;
use super::fence::Fence;
use super::problem::Problems;
use super::source::Source;

/// One block.
pub(super) struct Written {
    name: Option<String>,
    text: String,
    span: Range<usize>,
}

/// Adds a block: a second one is welcome where each has a name of its own.
pub(super) fn add<'a>(
    files: &mut Vec<Written>,
    role: &str,
    file: Option<Value>,
    fence: &Fence<'a>,
    problems: &mut Problems<'a>,
) {
    let name = file.as_ref().map(|file| file.text.clone());
    if let Some(first) = files.first()
        && (first.name.is_none() || name.is_none())
    {
        let line = problems.source.line(first.span.start);
        problems.error(
            "duplicate-block",
            fence.span.clone(),
            format!("this exercise has two `{role}` blocks, the first at line {line}"),
            format!("keep one of them, or name each file: ```{} {role} file=…", fence.language.as_str()),
        );
        return;
    }
    if let Some(file) = file
        && files.iter().any(|earlier| earlier.name.as_ref() == Some(&file.text))
    {
        let message = format!("this exercise has two `{role}` files called `{}`", file.text);
        problems.error("duplicate-file", file.span, message, "give each a name of its own");
    }
    files.push(Written { name, text: fence.text(), span: fence.span.clone() });
}

/// The files that a learner writes, each with what it holds at first: the starter's, or where there is no starter the
/// solution's by name. Empty where a learner writes one text.
pub(super) fn editors(starter: &[Written], solution: &[Written]) -> Vec<SourceFile> {
    let named = |files: &[Written], text: fn(&Written) -> String| -> Vec<SourceFile> {
        let file = |file: &Written| Some(SourceFile { file: file.name.clone()?, text: text(file) });
        files.iter().filter_map(file).collect()
    };
    match (starter, solution) {
        ([_, _, ..], _) => named(starter, |file| file.text.clone()),
        ([], [_, _, ..]) => named(solution, |_| String::new()),
        _ => Vec::new(),
    }
}

/// The line on which the text of a single block begins.
pub(super) fn first_line(files: &[Written], source: &Source) -> Option<u32> {
    match files {
        [one] => Some(source.line(one.span.start) + 1),
        _ => None,
    }
}

/// All of it as one text; `None` when there is nothing.
pub(super) fn joined(language: Language, files: &[Written]) -> Option<String> {
    match files {
        [] => None,
        [one] => Some(one.text.clone()),
        several => {
            let part = |file: &Written| {
                format!("{} {}\n{}", language.comment(), file.name.as_deref().unwrap_or_default(), file.text)
            };
            Some(several.iter().map(part).collect::<Vec<_>>().join("\n"))
        }
    }
}
