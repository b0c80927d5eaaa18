//! `athanor grade`: files through the same pool and the same verdict code as the site, without a database.

mod human;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::source::{self, Unfit};
use super::{Format, GradeArgs, NOT_GRADED, USAGE};
use crate::config::Config;
use crate::content;
use crate::domain::exercise::TestSet;
use crate::domain::ids::ExerciseId;
use crate::domain::job::Kind;
use crate::domain::limits::Limits;
use crate::domain::report::Output;
use crate::domain::retry::{self, Next};
use crate::domain::verdict::{CaseResult, ExpectedSet, Verdict, VerdictKind};
use crate::judge::expected::{self, Evaluation};
use crate::judge::grade;
use crate::sandbox::{EventSink, Sandbox, SandboxError};
use crate::startup;

/// Runs the command.
pub(super) async fn run(args: &GradeArgs, config: Config) -> ExitCode {
    let lessons = args.lessons.as_deref().unwrap_or(&config.lessons);
    let tests = match find_exercise(lessons, config.private_lessons.as_deref(), &args.exercise) {
        Ok(tests) => tests,
        Err(message) => {
            eprintln!("athanor: {message}");
            return ExitCode::from(USAGE);
        }
    };
    let limits = config.limits;
    let sandbox = match startup::sandbox(&config, args.runtime.as_deref(), None).await {
        Ok(sandbox) => sandbox,
        Err(fault) => {
            eprintln!("athanor: {fault}\n  `athanor doctor` says what is missing");
            return ExitCode::from(NOT_GRADED);
        }
    };
    let code = grade_all(args, &*sandbox, &tests, limits, startup::at_once(&config)).await;
    sandbox.shutdown().await;
    ExitCode::from(code)
}

fn find_exercise(lessons: &Path, private: Option<&Path>, id: &str) -> Result<TestSet, String> {
    if !lessons.exists() {
        return Err(format!("there is no folder {}; name the course with --lessons DIR", lessons.display()));
    }
    let id = ExerciseId::parse(id).map_err(|error| error.to_string())?;
    let loaded = content::load(lessons, private);
    if let Some((_, placed)) = loaded.course.exercise(&id) {
        return Ok(placed.exercise.tests.clone());
    }
    let near = loaded
        .course
        .exercises()
        .map(|(_, placed)| placed.exercise.id.as_str())
        .min_by_key(|known| strsim::damerau_levenshtein(known, id.as_str()));
    let mut message = format!("there is no exercise '{id}' in {}", lessons.display());
    if let Some(near) = near {
        message.push_str(&format!("; did you mean '{near}'?"));
    }
    for problem in &loaded.problems {
        message.push('\n');
        message.push_str(&loaded.render(problem));
    }
    Err(message)
}

async fn grade_all(args: &GradeArgs, sandbox: &dyn Sandbox, tests: &TestSet, limits: Limits, at_once: usize) -> u8 {
    let evaluation = match with_signatures(sandbox, tests, limits).await {
        Ok(evaluation) => evaluation,
        Err(fault) => {
            eprintln!("athanor: the expected values could not be evaluated: {fault}");
            return NOT_GRADED;
        }
    };
    if !evaluation.problems.is_empty() {
        for problem in &evaluation.problems {
            let case = tests.cases.get(problem.case).map_or("?", |case| case.name.as_str());
            eprintln!("athanor: case '{case}': {}", problem.message);
        }
        return USAGE;
    }
    let expected = &evaluation.expected;
    let gradings = args.files.iter().map(|file| grade_one(args, sandbox, tests, expected, limits, file));
    // Results come in the order of the arguments, while as many run as there are cores.
    let mut results = futures_util::stream::iter(gradings).buffered(at_once);
    let mut worst = 0;
    while let Some((code, line)) = results.next().await {
        println!("{line}");
        worst = worse(worst, code);
    }
    worst
}

/// 2 wins over 3, 3 over 1, 1 over 0.
fn worse(a: u8, b: u8) -> u8 {
    let rank = |code| match code {
        USAGE => 3,
        NOT_GRADED => 2,
        other => other.min(1),
    };
    if rank(a) >= rank(b) { a } else { b }
}

