//! What can be found: lessons, their headings and their exercises, and the terms of the glossary. All of it is in memory, and looked through whole: a
//! course has some hundred entries.

use std::collections::HashSet;

use serde::Serialize;
use strsim::damerau_levenshtein;

use crate::domain::glossary::Glossary;
use crate::domain::lesson::{Course, Lesson, Part};

/// Words of a query that are looked for; the others are ignored.
const QUERY_WORDS: usize = 8;

/// Characters of a word of a query that are looked at.
const WORD_CHARS: usize = 40;

/// From so many characters on a word may have one slip, and two.
const SLIPS: (usize, usize) = (4, 8);

/// Everything that can be found in a course.
#[derive(Debug, Default)]
pub struct Index {
    entries: Vec<Entry>,
}

/// A place in the course.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// The title of its lesson, or of the glossary.
    pub lesson: String,
    /// Where it is.
    pub url: String,
}

/// What a place is.
#[derive(Debug, Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A lesson.
    Lesson,
    /// A part of one, under a heading.
    Section,
    /// An exercise.
    Exercise,
    /// A term of the glossary.
    Term,
}

#[derive(Debug)]
struct Entry {
    place: Place,
    /// The words of its title.
    title: Vec<String>,
    /// What else it may be found by, such as a lesson's summary.
    beside: Vec<String>,
    /// Words of the text, which must be written right.
    text: HashSet<String>,
}

/// How well a word fits, from best to not at all. The distances between them decide what goes before what when a query
/// has several words.
mod fit {
    pub const SAME: u32 = 100;
    pub const BEGINS: u32 = 70;
    pub const WITHIN: u32 = 40;
    pub const SLIP: u32 = 30;
    pub const BESIDE: u32 = 25;
    pub const TEXT: u32 = 10;
}

impl Index {
    /// The index of a course.
    #[must_use]
    pub fn new(course: &Course) -> Self {
        Self { entries: course.lessons().flat_map(entries).chain(terms(&course.glossary)).collect() }
    }

    /// Places that fit every word of the query, the best first, at most so many. None for a query without words.
    #[must_use]
    pub fn find(&self, query: &str, limit: usize) -> Vec<&Place> {
        let mut wanted = words(query);
        wanted.truncate(QUERY_WORDS);
        if wanted.is_empty() {
            return Vec::new();
        }
        // What is written right is meant as it is written.
        let exact = self.fitting(&wanted, false);
        let mut found = if exact.is_empty() { self.fitting(&wanted, true) } else { exact };
        // Stable: what fits equally well stays in the order of the course.
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        found.into_iter().take(limit).map(|(_, place)| place).collect()
    }

    /// Places that fit every word, and how well.
    fn fitting(&self, wanted: &[String], with_slips: bool) -> Vec<((u32, u32, u8), &Place)> {
        let scored = self.entries.iter().filter_map(|entry| {
            let mut fits = wanted.iter().map(|word| entry.fit(word, with_slips));
            let whole = fits.try_fold(0, |sum, fit| (fit > 0).then_some(sum + fit))?;
            // Of two that fit as well the shorter title says more, and a lesson goes before its parts.
            let brevity = 20_u32.saturating_sub(u32::try_from(entry.title.len()).unwrap_or(20));
            let rank = match entry.place.kind {
                Kind::Lesson => 3,
                Kind::Term => 2,
                Kind::Exercise => 1,
                Kind::Section => 0,
            };
            Some(((whole, brevity, rank), &entry.place))
        });
        scored.collect()
    }
}

impl Entry {
    fn fit(&self, wanted: &str, with_slips: bool) -> u32 {
        let title = self.title.iter().map(|word| fit_of(wanted, word, with_slips)).max().unwrap_or(0);
        if title >= fit::WITHIN {
            return title;
        }
        let beside = self.beside.iter().any(|word| word.starts_with(wanted));
        let text = self.text.contains(wanted);
        title.max(if beside { fit::BESIDE } else { 0 }).max(if text { fit::TEXT } else { 0 })
    }
}

fn fit_of(wanted: &str, word: &str, with_slips: bool) -> u32 {
    if word == wanted {
        return fit::SAME;
    }
    if word.starts_with(wanted) {
        return fit::BEGINS;
    }
    let length = wanted.chars().count();
    if length >= 3 && word.contains(wanted) {
        return fit::WITHIN;
    }
    let slips = if length >= SLIPS.1 { 2 } else { usize::from(length >= SLIPS.0) };
    if !with_slips {
        return 0;
    }
    let near = |other: &str| damerau_levenshtein(wanted, other) <= slips;
    // A word that is still being typed is compared with as much of the other, a letter forgotten or doubled.
    let begun = |letters| word.chars().take(letters).collect::<String>();
    let fits = slips > 0 && (near(word) || (length - 1..=length + 1).any(|letters| near(&begun(letters))));
    if fits { fit::SLIP } else { 0 }
}

