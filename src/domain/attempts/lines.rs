//! Two texts compared line by line, and lines that resemble each other word by word. The texts are a learner's, so the work and
//! what is shown are bounded.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Serialize;

use crate::domain::code::Code;
use crate::domain::difference::align::{Pair, align};

/// Equal lines that are shown around a change.
const AROUND: usize = 3;
/// Lines that are shown of one comparison.
const MOST_LINES: usize = 400;
/// Longest line, in bytes, of which words are compared or more than this is shown.
const LONGEST_LINE: usize = 1000;
/// Bytes of a line that are looked at to see whether it resembles another.
const LOOKED_AT: usize = 120;

/// How a line differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Not at all.
    Same,
    /// It was only in the earlier one.
    Removed,
    /// It is only in the later one.
    Added,
}

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffLine {
    /// How it differs.
    pub changed: Changed,
    /// Its text in pieces, each with whether this very piece differs from the line that it resembles.
    pub pieces: Vec<(bool, String)>,
}

/// Neighbouring lines of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hunk {
    /// Number of its first line in the later text, counted from 1.
    pub from: usize,
    /// Its lines.
    pub lines: Vec<DiffLine>,
}

/// What changed in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileDiff {
    /// Its name; none where there is one file without.
    pub file: Option<String>,
    /// What changed.
    pub hunks: Vec<Hunk>,
    /// Whether there is more than is shown.
    pub cut: bool,
}

/// What changed from one code to the next, file by file; files that are equal are left out.
#[must_use]
pub fn code(before: &Code, after: &Code) -> Vec<FileDiff> {
    let (old, new) = (files(before), files(after));
    let gone = old.iter().map(|(name, _)| *name).filter(|name| new.iter().all(|(other, _)| other != name));
    let names: Vec<Option<&str>> = new.iter().map(|(name, _)| *name).chain(gone).collect();
    let text = |files: &[(Option<&str>, &str)], name: Option<&str>| {
        files.iter().find(|(own, _)| *own == name).map_or(String::new(), |(_, text)| (*text).to_owned())
    };
    let mut room = MOST_LINES;
    names
        .into_iter()
        .filter_map(|name| {
            let (old, new) = (text(&old, name), text(&new, name));
            (old != new).then(|| file(name, &old, &new, &mut room))
        })
        .collect()
}

