//! Tests that are right and say less than they seem to: warnings, since only an author can tell whether that is meant.

use crate::content::{Loaded, Problem, Severity};
use crate::domain::exercise::{Exercise, SourceLine};
use crate::domain::verdict::ExpectedSet;

/// So many answers of yes or no are guessed one time in sixteen.
const FEW: usize = 4;

/// What looks weak in an exercise whose reference passes. `failed` has the cases that each wrong answer fails.
pub(super) fn warnings(
    loaded: &Loaded,
    exercise: &Exercise,
    expected: &ExpectedSet,
    failed: &[&[String]],
) -> Vec<Problem> {
    let mut found = unneeded(exercise, failed);
    found.extend(guessable(exercise, expected));
    found.extend(unused_support(exercise));
    let warning = |weak: Weak<'_>| Problem {
        severity: Severity::Warning,
        ..loaded.problem_at_line(exercise, weak.at, weak.code, weak.message, weak.help)
    };
    found.into_iter().map(warning).collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Weak<'a> {
    at: SourceLine<'a>,
    code: &'static str,
    message: String,
    help: &'static str,
}

/// Hidden cases that catch nobody.
fn unneeded<'e>(exercise: &'e Exercise, failed: &[&[String]]) -> Vec<Weak<'e>> {
    if failed.is_empty() {
        return Vec::new();
    }
    let hidden = exercise.tests.cases.iter().filter(|case| case.hidden);
    hidden
        .filter(|case| !failed.iter().any(|names| names.contains(&case.name)))
        .map(|case| Weak {
            at: case.at(),
            code: "unneeded-case",
            message: format!("no wrong answer fails the hidden case '{}'", case.name),
            help: "write the mistake that it is there for as a `wrong` block, or leave the case out",
        })
        .collect()
}

/// Cases of which a few guesses pass all.
fn guessable<'e>(exercise: &'e Exercise, expected: &ExpectedSet) -> Option<Weak<'e>> {
    let values: Vec<&str> = expected.values.iter().flatten().flatten().map(|value| value.text.as_str()).collect();
    let plain = exercise.tests.cases.iter().flat_map(|case| &case.steps).all(|step| step.prints.is_none());
    let steps = exercise.tests.cases.iter().flat_map(|case| &case.steps).filter(|step| step.expect.is_some()).count();
    let yes_or_no =
        !values.is_empty() && values.len() == steps && values.iter().all(|text| matches!(*text, "true" | "false"));
    let same = values.iter().all(|text| Some(text) == values.first());
    (plain && yes_or_no && (same || values.len() < FEW)).then(|| Weak {
        at: exercise.line.into(),
        code: "guessable",
        message: if same {
            format!("every case of '{}' expects {}: a function that always says so passes", exercise.id, values[0])
        } else {
            format!("'{}' has {} answers of true or false: guessing passes now and then", exercise.id, values.len())
        },
        help: "ask for more, or for values that cannot be guessed",
    })
}

/// Support files whose modules nothing names.
fn unused_support(exercise: &Exercise) -> Vec<Weak<'_>> {
    let tests = &exercise.tests;
    let mut texts: Vec<&str> = vec![&tests.solution, &exercise.starter];
    texts.extend(exercise.files.iter().map(|file| file.text.as_str()));
    texts.extend(tests.cases.iter().flat_map(|case| &case.steps).map(|step| step.code.as_str()));
    texts.extend(tests.exunit.iter().flat_map(|exunit| &exunit.files).map(|file| file.text.as_str()));
    let used = |name: &str, own: &str| {
        let others = tests.support.iter().filter(|file| file.file != own).map(|file| file.text.as_str());
        texts.iter().copied().chain(others).any(|text| names(text, name))
    };
    let unused = tests.support.iter().filter(|file| {
        let modules = modules(&file.text);
        // A protocol's implementation, or what acts when it is loaded, is used without being named.
        !modules.is_empty()
            && !["defimpl", "use ", "@on_load"].iter().any(|word| file.text.contains(word))
            && !modules.iter().any(|module| used(module, &file.file))
    });
    unused
        .map(|file| Weak {
            at: exercise.line.into(),
            code: "unused-support",
            message: format!("nothing of '{}' uses the support file `{}`", exercise.id, file.file),
            help: "leave it out, or use it in a case, the starter or the reference",
        })
        .collect()
}

/// The modules that a file defines.
fn modules(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| {
            let mut words = ["defmodule ", "defprotocol ", "-module("].into_iter();
            let rest = words.find_map(|word| line.trim_start().strip_prefix(word))?.trim_start();
            let end = rest.find(|c: char| !(c.is_alphanumeric() || "._".contains(c))).unwrap_or(rest.len());
            Some(&rest[..end]).filter(|name| !name.is_empty())
        })
        .collect()
}

/// Whether a text names a module, as a whole word.
fn names(text: &str, module: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(module)
        .any(|(at, _)| !part(text[..at].chars().next_back()) && !part(text[at + module.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_in_both_languages_and_named_as_whole_words() {
        assert_eq!(modules("defmodule Shop.Cart do\nend\n  defmodule Line do\n"), ["Shop.Cart", "Line"]);
        assert_eq!(modules("-module(shop).\n"), ["shop"]);
        assert!(names("Shop.Cart.add(1)", "Shop.Cart") && !names("Shop.Carts.add(1)", "Shop.Cart"));
        assert!(names("shop:open()", "shop") && !names("bishop:open()", "shop"));
    }
}
