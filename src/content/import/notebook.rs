//! A Livebook notebook as a lesson: its cells become examples that can be run where they stand.
//!
//! A notebook keeps everything that its cells bind, and can install packages; an example of a lesson stands alone and has
//! Elixir only. A cell that needs more is shown, and not run, so that no reader meets an error that is not theirs.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{CodeBlockKind, Event, Tag};

use super::super::scan::events;
use super::super::source::Source;
use super::cells::{Needs, Session};
use super::files::{Files, prose};
use super::finding::{Finding, Findings, Weight};
use super::links::{LessonFiles, Picture, Place};
use super::markdown;

/// Stands for the language of a cell that can be run, until its block has a role.
const RUN: &str = "elixir-run-cell";

/// A notebook that became a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notebook {
    /// The lesson.
    pub text: String,
    /// What lies beside it.
    pub pictures: Vec<Picture>,
}

/// Makes a lesson of the notebook `file` among `files`; `lesson` is the name that it will have. `None` when there is nothing.
#[must_use]
pub fn notebook(files: &Files, file: &str, slug: &str, lesson: &str) -> (Option<Notebook>, Vec<Finding>) {
    let mut findings = Findings::new("");
    let Some(source) = prose(files, file, &mut findings) else { return (None, findings.list) };
    let Reading { title, text, sections } = Reader::new(file, &mut findings).read(&source);
    let title = title.unwrap_or_else(|| {
        findings.add_at(
            Weight::Warning,
            file,
            (1, 1),
            format!("the notebook has no title (`# …`): the lesson is called `{slug}`"),
        );
        slug.to_owned()
    });
    let known = LessonFiles::new();
    let place = Place { slug, folder: "notebook", file, lesson, files, known: &known, site: None };
    let before = findings.list.len();
    let written = markdown::rewrite(&Source::new(file, &text), &place, 2, true, &mut findings);
    for found in &mut findings.list[before..] {
        // What stands in a second title has one mark more before it than in the notebook.
        if found.line.is_some_and(|line| sections.contains(&line)) {
            found.column = found.column.map(|column| column.saturating_sub(1).max(1));
        }
    }
    let body = written.text.lines().map(with_role).collect::<Vec<_>>().join("\n");
    let text = format!("---\ntitle: {}\n---\n\n{body}\n", serde_json::Value::from(title));
    (Some(Notebook { text, pictures: written.pictures }), findings.list)
}

fn with_role(line: &str) -> String {
    match line.strip_suffix(RUN) {
        Some(fence) if Fence::of(fence).is_some() => format!("{fence}elixir run"),
        _ => line.to_owned(),
    }
}

/// What an annotation says of the block below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Below {
    #[default]
    Nothing,
    /// It is text, though it looks like a cell.
    Text,
    /// It is what a cell returned.
    Output,
    /// It was made by a form.
    Smart,
}

/// What the lines of a notebook became.
struct Reading {
    title: Option<String>,
    /// As many lines as the notebook has.
    text: String,
    /// Lines of further titles, counted from 1: each became a section.
    sections: BTreeSet<u32>,
}

/// Goes through the lines of a notebook, each of which stays on its line.
struct Reader<'a, 'f> {
    file: &'a str,
    findings: &'f mut Findings,
    session: Session,
    title: Option<String>,
    below: Below,
    lines: Vec<String>,
    sections: BTreeSet<u32>,
}

impl<'a, 'f> Reader<'a, 'f> {
    fn new(file: &'a str, findings: &'f mut Findings) -> Self {
        let (session, below) = (Session::default(), Below::Nothing);
        Self { file, findings, session, title: None, below, lines: Vec::new(), sections: BTreeSet::new() }
    }

    /// The line that is read, counted from 1.
    fn line(&self) -> u32 {
        u32::try_from(self.lines.len() + 1).unwrap_or(u32::MAX)
    }

    fn warn(&mut self, message: impl Into<String>) {
        self.findings.add_at(Weight::Warning, self.file, (self.line(), 1), message);
    }

    /// Warns of a byte of the code below the line that is read.
    fn warn_in(&mut self, code: &str, at: usize, message: impl Into<String>) {
        let (line, column) = Source::new(self.file, code).position(at);
        self.findings.add_at(Weight::Warning, self.file, (self.line().saturating_add(line), column), message);
    }

    fn read(mut self, source: &Source) -> Reading {
        let lines: Vec<&str> = source.text.lines().collect();
        let blocks = Blocks::of(source);
        while let Some(line) = lines.get(self.lines.len()).copied() {
            let rest = &lines[self.lines.len()..];
            if let Some(within) = blocks.within.get(&self.lines.len()) {
                // What stands in a list or quotation is no cell, and its lines are code, whatever they look like.
                self.below = Below::Nothing;
                self.lines.extend(rest.iter().take(*within).map(|line| (*line).to_owned()));
            } else if let Some(fence) = Fence::of(line).filter(|_| blocks.cells.contains(&self.lines.len())) {
                let inner = rest[1..].iter().take_while(|line| !fence.closes(line)).copied().collect::<Vec<_>>();
                self.block(&fence, &inner);
                let closing = rest.get(inner.len() + 1);
                self.lines.extend(inner.iter().chain(closing).map(|line| (*line).to_owned()));
            } else if let Some(json) = annotation(line) {
                self.annotation(json);
                self.lines.push(String::new());
            } else if self.title.is_none() && line.starts_with("# ") {
                self.title =
                    Some(line[2..].trim().trim_end_matches('#').trim().to_owned()).filter(|title| !title.is_empty());
                self.lines.push(String::new());
            } else {
                if line.starts_with("# ") {
                    self.warn("a second title: it became a section");
                    self.sections.insert(self.line());
                }
                let section = if line.starts_with("# ") { format!("#{line}") } else { line.to_owned() };
                if !line.trim().is_empty() {
                    self.below = Below::Nothing;
                }
                self.lines.push(section);
            }
        }
        Reading { title: self.title, text: self.lines.join("\n"), sections: self.sections }
    }

