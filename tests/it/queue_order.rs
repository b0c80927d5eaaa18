//! The order of the queue: fair between people, foretold by the place that a learner sees, and cheap however much waits.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use athanor::db::queue;
use athanor::domain::ids::{SubmissionId, UserId};
use athanor::domain::submission::Kind;
use uuid::Uuid;

use crate::queue::Queue;

const LEASE: Duration = Duration::from_secs(30);

async fn place(queue: &Queue, id: SubmissionId) -> Option<i64> {
    queue::place(queue.pool(), id).await.expect("an answer").map(|place| place.ahead)
}

#[tokio::test]
async fn a_thousand_waiting_of_one_learner_delay_nobody_else_by_more_than_one_run() {
    let queue = Queue::new().await;
    let greedy = queue.learner().await;
    for _ in 0..1000 {
        queue.hand_in(greedy, "double", Kind::Submit).await;
    }
    let mut held = queue.claim().await.expect("something waits");
    assert_eq!(held.user, greedy);
    for round in 0..20 {
        let modest = queue.learner().await;
        // Each comes while one of the thousand runs, and also those who only run something come next.
        let kind = if round % 2 == 0 { Kind::Run } else { Kind::Submit };
        let id = queue.hand_in(modest, "double", kind).await;
        assert_eq!(place(&queue, id).await, Some(0));
        queue.finish(&held).await;
        let next = queue.claim().await.expect("something waits");
        assert_eq!((next.user, next.submission), (modest, id));
        queue.finish(&next).await;
        held = queue.claim().await.expect("something waits");
        assert_eq!(held.user, greedy);
    }
    queue.database.drop_it().await;
}

#[tokio::test]
async fn the_place_that_is_shown_is_the_order_in_which_they_are_taken() {
    let queue = Queue::new().await;
    let mut learners = Vec::new();
    for _ in 0..7 {
        learners.push(queue.learner().await);
    }
    // 1 to 7 of each, mixed by a fixed stride; every third is a run of another exercise, so that none is superseded.
    let mut ids = Vec::new();
    for turn in 0..7_usize {
        for (number, learner) in learners.iter().enumerate() {
            if (number * 5 + turn * 3) % 7 <= number {
                ids.push(queue.hand_in(*learner, "double", Kind::Submit).await);
            }
        }
    }
    for learner in &learners {
        ids.push(queue.hand_in(*learner, "answer", Kind::Run).await);
    }
    let mut foretold = HashMap::new();
    for id in &ids {
        foretold.insert(*id, place(&queue, *id).await.expect("it waits"));
    }
    for number in 0..i64::try_from(ids.len()).expect("few") {
        let claimed = queue.claim().await.expect("something waits");
        assert_eq!(foretold[&claimed.submission], number);
        assert_eq!(place(&queue, claimed.submission).await, None, "it does not wait any more");
        queue.finish(&claimed).await;
    }
    assert!(queue.claim().await.is_none());
    queue.database.drop_it().await;
}

#[tokio::test]
async fn what_is_handed_back_keeps_its_learners_place() {
    let queue = Queue::new().await;
    let (first, second) = (queue.learner().await, queue.learner().await);
    for learner in [first, second] {
        queue.hand_in(learner, "double", Kind::Submit).await;
    }
    let claimed = queue.claim().await.expect("something waits");
    assert_eq!(claimed.user, first);
    // Our own fault: nobody is to lose their turn by it.
    queue::hand_back(queue.pool(), &claimed, Duration::ZERO, true).await.expect("an answer");
    assert_eq!(queue.claim().await.expect("something waits").user, first);
    queue.database.drop_it().await;
}

#[tokio::test]
async fn regrades_come_after_every_learner_and_hold_up_none() {
    let queue = Queue::new().await;
    let learner = queue.learner().await;
    let old = queue.hand_in(learner, "double", Kind::Submit).await;
    let claimed = queue.claim().await.expect("something waits");
    queue.finish(&claimed).await;
    for _ in 0..2 {
        regrade(&queue, old).await;
    }
    queue.hand_in(learner, "double", Kind::Submit).await;
    let run = queue.hand_in(learner, "answer", Kind::Run).await;
    assert_eq!(place(&queue, run).await, Some(1), "regrades are not before it");
    let submit = queue.claim().await.expect("something waits");
    assert_eq!(submit.kind, Kind::Submit);
    assert_eq!(submit.reason, queue::Reason::Learner);
    // While the learner's own runs, their regrades may run too.
    let regraded = queue.claim().await.expect("something waits");
    assert_eq!(regraded.reason, queue::Reason::Regrade);
    assert!(queue::claim_for_learners(queue.pool(), "test", LEASE).await.expect("an answer").is_none());
    queue.finish(&submit).await;
    assert_eq!(queue.claim().await.expect("something waits").submission, run, "a run goes before a regrade");
    queue.database.drop_it().await;
}

async fn regrade(queue: &Queue, submission: SubmissionId) {
    sqlx::query(
        "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state, standing)
         select $1, id, user_id, exercise_id, version_id, kind, 'regrade', 'queued', false
         from submissions where id = $2",
    )
    .bind(Uuid::now_v7())
    .bind(submission.0)
    .execute(queue.pool())
    .await
    .expect("a regrade");
}

