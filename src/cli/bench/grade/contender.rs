//! Who takes part: variants of the sandbox, and what a person would otherwise use.

use std::fmt;

use clap::ValueEnum;

use super::variant::Variant;

/// What grading is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Against {
    /// The same exercise as an ExUnit script in a fresh `docker run`: what most graders do.
    Cold,
    /// `mix test` of a minimal project in a fresh `docker run`: the least that Exercism's test runner could cost.
    MixTest,
    /// The same module and cases in one VM that is used again and again, without isolation: how fast it can be at all.
    Limit,
}

impl Against {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cold, Self::MixTest, Self::Limit];

    /// What it is called in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::MixTest => "mix test",
            Self::Limit => "limit",
        }
    }
}

/// One that takes part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// Our own way.
    Sandbox(Variant),
    /// What a person would otherwise use.
    Other(Against),
}

impl Contender {
    /// The variant, if it is one.
    #[must_use]
    pub const fn variant(&self) -> Option<&Variant> {
        match self {
            Self::Sandbox(variant) => Some(variant),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox(variant) => variant.fmt(f),
            Self::Other(against) => f.write_str(against.name()),
        }
    }
}
