//! Which files of an exercise are its starter, reference, support and tests.

use std::collections::BTreeSet;

use serde_json::Value;

use super::files::{Entry, Files, code};
use super::finding::Findings;
use super::modules;
use crate::domain::exercise::SourceFile;
use crate::domain::limits::Limits;

/// The code of an exercise, each file by the name that its block gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sources {
    pub starter: Vec<SourceFile>,
    pub reference: Vec<SourceFile>,
    pub support: Vec<SourceFile>,
    pub tests: Vec<SourceFile>,
    /// In one sentence, from `.meta/config.json`.
    pub blurb: String,
    /// Whether the learner writes Erlang.
    pub erlang: bool,
}

const META: &str = ".meta/config.json";

/// Finds them. Without a reference or tests there is no exercise: `None`, and the findings say why.
pub(super) fn sources(files: &Files, findings: &mut Findings) -> Option<Sources> {
    let meta = meta(files, findings);
    let mut reader = Reader { files, findings, taken: BTreeSet::new() };
    let starter_paths = reader.named(&meta, "solution", |path| path.starts_with("lib/") || path.starts_with("src/"));
    let test_paths = reader.named(&meta, "test", |path| path.starts_with("test/") && path.ends_with("_test.exs"));
    let mut reference_paths = reader.named(&meta, "exemplar", |_| false);
    reference_paths.extend(reader.named(&meta, "example", |_| false));
    if reference_paths.is_empty() {
        reference_paths = reader.usual_references();
    }
    let support_paths = reader.named(&meta, "editor", |_| false);

    let reference = modules::in_order(reader.all(&reference_paths, "reference")?);
    let mut tests = reader.tests(&test_paths)?;
    let starter = reader.starter(&starter_paths);
    // Two of these with one name would be an error in the lesson.
    let mut named = Names::of(starter.iter().chain(&reference));
    let mut support = reader.support(&support_paths, &mut named);
    for file in reader.test_support(&mut named) {
        // Support is compiled before the learner's code, so what uses that goes with the tests.
        if reference.iter().any(|learners| modules::uses(&file.text, &learners.text)) {
            if let Some(first) = tests.first_mut() {
                first.text = format!("{}\n{}", file.text, first.text);
            }
        } else {
            support.push(file);
        }
    }
    reader.rest();

    let erlang = reference.iter().all(|file| is_erlang(&file.file));
    let mixed = reference.iter().chain(&starter).any(|file| is_erlang(&file.file) != erlang);
    if mixed {
        findings.left_out("", "the exercise is left out: its starter and reference are in two languages");
        return None;
    }
    for (what, list) in [("reference", &reference), ("starter", &starter)] {
        let (bytes, limit) = (list.iter().map(|file| file.text.len()).sum::<usize>(), Limits::DEFAULT.source_bytes);
        if bytes > limit {
            let message = format!("the exercise is left out: its {what} has {bytes} bytes, {limit} are accepted");
            findings.left_out("", message);
            return None;
        }
    }
    let blurb = meta.get("blurb").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    Some(Sources { starter, reference, support, tests, blurb, erlang })
}

fn meta(files: &Files, findings: &mut Findings) -> Value {
    let usual = "the usual places are looked at: lib/, test/*_test.exs and .meta/example.ex or exemplar.ex";
    let text = match files.get(META) {
        None => {
            findings.warn(META, None, format!("it does not exist; {usual}"));
            return Value::Null;
        }
        Some(Entry::File(bytes)) => bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes),
        Some(Entry::Unread(why)) => {
            findings.warn(META, None, format!("{why}; {usual}"));
            return Value::Null;
        }
    };
    serde_json::from_slice(text).unwrap_or_else(|error| {
        let line = u32::try_from(error.line()).ok();
        findings.warn(META, line, format!("this is not JSON ({error}); {usual}"));
        Value::Null
    })
}

struct Reader<'a, 'f> {
    files: &'a Files,
    findings: &'f mut Findings,
    /// Paths that something was made of, or of which it was said why not.
    taken: BTreeSet<String>,
}