async fn grade_one(
    args: &GradeArgs,
    sandbox: &dyn Sandbox,
    tests: &TestSet,
    expected: &ExpectedSet,
    limits: Limits,
    file: &Path,
) -> (u8, String) {
    let sources = match source::read(file, tests.language, limits.source_bytes) {
        Ok(sources) => sources,
        Err(unfit) => {
            let code = if matches!(unfit, Unfit::Unreadable { .. }) { USAGE } else { 1 };
            return (code, rejected(args, file, &unfit));
        }
    };
    let task = grade::Task { tests, expected, kind: Kind::Submit, limits };
    let started = Instant::now();
    let graded = patiently(|| grade::grade(sandbox, task, sources.clone(), &NOBODY)).await;
    let verdict = match graded {
        Ok(graded) => graded.verdict,
        Err(fault) => Verdict::not_graded(tests, Kind::Submit, fault.to_string()),
    };
    let code = match verdict.kind {
        VerdictKind::Passed => 0,
        VerdictKind::NotGraded => NOT_GRADED,
        _ => 1,
    };
    let line = match args.format {
        Format::Json => in_json(&args.exercise, file, &verdict, started.elapsed()).to_string(),
        Format::Human => human::verdict(file, &sources, &verdict, started.elapsed()),
    };
    (code, line)
}

static NOBODY: EventSink = EventSink::none();

/// The expected values of an exercise, and what each wrong answer does, by which an author's `says` is found.
///
/// # Errors
/// The sandbox failed for good.
pub(super) async fn with_signatures(
    sandbox: &dyn Sandbox,
    tests: &TestSet,
    limits: Limits,
) -> Result<Evaluation, SandboxError> {
    patiently(|| async {
        let mut evaluation = expected::evaluate(sandbox, tests, limits).await?;
        let suite = &evaluation.expected.suite;
        evaluation.expected.wrong = expected::signatures(sandbox, tests, suite, limits).await?;
        Ok(evaluation)
    })
    .await
}

/// Tries again after faults of ours, as the worker does.
pub(super) async fn patiently<T, F>(mut work: impl FnMut() -> F) -> Result<T, SandboxError>
where
    F: Future<Output = Result<T, SandboxError>>,
{
    let mut attempt = 1;
    loop {
        match work().await {
            Err(fault) if !fault.needs_operator() => match retry::after_attempt(attempt) {
                Next::After(wait) => tokio::time::sleep(wait).await,
                Next::GiveUp => return Err(fault),
            },
            other => return other,
        }
        attempt += 1;
    }
}

fn rejected(args: &GradeArgs, file: &Path, unfit: &Unfit) -> String {
    match args.format {
        Format::Json => json!({
            "file": file.display().to_string(),
            "exercise": args.exercise,
            "verdict": "rejected",
            "message": unfit.to_string(),
            "cases": [],
            "diagnostics": [],
            "says": null,
            "ms": 0.0,
        })
        .to_string(),
        Format::Human => format!("{}: rejected: {unfit}", file.display()),
    }
}

fn in_json(exercise: &str, file: &Path, verdict: &Verdict, took: Duration) -> Value {
    let cases: Vec<Value> = verdict.cases.iter().map(case_in_json).collect();
    let diagnostics: Vec<Value> = verdict
        .diagnostics
        .iter()
        .map(|d| json!({"severity": d.severity, "message": d.message, "line": d.line, "column": d.column}))
        .collect();
    let mut object = json!({
        "file": file.display().to_string(),
        "exercise": exercise,
        "verdict": verdict.kind.as_str(),
        "cases": cases,
        "diagnostics": diagnostics,
        "says": verdict.says,
        "ms": took.as_micros() as f64 / 1000.0,
    });
    if verdict.checked_in_vm {
        object["checked_in_vm"] = json!(true);
    }
    if let Some(fault) = &verdict.fault {
        object["message"] = json!(fault);
    }
    object
}

fn case_in_json(case: &CaseResult) -> Value {
    json!({
        "name": case.name,
        "hidden": case.hidden,
        "outcome": case.outcome.as_str(),
        "expression": case.expression,
        "expected": case.expected,
        "actual": case.actual,
        "message": case.message,
        "output": shown(&case.output),
        "us": case.us,
    })
}

/// Output as one text, with a mark where some was cut; `None` when nothing was printed.
fn shown(output: &Output) -> Option<String> {
    if output.is_empty() {
        None
    } else if output.cut_bytes == 0 {
        Some(output.head.clone())
    } else {
        Some(format!("{}\n[… {} bytes cut …]\n{}", output.head, output.cut_bytes, output.tail))
    }
}

#[cfg(test)]
mod tests {
    use super::worse;

    #[test]
    fn bad_usage_wins_over_not_graded_and_that_over_not_passed() {
        let all = |codes: &[u8]| codes.iter().fold(0, |worst, code| worse(worst, *code));
        assert_eq!(all(&[0, 0]), 0);
        assert_eq!(all(&[0, 1]), 1);
        assert_eq!(all(&[1, 3, 1]), 3);
        assert_eq!(all(&[3, 2, 1, 0]), 2);
    }
}
