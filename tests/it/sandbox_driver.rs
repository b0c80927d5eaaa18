//! From frames and time to a report, without any container.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::time::{Duration, Instant};

use athanor::domain::report::{End, Report};
use athanor::sandbox::EventSink;
use athanor::sandbox::driver::{Driver, GRACE};
use athanor::sandbox::protocol::{JOB_BYTES, frame_of};
use serde_json::{Value, json};

use crate::sandbox_contract::job;

const SOURCE: &str = "defmodule Target do\nend\n";

/// A driver and the last frame that it gave to send.
struct Played {
    driver: Driver,
    asked: Value,
    now: Instant,
}

impl Played {
    fn begin(cases: &[&[&str]]) -> Self {
        let now = Instant::now();
        let (driver, first) = Driver::new(job(SOURCE, cases), now, [7; 32]);
        Self { driver, asked: content(&first), now }
    }

    fn loaded(cases: &[&[&str]]) -> Self {
        let mut played = Self::begin(cases);
        played.say(json!({"op": "loaded", "diagnostics": [], "output": nothing()}));
        played
    }

    /// Has the container say this, with the right nonce unless it has one.
    fn say(&mut self, mut frame: Value) {
        if frame.get("nonce").is_none() {
            frame["nonce"] = self.asked["nonce"].clone();
        }
        let bytes = frame_of(frame.to_string().as_bytes());
        if let Some(next) = self.driver.received(&bytes, self.now, &EventSink::none()) {
            self.asked = content(&next);
        }
    }

    fn report(self) -> Report {
        self.driver.into_report().unwrap()
    }
}

fn content(frame: &[u8]) -> Value {
    serde_json::from_slice(&frame[4..]).unwrap()
}

fn nothing() -> Value {
    json!({"head": "", "tail": "", "cut": 0})
}

fn value(case: usize, n: usize) -> Value {
    json!({"op": "value", "case": case, "n": n, "term": "g2EB", "text": "1", "output": nothing(), "us": 1})
}

#[test]
fn steps_are_asked_for_one_at_a_time() {
    let mut played = Played::loaded(&[&["one", "two"], &["three"]]);
    for (case, n, code) in [(0, 0, "one"), (0, 1, "two"), (1, 0, "three")] {
        assert!(!played.driver.is_done());
        assert_eq!(
            (&played.asked["case"], &played.asked["n"], &played.asked["code"]),
            (&json!(case), &json!(n), &json!(code))
        );
        played.say(value(case, n));
    }
    let report = played.report();
    assert_eq!((report.end, report.cases.len()), (End::Finished, 2));
}

