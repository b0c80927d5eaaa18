//! Learners who hand in answers whose verdict is known, and try again until they are told that it was accepted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use uuid::Uuid;

use crate::domain::verdict::VerdictKind;

/// Longest wait for one answer of the site.
const ANSWER: Duration = Duration::from_secs(10);

/// Wait before the same is sent again.
const AGAIN: Duration = Duration::from_millis(150);

/// An answer, and what it must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) source: &'static str,
    pub(super) verdict: VerdictKind,
}

const PASSED: Answer =
    Answer { source: "defmodule Chaos do\n  def double(n), do: n * 2\nend\n", verdict: VerdictKind::Passed };
const FAILED: Answer =
    Answer { source: "defmodule Chaos do\n  def double(n), do: n + 21\nend\n", verdict: VerdictKind::Failed };
const REFUSED: Answer =
    Answer { source: "defmodule Chaos do\n  def double(n), do: n *\nend\n", verdict: VerdictKind::CompileError };
const CRASHED: Answer =
    Answer { source: "defmodule Chaos do\n  def double(_), do: System.halt(1)\nend\n", verdict: VerdictKind::Crashed };
const ENDLESS: Answer =
    Answer { source: "defmodule Chaos do\n  def double(n), do: double(n)\nend\n", verdict: VerdictKind::Timeout };

/// The answer of this number: of a hundred one times out, five crash, ten do not compile, twenty are wrong.
pub(super) const fn answer(number: usize) -> Answer {
    match number % 100 {
        50 => ENDLESS,
        n if n % 20 == 7 => CRASHED,
        n if n % 10 == 3 => REFUSED,
        n if n % 5 == 1 => FAILED,
        _ => PASSED,
    }
}

/// What was handed in.
#[derive(Debug, Default)]
pub(super) struct Book {
    next: AtomicUsize,
    /// Answers that were accepted, by their keys.
    accepted: Mutex<HashMap<Uuid, Answer>>,
    /// Requests that had no answer, or one that says to try again.
    pub(super) tried_again: AtomicUsize,
}

impl Book {
    pub(super) fn accepted(&self) -> HashMap<Uuid, Answer> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Somebody at an address of their own.
pub(super) struct Learner {
    client: Client,
    site: String,
    address: String,
}

impl Learner {
    pub(super) fn new(site: String, number: usize) -> anyhow::Result<Self> {
        let client = Client::builder().cookie_store(true).redirect(redirect::Policy::none()).timeout(ANSWER).build()?;
        Ok(Self { client, site, address: format!("10.1.{}.{}", number / 250, number % 250 + 1) })
    }

    /// Opens the lesson, which hands out the cookie, as often as it takes.
    pub(super) async fn arrive(&self) {
        loop {
            let page = self.client.get(format!("{}/lessons/chaos", self.site)).header("x-forwarded-for", &self.address);
            if page.send().await.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Hands in until `count` answers were taken up by anybody.
    pub(super) async fn work(&self, book: &Book, count: usize) {
        self.arrive().await;
        loop {
            let number = book.next.fetch_add(1, Ordering::SeqCst);
            if number >= count {
                return;
            }
            self.hand_in(book, answer(number)).await;
        }
    }

    /// Hands in one answer until it is accepted: always with the same key, so that it is one submission.
    pub(super) async fn hand_in(&self, book: &Book, answer: Answer) {
        let key = Uuid::new_v4();
        while !self.is_accepted(answer, key).await {
            book.tried_again.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(AGAIN).await;
        }
        book.accepted.lock().unwrap_or_else(PoisonError::into_inner).insert(key, answer);
    }

    async fn is_accepted(&self, answer: Answer, key: Uuid) -> bool {
        let form = [("source", answer.source), ("kind", "submit"), ("key", &key.to_string())];
        let request = self
            .client
            .post(format!("{}/exercises/chaos/submissions", self.site))
            .header("x-forwarded-for", &self.address)
            .header("sec-fetch-site", "same-origin")
            .header("accept", "application/json")
            .form(&form);
        request.send().await.is_ok_and(|answer| answer.status() == StatusCode::ACCEPTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_answers_most_pass_and_each_kind_is_there() {
        let count = |verdict| (0..100).filter(|number| answer(*number).verdict == verdict).count();
        assert_eq!(count(VerdictKind::Timeout), 1);
        assert_eq!(count(VerdictKind::Crashed), 5);
        assert_eq!(count(VerdictKind::CompileError), 10);
        assert_eq!(count(VerdictKind::Failed), 20);
        assert_eq!(count(VerdictKind::Passed), 64);
    }
}