impl Reader<'_, '_> {
    /// The paths that `.meta/config.json` names for a purpose, else those in the usual places.
    fn named(&mut self, meta: &Value, key: &str, usual: impl Fn(&str) -> bool) -> Vec<String> {
        let list = meta.get("files").and_then(|files| files.get(key));
        let mut paths: Vec<String> = Vec::new();
        for value in list.and_then(Value::as_array).into_iter().flatten() {
            let Some(path) = value.as_str().map(|path| path.trim_start_matches("./")) else {
                self.findings.warn(META, None, format!("`files.{key}` holds something that is no path"));
                continue;
            };
            if path.starts_with('/') || path.split('/').any(|part| part == "..") {
                let message = format!("`files.{key}` names `{path}`, which lies outside the exercise: it is not taken");
                self.findings.left_out(META, message);
            } else if !paths.iter().any(|known| known == path) {
                paths.push(path.to_owned());
            }
        }
        if paths.is_empty() {
            paths.extend(self.files.keys().filter(|path| usual(path)).cloned());
        }
        paths
    }

    fn usual_references(&self) -> Vec<String> {
        let is_one = |path: &&String| {
            let name = path.strip_prefix(".meta/").unwrap_or_default();
            let stem = name.split(['.', '/']).next().unwrap_or_default();
            matches!(stem, "example" | "exemplar" | "solution") && is_code(path)
        };
        let found: Vec<String> = self.files.keys().filter(is_one).cloned().collect();
        let exemplar = |path: &&String| path.contains("exemplar");
        if found.iter().any(|path| exemplar(&path)) {
            found.into_iter().filter(|path| exemplar(&path)).collect()
        } else {
            found
        }
    }

    /// The text of a file of code, which is spoken for from now on.
    fn take(&mut self, path: &str) -> Result<String, String> {
        self.taken.insert(path.to_owned());
        if is_code(path) { code(self.files, path) } else { Err("it is not Elixir or Erlang".to_owned()) }
    }

    /// All of the files, or nothing: half of them would not compile.
    fn all(&mut self, paths: &[String], what: &str) -> Option<Vec<SourceFile>> {
        if paths.is_empty() {
            let message = format!("the exercise is left out: it has no {what}");
            self.findings.left_out("", message);
            return None;
        }
        let mut named = Names::default();
        let mut files = Vec::new();
        for path in paths {
            match self.take(path) {
                Ok(text) => files.push(SourceFile { file: named.name(path, ""), text }),
                Err(why) => {
                    self.findings.left_out(path, format!("the exercise is left out: of its {what}, {why}"));
                    return None;
                }
            }
        }
        Some(files)
    }

    fn tests(&mut self, paths: &[String]) -> Option<Vec<SourceFile>> {
        let paths: Vec<String> = paths.iter().filter(|path| !is_test_helper(path)).cloned().collect();
        if let Some(foreign) = paths.iter().find(|path| !path.ends_with(".exs")) {
            self.findings.left_out(foreign, "the exercise is left out: its tests are not ExUnit's (*_test.exs)");
            return None;
        }
        let mut tests = self.all(&paths, "tests")?;
        for test in &mut tests {
            let stem = test.file.trim_end_matches(".ex").trim_end_matches("_test");
            test.file = format!("{stem}_test.exs");
        }
        Some(tests)
    }

    fn starter(&mut self, paths: &[String]) -> Vec<SourceFile> {
        let mut named = Names::default();
        let mut files = Vec::new();
        for path in paths {
            match self.take(path) {
                Ok(text) => files.push(SourceFile { file: named.name(path, ""), text }),
                Err(why) if why == "it is empty" => self.findings.warn(path, None, "this starter is empty"),
                Err(why) => self.findings.left_out(path, format!("the starter lacks this file: {why}")),
            }
        }
        if files.is_empty() {
            self.findings.warn("", None, "this exercise has no starter: its editor is empty");
        }
        files
    }

    fn support(&mut self, paths: &[String], named: &mut Names) -> Vec<SourceFile> {
        let mut files = Vec::new();
        for path in paths.iter().filter(|path| !self.taken.contains(*path)).cloned().collect::<Vec<_>>() {
            match self.take(&path) {
                Ok(text) => files.push(SourceFile { file: named.name(&path, "editor_"), text }),
                Err(why) => self.findings.left_out(&path, format!("this file of the editor is not taken: {why}")),
            }
        }
        files
    }

