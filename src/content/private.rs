//! The private tree: hidden tests that are kept out of the public repository.
//!
//! Its files have the same shape as lessons, but hold only exercise comments with `test` and `wrong` blocks; any text
//! around them is for their authors. All its tests are hidden, whether they say so or not.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::ids::ExerciseId;

use super::exercise::{self, PrivateTests};
use super::front_matter;
use super::nearest::suggest;
use super::opening;
use super::problem::{Problem, Problems};
use super::roles::Role;
use super::scan::{Piece, scan};
use super::source::Source;

/// Adds what a private file holds to `tests`; remembers where each exercise is named.
pub(super) fn read<'a>(source: &'a Source, tests: &mut PrivateTests<'a>, places: &mut Vec<Place<'a>>) -> Vec<Problem> {
    let mut problems = Problems::new(source);
    let body = front_matter::find(source, &mut problems).map_or(0, |(_, body)| body);
    let mut current: Option<(Option<ExerciseId>, Range<usize>)> = None;
    for piece in scan(body, &mut problems) {
        match piece {
            Piece::Open { span, attributes } => {
                if let Some((_, open)) = &current {
                    let line = source.line(open.start);
                    let message = format!("an exercise begins here while the one of line {line} is still open");
                    problems.error(
                        "nested-exercise",
                        span.clone(),
                        message,
                        "close the first one with <!-- /exercise -->",
                    );
                }
                let opening = opening::read(span.clone(), attributes, &mut problems);
                if let Some(id) = &opening.id {
                    places.push(Place { source, id: id.clone(), span: opening.id_span.clone() });
                    tests.entry(id.clone()).or_default();
                }
                if opening.points.is_some() || opening.starter_passes {
                    let help = "leave them to the public lesson";
                    problems.error(
                        "private-block",
                        span.clone(),
                        "the private tree cannot change these attributes",
                        help,
                    );
                }
                current = Some((opening.id, span));
            }
            Piece::Close { span } if current.take().is_none() => {
                problems.error("stray-exercise-end", span, "no exercise is open here", "take this comment out");
            }
            Piece::Block(role, fence) => {
                let Some((id, _)) = &current else {
                    let help = "put it between <!-- exercise: its-id --> and <!-- /exercise -->";
                    let message = "a block with this role belongs to an exercise, and none is open here";
                    problems.error("role-outside-exercise", fence.info.clone(), message, help);
                    continue;
                };
                let added = id.as_ref().and_then(|id| tests.get_mut(id));
                match role {
                    Role::Test(mut attributes) => {
                        attributes.hidden = true;
                        let block = exercise::test_block(attributes, &fence, &mut problems);
                        added.into_iter().for_each(|added| added.tests.push(block.clone()));
                    }
                    Role::Wrong { fails, says } => {
                        let block = exercise::wrong_block(fails, says, &fence, &mut problems);
                        added.into_iter().for_each(|added| added.wrong.push(block.clone()));
                    }
                    _ => problems.error(
                        "private-block",
                        fence.info.clone(),
                        "the private tree adds only `test` and `wrong` blocks",
                        "move this block to the public lesson",
                    ),
                }
            }
            Piece::Close { .. } | Piece::Text(_) | Piece::Hint { .. } => {}
        }
    }
    if let Some((_, span)) = current
        && !problems.has("unclosed-fence")
    {
        problems.error("unclosed-exercise", span, "this exercise has no end", "close it with <!-- /exercise -->");
    }
    problems.list
}

/// Where the private tree names an exercise.
pub(super) struct Place<'a> {
    pub source: &'a Source,
    pub id: ExerciseId,
    pub span: Range<usize>,
}

/// Reports exercises of the private tree that the course does not have.
pub(super) fn check_known(places: &[Place<'_>], known: &BTreeMap<ExerciseId, String>) -> Vec<Problem> {
    let unknown = places.iter().filter(|place| !known.contains_key(&place.id));
    unknown
        .map(|place| {
            Problem::error(
                place.source,
                "unknown-exercise",
                place.span.clone(),
                format!("the course has no exercise `{}`", place.id),
                suggest(place.id.as_str(), known.keys().map(ExerciseId::as_str)),
            )
        })
        .collect()
}
