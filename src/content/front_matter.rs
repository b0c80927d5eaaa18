//! The lines between the two `---` at the top of a lesson, or a map in Elixir with one `---` below it.

use std::ops::Range;

use serde_saphyr::{Location, Spanned};

use crate::domain::ids::LessonSlug;

use super::elixir_map;
use super::nearest::{nearest, suggest};
use super::problem::{Problem, Problems, Severity};
use super::source::Source;
use super::yaml::{Entries, Yaml};

const KEYS: [&str; 4] = ["title", "summary", "needs", "teaches"];

/// What other sites call a summary. It is one here where there is no `summary`.
const SUMMARIES: [&str; 2] = ["description", "excerpt"];

/// What a lesson says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    pub title: String,
    pub summary: String,
    /// Lessons that come before, and where they are named.
    pub needs: Vec<(LessonSlug, Range<usize>)>,
    /// Words of code that are explained here, as the author wrote them.
    pub teaches: Vec<String>,
    /// The summary under a name that other sites use.
    foreign_summary: String,
}

/// Finds the front matter: the range of its YAML or its map, and where the lesson's text begins.
pub(super) fn find(source: &Source, problems: &mut Problems<'_>) -> Option<(Range<usize>, usize)> {
    let text = &source.text;
    let is_rule = |line: &str| line.trim_end() == "---";
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    let is_map = first.starts_with(MAP);
    if !is_rule(first) && !is_map {
        return None;
    }
    let start = if is_map { 0 } else { first.len() };
    let mut at = first.len();
    for line in lines {
        if is_rule(line) {
            return Some((start..at, at + line.len()));
        }
        at += line.len();
    }
    problems.error(
        "unclosed-front-matter",
        0..first.trim_end().len(),
        "the front matter has no end",
        "close it with a line of three hyphens",
    );
    Some((start..start, if is_map { 0 } else { start }))
}

/// Whether a file begins as if it had a front matter.
pub(super) fn begins(source: &Source) -> bool {
    let first = source.text.lines().next().unwrap_or_default();
    first.trim_end() == "---" || first.starts_with(MAP)
}

/// How a map in Elixir begins.
const MAP: &str = "%{";

/// Reads the front matter of a lesson, and returns where its text begins.
pub(super) fn read(problems: &mut Problems<'_>) -> (FrontMatter, usize) {
    let source = problems.source;
    let Some((range, body)) = find(source, problems) else {
        let first_line = source.line_range(0);
        problems.error(
            "missing-front-matter",
            first_line,
            "a lesson begins with its front matter",
            "begin the file with three lines: `---`, `title: …`, `---`",
        );
        return (FrontMatter::default(), 0);
    };
    if problems.has("unclosed-front-matter") {
        return (FrontMatter::default(), body);
    }
    let text = &source.text[range.clone()];
    let mut matter = FrontMatter::default();
    let titled = if text.starts_with(MAP) {
        map(&mut matter, text, problems)
    } else if text.trim().is_empty() {
        false
    } else {
        match yaml(&mut matter, text, range, problems) {
            Some(titled) => titled,
            None => return (matter, body),
        }
    };
    if matter.summary.is_empty() {
        matter.summary = std::mem::take(&mut matter.foreign_summary);
    }
    if !titled {
        problems.error(
            "missing-title",
            0..source.line_range(0).end,
            "the front matter has no `title`",
            "add a line such as `title: Pattern matching`",
        );
    }
    (matter, body)
}

/// Reads the entries of YAML; answers whether `title` is among them, or nothing where it is not YAML.
fn yaml(matter: &mut FrontMatter, text: &str, range: Range<usize>, problems: &mut Problems<'_>) -> Option<bool> {
    let mut titled = false;
    match serde_saphyr::from_str::<Entries>(text) {
        Ok(Entries(entries)) => {
            for (key, value) in &entries {
                titled |= key.value == "title";
                let key_at = place(problems.source, range.start, key.referenced);
                let value_at = place(problems.source, range.start, value.referenced);
                let value_span = value_at..end_of_value(problems.source, value_at);
                entry(matter, (&key.value, key_at), (&value.value, value_span), range.start, problems);
            }
            Some(titled)
        }
        Err(error) => {
            report_yaml(&error, text, range, problems);
            None
        }
    }
}

/// Reads the entries of a map, which begins where the file does; answers whether a title need not be missed.
fn map(matter: &mut FrontMatter, text: &str, problems: &mut Problems<'_>) -> bool {
    match elixir_map::read(text) {
        Ok(entries) => {
            for found in &entries {
                entry(
                    matter,
                    (&found.key, found.key_span.start),
                    (&found.value, found.value_span.clone()),
                    0,
                    problems,
                );
            }
            entries.iter().any(|found| found.key == "title")
        }
        Err(span) => {
            let help =
                "write `%{`, lines such as `title: \"Enum\",`, and `}`; or use YAML between two lines of three hyphens";
            problems.error(
                "bad-front-matter-map",
                span,
                "the front matter is not a map of Elixir with words as keys",
                help,
            );
            true
        }
    }
}

