//! The comment that opens an exercise: its id, its points.

use std::ops::Range;

use crate::domain::ids::{ExerciseId, ImageName};
use crate::domain::job::Flavour;

use super::attributes;
use super::nearest::suggest;
use super::problem::Problems;
use super::roles;

/// The opening comment of an exercise.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub span: Range<usize>,
    pub id: Option<ExerciseId>,
    pub id_span: Range<usize>,
    pub points: Option<(u32, Range<usize>)>,
    pub starter_passes: bool,
    pub flavour: Option<Flavour>,
    pub image: Option<ImageName>,
}

/// Reads what stands in an exercise's opening comment.
pub(super) fn read(span: Range<usize>, attributes: Range<usize>, problems: &mut Problems<'_>) -> Opening {
    let words = attributes::parse(attributes, problems);
    let mut opening = Opening {
        id_span: span.clone(),
        span: span.clone(),
        id: None,
        points: None,
        starter_passes: false,
        flavour: None,
        image: None,
    };
    let Some((first, rest)) = words.split_first() else {
        problems.error("bad-exercise-id", span, "this exercise has no id", "write <!-- exercise: its-id -->");
        return opening;
    };
    opening.id_span = first.key_span.clone();
    if first.value.is_some() {
        let help = format!("write <!-- exercise: its-id {}=… -->", first.key);
        problems.error("bad-exercise-id", first.key_span.clone(), "the exercise's id comes first", help);
        return opening;
    }
    match ExerciseId::parse(&first.key) {
        Ok(id) => opening.id = Some(id),
        Err(error) => {
            let help = match kebab(&first.key) {
                Some(id) => format!("call it `{id}`; the id is permanent, because progress hangs on it"),
                None => "choose small letters and digits, joined by hyphens".to_owned(),
            };
            problems.error("bad-exercise-id", opening.id_span.clone(), error.to_string(), help);
        }
    }
    for word in rest {
        match (word.key.as_str(), &word.value) {
            ("points", Some(value)) => {
                opening.points = roles::points(value, 1, problems).map(|points| (points, value.span.clone()));
            }
            ("flavour", Some(value)) => match value.text.parse() {
                Ok(flavour) => opening.flavour = Some(flavour),
                Err(_) => problems.error(
                    "bad-attribute",
                    value.span.clone(),
                    format!("there is no VM `{}`", value.text),
                    "write flavour=jit where much is computed, flavour=emu, or nothing for the usual one",
                ),
            },
            ("image", Some(value)) => opening.image = roles::image(value, problems),
            ("starter-passes", None) => opening.starter_passes = true,
            ("points", None) => {
                problems.error("bad-attribute", word.span(), "`points` needs a value", "write points=3");
            }
            ("image", None) => {
                problems.error("bad-attribute", word.span(), "`image` needs a value", "write image=parsec");
            }
            ("flavour", None) => {
                problems.error("bad-attribute", word.span(), "`flavour` needs a value", "write flavour=jit");
            }
            ("starter-passes", Some(_)) => {
                let help = "write `starter-passes` alone";
                problems.error("bad-attribute", word.span(), "`starter-passes` takes no value", help);
            }
            (other, _) => problems.error(
                "unknown-attribute",
                word.key_span.clone(),
                format!("`{other}` is not an attribute of an exercise"),
                suggest(other, ["flavour", "image", "points", "starter-passes"]),
            ),
        }
    }
    opening
}

/// `FirstOrDefault`, `first_or_default` and `First or default` are all `first-or-default`.
#[must_use]
pub fn kebab(text: &str) -> Option<String> {
    let mut id = String::new();
    let mut after_small = false;
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() || (after_small && c.is_ascii_uppercase()) {
            id.push('-');
        }
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        }
        after_small = c.is_ascii_lowercase();
    }
    let id = id.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    ExerciseId::parse(&id).is_ok().then_some(id)
}
