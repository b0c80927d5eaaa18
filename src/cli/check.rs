//! `athanor check`: the author's compiler. The same verdict code and the same sandbox as the site.

mod mutate;

use std::process::ExitCode;

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use mutate::Mutation;

use super::grade::patiently;
use super::{CheckArgs, Format, NOT_GRADED, USAGE};
use crate::config::Config;
use crate::content::{self, Loaded, Problem};
use crate::domain::exercise::Exercise;
use crate::domain::job::{Job, Kind};
use crate::domain::limits::Limits;
use crate::domain::verdict::{ExpectedSet, Outcome, Verdict, VerdictKind};
use crate::judge::expected::{self, Evaluation};
use crate::judge::grade::{self, Task};
use crate::sandbox::{EventSink, Sandbox, SandboxError};
use crate::startup;

/// What running an exercise's own code showed.
struct Checked {
    starter: Option<VerdictKind>,
    reference: VerdictKind,
    wrong: Vec<CheckedWrong>,
    problems: Vec<Problem>,
    /// What a submission has to give, where the reference passes.
    expected: Option<ExpectedSet>,
}

/// What is known of all exercises, in their order.
#[derive(Default)]
struct Findings {
    checked: Vec<Checked>,
    /// Empty where nobody asked for mutants.
    mutations: Vec<Mutation>,
}

struct CheckedWrong {
    line: u32,
    verdict: VerdictKind,
    failed_cases: Vec<String>,
    ok: bool,
}