fn report_yaml(error: &serde_saphyr::Error, yaml: &str, range: Range<usize>, problems: &mut Problems<'_>) {
    let at = match error.location() {
        Some(location) => place(problems.source, range.start, location),
        None => range.start,
    };
    // The end of the YAML is on the closing rule's line, which is not where the mistake is.
    let at = if at >= range.end { range.start + yaml.trim_end().len() } else { at };
    let end = problems.source.line_range(at).end;
    let message = error.without_snippet().to_string();
    let message = message.split(" at line ").next().unwrap_or_default().trim_end_matches(['.', ',']).to_owned();
    let twice = message.contains("duplicate");
    problems.error(
        if twice { "duplicate-key" } else { "bad-yaml" },
        at..end.max(at),
        format!("the front matter is not valid YAML: {message}"),
        if twice { "keep one of them" } else { "write `key: value`; a value with `:` or `#` in it needs quotes" },
    );
}

fn place(source: &Source, base: usize, location: Location) -> usize {
    let first = source.line(base) as usize;
    let line = usize::try_from(location.line()).unwrap_or(1).max(1);
    let column = usize::try_from(location.column()).unwrap_or(1);
    source.offset(first + line - 1, column)
}

fn entry(
    matter: &mut FrontMatter,
    (key, key_at): (&str, usize),
    (value, value_span): (&Yaml, Range<usize>),
    base: usize,
    problems: &mut Problems<'_>,
) {
    let source = problems.source;
    let mut wrong_type = |wanted: &str| {
        problems.error(
            "wrong-type",
            value_span.clone(),
            format!("`{key}` is {} here", value.kind()),
            wanted.to_owned(),
        );
    };
    match (key, value) {
        ("title", Yaml::Text(text)) if !text.trim().is_empty() => matter.title = on_one_line(text),
        ("title", Yaml::Text(_)) => wrong_type("give the lesson a title of at least one character"),
        ("title", _) => wrong_type("a title is text; quote it: title: \"2\""),
        ("summary", Yaml::Text(text)) => matter.summary = on_one_line(text),
        ("summary", Yaml::Null) => {}
        ("summary", _) => wrong_type("a summary is one sentence of text"),
        ("needs", Yaml::Null) => {}
        ("needs", Yaml::List(items)) => {
            for item in items {
                need(matter, item, place(source, base, item.referenced), problems);
            }
        }
        ("needs", _) => wrong_type("write a list of lessons: needs: [lists, recursion]"),
        ("teaches", Yaml::Null) => {}
        ("teaches", Yaml::List(items)) => {
            for item in items {
                match &item.value {
                    Yaml::Text(text) if !text.trim().is_empty() => matter.teaches.push(text.trim().to_owned()),
                    other => problems.error(
                        "wrong-type",
                        place(source, base, item.referenced)..value_span.end,
                        format!("`teaches` names {} here", other.kind()),
                        "name what code is written with, quoted where YAML asks for it: teaches: [Enum.map/2, with, \"|>\"]",
                    ),
                }
            }
        }
        ("teaches", _) => wrong_type("write a list: teaches: [Enum.map/2, with, \"|>\"]"),
        (other, Yaml::Text(text)) if SUMMARIES.contains(&other) => matter.foreign_summary = on_one_line(text),
        (other, Yaml::Null) if SUMMARIES.contains(&other) => {}
        (unknown, _) => unknown_key(unknown, key_at..key_at + unknown.len(), problems),
    }
}

/// A slip in one of our keys loses what it says, so it is an error. A key of another site loses nothing.
fn unknown_key(key: &str, span: Range<usize>, problems: &mut Problems<'_>) {
    let message = format!("`{key}` is not a key of the front matter");
    if nearest(key, KEYS).is_some() {
        problems.error("unknown-key", span, message, suggest(key, KEYS));
        return;
    }
    let help = format!("it changes nothing here; {}", suggest(key, KEYS));
    let problem = Problem::error(problems.source, "unknown-key", span, message, help);
    problems.list.push(Problem { severity: Severity::Warning, ..problem });
}

