//! `athanor runner`: stands where an Exercism test runner stands (version 3 of its interface). It needs no database.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::{Value, json};

use super::grade::patiently;
use super::source::files_below;
use super::{NOT_GRADED, RunnerArgs, USAGE};
use crate::config::Config;
use crate::domain::exercise::{Language, SourceFile};
use crate::domain::job::Job;
use crate::domain::limits::Limits;
use crate::domain::report::{Diagnostic, End, Load, Output, Report, Severity};
use crate::domain::suite::{Failure, SuiteJob, TestOutcome, TestReport};
use crate::sandbox::EventSink;
use crate::startup;

/// Version of the interface.
const VERSION: u32 = 3;

/// Longest output of a test, in characters, and longest message of a whole run: both by the interface.
const OUTPUT_CHARS: usize = 500;
const MESSAGE_CHARS: usize = 65_535;
const CUT: &str = "… Output was truncated. Please limit to 500 chars.";

/// Which files of a solution are what.
struct Solution {
    support: Vec<SourceFile>,
    sources: Vec<SourceFile>,
    tests: Vec<SourceFile>,
}

/// `.meta/config.json`, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Meta {
    files: MetaFiles,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MetaFiles {
    solution: Vec<PathBuf>,
    test: Vec<PathBuf>,
}

/// Runs the command.
pub(super) async fn run(args: &RunnerArgs, config: Config) -> ExitCode {
    let solution = match read(&args.solution) {
        Ok(solution) => solution,
        Err(message) => {
            eprintln!("athanor: {message}");
            return ExitCode::from(USAGE);
        }
    };
    if solution.tests.is_empty() {
        eprintln!("athanor: {} has no tests: they are looked for in test/*_test.exs", args.solution.display());
        return ExitCode::from(USAGE);
    }
    let sandbox = match startup::sandbox(&config, args.runtime.as_deref(), Some(0)).await {
        Ok(sandbox) => sandbox,
        Err(fault) => {
            eprintln!("athanor: {fault}\n  `athanor doctor` says what is missing");
            return ExitCode::from(NOT_GRADED);
        }
    };
    let job = job(solution, config.limits);
    let none = EventSink::none();
    let ran = patiently(|| sandbox.run(job.clone(), &none)).await;
    sandbox.shutdown().await;
    let results = match ran {
        Ok(report) => results(&report, &config.limits),
        Err(fault) => {
            eprintln!("athanor: '{}' could not be run: {fault}", args.slug);
            return ExitCode::from(NOT_GRADED);
        }
    };
    let written = std::fs::create_dir_all(&args.output)
        .and_then(|()| std::fs::write(args.output.join("results.json"), format!("{results:#}\n")));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("athanor: results.json cannot be written in {}: {error}", args.output.display());
            ExitCode::from(USAGE)
        }
    }
}

fn read(folder: &Path) -> Result<Solution, String> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| format!("{path} cannot be read: {error}")
    };
    let files = files_below(folder).map_err(unreadable(folder))?;
    let files: Vec<&Path> = files.iter().filter_map(|file| file.strip_prefix(folder).ok()).collect();
    let meta = std::fs::read(folder.join(".meta/config.json")).ok();
    let meta: Meta = meta.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let ends = |file: &Path, ending: &str| file.to_string_lossy().ends_with(ending);
    let is_test = |file: &Path| {
        if meta.files.test.is_empty() {
            file.starts_with("test") && ends(file, "_test.exs")
        } else {
            meta.files.test.iter().any(|test| test == file) && !ends(file, "test_helper.exs")
        }
    };
    let is_source = |file: &Path| {
        let named = meta.files.solution.iter().any(|source| source == file);
        (file.starts_with("lib") || named) && ends(file, ".ex")
    };
    let is_support = |file: &Path| file.starts_with("test") && ends(file, ".ex");
    let texts = |wanted: &dyn Fn(&Path) -> bool| {
        files
            .iter()
            .filter(|file| wanted(file))
            .map(|file| {
                let path = folder.join(file);
                let bytes = std::fs::read(&path).map_err(unreadable(&path))?;
                Ok(SourceFile { file: file.display().to_string(), text: String::from_utf8_lossy(&bytes).into_owned() })
            })
            .collect::<Result<Vec<_>, String>>()
    };
    // Code for the tests may use the solution, so it comes after it and not before, as support of a lesson does.
    let mut sources = texts(&is_source)?;
    sources.extend(texts(&is_support)?);
    Ok(Solution { support: Vec::new(), sources, tests: texts(&is_test)? })
}