#[test]
fn no_request_has_the_nonce_of_another() {
    let mut played = Played::begin(&[&["one", "two"]]);
    let mut seen = vec![played.asked["nonce"].clone()];
    played.say(json!({"op": "loaded", "diagnostics": [], "output": nothing()}));
    seen.push(played.asked["nonce"].clone());
    played.say(value(0, 0));
    seen.push(played.asked["nonce"].clone());
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[test]
fn whatever_is_not_the_answer_ends_the_job_as_a_bad_frame() {
    let wrong = [
        ("the answer to a later step", value(0, 1)),
        ("the answer to a later case", value(1, 0)),
        (
            "an answer with another nonce",
            json!({"nonce": "0000000000000000", "op": "value", "case": 0, "n": 0, "term": "g2EB", "text": "1", "output": nothing(), "us": 1}),
        ),
        ("a second load", json!({"op": "loaded", "diagnostics": [], "output": nothing()})),
        ("a second ready", json!({"op": "ready", "v": 1, "elixir": "1", "otp": "2"})),
        ("a farewell", json!({"op": "bye"})),
        (
            "a term that is not base64",
            json!({"op": "value", "case": 0, "n": 0, "term": "!", "text": "1", "output": nothing(), "us": 1}),
        ),
        (
            "a term over its limit",
            json!({"op": "value", "case": 0, "n": 0, "term": "AAAA".repeat(100_000), "text": "1", "output": nothing(), "us": 1}),
        ),
        ("an unknown word", json!({"op": "passed"})),
        ("no object", json!([1, 2])),
    ];
    for (what, frame) in wrong {
        let mut played = Played::loaded(&[&["one", "two"], &["three"]]);
        if frame.is_object() {
            played.say(frame);
        } else {
            let bytes = frame_of(frame.to_string().as_bytes());
            played.driver.received(&bytes, played.now, &EventSink::none());
        }
        assert!(played.driver.is_done(), "{what}");
        let report = played.report();
        assert!(matches!(report.end, End::BadFrame { .. }), "{what}: {:?}", report.end);
        assert_eq!(report.cases.len(), 1, "{what}: the case it ended in is there");
        assert!(report.cases[0].steps.is_empty(), "{what}");
    }
}

#[test]
fn two_answers_in_one_breath_are_one_too_many() {
    let mut played = Played::loaded(&[&["one", "two"]]);
    let mut first = value(0, 0);
    first["nonce"] = played.asked["nonce"].clone();
    let both = [frame_of(first.to_string().as_bytes()), frame_of(value(0, 1).to_string().as_bytes())].concat();
    assert_eq!(played.driver.received(&both, played.now, &EventSink::none()), None);
    assert!(matches!(played.report().end, End::BadFrame { .. }));
}

#[test]
fn the_host_waits_a_little_longer_than_the_harness_and_never_longer_than_the_job_may_take() {
    let mut played = Played::begin(&[&["one"], &["two"]]);
    assert_eq!(played.driver.deadline(), played.now + Duration::from_secs(5) + GRACE);
    played.say(json!({"op": "loaded", "diagnostics": [], "output": nothing()}));
    assert_eq!(played.driver.deadline(), played.now + Duration::from_secs(1) + GRACE);
    let began = played.now;
    played.now += Duration::from_millis(9_500);
    played.say(value(0, 0));
    assert_eq!(played.driver.deadline(), began + Duration::from_secs(10));
    played.driver.passed_deadline();
    assert_eq!(played.report().end, End::Deadline);
}

#[test]
fn an_end_before_anything_was_compiled_leaves_no_trace_of_a_load() {
    let mut played = Played::begin(&[&["one"]]);
    played.driver.ended(End::Exited { code: Some(0) });
    let report = played.report();
    assert_eq!((report.load, report.cases.len()), (None, 0));
}

#[test]
fn the_first_end_counts() {
    let mut played = Played::loaded(&[&["one"]]);
    played.driver.ended(End::OutOfMemory);
    played.driver.ended(End::Exited { code: Some(137) });
    assert_eq!(played.report().end, End::OutOfMemory);
}

#[test]
fn too_much_past_the_vm_ends_the_job_and_what_is_kept_is_small() {
    let mut played = Played::loaded(&[&["one"]]);
    let mut sent = 0;
    while !played.driver.is_done() {
        played.driver.received_stray(&[b'y'; 65_536]);
        sent += 65_536;
    }
    assert_eq!(sent, 8 * 1024 * 1024 + 65_536);
    let report = played.report();
    assert_eq!(report.end, End::OutputExceeded);
    let kept = report.stray_output.head.len() + report.stray_output.tail.len();
    assert_eq!((kept, report.stray_output.cut_bytes), (16 * 1024, sent as u64 - 16 * 1024));
}

#[test]
fn answers_that_are_too_much_in_all_end_the_job_as_output() {
    let many: Vec<&str> = vec!["step"; 64];
    let mut played = Played::loaded(&[&many]);
    let mut n = 0;
    while !played.driver.is_done() {
        played.say(json!({"op": "value", "case": 0, "n": n, "term": "AAAA".repeat(80_000), "text": "", "output": nothing(), "us": 1}));
        n += 1;
    }
    assert_eq!(played.report().end, End::OutputExceeded);
    assert_eq!(n, JOB_BYTES / 320_000 + 1);
}
