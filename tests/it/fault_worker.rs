//! Workers that are killed or held up at each step of a grading. Each test ends with the audit.

use rustix::process::Signal;

use crate::helpers::TestDatabase;
use crate::helpers::app::Browser;
use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::{Course, DOUBLE};
use crate::helpers::program::{Program, no_containers_of};

/// Right, after a while.
const SLOW: &str = "defmodule Double do\n  def of(n) do\n    Process.sleep(700)\n    n * 2\n  end\nend\n";

/// A site, and a guest who has handed something in.
struct Scene {
    database: TestDatabase,
    url: String,
    site: Program,
    guest: Browser,
    submission: String,
    _course: Course,
}

impl Scene {
    async fn with(source: &str) -> Self {
        let database = TestDatabase::new().await;
        let course = Course::new();
        let url = database.url();
        let arguments = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
        let site = Program::start(&arguments, &[("DATABASE_URL", url.as_str())]).await;
        let guest = Browser::new(&site.address);
        let submission = guest.submit("double", "submit", source).await;
        Self { database, url, site, guest, submission, _course: course }
    }

    /// A worker whose leases are short.
    async fn worker(&self, settings: &[(&str, &str)]) -> Program {
        let own = [("DATABASE_URL", self.url.as_str()), ("ATHANOR_LEASE_MS", "1500"), ("ATHANOR_AT_ONCE", "1")];
        Program::start(&["worker"], &[&own, settings].concat()).await
    }

    async fn is(&self, state: &str) {
        let path = format!("/submissions/{}", self.submission);
        until(state, async || self.guest.get_json(&path).await["state"] == state).await;
    }

    /// Who wrote the standing verdict.
    async fn judged_by(&self) -> String {
        sqlx::query_scalar("select worker from gradings where standing")
            .fetch_one(&self.database.pool)
            .await
            .expect("a worker")
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

async fn killed_at(step: &str, state: &str) {
    let scene = Scene::with(DOUBLE).await;
    let mut first = scene.worker(&[("ATHANOR_PAUSE_AT", step)]).await;
    first.says(&format!("Athanor pauses: {step}")).await;
    scene.is(state).await;
    let pid = first.pid();
    first.kill();
    scene.ends_well(pid).await;
}

#[tokio::test]
async fn docker_a_worker_killed_before_it_claims_leaves_what_waits() {
    killed_at("before_claim", "queued").await;
}

#[tokio::test]
async fn docker_a_worker_killed_after_its_claim_loses_nothing() {
    killed_at("after_claim", "running").await;
}

#[tokio::test]
async fn docker_a_worker_killed_with_a_report_in_its_hands_loses_nothing() {
    killed_at("after_report", "running").await;
}

#[tokio::test]
async fn docker_a_worker_killed_after_its_commit_has_counted_once() {
    killed_at("after_commit", "done").await;
}

#[tokio::test]
async fn docker_a_worker_killed_in_the_middle_of_a_run_loses_nothing() {
    let scene = Scene::with(SLOW).await;
    let first = scene.worker(&[]).await;
    scene.is("running").await;
    until("the learner's code runs", async || container_works(first.pid())).await;
    let pid = first.pid();
    first.kill();
    scene.ends_well(pid).await;
}

/// Whether a container of this worker was given a job: the engine attaches, and the idle one of the pool is not alone.
fn container_works(pid: u32) -> bool {
    let names = std::process::Command::new("docker")
        .args(["ps", "--filter", &format!("name=athanor-{pid}-"), "--format", "{{.Names}}"])
        .output()
        .expect("docker");
    !names.stdout.is_empty()
}

#[tokio::test]
async fn docker_a_worker_killed_in_the_middle_of_its_commit_has_written_nothing() {
    let scene = Scene::with(DOUBLE).await;
    // Whoever counts progress waits for us: verdict and cases are written by then, and not committed.
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

#[tokio::test]
async fn docker_a_worker_that_slept_beyond_its_lease_writes_nothing() {
    let scene = Scene::with(SLOW).await;
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
    let judged: Vec<String> = sqlx::query_scalar("select worker from gradings order by queued_at")
        .fetch_all(&scene.database.pool)
        .await
        .expect("workers");
    assert_eq!(judged, [format!("worker-{second_pid}"), format!("worker-{first_pid}")]);
    first.stop().await;
    scene.site.stop().await;
    audit(&scene.database.pool).await;
    no_containers_of(&[first_pid, second_pid]);
    scene.database.drop_it().await;
}

#[tokio::test]
async fn docker_a_worker_asked_to_stop_lets_a_run_end_within_its_limit() {
    let scene = Scene::with(SLOW).await;
    let worker = scene.worker(&[]).await;
    scene.is("running").await;
    let pid = worker.pid();
    worker.stop().await;
    assert_eq!(scene.guest.verdict(&scene.submission).await["verdict"], "passed");
    assert_eq!(scene.judged_by().await, format!("worker-{pid}"));
    scene.ends_well(pid).await;
}

#[tokio::test]
async fn docker_a_worker_asked_to_stop_hands_back_what_takes_longer_than_its_limit() {
    let scene = Scene::with(SLOW).await;
    let worker = scene.worker(&[("ATHANOR_DRAIN_MS", "100"), ("ATHANOR_LEASE_MS", "60000")]).await;
    scene.is("running").await;
    let pid = worker.pid();
    worker.stop().await;
    let (state, attempts): (String, i32) =
        sqlx::query_as("select state, attempts from gradings").fetch_one(&scene.database.pool).await.expect("the row");
    assert_eq!((state.as_str(), attempts), ("queued", 0), "handed back, and no try is used up");
    scene.ends_well(pid).await;
}
