use super::*;
use crate::domain::exercise::{ExUnit, Language, SourceFile};
use crate::domain::report::Timings;
use crate::domain::suite::{ExpectedTest, SuiteReport};

const NAMES: [&str; 4] = ["one", "two", "three", "four"];

fn tests() -> TestSet {
    let file = SourceFile { file: "x_test.exs".into(), text: String::new() };
    TestSet {
        language: Language::Elixir,
        support: Vec::new(),
        cases: Vec::new(),
        solution: String::new(),
        wrong: Vec::new(),
        exunit: Some(ExUnit { files: vec![file], points: 10, timeout_ms: None, line: 0 }),
        flavour: None,
        image: None,
    }
}

fn expected() -> ExpectedSet {
    let test = |(slot, name): (usize, &&str)| ExpectedTest {
        name: (*name).to_owned(),
        slot,
        module: "XTest".into(),
        describe: None,
        own: (*name).to_owned(),
        canary: *name != "four",
    };
    let suite = ExpectedSuite { tests: NAMES.iter().enumerate().map(test).collect() };
    ExpectedSet { suite, ..ExpectedSet::default() }
}

fn report(name: String, passed: bool) -> TestReport {
    TestReport {
        name: format!("test {name}"),
        describe: None,
        module: "XTest".into(),
        doctest: false,
        task_id: None,
        line: None,
        code: None,
        outcome: if passed { TestOutcome::Passed } else { TestOutcome::Failed },
        failure: None,
        output: Output::default(),
        us: 1,
    }
}

/// Two runs in which `passes(name, negated)` says what each test does. The decoys do what they should.
fn runs(passes: impl Fn(&str, bool) -> bool) -> Vec<Run> {
    let mut count = 0_u64;
    let mut random = move || {
        count += 1;
        // Any numbers that differ in their first twelve digits and are now odd, now even.
        count.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    };
    let run = |job: SuiteJob| {
        let mut tests: Vec<TestReport> = NAMES
            .iter()
            .zip(&job.slots)
            .map(|(name, slot)| {
                report(format!("{}:{name}", slot.token.as_deref().unwrap_or_default()), passes(name, slot.negated))
            })
            .collect();
        tests.extend(job.decoys.iter().map(|decoy| report(format!("{}:one", decoy.token), decoy.passes)));
        let report = Report {
            load: Some(Load::Loaded { diagnostics: Vec::new(), output: Output::default() }),
            cases: Vec::new(),
            suite: Some(SuiteReport { tests, died: None }),
            end: End::Finished,
            stray_output: Output::default(),
            contended: false,
            timings: Timings::default(),
        };
        (job, report)
    };
    SuiteJob::pair(&[], 1_000, NAMES.len(), &mut random).map(run).to_vec()
}

fn judged(runs: &[Run]) -> Verdict {
    judge_suite(&tests(), &expected(), runs)
}

fn outcomes(verdict: &Verdict) -> Vec<Outcome> {
    verdict.cases.iter().map(|case| case.outcome).collect()
}

#[test]
fn passed_needs_every_test_to_pass_as_written_and_every_canary_to_fail() {
    let honest = runs(|name, negated| !negated || name == "four");
    assert_eq!(judged(&honest).kind, VerdictKind::Passed);
    assert_eq!(judged(&honest).points(), 10);
    let everything_passes = runs(|_, _| true);
    let verdict = judged(&everything_passes);
    assert_eq!(verdict.kind, VerdictKind::Crashed);
    assert_eq!(outcomes(&verdict), [Outcome::Crashed; 4]);
    assert_eq!(verdict.points(), 0, "nothing that cannot be trusted counts");
}

#[test]
fn a_test_that_fails_as_written_is_a_failure_and_no_tampering() {
    let mistaken = runs(|name, negated| (name == "two") == negated || (name == "four" && negated));
    let verdict = judged(&mistaken);
    assert_eq!(verdict.kind, VerdictKind::Failed);
    assert_eq!(outcomes(&verdict), [Outcome::Passed, Outcome::Failed, Outcome::Passed, Outcome::Passed]);
    assert_eq!(verdict.points(), 7, "three of four tests of ten points");
}

#[test]
fn a_setup_that_fails_for_every_test_is_a_failure_and_no_tampering() {
    let mut failing = runs(|_, _| false);
    for (_, report) in &mut failing {
        report.suite.as_mut().unwrap().tests.iter_mut().for_each(|test| test.outcome = TestOutcome::Failed);
    }
    assert_eq!(judged(&failing).kind, VerdictKind::Failed);
}

#[test]
fn one_canary_that_passes_is_enough_to_doubt_all_tests() {
    let one = runs(|name, negated| !negated || name == "three" || name == "four");
    assert_eq!(outcomes(&judged(&one)), [Outcome::Crashed; 4], "where one cannot be trusted, none can");
    assert_eq!(judged(&one).kind, VerdictKind::Crashed);
}

#[test]
fn results_that_are_missing_doubled_or_unknown_never_pass() {
    let honest = || runs(|name, negated| !negated || name == "four");
    type Change = fn(&mut Vec<TestReport>);
    let changes: [(&str, Change); 6] = [
        ("no results", Vec::clear),
        ("the first is missing", |tests| drop(tests.remove(0))),
        ("a decoy is missing", |tests| drop(tests.pop())),
        ("a test twice", |tests| tests.push(tests[0].clone())),
        ("a test of nobody", |tests| tests.push(report("aaaaaaaaaaaa:one".into(), true))),
        ("decoys that all pass", |tests| tests.iter_mut().skip(4).for_each(|test| test.outcome = TestOutcome::Passed)),
    ];
    for (what, change) in changes {
        for run in 0..2 {
            let mut runs = honest();
            change(&mut runs[run].1.suite.as_mut().unwrap().tests);
            let verdict = judged(&runs);
            assert_eq!(verdict.kind, VerdictKind::Crashed, "{what} in run {run}: {verdict:#?}");
        }
    }
}

#[test]
fn a_run_that_was_cut_short_never_passes() {
    for (end, kind) in [
        (End::Exited { code: Some(0) }, VerdictKind::Crashed),
        (End::OutOfMemory, VerdictKind::MemoryExceeded),
        (End::OutputExceeded, VerdictKind::OutputExceeded),
        (End::Deadline, VerdictKind::Timeout),
    ] {
        for run in 0..2 {
            let mut runs = runs(|name, negated| !negated || name == "four");
            runs[run].1.end = end.clone();
            assert_eq!(judged(&runs).kind, kind, "{end:?} in run {run}, all results there");
            runs[run].1.suite = Some(SuiteReport::default());
            runs.truncate(run + 1);
            assert_eq!(judged(&runs).kind, kind, "{end:?} in run {run}, no results");
        }
    }
    let mut died = runs(|name, negated| !negated || name == "four");
    died[1].1.suite.as_mut().unwrap().died = Some("killed".into());
    assert_eq!(judged(&died).kind, VerdictKind::Crashed);
}

#[test]
fn a_suite_without_tests_proves_nothing() {
    let none = judge_suite(&tests(), &ExpectedSet::default(), &runs(|_, negated| !negated));
    assert_ne!(none.kind, VerdictKind::Passed);
}
