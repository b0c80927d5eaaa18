//! Verdicts by tables: what was expected, what happened, what is said.

use super::*;
use crate::domain::exercise::{Case, Expect, Language, Step, WrongAnswer};
use crate::domain::report::{CaseReport, End, Load, Raised, Report, Severity, StepOutcome, StepReport, Timings};

fn value_step(code: &str, expected: &str) -> Step {
    Step { code: code.into(), expect: Some(Expect::Value(expected.into())), prints: None, line: 1, expect_line: 2 }
}

fn case(name: &str, hidden: bool, steps: Vec<Step>) -> Case {
    Case { name: name.into(), hidden, steps, points: 1, timeout_ms: None, line: 1, file: None }
}

fn tests(cases: Vec<Case>) -> TestSet {
    let wrong = vec![WrongAnswer {
        code: "wrong".into(),
        fails: vec!["one".into()],
        says: Some("nearly".into()),
        line: 1,
        file: None,
    }];
    TestSet {
        language: Language::Elixir,
        support: Vec::new(),
        cases,
        solution: "reference".into(),
        wrong,
        exunit: None,
        flavour: None,
        image: None,
    }
}

fn two_cases() -> TestSet {
    tests(vec![case("one", false, vec![value_step("f(1)", "1")]), case("two", true, vec![value_step("f(2)", "2")])])
}

fn term(text: &str) -> ExpectedValue {
    ExpectedValue { term: text.as_bytes().to_vec(), text: text.into() }
}

fn expected() -> ExpectedSet {
    ExpectedSet {
        values: vec![vec![Some(term("1"))], vec![Some(term("2"))]],
        wrong: vec![Signature::default()],
        ..ExpectedSet::default()
    }
}

fn value(text: &str) -> StepReport {
    step(StepOutcome::Value { term: text.as_bytes().to_vec(), text: text.into() })
}

fn step(outcome: StepOutcome) -> StepReport {
    StepReport { outcome, output: Output::default(), typed_at: Vec::new(), us: 5 }
}

fn raised(module: &str, message: &str) -> StepReport {
    let stack = vec![StackLine { function: "M.f/1".into(), file: "solution.ex".into(), line: 3 }];
    step(StepOutcome::Raised(Raised {
        kind: "error".into(),
        module: Some(module.into()),
        message: message.into(),
        help: None,
        stack,
    }))
}

fn report(cases: Vec<Vec<StepReport>>, end: End) -> Report {
    Report {
        load: Some(Load::Loaded { diagnostics: Vec::new(), output: Output::default() }),
        cases: cases.into_iter().map(|steps| CaseReport { steps }).collect(),
        end,
        suite: None,
        stray_output: Output::whole("stray"),
        contended: false,
        timings: Timings::default(),
    }
}

fn outcomes(verdict: &Verdict) -> Vec<Outcome> {
    verdict.cases.iter().map(|case| case.outcome).collect()
}

#[test]
fn passed_needs_an_equal_value_for_every_case() {
    let all = report(vec![vec![value("1")], vec![value("2")]], End::Finished);
    assert_eq!(judge(&two_cases(), &expected(), Kind::Submit, &all).kind, VerdictKind::Passed);
    for (cases, end) in [
        (vec![], End::Finished),
        (vec![vec![value("1")]], End::Finished),
        (vec![vec![value("1")], vec![]], End::Finished),
        (vec![vec![value("1")], vec![]], End::Exited { code: Some(0) }),
        (vec![vec![value("1")], vec![]], End::BadFrame { reason: "x".into() }),
    ] {
        let verdict = judge(&two_cases(), &expected(), Kind::Submit, &report(cases.clone(), end));
        assert_eq!(verdict.kind, VerdictKind::Crashed, "{cases:?}");
    }
}

