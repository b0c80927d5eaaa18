//! Workers that are killed or held up at each step of a grading. Each test ends with the audit.

use rustix::process::Signal;

use crate::helpers::TestDatabase;
use crate::helpers::app::Browser;
use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::{Course, DOUBLE};
use crate::helpers::program::{Program, containers_of, no_containers_of};

/// Right, after a while.
const SLOW: &str = "defmodule Double do\n  def of(n) do\n    Process.sleep(700)\n    n * 2\n  end\nend\n";

/// A site, and a guest who has handed something in.
struct Scene {
    engine: &'static str,
    database: TestDatabase,
    url: String,
    site: Program,
    guest: Browser,
    submission: String,
    _course: Course,
}

impl Scene {
    /// Whose workers make containers with this engine.
    async fn with(engine: &'static str, source: &str) -> Self {
        let database = TestDatabase::new().await;
        let course = Course::new();
        let url = database.url();
        let arguments = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
        let site = Program::start(&arguments, &[("DATABASE_URL", url.as_str())]).await;
        let guest = Browser::new(&site.address);
        let submission = guest.submit("double", "submit", source).await;
        Self { engine, database, url, site, guest, submission, _course: course }
    }

    /// A worker whose leases are short.
    async fn worker(&self, settings: &[(&str, &str)]) -> Program {
        let own = [
            ("DATABASE_URL", self.url.as_str()),
            ("ATHANOR_LEASE_MS", "1500"),
            ("ATHANOR_AT_ONCE", "1"),
            ("ATHANOR_SANDBOX", self.engine),
        ];
        Program::start(&["worker"], &[&own, settings].concat()).await
    }

    async fn is(&self, state: &str) {
        let path = format!("/submissions/{}", self.submission);
        until(state, async || self.guest.get_json(&path).await["state"] == state).await;
    }

    /// Process ids of the workers that held each grading last, in the order of the gradings.
    async fn judged_by(&self) -> Vec<u32> {
        let names: Vec<String> = sqlx::query_scalar("select worker from gradings order by queued_at")
            .fetch_all(&self.database.pool)
            .await
            .expect("workers");
        let pid = |name: &String| name.rsplit_once('-')?.1.parse().ok();
        names.iter().map(|name| pid(name).expect("a process id")).collect()
    }

    /// The next worker grades what the first one left, and nothing else is left of that.
    async fn ends_well(self, first: u32) {
        let next = self.worker(&[]).await;
        let next_pid = next.pid();
        assert_eq!(self.guest.verdict(&self.submission).await["verdict"], "passed");
        next.stop().await;
        self.site.stop().await;
        audit(&self.database.pool).await;
        no_containers_of(&[first, next_pid]);
        self.database.drop_it().await;
    }
}

async fn killed_at(engine: &'static str, step: &str, state: &str) {
    let scene = Scene::with(engine, DOUBLE).await;
    let mut first = scene.worker(&[("ATHANOR_PAUSE_AT", step)]).await;
    first.says(&format!("Athanor pauses: {step}")).await;
    scene.is(state).await;
    let pid = first.pid();
    first.kill();
    scene.ends_well(pid).await;
}

async fn a_worker_killed_before_it_claims_leaves_what_waits(engine: &'static str) {
    killed_at(engine, "before_claim", "queued").await;
}

async fn a_worker_killed_after_its_claim_loses_nothing(engine: &'static str) {
    killed_at(engine, "after_claim", "running").await;
}

async fn a_worker_killed_with_a_report_in_its_hands_loses_nothing(engine: &'static str) {
    killed_at(engine, "after_report", "running").await;
}

async fn a_worker_killed_after_its_commit_has_counted_once(engine: &'static str) {
    killed_at(engine, "after_commit", "done").await;
}

async fn a_worker_killed_in_the_middle_of_a_run_loses_nothing(engine: &'static str) {
    let scene = Scene::with(engine, SLOW).await;
    let first = scene.worker(&[]).await;
    scene.is("running").await;
    until("the learner's code runs", async || container_works(first.pid())).await;
    let pid = first.pid();
    first.kill();
    scene.ends_well(pid).await;
}

/// Whether this worker has a container: code that it was given runs in one.
fn container_works(pid: u32) -> bool {
    !containers_of(&[pid]).is_empty()
}

