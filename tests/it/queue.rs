//! The queue itself: who comes next, and whose write counts.

use std::time::Duration;

use athanor::content;
use athanor::db::queue::{self, Claimed, Reaped, Written};
use athanor::db::submissions::{NewSubmission, accept};
use athanor::db::{self, Pool};
use athanor::domain::code::Code;
use athanor::domain::exercise::TestSet;
use athanor::domain::ids::{ExerciseId, SubmissionId, UserId};
use athanor::domain::report::Output;
use athanor::domain::submission::Kind;
use athanor::domain::verdict::Verdict;
use athanor::startup::synchronise;
use uuid::Uuid;

use crate::helpers::{TestDatabase, lessons};

const LEASE: Duration = Duration::from_secs(30);

pub struct Queue {
    pub database: TestDatabase,
    tests: TestSet,
}

impl Queue {
    pub async fn new() -> Self {
        let database = TestDatabase::new().await;
        let folder = tempfile::tempdir().expect("a folder");
        lessons::write(folder.path());
        let loaded = content::load(folder.path(), None);
        assert_eq!(loaded.problems, []);
        synchronise(&database.pool, &loaded).await.expect("the course");
        let tests = loaded.course.exercises().next().expect("an exercise").1.exercise.tests.clone();
        Self { database, tests }
    }

    pub fn pool(&self) -> &Pool {
        &self.database.pool
    }

    pub async fn learner(&self) -> UserId {
        db::users::create_guest(self.pool()).await.expect("a guest").id
    }

    pub async fn hand_in(&self, user: UserId, exercise: &str, kind: Kind) -> SubmissionId {
        let exercise = ExerciseId::parse(exercise).expect("an id");
        let source = Code::text(b"code", 100).expect("source");
        let new =
            NewSubmission { max_waiting: 10_000, ..NewSubmission::new(user, &exercise, kind, &source, Uuid::new_v4()) };
        accept(self.pool(), &new).await.expect("accepted").id
    }

    pub async fn claim(&self) -> Option<Claimed> {
        queue::claim(self.pool(), "test", LEASE).await.expect("an answer")
    }

    pub async fn finish(&self, claimed: &Claimed) -> Written {
        let verdict = Verdict::not_graded(&self.tests, claimed.kind, "a test");
        queue::finish(self.pool(), claimed, &verdict, &serde_json::json!({})).await.expect("an answer")
    }
}

#[tokio::test]
async fn one_learner_with_many_waiting_delays_another_by_one_run_at_most() {
    let queue = Queue::new().await;
    let (greedy, modest) = (queue.learner().await, queue.learner().await);
    for _ in 0..50 {
        queue.hand_in(greedy, "double", Kind::Submit).await;
    }
    let first = queue.claim().await.expect("something waits");
    assert_eq!(first.user, greedy);
    queue.hand_in(modest, "double", Kind::Run).await;
    assert_eq!(queue.finish(&first).await, Written::Yes);
    let second = queue.claim().await.expect("something waits");
    assert_eq!(second.user, modest);
    assert_eq!(queue.claim().await.expect("something waits").user, greedy);
    queue.database.drop_it().await;
}

#[tokio::test]
async fn a_verdict_with_a_nul_in_it_is_written_like_any_other() {
    let queue = Queue::new().await;
    let submission = queue.hand_in(queue.learner().await, "double", Kind::Run).await;
    let claimed = queue.claim().await.expect("it waits");
    let mut verdict = Verdict::not_graded(&queue.tests, claimed.kind, "a\0b");
    verdict.stray_output = Output::whole("a\0b");
    verdict.cases[0].output = Output::whole("c\0d");
    db::events::add(queue.pool(), claimed.grading, submission, claimed.lease, 0, &verdict.cases).await.expect("events");
    let written = queue::finish(queue.pool(), &claimed, &verdict, &serde_json::json!({})).await.expect("an answer");
    assert_eq!(written, Written::Yes);
    let row = db::results::find(queue.pool(), submission).await.expect("an answer").expect("a submission");
    let read = row.verdict.expect("a verdict");
    assert_eq!(read.stray_output.head, "a\0b");
    assert_eq!(read.cases[0].output.head, "c\0d");
}

#[tokio::test]
async fn one_grading_of_a_learner_runs_at_a_time_and_a_submit_goes_before_a_run() {
    let queue = Queue::new().await;
    let learner = queue.learner().await;
    let first = queue.hand_in(learner, "answer", Kind::Submit).await;
    let claimed = queue.claim().await.expect("something waits");
    assert_eq!(claimed.submission, first);
    let run = queue.hand_in(learner, "double", Kind::Run).await;
    let submit = queue.hand_in(learner, "double", Kind::Submit).await;
    assert!(queue.claim().await.is_none(), "one runs already");
    queue.finish(&claimed).await;
    let next = queue.claim().await.expect("something waits");
    assert_eq!(next.submission, submit);
    queue.finish(&next).await;
    assert_eq!(queue.claim().await.expect("something waits").submission, run);
    queue.database.drop_it().await;
}