fn entries(lesson: &Lesson) -> Vec<Entry> {
    let page = format!("/lessons/{}", lesson.slug);
    let entry = |kind, title: &str, anchor: Option<&str>, beside: &str, text| Entry {
        place: Place {
            kind,
            title: title.to_owned(),
            lesson: lesson.title.clone(),
            url: anchor.map_or_else(|| page.clone(), |anchor| format!("{page}#{anchor}")),
        },
        title: words(title),
        beside: words(beside),
        text,
    };
    let exercises: Vec<_> = lesson.exercises().collect();
    let is_exercise = |anchor: &str| exercises.iter().any(|placed| placed.exercise.id.as_str() == anchor);
    let text = lesson.parts.iter().filter_map(|part| match part {
        Part::Html(html) => Some(words(&without_tags(html))),
        Part::Run { code, .. } => Some(words(code)),
        Part::Exercise(_) => None,
    });
    let mut entries = vec![entry(Kind::Lesson, &lesson.title, None, &lesson.summary, text.flatten().collect())];
    for heading in lesson.headings.iter().filter(|heading| !is_exercise(&heading.anchor)) {
        entries.push(entry(Kind::Section, &heading.text, Some(&heading.anchor), "", HashSet::new()));
    }
    for placed in exercises {
        let (id, statement) = (placed.exercise.id.as_str(), words(&without_tags(&placed.statement)));
        entries.push(entry(
            Kind::Exercise,
            &placed.exercise.title,
            Some(id),
            &id.replace('-', " "),
            statement.into_iter().collect(),
        ));
    }
    entries
}

fn terms(glossary: &Glossary) -> impl Iterator<Item = Entry> {
    glossary.terms.iter().map(|term| Entry {
        place: Place {
            kind: Kind::Term,
            title: term.name.clone(),
            lesson: glossary.title.clone(),
            url: format!("/glossary#{}", term.anchor),
        },
        title: words(&term.name),
        beside: Vec::new(),
        text: words(&without_tags(&term.html)).into_iter().collect(),
    })
}

/// Words in small letters. `Enum.map/2` is three of them, so that it is found by any of its parts.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in text.split_whitespace() {
        let piece: String = piece.to_lowercase().chars().take(WORD_CHARS).collect();
        let outer = piece.trim_matches(|c: char| !c.is_alphanumeric() && !"+-*<>=|&^!?@%".contains(c));
        let parts: Vec<&str> =
            outer.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|it| !it.is_empty()).collect();
        match parts.as_slice() {
            // An operator, which has no letters.
            [] if !outer.is_empty() => words.push(outer.to_owned()),
            [only] => words.push((*only).to_owned()),
            several => words.extend(several.iter().map(|part| (*part).to_owned())),
        }
    }
    words
}

/// The text of HTML. Entities of punctuation become spaces: nobody looks for them.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            _ if in_tag => {}
            c => text.push(c),
        }
    }
    ["&lt;", "&gt;", "&amp;", "&quot;", "&#39;"].iter().fold(text, |text, entity| text.replace(entity, " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::glossary::Term;
    use crate::domain::lesson::Heading;
    use crate::web::views::fixtures::course;

    fn titles(query: &str) -> Vec<String> {
        let mut course = course();
        course.chapters[0].lessons[0].headings = vec![
            Heading { level: 2, text: "Shapes of tuples".into(), anchor: "shapes".into() },
            Heading { level: 3, text: "Swap".into(), anchor: "swap".into() },
            Heading { level: 2, text: "Enum.map/2 and |>".into(), anchor: "map".into() },
        ];
        let (name, html) = ("Arity".to_owned(), "<p>How many <code>arguments</code> it takes.</p>".to_owned());
        course.glossary.terms = vec![Term { name, anchor: "arity".into(), html, first: String::new() }];
        Index::new(&course).find(query, 10).into_iter().map(|place| place.title.clone()).collect()
    }

    #[test]
    fn lessons_headings_and_exercises_are_found_by_any_of_their_words() {
        assert_eq!(titles("pattern"), ["Pattern matching"]);
        assert_eq!(titles("TUPLES"), ["Shapes of tuples"]);
        assert_eq!(titles("first default"), ["First or default"]);
        assert_eq!(titles("enum.map"), ["Enum.map/2 and |>"]);
        assert_eq!(titles("map"), ["Enum.map/2 and |>"]);
        assert_eq!(titles("|>"), ["Enum.map/2 and |>"]);
        assert_eq!(titles("arity"), ["Arity"]);
        assert_eq!(titles("arguments"), ["Arity"], "by the words of its definition");
        assert_eq!(titles("swap"), ["Swap"], "an exercise's heading is not found beside the exercise");
    }

    #[test]
    fn a_word_that_is_not_finished_or_has_a_slip_is_understood() {
        for query in ["patt", "patern", "pattrn mathing", "ptatern", "Pattern mach"] {
            assert_eq!(titles(query).first().map(String::as_str), Some("Pattern matching"), "{query}");
        }
        assert_eq!(titles("swpa"), ["Swap"]);
    }

    #[test]
    fn every_word_must_fit_and_nothing_finds_nothing() {
        assert_eq!(titles("pattern zebra"), Vec::<String>::new());
        assert_eq!(titles(""), Vec::<String>::new());
        assert_eq!(titles(" … "), Vec::<String>::new());
        assert_eq!(titles("x".repeat(100_000).as_str()), Vec::<String>::new());
    }

    #[test]
    fn a_title_goes_before_a_text() {
        // Both lessons have the word in their summary.
        assert_eq!(titles("shape")[0], "Shapes of tuples");
        assert_eq!(titles("describing"), ["Outlook", "Pattern matching"]);
        assert_eq!(titles("more"), ["Outlook"], "from the text of the lesson");
    }
}