    fn annotation(&mut self, json: &str) {
        let Ok(said) = serde_json::from_str::<serde_json::Value>(json) else {
            self.warn("this note of Livebook's cannot be read, and is left out");
            return;
        };
        if said.get("output").is_some_and(|value| value == true) {
            self.below = Below::Output;
        } else if said.get("force_markdown").is_some_and(|value| value == true) {
            self.below = Below::Text;
        } else if said.get("livebook_object").is_some_and(|value| value == "smart_cell") {
            self.below = Below::Smart;
        } else if said.get("branch_parent_index").is_some() {
            self.warn("this section branches off an earlier one; a lesson goes straight on");
        } else if let Some(what) = ["file_entries", "app_settings"].into_iter().find(|what| said.get(what).is_some()) {
            self.warn(format!("the notebook's `{what}` are not taken: a lesson has none"));
        }
    }

    /// The opening line of a block as the lesson has it.
    fn block(&mut self, fence: &Fence<'_>, inner: &[&str]) {
        let language = fence.info.to_owned();
        let below = std::mem::take(&mut self.below);
        let code = inner.join("\n");
        let shown = match (language.as_str(), below) {
            (_, Below::Output) => "text".to_owned(),
            ("elixir", Below::Smart) => {
                self.warn("this cell was made by a form of Livebook: its code is shown, and not run");
                self.session.remember(&code);
                language
            }
            ("elixir", Below::Nothing) => self.cell(&code),
            ("erlang" | "python" | "pyproject.toml", Below::Nothing) => {
                self.warn(format!("a cell in {language} is shown, and not run"));
                language
            }
            ("mermaid", _) => {
                self.warn("this diagram is shown as its text: draw it, and put the picture beside the lesson");
                language
            }
            _ => language,
        };
        self.lines.push(format!("{}{shown}", fence.opening));
    }

    fn cell(&mut self, code: &str) -> String {
        if code.trim().is_empty() {
            return "elixir".to_owned();
        }
        let import = code.match_indices("import ").find(|(at, _)| {
            let before = code[..*at].rsplit('\n').next().unwrap_or_default();
            before.trim().is_empty()
        });
        if let Some((at, _)) = import {
            self.warn_in(code, at, "what this cell imports is not there in those below: each example stands alone");
        }
        let (needs, at) = self.session.needs(code);
        self.session.remember(code);
        let why = match needs {
            Needs::Nothing => return RUN.to_owned(),
            Needs::Packages => "it installs packages, which no container has".to_owned(),
            Needs::Module(module) => format!("`{module}` is no part of Elixir"),
            Needs::Earlier(name) => format!("it uses `{name}` of an earlier cell, and each example stands alone"),
            Needs::Unread => "it cannot be read as Elixir".to_owned(),
        };
        let message = format!("this cell is shown, and not run: {why}");
        match at {
            Some(at) => self.warn_in(code, at, message),
            None => self.warn(message),
        }
        "elixir".to_owned()
    }
}

/// The line that opens a block of code (CommonMark 0.31, section 4.5).
struct Fence<'a> {
    /// Its indentation and its marks.
    opening: &'a str,
    mark: char,
    width: usize,
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let marks = line.trim_start_matches(' ');
        let indent = line.len() - marks.len();
        let mark = marks.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let width = marks.chars().take_while(|c| *c == mark).count();
        let info = marks[width..].trim();
        let opens = indent <= 3 && width >= 3 && (mark == '~' || !info.contains('`'));
        opens.then(|| Self { opening: &line[..indent + width], mark, width, info })
    }

    fn closes(&self, line: &str) -> bool {
        let marks = line.trim_start_matches(' ');
        let width = marks.chars().take_while(|c| *c == self.mark).count();
        line.len() - marks.len() <= 3 && width >= self.width && marks[width..].trim().is_empty()
    }
}

/// Where the fenced blocks of a notebook are. Lines are counted from 0.
#[derive(Debug, Default)]
struct Blocks {
    /// Lines that open a block which stands in nothing else: these are cells.
    cells: BTreeSet<usize>,
    /// Lines that open a block in a list or quotation, and how many lines it has.
    within: BTreeMap<usize, usize>,
}

impl Blocks {
    fn of(source: &Source) -> Self {
        let mut blocks = Self::default();
        let mut depth = 0_usize;
        for (event, range) in events(&source.text, 0..source.text.len()) {
            match event {
                Event::Start(tag) => {
                    if matches!(tag, Tag::CodeBlock(CodeBlockKind::Fenced(_))) {
                        let first = source.text[..range.start].matches('\n').count();
                        let lines = source.text[range].lines().count().max(1);
                        match depth {
                            0 => drop(blocks.cells.insert(first)),
                            _ => drop(blocks.within.insert(first, lines)),
                        }
                    }
                    depth += 1;
                }
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        blocks
    }
}

fn annotation(line: &str) -> Option<&str> {
    line.trim().strip_prefix("<!-- livebook:")?.strip_suffix("-->").map(str::trim)
}

#[cfg(test)]
#[path = "notebook_tests.rs"]
mod tests;