/// Runs the command.
pub(super) async fn run(args: &CheckArgs, config: Config) -> ExitCode {
    if !args.path.exists() {
        eprintln!("athanor: there is no {}; name a course's folder or a lesson", args.path.display());
        return ExitCode::from(USAGE);
    }
    let loaded = content::load(&args.path, config.private_lessons.as_deref());
    let exercises: Vec<&Exercise> = loaded.course.exercises().map(|(_, placed)| &placed.exercise).collect();
    let found = if exercises.is_empty() {
        Ok(Findings::default())
    } else {
        match startup::sandbox(&config, args.runtime.as_deref(), None).await {
            Ok(sandbox) => {
                let found = find_all(&*sandbox, &loaded, &exercises, args, &config).await;
                sandbox.shutdown().await;
                found
            }
            Err(fault) => Err(fault),
        }
    };
    let (found, fault) = match found {
        Ok(found) => (found, None),
        Err(fault) => (Findings::default(), Some(fault)),
    };
    match args.format {
        Format::Json => println!("{}", in_json(&loaded, &exercises, &found)),
        Format::Human => print_for_people(&loaded, &exercises, &found),
    }
    if let Some(fault) = fault {
        eprintln!("athanor: the exercises could not be run: {fault}\n  `athanor doctor` says what is missing");
        return ExitCode::from(NOT_GRADED);
    }
    let fine = loaded.problems.is_empty() && found.checked.iter().all(|checked| checked.problems.is_empty());
    if fine { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

async fn find_all(
    sandbox: &dyn Sandbox,
    loaded: &Loaded,
    exercises: &[&Exercise],
    args: &CheckArgs,
    config: &Config,
) -> Result<Findings, SandboxError> {
    let checked = check_all(sandbox, loaded, exercises, config).await?;
    if !args.mutate {
        return Ok(Findings { checked, mutations: Vec::new() });
    }
    let with_expected: Vec<_> =
        exercises.iter().zip(&checked).map(|(exercise, checked)| (*exercise, checked.expected.as_ref())).collect();
    let mutations = mutate::run(sandbox, loaded, &with_expected, config.limits, startup::at_once(config)).await?;
    Ok(Findings { checked, mutations })
}

async fn check_all(
    sandbox: &dyn Sandbox,
    loaded: &Loaded,
    exercises: &[&Exercise],
    config: &Config,
) -> Result<Vec<Checked>, SandboxError> {
    let runs = exercises.iter().map(|exercise| check_one(sandbox, loaded, exercise, config.limits));
    let results: Vec<_> = futures_util::stream::iter(runs).buffered(startup::at_once(config)).collect().await;
    results.into_iter().collect()
}

async fn check_one(
    sandbox: &dyn Sandbox,
    loaded: &Loaded,
    exercise: &Exercise,
    limits: Limits,
) -> Result<Checked, SandboxError> {
    let tests = &exercise.tests;
    let evaluation = patiently(|| expected::evaluate(sandbox, tests, limits)).await?;
    let problem = |line: u32, code, message: String, help: &str| {
        loaded.problem_at_line(&exercise.file, line, code, message, help)
    };
    let mut problems = reference_problems(exercise, &evaluation, &problem);
    let expected = &evaluation.expected;
    let starter = match exercise.starter.trim() {
        "" => None,
        _ => Some(run_source(sandbox, exercise, expected, limits, &exercise.starter).await?.kind),
    };
    // Without a reference that passes nothing can be said of the rest.
    let judgeable = problems.is_empty();
    if judgeable && starter == Some(VerdictKind::Passed) && !exercise.starter_passes {
        problems.push(problem(
            exercise.line,
            "starter-passes",
            format!("the starter of '{}' passes every case", exercise.id),
            "add a case that it fails, or write `starter-passes` in the opening comment if that is meant",
        ));
    }
    let mut wrong = Vec::with_capacity(tests.wrong.len());
    for answer in &tests.wrong {
        let verdict = run_source(sandbox, exercise, expected, limits, &answer.code).await?;
        let failed: Vec<String> =
            verdict.cases.iter().filter(|case| case.outcome != Outcome::Passed).map(|case| case.name.clone()).collect();
        let missed: Vec<&str> = answer.fails.iter().filter(|name| !failed.contains(name)).map(String::as_str).collect();
        let mut ok = true;
        let unknown = answer.fails.iter().find(|name| verdict.cases.iter().all(|case| case.name != **name));
        if let Some(name) = unknown.filter(|_| judgeable && tests.exunit.is_some()) {
            ok = false;
            let names: Vec<&str> = verdict.cases.iter().map(|case| case.name.as_str()).collect();
            let message = format!("this exercise has no test called '{name}'");
            problems.push(problem(answer.line, "unknown-case", message, &format!("there are {}", quoted(&names))));
        } else if judgeable && verdict.kind == VerdictKind::Passed {
            ok = false;
            let message = format!("this wrong answer of '{}' passes every case", exercise.id);
            problems.push(problem(answer.line, "wrong-passes", message, "add a case that tells it from the reference"));
        } else if judgeable && !missed.is_empty() {
            ok = false;
            let message = format!("this wrong answer should fail {}, but passes there", quoted(&missed));
            let help = format!("it fails {}", quoted(&failed.iter().map(String::as_str).collect::<Vec<_>>()));
            problems.push(problem(answer.line, "wrong-fails-elsewhere", message, &help));
        }
        wrong.push(CheckedWrong { line: answer.line, verdict: verdict.kind, failed_cases: failed, ok });
    }
    let reference = evaluation.reference.kind;
    let expected = judgeable.then_some(evaluation.expected);
    Ok(Checked { starter, reference, wrong, problems, expected })
}

async fn run_source(
    sandbox: &dyn Sandbox,
    exercise: &Exercise,
    expected: &ExpectedSet,
    limits: Limits,
    source: &str,
) -> Result<Verdict, SandboxError> {
    let none = EventSink::none();
    let sources = Job::single_source(exercise.tests.language, source);
    let task = Task { tests: &exercise.tests, expected, kind: Kind::Submit, limits };
    Ok(patiently(|| grade::grade(sandbox, task, sources.clone(), &none)).await?.verdict)
}

fn reference_problems(
    exercise: &Exercise,
    evaluation: &Evaluation,
    problem: &impl Fn(u32, &'static str, String, &str) -> Problem,
) -> Vec<Problem> {
    let reference = &evaluation.reference;
    if let (Some(exunit), Some(found)) = (&exercise.tests.exunit, evaluation.problems.first()) {
        let message = format!("'{}': {}", exercise.id, found.message);
        let help = "mend the tests or the `solution` block: the reference has to pass every test";
        return vec![problem(exunit.line, "reference-fails", message, help)];
    }
    if reference.kind == VerdictKind::CompileError {
        let remark = reference.diagnostics.first();
        let place = remark.and_then(|d| d.line).map(|line| format!(" (its line {line})")).unwrap_or_default();
        let said = remark.map(|d| d.message.clone()).unwrap_or_default();
        let message = format!("the reference of '{}' does not compile{place}: {said}", exercise.id);
        return vec![problem(exercise.line, "reference-fails", message, "mend the `solution` block")];
    }
    let mut problems: Vec<Problem> = evaluation
        .problems
        .iter()
        .filter_map(|found| {
            let step = exercise.tests.cases.get(found.case)?.steps.get(found.step)?;
            let help = "write a value that can be compared: the same one each time, with the reference loaded";
            Some(problem(step.expect_line, "expected-value", found.message.clone(), help))
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
        problems.push(problem(case.line, "reference-fails", message, &help));
    }
    if problems.is_empty() && reference.kind != VerdictKind::Passed {
        let message = format!("the reference of '{}' got {}", exercise.id, reference.kind.as_str());
        problems.push(problem(exercise.line, "reference-fails", message, "mend the `solution` block"));
    }
    problems
}

fn quoted(names: &[&str]) -> String {
    match names {
        [] => "no case".to_owned(),
        names => names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", "),
    }
}

fn in_json(loaded: &Loaded, exercises: &[&Exercise], found: &Findings) -> Value {
    let checked = &found.checked;
    let listed: Vec<Value> = exercises
        .iter()
        .enumerate()
        .map(|(index, exercise)| {
            let checked = checked.get(index);
            let wrong: Vec<Value> = checked
                .map(|checked| checked.wrong.as_slice())
                .unwrap_or_default()
                .iter()
                .map(|w| json!({"line": w.line, "verdict": w.verdict, "failed_cases": w.failed_cases, "ok": w.ok}))
                .collect();
            let mut object = json!({
                "id": exercise.id,
                "file": exercise.file,
                "line": exercise.line,
                "ok": checked.is_some_and(|checked| checked.problems.is_empty()),
                "starter": checked.and_then(|checked| checked.starter),
                "reference": checked.map_or(VerdictKind::NotGraded, |checked| checked.reference),
                "wrong": wrong,
            });
            if let Some(mutation) = found.mutations.get(index) {
                object["mutants"] = mutation.in_json();
            }
            object
        })
        .collect();
    let problems: Vec<&Problem> = all_problems(loaded, checked).collect();
    json!({ "exercises": listed, "problems": problems })
}

fn all_problems<'a>(loaded: &'a Loaded, checked: &'a [Checked]) -> impl Iterator<Item = &'a Problem> {
    loaded.problems.iter().chain(checked.iter().flat_map(|checked| &checked.problems))
}

fn print_for_people(loaded: &Loaded, exercises: &[&Exercise], found: &Findings) {
    let checked = &found.checked;
    for problem in all_problems(loaded, checked) {
        println!("{}\n", loaded.render(problem));
    }
    for (place, (exercise, checked)) in exercises.iter().zip(checked).enumerate() {
        let mark = if checked.problems.is_empty() { "✓" } else { "✗" };
        let starter = checked.starter.map_or("none", VerdictKind::as_str);
        let caught = checked.wrong.iter().filter(|wrong| wrong.ok).count();
        println!(
            "{mark} {}: reference {}, starter {starter}, {caught} of {} wrong answers caught",
            exercise.id,
            checked.reference.as_str(),
            checked.wrong.len()
        );
        if let Some(mutation) = found.mutations.get(place) {
            print!("{}", mutation.for_people(loaded, exercise));
        }
    }
    let problems = all_problems(loaded, checked).count();
    println!("{} exercises, {problems} problems", exercises.len());
}