/// What the rows say, counted without the turns.
async fn turns_are_true(queue: &Queue) {
    let wrong: i64 = sqlx::query_scalar(
        "select count(*) from users u left join turns t on t.user_id = u.id cross join lateral (
             select count(*) filter (where state = 'queued') as waiting, count(*) filter (where state = 'running') as running,
                 min(queued_at) filter (where state = 'queued') as since
             from gradings g where g.user_id = u.id and g.reason <> 'regrade') g
         where coalesce(t.waiting, 0) <> g.waiting or coalesce(t.running, false) <> (g.running > 0)
             or (t.waits_since is null) <> (g.waiting = 0)
             or t.waits_since is distinct from case when g.waiting > 0 then greatest(t.served_at, g.since) end",
    )
    .fetch_one(queue.pool())
    .await
    .expect("a count");
    assert_eq!(wrong, 0, "turns that do not fit their gradings");
}

#[tokio::test]
async fn whatever_happens_at_once_the_turns_stay_true() {
    let queue = Queue::new().await;
    let mut learners = Vec::new();
    for _ in 0..4 {
        learners.push(queue.learner().await);
    }
    let hand_in = async |learner: UserId| {
        for round in 0..12 {
            let kind = if round % 3 == 0 { Kind::Run } else { Kind::Submit };
            let id = queue.hand_in(learner, "double", kind).await;
            if round % 4 == 0 {
                athanor::db::submissions::cancel(queue.pool(), id).await.expect("an answer");
            }
        }
    };
    let work = async |hands_back: bool| {
        let mut idle = 0;
        while idle < 50 {
            match queue.claim().await {
                Some(claimed) if hands_back && claimed.attempt == 1 => {
                    queue::hand_back(queue.pool(), &claimed, Duration::ZERO, true).await.expect("an answer");
                }
                Some(claimed) => {
                    queue.finish(&claimed).await;
                }
                None => {
                    idle += 1;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
        }
    };
    tokio::join!(
        hand_in(learners[0]),
        hand_in(learners[1]),
        hand_in(learners[2]),
        hand_in(learners[3]),
        work(true),
        work(false),
        work(false)
    );
    turns_are_true(&queue).await;
    let account = learners[3];
    for guest in &learners[..3] {
        queue.hand_in(*guest, "double", Kind::Submit).await;
        athanor::db::users::merge_guest(queue.pool(), *guest, account).await.expect("merged");
        turns_are_true(&queue).await;
    }
    while let Some(claimed) = queue.claim().await {
        queue.finish(&claimed).await;
    }
    turns_are_true(&queue).await;
    let left: i64 = sqlx::query_scalar("select count(*) from gradings where state in ('queued', 'running')")
        .fetch_one(queue.pool())
        .await
        .expect("a count");
    assert_eq!(left, 0);
    queue.database.drop_it().await;
}

#[tokio::test]
async fn a_claim_looks_at_few_rows_however_many_wait() {
    let queue = Queue::new().await;
    let learner = queue.learner().await;
    queue.hand_in(learner, "double", Kind::Submit).await;
    // 100 000 that wait: of 20 000 learners with four each, and of one with 20 000.
    sqlx::raw_sql(
        "insert into users (id, role, name) select gen_random_uuid(), 'guest', 'n' from generate_series(1, 20000);
         create temp table many as select gen_random_uuid() as id, u.id as user_id, s.exercise_id, s.version_id, n
             from submissions s, (select id, row_number() over () as row from users where name = 'n') u,
                 lateral generate_series(1, case when u.row = 1 then 20000 else 4 end) n;
         alter table gradings disable trigger user;
         insert into submissions (id, user_id, exercise_id, version_id, kind, source, idempotency_key)
             select id, user_id, exercise_id, version_id, 'submit', 'x', gen_random_uuid() from many;
         insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state)
             select gen_random_uuid(), id, user_id, exercise_id, version_id, 'submit', 'first', 'queued' from many;
         alter table gradings enable trigger user;
         select count_turn(user_id, false) from (select distinct user_id from gradings) u;
         analyze gradings, turns, submissions",
    )
    .execute(&mut *queue.pool().acquire().await.expect("a connection"))
    .await
    .expect("many");
    let begun = Instant::now();
    for _ in 0..50 {
        let claimed = queue.claim().await.expect("something waits");
        queue.finish(&claimed).await;
    }
    println!("50 claims and verdicts with 100 000 waiting: {:?}", begun.elapsed());
    let plan: Vec<String> = sqlx::query_scalar(
        "explain (analyze, buffers, costs off) select t.user_id from turns t
         where t.waits_since is not null and not t.running and t.ready_at <= now()
         order by t.waits_since limit 1 for update skip locked",
    )
    .fetch_all(queue.pool())
    .await
    .expect("a plan");
    let plan = plan.join("\n");
    println!("{plan}");
    assert!(plan.contains("turns_next_idx"), "{plan}");
    queue.database.drop_it().await;
}