#[test]
fn a_container_that_exits_zero_without_values_has_crashed() {
    let ended = Report { load: None, ..report(vec![], End::Exited { code: Some(0) }) };
    let verdict = judge(&two_cases(), &expected(), Kind::Submit, &ended);
    assert_eq!(verdict.kind, VerdictKind::Crashed);
    assert_eq!(outcomes(&verdict), [Outcome::NotReached, Outcome::NotReached]);
}

#[test]
fn the_way_a_job_ended_decides_for_the_case_it_ended_in() {
    for (end, kind, outcome) in [
        (End::OutOfMemory, VerdictKind::MemoryExceeded, Outcome::Crashed),
        (End::OutputExceeded, VerdictKind::OutputExceeded, Outcome::Crashed),
        (End::Deadline, VerdictKind::Timeout, Outcome::Timeout),
        (End::Exited { code: Some(1) }, VerdictKind::Crashed, Outcome::Crashed),
    ] {
        let verdict = judge(&two_cases(), &expected(), Kind::Submit, &report(vec![vec![]], end.clone()));
        assert_eq!(verdict.kind, kind, "{end:?}");
        assert_eq!(outcomes(&verdict), [outcome, Outcome::NotReached], "{end:?}");
    }
}

#[test]
fn the_verdict_is_that_of_the_first_case_that_did_not_pass() {
    let late = report(vec![vec![step(StepOutcome::TimedOut)], vec![value("3")]], End::Finished);
    let verdict = judge(&two_cases(), &expected(), Kind::Submit, &late);
    assert_eq!((verdict.kind, outcomes(&verdict)), (VerdictKind::Timeout, vec![Outcome::Timeout, Outcome::Failed]));
    let wrong = report(vec![vec![value("3")], vec![step(StepOutcome::TimedOut)]], End::Finished);
    assert_eq!(judge(&two_cases(), &expected(), Kind::Submit, &wrong).kind, VerdictKind::Failed);
}

#[test]
fn a_run_judges_visible_cases_only() {
    let seen = report(vec![vec![value("1")]], End::Finished);
    let verdict = judge(&two_cases(), &expected(), Kind::Run, &seen);
    assert_eq!((verdict.kind, verdict.cases.len()), (VerdictKind::Passed, 1));
}

#[test]
fn a_compile_error_keeps_the_list_of_cases() {
    let diagnostic = Diagnostic {
        severity: Severity::Error,
        message: "undefined variable".into(),
        file: Some("solution.ex".into()),
        line: Some(2),
        column: Some(5),
        end: None,
    };
    let refused = Report {
        load: Some(Load::Refused { diagnostics: vec![diagnostic.clone()], output: Output::default() }),
        ..report(vec![], End::Refused)
    };
    let verdict = judge(&two_cases(), &expected(), Kind::Submit, &refused);
    assert_eq!(verdict.kind, VerdictKind::CompileError);
    assert_eq!(verdict.diagnostics, [diagnostic]);
    assert_eq!(outcomes(&verdict), [Outcome::NotReached, Outcome::NotReached]);
}

#[test]
fn the_first_step_that_differs_is_shown() {
    let steps = vec![value_step("a()", "1"), value_step("b()", "2"), value_step("c()", "3")];
    let set = ExpectedSet {
        values: vec![vec![Some(term("1")), Some(term("2")), Some(term("3"))]],
        wrong: vec![Signature::default()],
        ..ExpectedSet::default()
    };
    let seen = report(vec![vec![value("1"), value("x"), value("y")]], End::Finished);
    let verdict = judge(&tests(vec![case("one", false, steps)]), &set, Kind::Submit, &seen);
    let shown = &verdict.cases[0];
    assert_eq!(
        (shown.expression.as_deref(), shown.expected.as_deref(), shown.actual.as_deref()),
        (Some("b()"), Some("2"), Some("x"))
    );
}

#[test]
fn values_that_only_look_the_same_are_told_apart() {
    let alike = step(StepOutcome::Value { term: b"other".to_vec(), text: "1".into() });
    let verdict = judge(&two_cases(), &expected(), Kind::Run, &report(vec![vec![alike]], End::Finished));
    assert_eq!(verdict.kind, VerdictKind::Failed);
    assert!(verdict.cases[0].message.as_deref().is_some_and(|text| text.contains("different values")));
}

