//! Exercises that an ExUnit module judges.

use athanor::domain::exercise::{ExUnit, Language, SourceFile, TestSet};

/// One with this module and this reference.
pub fn tests(module: &str, reference: &str) -> TestSet {
    let file = SourceFile { file: "target_test.exs".to_owned(), text: module.to_owned() };
    TestSet {
        language: Language::Elixir,
        support: Vec::new(),
        cases: Vec::new(),
        solution: reference.to_owned(),
        wrong: Vec::new(),
        exunit: Some(ExUnit { files: vec![file], points: 1, timeout_ms: None, line: 0 }),
        flavour: None,
        image: None,
    }
}