fn need(matter: &mut FrontMatter, item: &Spanned<Yaml>, at: usize, problems: &mut Problems<'_>) {
    let source = problems.source;
    let Yaml::Text(text) = &item.value else {
        problems.error(
            "wrong-type",
            at..end_of_value(source, at),
            format!("`needs` names a lesson by {} here", item.value.kind()),
            "name a lesson by its file's name without number and ending, as in needs: [pattern-matching]",
        );
        return;
    };
    let span = at..at + if source.text[at..].starts_with(text.as_str()) { text.len() } else { text.len() + 2 };
    match LessonSlug::parse(text) {
        Ok(slug) => matter.needs.push((slug, span)),
        Err(error) => problems.error(
            "unknown-lesson",
            span,
            format!("`needs` names no lesson: {error}"),
            "name a lesson by its file's name without number and ending: 02-pattern-matching.md is pattern-matching",
        ),
    }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn end_of_value(source: &Source, at: usize) -> usize {
    let line = source.line_range(at);
    at + source.text[at..line.end.max(at)].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, u32, u32)> {
        let source = Source::new("x.md", text);
        let mut problems = Problems::new(&source);
        read(&mut problems);
        problems.list.iter().map(|problem| (problem.code, problem.line, problem.column)).collect()
    }

    #[test]
    fn a_good_front_matter_is_read() {
        let source = Source::new("x.md", "---\ntitle: A & B\nsummary: Short.\nneeds: [lists, \"maps\"]\n---\nText");
        let mut problems = Problems::new(&source);
        let (matter, body) = read(&mut problems);
        assert!(problems.list.is_empty(), "{:?}", problems.list);
        assert_eq!((matter.title.as_str(), matter.summary.as_str()), ("A & B", "Short."));
        assert_eq!(matter.needs.iter().map(|(slug, _)| slug.as_str()).collect::<Vec<_>>(), ["lists", "maps"]);
        assert_eq!(&source.text[matter.needs[0].1.clone()], "lists");
        assert_eq!(&source.text[body..], "Text");
    }

    #[test]
    fn mistakes_are_found_where_they_are() {
        assert_eq!(codes("Text"), [("missing-front-matter", 1, 1)]);
        assert_eq!(codes("---\ntitle: x\n"), [("unclosed-front-matter", 1, 1)]);
        assert_eq!(codes("---\nsummary: x\n---\n"), [("missing-title", 1, 1)]);
        assert_eq!(codes("---\n---\n"), [("missing-title", 1, 1)]);
        assert_eq!(codes("---\ntitle: [a]\n---\n"), [("wrong-type", 2, 8)]);
        assert_eq!(codes("---\ntitle: 3\n---\n"), [("wrong-type", 2, 8)]);
        assert_eq!(codes("---\ntitle: x\ntitel: y\n---\n"), [("unknown-key", 3, 1)]);
        assert_eq!(codes("---\ntitle: x\nneeds: lists\n---\n"), [("wrong-type", 3, 8)]);
        assert_eq!(codes("---\ntitle: x\nneeds: [lists, 3]\n---\n"), [("wrong-type", 3, 16)]);
        assert_eq!(codes("---\ntitle: x\nneeds: [Lists]\n---\n"), [("unknown-lesson", 3, 9)]);
        assert_eq!(codes("---\ntitle: x\nteaches: with\n---\n"), [("wrong-type", 3, 10)]);
        assert_eq!(codes("---\ntitle: x\nteaches: [with, 3]\n---\n"), [("wrong-type", 3, 17)]);
        assert_eq!(codes("---\ntitle: \"x\n---\n")[0].0, "bad-yaml");
        assert_eq!(codes("---\ntitle: x\ntitle: y\n---\n"), [("duplicate-key", 3, 1)]);
        assert_eq!(codes("---\n- title\n---\n")[0].0, "bad-yaml");
        assert_eq!(codes("%{\n  titel: \"x\"\n}\n---\n"), [("unknown-key", 2, 3), ("missing-title", 1, 1)]);
        assert_eq!(codes("%{\n  title: 3\n}\n---\n"), [("wrong-type", 2, 10)]);
        assert_eq!(codes("%{title: \"x\"}\n"), [("unclosed-front-matter", 1, 1)]);
        assert_eq!(codes("%{\n  title: \n}\n---\n")[0].0, "bad-front-matter-map");
        assert_eq!(codes("%{title: \"x\", needs: [\"lists\"]}\n---\n"), [("wrong-type", 1, 22)]);
    }

    #[test]
    fn keys_of_other_sites_are_warnings_and_what_they_call_a_summary_is_one() {
        for text in [
            "---\ntitle: A\nlayout: page\nauthor: {name: x}\nversion: 1.2.0\nexcerpt: Short.\n---\nText",
            "%{\n  version: \"1.2.0\",\n  title: \"A\",\n  excerpt: \"\"\"\n  Short.\n  \"\"\"\n}\n---\nText",
        ] {
            let source = Source::new("x.md", text);
            let mut problems = Problems::new(&source);
            let (matter, body) = read(&mut problems);
            assert_eq!((matter.title.as_str(), matter.summary.as_str()), ("A", "Short."));
            assert!(problems.list.iter().all(|problem| problem.code == "unknown-key" && !problem.is_error()), "{text}");
            assert_eq!(problems.list.len(), text.matches("layout").count() * 2 + 1);
            assert_eq!(&source.text[body..], "Text");
        }
        assert_eq!(codes("---\ntitle: x\nlayout: y\n---\n"), [("unknown-key", 3, 1)]);
    }
}
