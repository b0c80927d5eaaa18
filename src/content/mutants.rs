//! Small changes to a reference solution, each of which some case should notice (mutation testing: DeMillo, Lipton and Sayward,
//! "Hints on Test Data Selection", 1978). Only text is changed here, by what the parser says stands where; nothing is run.

mod elixir;
mod erlang;

use std::ops::Range;

use crate::domain::exercise::Language;

/// More than these are left out, evenly: a long reference has many that tell the same.
const MOST: usize = 60;

/// Functions to which the order of their arguments is all the same.
const SYMMETRIC: [&str; 2] = ["min", "max"];

/// A changed reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The line of the change in the reference, counted from 1.
    pub line: u32,
    /// The column, counted from 1, in characters.
    pub column: u32,
    /// What was changed, for people.
    pub change: String,
    /// The whole reference with the change.
    pub code: String,
}

/// All small changes to a reference, in the order of their places.
#[must_use]
pub fn mutants(language: Language, code: &str) -> Vec<Mutant> {
    let mut changes = match language {
        Language::Elixir => elixir::changes(code),
        Language::Erlang => erlang::changes(code),
    };
    changes.sort_by_key(|change| (change.at.start, change.at.end));
    changes.dedup_by(|one, other| one.at == other.at && one.text == other.text);
    let step = changes.len().div_ceil(MOST).max(1);
    changes.into_iter().step_by(step).map(|change| change.applied(code)).collect()
}

/// Another text for a stretch of the reference.
struct Change {
    at: Range<usize>,
    text: String,
    said: String,
    /// Where it is shown.
    place: usize,
}

impl Change {
    fn new(at: Range<usize>, text: impl Into<String>, said: String) -> Self {
        Self { place: at.start, at, text: text.into(), said }
    }

    fn applied(self, code: &str) -> Mutant {
        let before = &code[..self.place];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let code = format!("{}{}{}", &code[..self.at.start], self.text, &code[self.at.end..]);
        Mutant { line: number(line), column: number(column), change: self.said, code }
    }

    /// A number one up, and one down unless it is 0.
    fn of_integer(at: Range<usize>, old: &str) -> Vec<Self> {
        let Ok(number) = old.replace('_', "").parse::<i64>() else { return Vec::new() };
        let to = |new: i64| Self::new(at.clone(), new.to_string(), format!("`{old}` became `{new}`"));
        let up = std::iter::once(number.saturating_add(1));
        up.chain((number > 0).then_some(number - 1)).map(to).collect()
    }
}

/// The beginning of a long text.
fn short(text: &str) -> String {
    const WIDTH: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
