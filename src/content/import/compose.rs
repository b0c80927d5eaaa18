//! Exercises become lessons, each with its place in the course.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::HeadingLevel;

use super::super::source::Source;
use super::files::{Files, prose};
use super::finding::{Finding, Findings};
use super::hints;
use super::links::{LessonFiles, Picture, Place};
use super::markdown;
use super::sources::{Sources, sources};
use super::template;
use super::track::{Kind, Listed};
use crate::domain::exercise::SourceFile;
use crate::domain::ids::ExerciseId;

/// An exercise as it was read.
#[derive(Debug, Clone)]
pub struct Given {
    /// What the track says of it.
    pub listed: Listed,
    /// Its folder, from the track's.
    pub folder: String,
    /// What lies in its folder.
    pub files: Files,
}

/// What is known of the exercises once they have been run.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Their starter passes by nature.
    pub passing: BTreeSet<ExerciseId>,
    /// They are not to come along; why was said elsewhere.
    pub left_out: BTreeSet<ExerciseId>,
}

/// A lesson to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// Its exercise.
    pub slug: ExerciseId,
    /// Its file, from the course's folder.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// What lies beside it.
    pub pictures: Vec<Picture>,
}

/// The lessons, in their order, and what happened.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// To be written.
    pub lessons: Vec<Lesson>,
    /// About the exercises' files.
    pub findings: Vec<Finding>,
}

/// Makes lessons of exercises, which come in the track's order. `concepts` holds the track's folder of that name.
#[must_use]
pub fn build(given: &[Given], concepts: &Files, known: &Known) -> Built {
    let mut built = Built::default();
    let mut taken = Vec::new();
    for exercise in given.iter().filter(|exercise| !known.left_out.contains(&exercise.listed.slug)) {
        let mut findings = Findings::new(&exercise.folder);
        if let Some(sources) = sources(&exercise.files, &mut findings) {
            taken.push((exercise, sources, findings));
        } else {
            built.findings.append(&mut findings.list);
        }
    }
    let paths = paths(&taken.iter().map(|(exercise, ..)| &exercise.listed).collect::<Vec<_>>());
    let mut taught: BTreeMap<&str, &ExerciseId> = BTreeMap::new();
    for (exercise, sources, mut findings) in taken {
        let listed = &exercise.listed;
        let Some(path) = paths.get(listed.slug.as_str()) else { continue };
        // Only what comes before can be needed, so that no circle can arise.
        let needs: BTreeSet<&ExerciseId> =
            listed.needs.iter().filter_map(|concept| taught.get(concept.as_str()).copied()).collect();
        let writer =
            Writer { exercise, path, lessons: &paths, concepts, findings: &mut findings, pictures: Vec::new() };
        let starter_passes = known.passing.contains(&listed.slug) || is_the_reference(&sources);
        let (text, pictures) = writer.lesson(&sources, &needs, starter_passes);
        built.lessons.push(Lesson { slug: listed.slug.clone(), path: path.clone(), text, pictures });
        built.findings.append(&mut findings.list);
        for concept in &listed.teaches {
            taught.entry(concept).or_insert(&listed.slug);
        }
    }
    built
}

/// The lessons' files: numbered within their chapter, with as many digits as its last one needs.
fn paths(listed: &[&Listed]) -> LessonFiles {
    let mut paths = LessonFiles::new();
    for kind in Kind::ALL {
        let of_kind: Vec<&&Listed> = listed.iter().filter(|one| one.kind == kind).collect();
        let width = of_kind.len().to_string().len().max(2);
        for (index, one) in of_kind.iter().enumerate() {
            let number = index + 1;
            paths.insert(one.slug.to_string(), format!("{}/{number:0width$}-{}.md", kind.chapter(), one.slug));
        }
    }
    paths
}

/// A starter that is the reference passes as it does, and need not be run to know.
fn is_the_reference(sources: &Sources) -> bool {
    let words = |files: &[SourceFile]| -> Vec<String> {
        files.iter().flat_map(|file| file.text.split_whitespace()).map(str::to_owned).collect()
    };
    !sources.starter.is_empty() && words(&sources.starter) == words(&sources.reference)
}

