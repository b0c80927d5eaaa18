//! The visible cases of an exercise as the reader sees them: a session to read before the first line is written.

use super::highlight::highlight;
use crate::domain::exercise::{Case, Expect, TestSet};
use crate::domain::transcript;

/// The visible cases, highlighted. Empty when all are hidden.
pub(super) fn examples(tests: &TestSet) -> String {
    if let Some(exunit) = &tests.exunit {
        return exunit.files.iter().map(|file| highlight("elixir", &file.text)).collect();
    }
    let cases: Vec<String> = tests.visible().map(session).collect();
    if cases.is_empty() { String::new() } else { highlight("elixir", &cases.join("\n\n")) }
}

fn session(case: &Case) -> String {
    let mut lines = Vec::new();
    for step in &case.steps {
        let prompts = std::iter::once("iex>").chain(std::iter::repeat("...>"));
        lines.extend(step.code.lines().zip(prompts).map(|(line, prompt)| format!("{prompt} {line}")));
        lines.extend(step.prints.iter().filter(|printed| !printed.is_empty()).cloned());
        match &step.expect {
            Some(Expect::Value(value)) => lines.push(value.clone()),
            Some(Expect::Exception { module, message: Some(message) }) => {
                lines.push(format!("** ({module}) {message}"));
            }
            Some(Expect::Exception { module, message: None }) => lines.push(format!("** ({module})")),
            Some(Expect::Transcript(session)) => lines.push(transcript::shown(session)),
            None => {}
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exercise::{Language, Step};

    #[test]
    fn a_hidden_case_is_not_among_the_examples() {
        let case = |code: &str, hidden| Case {
            name: code.to_owned(),
            hidden,
            steps: vec![Step {
                code: code.to_owned(),
                expect: Some(Expect::Value("42".to_owned())),
                prints: None,
                line: 1,
                expect_line: 2,
            }],
            points: 1,
            timeout_ms: None,
            line: 1,
            file: None,
        };
        let tests = TestSet {
            language: Language::Elixir,
            support: Vec::new(),
            cases: vec![case("seen(\n1)", false), case("secret()", true)],
            solution: String::new(),
            wrong: Vec::new(),
            exunit: None,
            flavour: None,
            image: None,
        };
        let shown = examples(&tests);
        assert!(shown.contains("seen") && shown.contains("...&gt;") && shown.contains("42"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
        let hidden = TestSet { cases: vec![case("secret()", true)], ..tests };
        assert_eq!(examples(&hidden), "");
    }
}