    /// Modules that stand beside the tests, for them: in files of their own or in `test_helper.exs`.
    fn test_support(&mut self, named: &mut Names) -> Vec<SourceFile> {
        let beside = |path: &&String| path.starts_with("test/") && (path.ends_with(".ex") || is_test_helper(path));
        let paths: Vec<String> = self.files.keys().filter(beside).cloned().collect();
        let mut files = Vec::new();
        for path in paths.into_iter().filter(|path| !self.taken.contains(path)).collect::<Vec<_>>() {
            self.taken.insert(path.clone());
            let text = match code(self.files, &path) {
                Ok(text) => text,
                Err(why) if why == "it is empty" => continue,
                Err(why) => {
                    self.findings.left_out(&path, format!("this file of the tests is not taken: {why}"));
                    continue;
                }
            };
            if !is_test_helper(&path) {
                files.push(SourceFile { file: named.name(&path, "for_"), text });
            } else if text.contains("defmodule ") {
                let starts = |line: &&str| line.starts_with("ExUnit.") && !line.trim_end().ends_with(['(', ',', '[']);
                let modules: String = text.lines().filter(|line| !starts(line)).flat_map(|line| [line, "\n"]).collect();
                self.findings.warn(&path, None, "its modules became a support file, without the calls of ExUnit");
                files.push(SourceFile { file: named.name(&path, "for_"), text: modules });
            }
        }
        files
    }

    /// Says of every other file that it stays behind.
    fn rest(&mut self) {
        let mut folders = BTreeSet::new();
        for (path, entry) in self.files {
            let name = path.rsplit('/').next().unwrap_or_default();
            let read_elsewhere = matches!(
                path.as_str(),
                ".docs/instructions.md"
                    | ".docs/instructions.append.md"
                    | ".docs/introduction.md"
                    | ".docs/introduction.append.md"
                    | ".docs/introduction.md.tpl"
                    | ".docs/hints.md"
            );
            let of_the_track = path.starts_with(".meta/")
                || matches!(
                    name,
                    "mix.exs" | "mix.lock" | ".gitignore" | ".formatter.exs" | "README.md" | "HELP.md" | "HINTS.md"
                );
            let picture = path.starts_with(".docs/") && !path.ends_with(".md");
            if read_elsewhere || of_the_track || picture || self.taken.contains(path) {
                continue;
            }
            let top = path.split_once('/').map_or("", |(top, _)| top);
            if matches!(top, ".approaches" | ".articles") {
                if folders.insert(top.to_owned()) {
                    self.findings.notice(top, "a lesson has no place for these texts: they are not taken");
                }
            } else if let Entry::Unread(why) = entry {
                self.findings.left_out(path, format!("it is not taken: {why}"));
            } else if path.starts_with(".docs/") {
                self.findings.notice(path, "a lesson has no place for this text: it is not taken");
            } else {
                self.findings.warn(path, None, "nothing names this file: it is not taken, and tests cannot read it");
            }
        }
    }
}

fn is_code(path: &str) -> bool {
    [".ex", ".exs", ".erl", ".hrl"].iter().any(|ending| path.ends_with(ending))
}

fn is_erlang(path: &str) -> bool {
    path.ends_with(".erl") || path.ends_with(".hrl")
}

fn is_test_helper(path: &str) -> bool {
    path.ends_with("test_helper.exs")
}

/// Names of blocks' files: plain, flat and each used once.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// Those that files have already.
    fn of<'a>(files: impl Iterator<Item = &'a SourceFile>) -> Self {
        Self(files.map(|file| file.file.clone()).collect())
    }

    /// `lib/my_app/shapes.ex` is `shapes.ex`, and `my_app_shapes.ex` where that is taken. `reserved` goes before the
    /// learner's own name.
    fn name(&mut self, path: &str, reserved: &str) -> String {
        let (stem, ending) = path.rsplit_once('.').unwrap_or((path, "ex"));
        let ending = if ending == "exs" { "ex" } else { ending };
        let parts: Vec<String> = stem.split('/').map(plain).filter(|part| !part.is_empty()).collect();
        let tails = (0..parts.len()).rev().map(|from| parts[from..].join("_"));
        let numbered = (2..).map(|number| format!("{}_{number}", parts.last().map_or("file", String::as_str)));
        let names = tails.chain(numbered).map(|stem| match stem.as_str() {
            "solution" => format!("{reserved}solution.{ending}"),
            stem => format!("{stem}.{ending}"),
        });
        let mut free = names.filter(|name| !self.0.contains(name));
        let name = free.next().unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

fn plain(part: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    part.chars().map(letter).collect::<String>().trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests;