fn job(solution: Solution, limits: Limits) -> Job {
    Job {
        language: Language::Elixir,
        support: solution.support,
        sources: solution.sources,
        cases: Vec::new(),
        suite: Some(SuiteJob::plain(solution.tests, limits.job_ms)),
        limits,
        flavour: None,
        image: None,
        alone: false,
    }
}

fn results(report: &Report, limits: &Limits) -> Value {
    let error = |message: String| {
        let message: String = message.chars().take(MESSAGE_CHARS).collect();
        json!({"version": VERSION, "status": "error", "message": message, "tests": []})
    };
    match &report.load {
        Some(Load::Refused { diagnostics, .. }) => return error(compiler(diagnostics)),
        Some(Load::Loaded { .. }) => {}
        None => return error(ended(&report.end, limits)),
    }
    let suite = report.suite.clone().unwrap_or_default();
    if report.end != End::Finished {
        return error(ended(&report.end, limits));
    }
    if let Some(died) = suite.died {
        return error(format!("The process that runs the tests was ended: {died}"));
    }
    let tests: Vec<Value> = suite.tests.iter().filter(|test| test.outcome != TestOutcome::Skipped).map(test).collect();
    if tests.is_empty() {
        return error("No test was run.".to_owned());
    }
    let passed = tests.iter().all(|test| test["status"] == "pass");
    json!({"version": VERSION, "status": if passed { "pass" } else { "fail" }, "message": null, "tests": tests})
}

fn compiler(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let told = errors.map(|diagnostic| {
        let place = [
            diagnostic.file.clone(),
            diagnostic.line.map(|line| line.to_string()),
            diagnostic.column.map(|column| column.to_string()),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        let place = if place.is_empty() { String::new() } else { format!("\n  {}", place.join(":")) };
        format!("error: {}{place}", diagnostic.message)
    });
    told.collect::<Vec<_>>().join("\n\n")
}

fn ended(end: &End, limits: &Limits) -> String {
    match end {
        End::Deadline => format!("Compiling and running the tests took too long (at most {} ms).", limits.job_ms),
        End::OutOfMemory => format!("More than {} MiB of memory were used.", limits.memory_bytes / (1 << 20)),
        End::OutputExceeded => "More was printed than may be.".to_owned(),
        _ => "The Erlang VM ended before the tests had.".to_owned(),
    }
}

fn test(test: &TestReport) -> Value {
    let message = match (test.outcome, &test.failure) {
        (TestOutcome::Timeout, _) => Some("The test took too long and was stopped.".to_owned()),
        (_, failure) => failure.as_ref().map(message),
    };
    json!({
        "name": test.name,
        "status": if test.outcome == TestOutcome::Passed { "pass" } else { "fail" },
        "message": message,
        "output": output(&test.output),
        "test_code": test.code,
        "task_id": test.task_id,
    })
}

fn message(failure: &Failure) -> String {
    let mut text = match &failure.module {
        Some(module) if module == "ExUnit.AssertionError" => failure.message.clone(),
        Some(module) => format!("** ({module}) {}", failure.message),
        None => format!("** ({}) {}", failure.kind, failure.message),
    };
    for (name, value) in [("code", &failure.code), ("expected", &failure.expected), ("got", &failure.actual)] {
        if let Some(value) = value {
            text.push_str(&format!("\n{name}: {value}"));
        }
    }
    for line in &failure.stack {
        text.push_str(&format!("\n  {}:{}: {}", line.file, line.line, line.function));
    }
    text
}

fn output(output: &Output) -> String {
    let all = if output.cut_bytes == 0 { output.head.clone() } else { format!("{}{}", output.head, output.tail) };
    if all.chars().count() <= OUTPUT_CHARS && output.cut_bytes == 0 {
        return all;
    }
    let kept: String = all.chars().take(OUTPUT_CHARS - CUT.chars().count()).collect();
    kept + CUT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_cut_at_500_characters_with_a_note() {
        assert_eq!(output(&Output::whole("ä".repeat(500))).chars().count(), 500);
        let cut = output(&Output::whole("ä".repeat(501)));
        assert_eq!(cut.chars().count(), 500);
        assert!(cut.ends_with("Please limit to 500 chars."));
    }
}