/// The site of the tracks.
const EXERCISM: &str = "https://exercism.org";

struct Writer<'a, 'f> {
    exercise: &'a Given,
    path: &'a str,
    lessons: &'a LessonFiles,
    concepts: &'a Files,
    findings: &'f mut Findings,
    pictures: Vec<Picture>,
}

impl Writer<'_, '_> {
    fn lesson(
        mut self,
        sources: &Sources,
        needs: &BTreeSet<&ExerciseId>,
        starter_passes: bool,
    ) -> (String, Vec<Picture>) {
        let listed = &self.exercise.listed;
        let mut parts = vec![front_matter(&listed.name, &sources.blurb, needs)];
        let introduction = template::introduction(&self.exercise.files, self.concepts, self.findings);
        parts.extend(introduction.map(|(file, source)| self.text(file, &source, 2, false)));
        parts.extend(self.document(".docs/introduction.append.md", 2, false));
        let mark = if starter_passes { " starter-passes" } else { "" };
        parts.push(format!("<!-- exercise: {}{mark} -->\n## {}", listed.slug, heading(&listed.name)));
        let instructions = self.document(".docs/instructions.md", 3, true);
        let more = self.document(".docs/instructions.append.md", 3, true);
        if instructions.is_none() && more.is_none() {
            self.findings.warn(".docs/instructions.md", None, "this exercise has no instructions");
        }
        parts.extend(instructions.into_iter().chain(more));
        let language = |file: &SourceFile| {
            if file.file.ends_with(".erl") || file.file.ends_with(".hrl") { "erlang" } else { "elixir" }
        };
        for file in &sources.support {
            parts.push(block(&format!("{} support file={}", language(file), file.file), &file.text));
        }
        for (role, files) in
            [("starter", &sources.starter), ("exunit", &sources.tests), ("solution", &sources.reference)]
        {
            for file in files {
                let name = if files.len() > 1 { format!(" file={}", file.file) } else { String::new() };
                parts.push(block(&format!("{} {role}{name}", language(file)), &file.text));
            }
        }
        parts.extend(self.document(".docs/hints.md", 3, false).map(|text| hints::fold(&text, HeadingLevel::H3)));
        parts.push("<!-- /exercise -->\n".to_owned());
        parts.retain(|part| !part.is_empty());
        (parts.join("\n\n"), self.pictures)
    }

    fn document(&mut self, file: &str, top: usize, folds: bool) -> Option<String> {
        let source = prose(&self.exercise.files, file, self.findings)?;
        Some(self.text(file, &source, top, folds))
    }

    fn text(&mut self, file: &str, source: &Source, top: usize, folds: bool) -> String {
        let place = Place {
            slug: self.exercise.listed.slug.as_str(),
            folder: &self.exercise.folder,
            file,
            lesson: self.path,
            files: &self.exercise.files,
            site: Some(EXERCISM),
            known: self.lessons,
        };
        let rewritten = markdown::rewrite(source, &place, top, folds, self.findings);
        for picture in rewritten.pictures {
            if !self.pictures.contains(&picture) {
                self.pictures.push(picture);
            }
        }
        rewritten.text
    }
}

fn front_matter(title: &str, summary: &str, needs: &BTreeSet<&ExerciseId>) -> String {
    let mut lines = vec!["---".to_owned(), format!("title: {}", quoted(title))];
    if !summary.is_empty() {
        lines.push(format!("summary: {}", quoted(summary)));
    }
    if !needs.is_empty() {
        // A slug of digits alone would be a number.
        let needs: Vec<String> = needs.iter().map(|slug| format!("\"{slug}\"")).collect();
        lines.push(format!("needs: [{}]", needs.join(", ")));
    }
    lines.push("---".to_owned());
    lines.join("\n")
}

/// A text as YAML in double quotes.
fn quoted(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", kept.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A name as the text of a heading.
fn heading(name: &str) -> String {
    let mut text = String::new();
    for c in name.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()) {
        if "\\`*_[]<>{}#&~|!^$".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// A fenced block whose fence is longer than any within.
fn block(info: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{info}\n{text}{fence}")
}

#[cfg(test)]
mod tests;