async fn a_worker_killed_while_its_verdict_is_written_has_written_it_once(engine: &'static str) {
    let scene = Scene::with(engine, DOUBLE).await;
    // Whoever counts progress waits for us: the verdict is with the database by then, and not committed.
    let mut lock = scene.database.pool.begin().await.expect("a transaction");
    sqlx::query("lock table progress in exclusive mode").execute(&mut *lock).await.expect("a lock");
    let first = scene.worker(&[]).await;
    until("the worker is about to commit", async || {
        sqlx::query_scalar::<_, bool>(
            "select exists (select from pg_stat_activity where datname = current_database()
                 and wait_event_type = 'Lock' and query like '%into progress%')",
        )
        .fetch_one(&scene.database.pool)
        .await
        .expect("an answer")
    })
    .await;
    let pid = first.pid();
    first.kill();
    lock.rollback().await.expect("the lock is given back");
    scene.ends_well(pid).await;
}

async fn a_worker_that_slept_beyond_its_lease_writes_nothing(engine: &'static str) {
    let scene = Scene::with(engine, SLOW).await;
    let first = scene.worker(&[]).await;
    scene.is("running").await;
    first.signal(Signal::STOP);
    let second = scene.worker(&[]).await;
    assert_eq!(scene.guest.verdict(&scene.submission).await["verdict"], "passed");
    let (first_pid, second_pid) = (first.pid(), second.pid());
    first.signal(Signal::CONT);
    // It learns that it lost its lease, and goes on with what comes next.
    second.stop().await;
    let next = scene.guest.submit("double", "submit", DOUBLE).await;
    assert_eq!(scene.guest.verdict(&next).await["verdict"], "passed");
    assert_eq!(scene.judged_by().await, [second_pid, first_pid]);
    first.stop().await;
    scene.site.stop().await;
    audit(&scene.database.pool).await;
    no_containers_of(&[first_pid, second_pid]);
    scene.database.drop_it().await;
}

async fn a_worker_asked_to_stop_lets_a_run_end_within_its_limit(engine: &'static str) {
    let scene = Scene::with(engine, SLOW).await;
    let worker = scene.worker(&[]).await;
    scene.is("running").await;
    let pid = worker.pid();
    worker.stop().await;
    assert_eq!(scene.guest.verdict(&scene.submission).await["verdict"], "passed");
    assert_eq!(scene.judged_by().await, [pid]);
    scene.ends_well(pid).await;
}

async fn a_worker_asked_to_stop_hands_back_what_takes_longer_than_its_limit(engine: &'static str) {
    let scene = Scene::with(engine, SLOW).await;
    let worker = scene.worker(&[("ATHANOR_DRAIN_MS", "100"), ("ATHANOR_LEASE_MS", "60000")]).await;
    scene.is("running").await;
    let pid = worker.pid();
    worker.stop().await;
    let (state, attempts): (String, i32) =
        sqlx::query_as("select state, attempts from gradings").fetch_one(&scene.database.pool).await.expect("the row");
    assert_eq!((state.as_str(), attempts), ("queued", 0), "handed back, and no try is used up");
    scene.ends_well(pid).await;
}

/// Each test with each engine.
macro_rules! on_each_engine {
    ($($test:ident),* $(,)?) => {
        on_each_engine! { @engine docker: $($test),* }
        on_each_engine! { @engine oci: $($test),* }
    };
    (@engine $engine:ident: $($test:ident),*) => {
        mod $engine {
            $(#[tokio::test]
            async fn $test() {
                super::$test(stringify!($engine)).await;
            })*
        }
    };
}

on_each_engine![
    a_worker_killed_before_it_claims_leaves_what_waits,
    a_worker_killed_after_its_claim_loses_nothing,
    a_worker_killed_with_a_report_in_its_hands_loses_nothing,
    a_worker_killed_after_its_commit_has_counted_once,
    a_worker_killed_in_the_middle_of_a_run_loses_nothing,
    a_worker_killed_while_its_verdict_is_written_has_written_it_once,
    a_worker_that_slept_beyond_its_lease_writes_nothing,
    a_worker_asked_to_stop_lets_a_run_end_within_its_limit,
    a_worker_asked_to_stop_hands_back_what_takes_longer_than_its_limit,
];
