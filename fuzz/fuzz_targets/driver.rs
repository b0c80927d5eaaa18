//! A whole job against a container that says anything: it never panics, and a pass has its evidence in what was said.
#![no_main]

use std::time::{Duration, Instant};

use athanor_fuzz::domain::exercise::{Case, Expect, Language, Step, TestSet};
use athanor_fuzz::domain::job::{Job, Kind};
use athanor_fuzz::domain::limits::Limits;
use athanor_fuzz::domain::report::{End, StepOutcome};
use athanor_fuzz::domain::verdict::{self, ExpectedSet, ExpectedValue, VerdictKind};
use athanor_fuzz::sandbox::EventSink;
use athanor_fuzz::sandbox::driver::Driver;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use libfuzzer_sys::fuzz_target;

/// With a secret that is known the nonces are, too, so that the seeds can hold right answers.
const SECRET: [u8; 32] = [7; 32];

/// One expected term for each step: two visible ones, two hidden ones.
const TERMS: [&[u8]; 4] = [b"\x83a\x2a", b"\x83w\x04none", b"\x83w\x03nil", b"\x83b\xff\xff\xff\xf8"];

fn tests() -> TestSet {
    let step = |code: &str| Step {
        code: code.to_owned(),
        expect: Some(Expect::Value(code.to_owned())),
        prints: None,
        line: 0,
        expect_line: 0,
    };
    let case = |name: &str, hidden, steps: &[&str]| Case {
        name: name.to_owned(),
        hidden,
        steps: steps.iter().map(|code| step(code)).collect(),
        points: 1,
        timeout_ms: None,
        line: 0,
        file: None,
    };
    TestSet {
        language: Language::Elixir,
        support: Vec::new(),
        cases: vec![case("a", false, &["one", "two"]), case("b", true, &["three"]), case("c", true, &["four"])],
        solution: "x".to_owned(),
        exunit: None,
        flavour: None,
        image: None,
        wrong: Vec::new(),
    }
}

fn expected() -> ExpectedSet {
    let value = |n: usize| Some(ExpectedValue { term: TERMS[n].to_vec(), text: n.to_string() });
    ExpectedSet {
        values: vec![vec![value(0), value(1)], vec![value(2)], vec![value(3)]],
        wrong: Vec::new(),
        suite: Default::default(),
    }
}

/// The terms of all value frames in what the container said on its standard output, read without any of our code.
fn said(stdout: &[u8]) -> Vec<Vec<u8>> {
    let mut terms = Vec::new();
    let mut rest = stdout;
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let Some((content, more)) = more.split_at_checked(u32::from_be_bytes(*length) as usize) else { break };
        rest = more;
        let frame: serde_json::Value = serde_json::from_slice(content).unwrap_or_default();
        if frame["op"] == "value"
            && let Some(term) = frame["term"].as_str()
        {
            terms.extend(BASE64_STANDARD.decode(term));
        }
    }
    terms
}

fuzz_target!(|data: &[u8]| {
    let (tests, limits) = (tests(), Limits { frame_bytes: 4096, job_output_bytes: 8192, ..Limits::DEFAULT });
    let job = Job::new(&tests, Job::single_source(Language::Elixir, "x"), Kind::Submit, limits);
    let mut now = Instant::now();
    let (mut driver, _) = Driver::new(job, now, SECRET);
    let (mut stdout, mut rest) = (Vec::new(), data);
    // A byte of what happens, one of how much of what follows belongs to it.
    while let Some((&[what, much], more)) = rest.split_first_chunk::<2>() {
        let (bytes, more) = more.split_at(more.len().min(4 * usize::from(much)));
        rest = more;
        now += Duration::from_millis(1);
        match what % 16 {
            13 => driver.received_stray(bytes),
            14 => driver.passed_deadline(),
            15 => driver.ended(End::Exited { code: Some(i64::from(much)) }),
            _ => {
                if !driver.is_done() {
                    stdout.extend_from_slice(bytes);
                }
                let _ = driver.received(bytes, now, &EventSink::none());
            }
        }
    }
    driver.ended(End::Exited { code: None });
    let report = driver.into_report().expect("it has ended");
    assert!(report.cases.len() <= 3);
    assert!(report.cases.iter().flat_map(|case| &case.steps).all(|step| match &step.outcome {
        StepOutcome::Value { term, .. } => term.len() <= limits.term_bytes,
        _ => true,
    }));
    let verdict = verdict::judge(&tests, &expected(), Kind::Submit, &report);
    if verdict.kind == VerdictKind::Passed {
        assert_eq!(said(&stdout), TERMS, "a pass without its values");
    }
    for case in verdict.for_learner().cases.iter().filter(|case| case.hidden) {
        let silent = (&case.expression, &case.expected, &case.actual, &case.message, case.us)
            == (&None, &None, &None, &None, None);
        assert!(silent && case.stack.is_empty() && case.output == Default::default(), "a hidden case speaks: {case:?}");
    }
});
