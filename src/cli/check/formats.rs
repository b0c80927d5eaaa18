//! How `athanor check` prints: for people, for programs, for a pull request, and for tools that read SARIF.

use serde_json::{Value, json};

use super::CheckFormat;
use crate::content::Problem;
use crate::domain::verdict::VerdictKind;
use crate::web::views::words::count;

use super::Report;

/// The code under which mutants that no case notices are told.
const SURVIVOR: &str = "unnoticed-change";

/// Prints everything on standard output.
pub(super) fn print(report: &Report<'_>, format: CheckFormat) {
    match format {
        CheckFormat::Human => for_people(report),
        CheckFormat::Json => println!("{}", in_json(report)),
        CheckFormat::Github => print!("{}", for_github(report)),
        CheckFormat::Sarif => println!("{}", sarif(report)),
    }
}

/// A remark on a place, whatever found it.
struct Remark {
    level: &'static str,
    code: &'static str,
    message: String,
    file: String,
    line: u32,
    column: u32,
}

fn remarks(report: &Report<'_>) -> Vec<Remark> {
    let of_problem = |problem: &Problem| Remark {
        level: if problem.is_error() { "error" } else { "warning" },
        code: problem.code,
        message: match &problem.help {
            Some(help) => format!("{}\nhelp: {help}", problem.message),
            None => problem.message.clone(),
        },
        file: problem.file.clone(),
        line: problem.line,
        column: problem.column,
    };
    let mut remarks: Vec<Remark> = report.problems().map(of_problem).collect();
    for (exercise, mutation) in report.exercises.iter().zip(&report.found.mutations) {
        remarks.extend(mutation.survived.iter().map(|(line, mutant)| Remark {
            level: "note",
            code: SURVIVOR,
            message: format!("{} in the reference of '{}': no case notices", mutant.change, exercise.id),
            file: report.loaded.name_of(&exercise.file),
            line: *line,
            column: mutant.column,
        }));
    }
    remarks
}

fn in_json(report: &Report<'_>) -> Value {
    let found = &report.found;
    let listed: Vec<Value> = report
        .exercises
        .iter()
        .enumerate()
        .map(|(index, exercise)| {
            let checked = found.checked.get(index);
            let wrong: Vec<Value> = checked
                .map(|checked| checked.wrong.as_slice())
                .unwrap_or_default()
                .iter()
                .map(|w| {
                    let mut wrong =
                        json!({"line": w.line, "verdict": w.verdict, "failed_cases": w.failed_cases, "ok": w.ok});
                    // Only where the line is not one of the exercise's file.
                    if let Some(file) = &w.file {
                        wrong["file"] = json!(file);
                    }
                    wrong
                })
                .collect();
            let mut object = json!({
                "id": exercise.id,
                "file": exercise.file,
                "line": exercise.line,
                "ok": checked.is_some_and(|checked| !checked.problems.iter().any(Problem::is_error)),
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
    let problems: Vec<&Problem> = report.problems().collect();
    json!({ "exercises": listed, "problems": problems })
}

fn for_people(report: &Report<'_>) {
    for problem in report.problems() {
        println!("{}\n", report.loaded.render(problem));
    }
    for (place, (exercise, checked)) in report.exercises.iter().zip(&report.found.checked).enumerate() {
        let mark = if checked.problems.iter().any(Problem::is_error) { "✗" } else { "✓" };
        let starter = checked.starter.map_or("none", VerdictKind::as_str);
        let caught = checked.wrong.iter().filter(|wrong| wrong.ok).count();
        println!(
            "{mark} {}: reference {}, starter {starter}, {caught} of {} wrong answers caught",
            exercise.id,
            checked.reference.as_str(),
            checked.wrong.len()
        );
        if let Some(mutation) = report.found.mutations.get(place) {
            print!("{}", mutation.for_people(report.loaded, exercise));
        }
    }
    if let Some(problem) = report.problems().next() {
        println!("`athanor explain {}` says more\n", problem.code);
    }
    let (errors, warnings) = report.count();
    let warned = if warnings > 0 { format!(", {}", count(warnings, "warning")) } else { String::new() };
    println!("{}, {}{warned}", count(report.exercises.len(), "exercise"), count(errors, "problem"));
}

/// Workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
fn for_github(report: &Report<'_>) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    remarks(report)
        .iter()
        .map(|remark| {
            let Remark { level, code, message, file, line, column } = remark;
            let level = if *level == "note" { "notice" } else { level };
            format!("::{level} file={},line={line},col={column},title={code}::{}\n", property(file), data(message))
        })
        .collect()
}

/// The Static Analysis Results Interchange Format, version 2.1.0 (OASIS, 2020).
fn sarif(report: &Report<'_>) -> Value {
    let remarks = remarks(report);
    let mut codes: Vec<&str> = remarks.iter().map(|remark| remark.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| json!({"id": code})).collect();
    let results: Vec<Value> = remarks
        .iter()
        .map(|remark| {
            json!({
                "ruleId": remark.code,
                "level": remark.level,
                "message": {"text": remark.message},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": remark.file},
                    "region": {"startLine": remark.line.max(1), "startColumn": remark.column.max(1)},
                }}],
            })
        })
        .collect();
    let driver = json!({"name": "athanor check", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    })
}
