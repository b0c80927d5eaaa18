//! Identifiers, one type each, so that a learner's id cannot be handed to a function that wants a submission's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id: UUID version 7 (RFC 9562), so that ids sort by the time they were made.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )+};
}

uuid_ids! {
    /// A person, guests included.
    UserId,
    /// One piece of code that somebody handed in. Never changes.
    SubmissionId,
    /// One attempt at judging a submission; the row is the queue.
    GradingId,
    /// One immutable state of an exercise's test set.
    VersionId,
    /// Old submissions of an exercise judged anew.
    RegradeId,
    /// A learner's word that a verdict is wrong.
    ReportId,
    /// One run of a program, or of a block of a lesson.
    RunId,
    /// One state of a draft; the next change names it.
    DraftRevision,
    /// A version that is kept beside a draft.
    DraftOtherId,
    /// An open IEx, and what was said in it.
    ConsoleId,
    /// A token that a program shows instead of a session. Not the token itself.
    ApiTokenId,
}

/// Why a text is not an id in kebab-case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not in kebab-case: small letters and digits, words joined by single hyphens, at most 80 characters")]
pub struct NotKebabCase(pub String);

fn is_kebab_case(text: &str) -> bool {
    text.len() <= 80
        && text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

macro_rules! kebab_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text in kebab-case.
            ///
            /// # Errors
            /// [`NotKebabCase`] when the text is empty, too long, or has other characters.
            pub fn parse(text: &str) -> Result<Self, NotKebabCase> {
                if is_kebab_case(text) { Ok(Self(text.to_owned())) } else { Err(NotKebabCase(text.to_owned())) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotKebabCase;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = NotKebabCase;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

kebab_ids! {
    /// An exercise, unique in the course and permanent: progress hangs on it.
    ExerciseId,
    /// A lesson: the name of its file without number and ending.
    LessonSlug,
    /// An image with packages beside the usual one, by what is added to the usual one's name.
    ImageName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exercise_ids_are_kebab_case() {
        for good in ["a", "first-or-default", "2-lists", "x1"] {
            assert!(ExerciseId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "ä", "a_b", "a b", &"a".repeat(81)] {
            assert!(ExerciseId::parse(bad).is_err(), "{bad}");
        }
    }
}
