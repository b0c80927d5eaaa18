//! From the `test` blocks of an exercise to its cases: their names, their points, their order.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::domain::exercise::Case;

use super::doctest::Steps;
use super::problem::Problem;
use super::roles::TestAttributes;
use super::source::Source;

/// Longest name that is made from an expression, in characters.
const LONGEST_NAME: usize = 80;

/// A `test` block, in the lesson or in the private tree.
#[derive(Debug, Clone)]
pub(super) struct TestBlock<'a> {
    pub source: &'a Source,
    pub attributes: TestAttributes,
    pub cases: Vec<Steps>,
}

/// The cases of all blocks, visible ones first, and what they are worth together.
///
/// `stated` is what the exercise says it is worth, and where.
pub(super) fn assemble(
    blocks: &[TestBlock<'_>],
    stated: Option<(u32, Range<usize>)>,
    lesson: &Source,
    problems: &mut Vec<Problem>,
) -> (Vec<Case>, u32) {
    let names = names(blocks, problems);
    let mut cases = Vec::new();
    for (block, names) in blocks.iter().zip(names) {
        for (steps, name) in block.cases.iter().zip(names) {
            cases.push(Case {
                name,
                hidden: block.attributes.hidden,
                line: steps.steps.first().map_or(0, |step| step.line),
                file: elsewhere(block.source, lesson),
                steps: steps.steps.clone(),
                points: 0,
                timeout_ms: block.attributes.timeout_ms,
            });
        }
    }
    let total = share_points(blocks, stated, &mut cases, lesson, problems);
    cases.sort_by_key(|case| case.hidden);
    (cases, total)
}

/// The name of the file that something stands in, where that is not the lesson's.
pub(super) fn elsewhere(source: &Source, lesson: &Source) -> Option<String> {
    (source.file != lesson.file).then(|| source.file.clone())
}

/// Names by block. A name that the author gave wins; a hidden case without one is numbered, because its expression
/// would give away what it asks.
fn names(blocks: &[TestBlock<'_>], problems: &mut Vec<Problem>) -> Vec<Vec<String>> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    let mut names = vec![Vec::new(); blocks.len()];
    for (block, names) in blocks.iter().zip(&mut names) {
        let Some(name) = &block.attributes.name else { continue };
        let count = block.cases.len();
        for number in 1..=count {
            let full = if count == 1 { name.text.clone() } else { format!("{} {number}", name.text) };
            let (line, column) = block.source.position(name.span.start);
            if let Some(first) = taken.get(&full) {
                problems.push(Problem::error(
                    block.source,
                    "duplicate-case-name",
                    name.span.clone(),
                    format!("two cases are called `{full}`: the first is named at {first}"),
                    "give each case of an exercise a name of its own",
                ));
            } else {
                taken.insert(full.clone(), format!("{}:{line}:{column}", block.source.file));
            }
            names.push(full);
        }
    }
    let mut taken: BTreeSet<String> = taken.into_keys().collect();
    let mut numbers = 1_usize..;
    for (block, names) in blocks.iter().zip(&mut names).filter(|(block, _)| block.attributes.name.is_none()) {
        for case in &block.cases {
            let name = if block.attributes.hidden {
                free(&taken, numbers.by_ref().map(|number| format!("hidden {number}")))
            } else {
                let base = name_of(case);
                let numbered = (2..).map(|number| format!("{base} ({number})"));
                free(&taken, std::iter::once(base.clone()).chain(numbered))
            };
            taken.insert(name.clone());
            names.push(name);
        }
    }
    names
}

fn free(taken: &BTreeSet<String>, mut names: impl Iterator<Item = String>) -> String {
    names.find(|name| !taken.contains(name)).unwrap_or_default()
}

/// The last expression of a case, on one line.
fn name_of(case: &Steps) -> String {
    let code = case.steps.last().map(|step| step.code.as_str()).unwrap_or_default();
    let name = code.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() <= LONGEST_NAME {
        return name;
    }
    let mut short: String = name.chars().take(LONGEST_NAME - 1).collect();
    short.push('…');
    short
}

/// Gives every case its points, and returns their sum.
///
/// A block's points are shared by its cases; what the exercise is worth beyond its blocks' points is shared by the
/// cases of the other blocks. Where it does not say what it is worth, each of those counts one point.
fn share_points(
    blocks: &[TestBlock<'_>],
    stated: Option<(u32, Range<usize>)>,
    cases: &mut [Case],
    lesson: &Source,
    problems: &mut Vec<Problem>,
) -> u32 {
    let mut rest = Vec::new();
    let mut sum = 0_u32;
    let mut at = 0;
    for block in blocks {
        let of_block = at..at + block.cases.len();
        at = of_block.end;
        match block.attributes.points {
            Some((points, _)) => {
                sum = sum.saturating_add(points);
                let indices = of_block.collect::<Vec<_>>();
                share(points, &indices, cases);
            }
            None => rest.extend(of_block),
        }
    }
    let Some((points, span)) = stated else {
        rest.iter().for_each(|index| cases[*index].points = 1);
        return cases.iter().map(|case| case.points).sum();
    };
    if sum > points || (rest.is_empty() && !cases.is_empty() && sum != points) {
        problems.push(Problem::error(
            lesson,
            "points-mismatch",
            span,
            format!("the exercise is worth {points}, but the points of its blocks add up to {sum}"),
            format!("write points={sum} here, or leave it out"),
        ));
        return points;
    }
    rest.sort_by_key(|index| cases[*index].hidden);
    share(points - sum, &rest, cases);
    points
}

/// Equal shares; what is left over goes to the first cases, one point each.
fn share(points: u32, indices: &[usize], cases: &mut [Case]) {
    let Some(count) = u32::try_from(indices.len()).ok().filter(|count| *count > 0) else {
        return;
    };
    for (place, index) in (0_u32..).zip(indices) {
        cases[*index].points = points / count + u32::from(place < points % count);
    }
}

/// Splits `fails="a, b"` into the names of cases. A name may itself hold commas: the longest known name wins.
/// Returns each name with its place, and whether it is known.
pub(super) fn split_names(text: &str, at: usize, known: &[Case]) -> Vec<(String, Range<usize>, bool)> {
    let mut names = Vec::new();
    let mut from = 0;
    while from < text.len() {
        let rest = &text[from..];
        let start = from + rest.len() - rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace()).len();
        let rest = &text[start..];
        if rest.is_empty() {
            break;
        }
        let ends_well = |name: &&str| {
            rest.strip_prefix(*name)
                .is_some_and(|after| after.trim_start().is_empty() || after.trim_start().starts_with(','))
        };
        let longest = known.iter().map(|case| case.name.as_str()).filter(ends_well).max_by_key(|name| name.len());
        let name = longest.unwrap_or_else(|| rest.split(',').next().unwrap_or(rest).trim_end());
        names.push((name.to_owned(), at + start..at + start + name.len(), longest.is_some()));
        from = start + name.len().max(1);
    }
    names
}

#[cfg(test)]
#[path = "cases_tests.rs"]
mod tests;
