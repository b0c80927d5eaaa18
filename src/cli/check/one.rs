//! One exercise: its reference, in two containers, its starter and its wrong answers are run, and what that shows is said.

use crate::content::{Loaded, Problem};
use crate::domain::exercise::{Exercise, SourceLine};
use crate::domain::verdict::{ExpectedSet, Outcome, VerdictKind};
use crate::judge::expected::Evaluation;
use crate::sandbox::SandboxError;

use super::lab::Lab;
use super::weak;

/// What running an exercise's own code showed.
pub(in crate::cli) struct Checked {
    pub starter: Option<VerdictKind>,
    pub reference: VerdictKind,
    pub wrong: Vec<CheckedWrong>,
    pub problems: Vec<Problem>,
    /// What a submission has to give, where the reference passes.
    pub expected: Option<ExpectedSet>,
}

impl Checked {
    /// Nothing could be run, because of this.
    fn nothing(problem: Problem) -> Self {
        let (wrong, problems) = (Vec::new(), vec![problem]);
        Self { starter: None, reference: VerdictKind::NotGraded, wrong, problems, expected: None }
    }
}

pub(in crate::cli) struct CheckedWrong {
    /// Its file, where that is not the lesson's.
    pub file: Option<String>,
    pub line: u32,
    pub verdict: VerdictKind,
    pub failed_cases: Vec<String>,
    pub ok: bool,
}

/// Runs reference, starter and wrong answers of an exercise.
///
/// # Errors
/// The sandbox failed for good.
pub(in crate::cli) async fn check(lab: &Lab, loaded: &Loaded, exercise: &Exercise) -> Result<Checked, SandboxError> {
    match examine(lab, loaded, exercise).await {
        Err(SandboxError::Packages { image, why }) => {
            let message = format!("'{}' needs the image {image}, which cannot be used: {why}", exercise.id);
            let help = "runner-images/README.md says how an image with packages is made; `bin/image` builds it";
            let problem = loaded.problem_at_line(exercise, exercise.line, "no-image", message, help);
            Ok(Checked::nothing(problem))
        }
        checked => checked,
    }
}

async fn examine(lab: &Lab, loaded: &Loaded, exercise: &Exercise) -> Result<Checked, SandboxError> {
    let tests = &exercise.tests;
    let problem = |at: SourceLine<'_>, code, message: String, help: &str| {
        loaded.problem_at_line(exercise, at, code, message, help)
    };
    let bench = lab.bench(exercise).await?;
    let evaluation = bench.evaluate(0).await?;
    let mut problems = reference_problems(exercise, &evaluation, &problem);
    if problems.is_empty() && !evaluation.steady {
        // In another container: what is not the same there is not the same for a learner.
        bench.runs_once_more();
        let again = bench.evaluate(1).await?;
        problems.extend(unstable(exercise, &evaluation, &again, &problem));
    }
    let expected = &evaluation.expected;
    let starter = match exercise.starter.trim() {
        "" => None,
        _ => Some(bench.judge(expected, &exercise.starter).await?.kind),
    };
    // Without a reference that passes nothing can be said of the rest.
    let judgeable = problems.is_empty();
    if judgeable && starter == Some(VerdictKind::Passed) && !exercise.starter_passes {
        problems.push(problem(
            exercise.line.into(),
            "starter-passes",
            format!("the starter of '{}' passes every case", exercise.id),
            "add a case that it fails, or write `starter-passes` in the opening comment if that is meant",
        ));
    }
    let mut wrong = Vec::with_capacity(tests.wrong.len());
    for answer in &tests.wrong {
        let verdict = bench.judge(expected, &answer.code).await?;
        let failed: Vec<String> =
            verdict.cases.iter().filter(|case| case.outcome != Outcome::Passed).map(|case| case.name.clone()).collect();
        let missed: Vec<&str> = answer.fails.iter().filter(|name| !failed.contains(name)).map(String::as_str).collect();
        let mut ok = true;
        let unknown = answer.fails.iter().find(|name| verdict.cases.iter().all(|case| case.name != **name));
        if let Some(name) = unknown.filter(|_| judgeable && tests.exunit.is_some()) {
            ok = false;
            let names: Vec<&str> = verdict.cases.iter().map(|case| case.name.as_str()).collect();
            let message = format!("this exercise has no test called '{name}'");
            problems.push(problem(answer.at(), "unknown-case", message, &format!("there are {}", quoted(&names))));
        } else if judgeable && verdict.kind == VerdictKind::Passed {
            ok = false;
            let message = format!("this wrong answer of '{}' passes every case", exercise.id);
            problems.push(problem(answer.at(), "wrong-passes", message, "add a case that tells it from the reference"));
        } else if judgeable && !missed.is_empty() {
            ok = false;
            let message = format!("this wrong answer should fail {}, but passes there", quoted(&missed));
            let help = format!("it fails {}", quoted(&failed.iter().map(String::as_str).collect::<Vec<_>>()));
            problems.push(problem(answer.at(), "wrong-fails-elsewhere", message, &help));
        }
        let (file, line) = (answer.file.clone(), answer.line);
        wrong.push(CheckedWrong { file, line, verdict: verdict.kind, failed_cases: failed, ok });
    }
    if judgeable {
        let failed: Vec<&[String]> = wrong.iter().map(|one| one.failed_cases.as_slice()).collect();
        problems.extend(weak::warnings(loaded, exercise, &evaluation.expected, &failed));
    }
    let reference = evaluation.reference.kind;
    let expected = judgeable.then_some(evaluation.expected);
    Ok(Checked { starter, reference, wrong, problems, expected })
}