#[test]
fn an_expected_exception_is_compared_by_module_and_message() {
    let expects = |message: Option<&str>| {
        let expect = Expect::Exception { module: "ArgumentError".into(), message: message.map(Into::into) };
        let step = Step { code: "f()".into(), expect: Some(expect), prints: None, line: 1, expect_line: 2 };
        tests(vec![case("one", false, vec![step])])
    };
    let none = ExpectedSet { values: vec![vec![None]], wrong: vec![Signature::default()], ..ExpectedSet::default() };
    for (wanted, seen, outcome) in [
        (Some("no"), raised("ArgumentError", "no"), Outcome::Passed),
        (None, raised("ArgumentError", "anything"), Outcome::Passed),
        (Some("no"), raised("ArgumentError", "yes"), Outcome::Raised),
        (Some("no"), raised("KeyError", "no"), Outcome::Raised),
        (Some("no"), value("1"), Outcome::Failed),
        (Some("no"), step(StepOutcome::TimedOut), Outcome::Timeout),
    ] {
        let verdict = judge(&expects(wanted), &none, Kind::Submit, &report(vec![vec![seen.clone()]], End::Finished));
        assert_eq!(verdict.cases[0].outcome, outcome, "{seen:?}");
    }
}

#[test]
fn printed_output_is_compared_but_for_one_final_newline() {
    let printing = Step { prints: Some("a\nb".into()), ..value_step("f()", ":ok") };
    let set = ExpectedSet {
        values: vec![vec![Some(term(":ok"))]],
        wrong: vec![Signature::default()],
        ..ExpectedSet::default()
    };
    let seen = |text: &str| StepReport { output: Output::whole(text), ..value(":ok") };
    for (printed, outcome) in [
        ("a\nb", Outcome::Passed),
        ("a\nb\n", Outcome::Passed),
        ("a\nb\n\n", Outcome::Failed),
        ("a\n", Outcome::Failed),
        ("", Outcome::Failed),
    ] {
        let tests = tests(vec![case("one", false, vec![printing.clone()])]);
        let verdict = judge(&tests, &set, Kind::Submit, &report(vec![vec![seen(printed)]], End::Finished));
        assert_eq!(verdict.cases[0].outcome, outcome, "{printed:?}");
    }
}

#[test]
fn an_exception_shows_its_message_and_the_learners_own_lines() {
    let seen = report(vec![vec![raised("KeyError", "key :a not found")]], End::Finished);
    let verdict = judge(&two_cases(), &expected(), Kind::Run, &seen);
    assert_eq!(verdict.cases[0].message.as_deref(), Some("** (KeyError) key :a not found"));
    assert_eq!(verdict.cases[0].stack.len(), 1);
    assert_eq!(verdict.cases[0].expected.as_deref(), Some("1"));
}

#[test]
fn a_known_mistake_is_recognised_by_what_it_does_in_every_case() {
    let seen = report(vec![vec![value("x")], vec![value("y")]], End::Finished);
    let set = ExpectedSet { wrong: vec![Signature::of(&two_cases(), &seen)], ..expected() };
    let says = |seen: &Report, kind| judge(&two_cases(), &set, kind, seen).says;
    assert_eq!(says(&seen, Kind::Submit).as_deref(), Some("nearly"));
    let other = report(vec![vec![value("x")], vec![value("z")]], End::Finished);
    assert_eq!(says(&other, Kind::Submit), None);
    let visible_only = report(vec![vec![value("x")]], End::Finished);
    assert_eq!(says(&visible_only, Kind::Run).as_deref(), Some("nearly"));
}

#[test]
fn without_expected_values_nothing_is_held_against_a_learner() {
    let seen = report(vec![vec![value("1")], vec![value("2")]], End::Finished);
    let verdict = judge(&two_cases(), &ExpectedSet::default(), Kind::Submit, &seen);
    assert_eq!(verdict.kind, VerdictKind::NotGraded);
    assert_eq!(outcomes(&verdict), [Outcome::NotGraded, Outcome::NotGraded]);
}