fn files(code: &Code) -> Vec<(Option<&str>, &str)> {
    match code {
        Code::Text(text) => vec![(None, text)],
        Code::Files(files) => files.iter().map(|file| (Some(file.file.as_str()), file.text.as_str())).collect(),
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn hashes(parts: &[&str]) -> Vec<u64> {
    parts.iter().map(|part| hash(part)).collect()
}

/// How much two lines resemble each other, from 0 to 8: by how much their beginnings and ends have in common.
fn alike(left: &str, right: &str) -> u32 {
    let (left, right) = (left.trim().as_bytes(), right.trim().as_bytes());
    let (left, right) = (&left[..left.len().min(LOOKED_AT)], &right[..right.len().min(LOOKED_AT)]);
    let shorter = left.len().min(right.len());
    let prefix = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    let rest = shorter - prefix;
    let suffix = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(l, r)| l == r).count();
    let longer = left.len().max(right.len()).max(1);
    let eighths = (prefix + suffix) * 8 / longer;
    // Less than half in common is another line.
    if eighths < 4 { 0 } else { u32::try_from(eighths).unwrap_or(8) }
}

/// The lines in order, those that were removed before those that were added in their place.
fn lines(old: &str, new: &str) -> Vec<DiffLine> {
    let (left, right): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let (left_hashes, right_hashes) = (hashes(&left), hashes(&right));
    let mut lines = Vec::with_capacity(left.len().max(right.len()));
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for pair in align(&left_hashes, &right_hashes, &|l, r| alike(left[l], right[r])) {
        match pair {
            Pair::Both(l, r) if left[l] == right[r] => {
                lines.append(&mut removed);
                lines.append(&mut added);
                lines.push(DiffLine { changed: Changed::Same, pieces: vec![(false, shown(left[l]))] });
            }
            Pair::Both(l, r) => {
                let (before, after) = words(left[l], right[r]);
                removed.push(DiffLine { changed: Changed::Removed, pieces: before });
                added.push(DiffLine { changed: Changed::Added, pieces: after });
            }
            Pair::Left(l) => {
                removed.push(DiffLine { changed: Changed::Removed, pieces: vec![(false, shown(left[l]))] });
            }
            Pair::Right(r) => {
                added.push(DiffLine { changed: Changed::Added, pieces: vec![(false, shown(right[r]))] });
            }
        }
    }
    lines.append(&mut removed);
    lines.append(&mut added);
    lines
}

/// A line, cut where nobody reads on.
fn shown(line: &str) -> String {
    match line.char_indices().find(|(at, _)| *at >= LONGEST_LINE) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

type Pieces = Vec<(bool, String)>;

/// Two lines that resemble each other, with the words marked that differ.
fn words(left: &str, right: &str) -> (Pieces, Pieces) {
    if left.len() > LONGEST_LINE || right.len() > LONGEST_LINE {
        return (vec![(false, shown(left))], vec![(false, shown(right))]);
    }
    let (l, r) = (tokens(left), tokens(right));
    let (mut before, mut after) = (Pieces::new(), Pieces::new());
    for pair in align(&hashes(&l), &hashes(&r), &|_, _| 0) {
        match pair {
            Pair::Both(left, right) => {
                let differs = l[left] != r[right];
                push(&mut before, differs, l[left]);
                push(&mut after, differs, r[right]);
            }
            Pair::Left(left) => push(&mut before, true, l[left]),
            Pair::Right(right) => push(&mut after, true, r[right]),
        }
    }
    (before, after)
}

fn push(pieces: &mut Pieces, differs: bool, text: &str) {
    match pieces.last_mut() {
        Some(last) if last.0 == differs => last.1.push_str(text),
        _ => pieces.push((differs, text.to_owned())),
    }
}

/// Words, runs of spaces, and all other signs each by itself.
fn tokens(line: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 1,
        c if c.is_whitespace() => 2,
        _ => 0,
    };
    let mut tokens = Vec::new();
    let mut from = 0;
    let mut last = None;
    for (at, sign) in line.char_indices() {
        let kind = kind(sign);
        if at > 0 && (kind == 0 || last != Some(kind)) {
            tokens.push(&line[from..at]);
            from = at;
        }
        last = Some(kind);
    }
    if from < line.len() {
        tokens.push(&line[from..]);
    }
    tokens
}

/// Cuts lines into hunks, as many as there is room for.
fn file(name: Option<&str>, old: &str, new: &str, room: &mut usize) -> FileDiff {
    let lines = lines(old, new);
    let mut near = vec![false; lines.len()];
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| line.changed != Changed::Same) {
        let end = (at + AROUND + 1).min(lines.len());
        near[at.saturating_sub(AROUND)..end].fill(true);
    }
    let (mut hunks, mut number, mut cut, mut open) = (Vec::<Hunk>::new(), 1, false, false);
    for (line, near) in lines.into_iter().zip(near) {
        let from = number;
        number += usize::from(line.changed != Changed::Removed);
        if !near {
            open = false;
            continue;
        }
        if *room == 0 {
            cut = true;
            break;
        }
        *room -= 1;
        if !open {
            hunks.push(Hunk { from, lines: Vec::new() });
            open = true;
        }
        if let Some(hunk) = hunks.last_mut() {
            hunk.lines.push(line);
        }
    }
    // A last line end that came or went changes no line.
    FileDiff { file: name.map(str::to_owned), hunks, cut }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exercise::SourceFile;
    use proptest::prelude::*;

    fn text(diffs: &[FileDiff]) -> String {
        let sign = |changed| match changed {
            Changed::Same => ' ',
            Changed::Removed => '-',
            Changed::Added => '+',
        };
        let mut text = String::new();
        for hunk in diffs.iter().flat_map(|diff| &diff.hunks) {
            text += &format!("@{}\n", hunk.from);
            for line in &hunk.lines {
                text.push(sign(line.changed));
                for (differs, piece) in &line.pieces {
                    text += &if *differs { format!("[{piece}]") } else { piece.clone() };
                }
                text.push('\n');
            }
        }
        text
    }

    fn of(before: &str, after: &str) -> String {
        text(&code(&Code::Text(before.into()), &Code::Text(after.into())))
    }

    #[test]
    fn words_that_differ_are_marked_in_lines_that_resemble_each_other() {
        let before = "defmodule Double do\n  def of(n), do: n + 2\nend\n";
        let after = "defmodule Double do\n  def of(n), do: n * 2\nend\n";
        let expected = "@1\n defmodule Double do\n-  def of(n), do: n [+] 2\n+  def of(n), do: n [*] 2\n end\n";
        assert_eq!(of(before, after), expected);
        assert_eq!(of(before, before), "");
        assert_eq!(of("a\n", "something else\n"), "@1\n-a\n+something else\n");
    }

    #[test]
    fn far_from_a_change_nothing_is_shown() {
        let before: String = (1..=30).map(|n| format!("line {n}\n")).collect();
        let after = before.replace("line 5\n", "").replace("line 25\n", "line 25\nnew\n");
        let expected = "@2\n line 2\n line 3\n line 4\n-line 5\n line 6\n line 7\n line 8\n\
            @22\n line 23\n line 24\n line 25\n+new\n line 26\n line 27\n line 28\n";
        assert_eq!(of(&before, &after), expected);
    }

    #[test]
    fn files_are_compared_by_their_names() {
        let file = |name: &str, text: &str| SourceFile { file: name.into(), text: text.into() };
        let before = Code::Files(vec![file("a.ex", "one\n"), file("b.ex", "two\n"), file("d.ex", "four\n")]);
        let after = Code::Files(vec![file("a.ex", "one\n"), file("b.ex", "2\n"), file("c.ex", "three\n")]);
        let diffs = code(&before, &after);
        let names: Vec<_> = diffs.iter().map(|diff| diff.file.as_deref().unwrap()).collect();
        assert_eq!(names, ["b.ex", "c.ex", "d.ex"]);
        assert_eq!(text(&diffs), "@1\n-two\n+2\n@1\n+three\n@1\n-four\n");
    }

    #[test]
    fn what_is_shown_is_bounded() {
        let before: String = (0..30_000).map(|n| format!("{n}\n")).collect();
        let after: String = (0..30_000).map(|n| format!("x{}\n", n * 7)).collect();
        let diffs = code(&Code::Text(before), &Code::Text(after));
        let shown: usize = diffs.iter().flat_map(|diff| &diff.hunks).map(|hunk| hunk.lines.len()).sum();
        assert_eq!((shown, diffs[0].cut), (MOST_LINES, true));
        let long = code(&Code::Text("é".repeat(30_000)), &Code::Text("ü".repeat(30_000)));
        assert!(long[0].hunks[0].lines.iter().all(|line| line.pieces[0].1.len() < LONGEST_LINE + 10));
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off_a_comparison(
            before in prop::collection::vec("[ab ]{0,4}", 0..12), after in prop::collection::vec("[ab ]{0,4}", 0..12),
        ) {
            let (old, new) = (before.join("\n"), after.join("\n"));
            let all = lines(&old, &new);
            let side = |other: Changed| -> Vec<String> {
                let kept = all.iter().filter(|line| line.changed != other);
                kept.map(|line| line.pieces.iter().map(|(_, text)| text.as_str()).collect()).collect()
            };
            prop_assert_eq!(side(Changed::Added), old.lines().map(str::to_owned).collect::<Vec<_>>());
            prop_assert_eq!(side(Changed::Removed), new.lines().map(str::to_owned).collect::<Vec<_>>());
        }
    }
}