/// How often the code of an exercise is run at least, where nothing is wrong with it.
pub(super) fn runs(exercise: &Exercise) -> usize {
    1 + usize::from(!exercise.starter.trim().is_empty()) + exercise.tests.wrong.len()
}

/// What is another value, or another verdict, in a second container.
fn unstable(
    exercise: &Exercise,
    first: &Evaluation,
    again: &Evaluation,
    problem: &impl Fn(SourceLine<'_>, &'static str, String, &str) -> Problem,
) -> Vec<Problem> {
    const HELP: &str = "test a property that is the same each time: a length, a member, a sorted list";
    let mut problems = Vec::new();
    let pairs = first.expected.values.iter().zip(&again.expected.values).zip(&exercise.tests.cases);
    for ((one, other), case) in pairs {
        for ((one, other), step) in one.iter().zip(other).zip(&case.steps) {
            if let (Some(one), Some(other)) = (one, other)
                && one.term != other.term
            {
                let message = format!(
                    "the expected value of '{}' is not the same in two runs: {}, then {}",
                    case.name, one.text, other.text
                );
                problems.push(problem(case.at_expected(step), "unstable-value", message, HELP));
            }
        }
    }
    if problems.is_empty() && again.reference.kind != first.reference.kind {
        let kind = again.reference.kind.as_str();
        let message = format!("the reference of '{}' passes in one run and got {kind} in the next", exercise.id);
        let help = "look for time, randomness, the order of a map, and processes that race";
        problems.push(problem(exercise.line.into(), "unstable-reference", message, help));
    }
    problems
}

fn reference_problems(
    exercise: &Exercise,
    evaluation: &Evaluation,
    problem: &impl Fn(SourceLine<'_>, &'static str, String, &str) -> Problem,
) -> Vec<Problem> {
    let reference = &evaluation.reference;
    if let (Some(exunit), Some(found)) = (&exercise.tests.exunit, evaluation.problems.first()) {
        let message = format!("'{}': {}", exercise.id, found.message);
        let help = "mend the tests or the `solution` block: the reference has to pass every test";
        return vec![problem(exunit.line.into(), "reference-fails", message, help)];
    }
    if reference.kind == VerdictKind::CompileError {
        let remark = reference.diagnostics.first();
        let place = remark.and_then(|d| d.line).map(|line| format!(" (its line {line})")).unwrap_or_default();
        let said = remark.map(|d| d.message.clone()).unwrap_or_default();
        let message = format!("the reference of '{}' does not compile{place}: {said}", exercise.id);
        return vec![problem(exercise.line.into(), "reference-fails", message, "mend the `solution` block")];
    }
    let mut problems: Vec<Problem> = evaluation
        .problems
        .iter()
        .filter_map(|found| {
            let case = exercise.tests.cases.get(found.case)?;
            let step = case.steps.get(found.step)?;
            let help = "write a value that can be compared: the same one each time, with the reference loaded";
            Some(problem(case.at_expected(step), "expected-value", found.message.clone(), help))
        })
        .collect();
    if !problems.is_empty() {
        return problems;
    }
    for (case, result) in exercise.tests.cases.iter().zip(&reference.cases) {
        if result.outcome == Outcome::Passed {
            continue;
        }
        let mut message = format!("the reference fails case '{}'", case.name);
        if let Some(said) = &result.message {
            message.push_str(&format!(": {said}"));
        }
        let help = match (&result.expected, &result.actual) {
            (Some(expected), Some(actual)) => format!("expected {expected}, but it gives {actual}"),
            (Some(expected), None) => format!("expected {expected}"),
            _ => "mend the case or the `solution` block".to_owned(),
        };
        problems.push(problem(case.at(), "reference-fails", message, &help));
    }
    if problems.is_empty() && reference.kind != VerdictKind::Passed {
        let message = format!("the reference of '{}' got {}", exercise.id, reference.kind.as_str());
        problems.push(problem(exercise.line.into(), "reference-fails", message, "mend the `solution` block"));
    }
    problems
}

fn quoted(names: &[&str]) -> String {
    match names {
        [] => "no case".to_owned(),
        names => names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", "),
    }
}