#[test]
fn a_learner_sees_of_a_hidden_case_its_name_and_whether_it_passed() {
    let secret = StepReport { output: Output::whole("secret"), ..raised("Leak", "secret") };
    for (seen, shown) in [
        (report(vec![vec![value("1")], vec![secret]], End::Finished), Outcome::Failed),
        (report(vec![vec![value("1")], vec![step(StepOutcome::TimedOut)]], End::Finished), Outcome::Failed),
        (report(vec![vec![value("1")], vec![]], End::OutOfMemory), Outcome::Failed),
        (report(vec![vec![value("1")], vec![value("2")]], End::Finished), Outcome::Passed),
    ] {
        let verdict = judge(&two_cases(), &expected(), Kind::Submit, &seen).for_learner();
        let hidden = &verdict.cases[1];
        assert_eq!((hidden.name.as_str(), hidden.outcome), ("two", shown));
        assert_eq!(verdict.kind, if shown == Outcome::Passed { VerdictKind::Passed } else { VerdictKind::Failed });
        assert!(verdict.stray_output.is_empty());
        let text = serde_json::to_string(&verdict).expect("JSON");
        assert!(!text.contains("secret") && !text.contains("f(2)"), "{text}");
        assert_eq!(hidden.us, None);
    }
}

#[test]
fn which_hidden_case_ended_the_job_is_not_told_whatever_came_before() {
    let hidden = |name: &str| case(name, true, vec![value_step("h()", "2")]);
    let set = tests(vec![case("one", false, vec![value_step("f(1)", "1")]), hidden("two"), hidden("three")]);
    let expected = ExpectedSet {
        values: vec![vec![Some(term("1"))], vec![Some(term("2"))], vec![Some(term("2"))]],
        wrong: vec![Signature::default()],
        ..ExpectedSet::default()
    };
    for first in ["1", "wrong"] {
        let seen = report(vec![vec![value(first)], vec![]], End::Exited { code: Some(0) });
        let verdict = judge(&set, &expected, Kind::Submit, &seen).for_learner();
        assert_eq!(verdict.kind, VerdictKind::Failed);
        assert_eq!(outcomes(&verdict)[1..], [Outcome::Failed, Outcome::Failed], "{first}");
    }
    // A visible case that ends the job says nothing of hidden ones: they were not reached.
    let seen = report(vec![vec![]], End::OutOfMemory);
    let verdict = judge(&set, &expected, Kind::Submit, &seen).for_learner();
    assert_eq!(verdict.kind, VerdictKind::MemoryExceeded);
    assert_eq!(outcomes(&verdict)[1..], [Outcome::NotReached, Outcome::NotReached]);
}

#[test]
fn numbers_that_a_container_made_up_do_not_overflow() {
    let steps = vec![value_step("a()", "1"), value_step("b()", "2")];
    let set = ExpectedSet {
        values: vec![vec![Some(term("1")), Some(term("2"))]],
        wrong: vec![Signature::default()],
        ..ExpectedSet::default()
    };
    let large = |text: &str| StepReport {
        us: u64::MAX,
        output: Output { head: String::new(), tail: String::new(), cut_bytes: u64::MAX },
        ..value(text)
    };
    let seen = report(vec![vec![large("1"), large("2")]], End::Finished);
    let verdict = judge(&tests(vec![case("one", false, steps)]), &set, Kind::Submit, &seen);
    assert_eq!((verdict.kind, verdict.cases[0].us), (VerdictKind::Passed, Some(u64::MAX)));
}

#[test]
fn points_are_those_of_the_cases_that_passed() {
    let seen = report(vec![vec![value("1")], vec![value("3")]], End::Finished);
    assert_eq!(judge(&two_cases(), &expected(), Kind::Submit, &seen).points(), 1);
}