#[tokio::test]
async fn many_workers_at_once_never_take_the_same_grading() {
    let queue = Queue::new().await;
    for _ in 0..4 {
        let learner = queue.learner().await;
        for _ in 0..3 {
            queue.hand_in(learner, "double", Kind::Submit).await;
        }
    }
    let worker = async || {
        let mut taken = Vec::new();
        while taken.len() < 12 {
            let Some(claimed) = queue.claim().await else { break };
            assert_eq!(queue.finish(&claimed).await, Written::Yes);
            taken.push(claimed.submission);
        }
        taken
    };
    let (a, b, c, d) = tokio::join!(worker(), worker(), worker(), worker());
    let mut all: Vec<_> = [a, b, c, d].concat();
    // A worker may find nothing while each learner has one running; whatever is left is taken now.
    while let Some(claimed) = queue.claim().await {
        queue.finish(&claimed).await;
        all.push(claimed.submission);
    }
    assert_eq!(all.len(), 12);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 12);
    queue.database.drop_it().await;
}

#[tokio::test]
async fn a_worker_whose_lease_was_taken_over_writes_nothing() {
    let queue = Queue::new().await;
    let learner = queue.learner().await;
    queue.hand_in(learner, "double", Kind::Submit).await;
    let slow = queue::claim(queue.pool(), "slow", Duration::ZERO).await.expect("an answer").expect("something waits");
    assert_eq!(queue::reap(queue.pool()).await.expect("an answer"), Reaped { requeued: 1, given_up: 0 });
    assert!(!queue::renew(queue.pool(), &slow, LEASE).await.expect("an answer"));
    let quick = queue.claim().await.expect("it waits again");
    assert_eq!(quick.attempt, 2);
    assert_eq!(queue.finish(&slow).await, Written::LeaseLost);
    assert_eq!(
        queue::hand_back(queue.pool(), &slow, Duration::ZERO, true).await.expect("an answer"),
        Written::LeaseLost
    );
    assert_eq!(queue.finish(&quick).await, Written::Yes);
    assert_eq!(queue.finish(&quick).await, Written::LeaseLost, "a verdict is written once");
    queue.database.drop_it().await;
}

#[tokio::test]
async fn a_grading_whose_workers_keep_vanishing_ends_as_not_graded_and_waits_again_later() {
    let queue = Queue::new().await;
    let learner = queue.learner().await;
    let id = queue.hand_in(learner, "double", Kind::Submit).await;
    let mut last = Reaped::default();
    for _ in 0..4 {
        queue::claim(queue.pool(), "gone", Duration::ZERO).await.expect("an answer").expect("something waits");
        last = queue::reap(queue.pool()).await.expect("an answer");
    }
    assert_eq!(last, Reaped { requeued: 0, given_up: 1 });
    let found = db::results::find(queue.pool(), id).await.expect("an answer").expect("the submission");
    assert_eq!(found.verdict.map(|verdict| verdict.kind.as_str()), Some("not_graded"));
    sqlx::query("update gradings set finished_at = now() - interval '1 minute'")
        .execute(queue.pool())
        .await
        .expect("an update");
    assert_eq!(queue::retry_not_graded(queue.pool()).await.expect("an answer"), 1);
    assert_eq!(queue::retry_not_graded(queue.pool()).await.expect("an answer"), 0);
    assert_eq!(queue.claim().await.expect("it waits again").submission, id);
    queue.database.drop_it().await;
}

#[tokio::test]
async fn what_is_handed_back_waits_its_time_and_may_cost_no_try() {
    let queue = Queue::new().await;
    let learner = queue.learner().await;
    queue.hand_in(learner, "double", Kind::Submit).await;
    let claimed = queue.claim().await.expect("something waits");
    let after = Duration::from_secs(3600);
    assert_eq!(queue::hand_back(queue.pool(), &claimed, after, false).await.expect("an answer"), Written::Yes);
    assert!(queue.claim().await.is_none(), "not yet");
    sqlx::query("update gradings set run_after = now()").execute(queue.pool()).await.expect("an update");
    assert_eq!(queue.claim().await.expect("now").attempt, 1);
    queue.database.drop_it().await;
}

#[tokio::test]
async fn merging_a_guest_joins_progress_and_doubles_nothing() {
    let queue = Queue::new().await;
    let (guest, other) = (queue.learner().await, queue.learner().await);
    for user in [guest, other] {
        queue.hand_in(user, "double", Kind::Submit).await;
    }
    let running = queue.claim().await.expect("something waits");
    db::users::merge_guest(queue.pool(), guest, other).await.expect("merged");
    assert_eq!(db::users::submission_count(queue.pool(), other).await.expect("a count"), 2);
    assert_eq!(db::progress::of(queue.pool(), other).await.expect("progress").len(), 1);
    if running.user == guest {
        assert_eq!(queue.finish(&running).await, Written::LeaseLost);
    }
    db::users::merge_guest(queue.pool(), guest, other).await.expect("a second merge changes nothing");
    queue.database.drop_it().await;
}
