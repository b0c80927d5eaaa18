//! What makes containers fails, with a Docker engine or without a daemon: restarted, killed, without its image, without a
//! disk, unwilling, or stuck.

use rustix::process::Signal;

use crate::helpers::TestDatabase;
use crate::helpers::app::Browser;
use crate::helpers::audit::{audit, until};
use crate::helpers::breakable::Breakable;
use crate::helpers::daemonless::Daemonless;
use crate::helpers::engine::Engine;
use crate::helpers::lessons::{Course, DOUBLE, STARTER};
use crate::helpers::program::Program;
use crate::helpers::ways::children_of;

const SLOW: &str = "defmodule Double do\n  def of(n) do\n    Process.sleep(900)\n    n * 2\n  end\nend\n";

// Breaking an engine blocks a thread for seconds, so there must be another that looks after the connections.

/// A site whose worker uses something that may be broken.
struct Scene<E> {
    database: TestDatabase,
    course: Course,
    engine: E,
    site: Program,
    guest: Browser,
    settings: Vec<(&'static str, String)>,
}

impl<E: Breakable> Scene<E> {
    async fn on(engine: E) -> Self {
        let (database, course) = (TestDatabase::new().await, Course::new());
        let mut settings = vec![("DATABASE_URL", database.url()), ("ATHANOR_LEASE_MS", "3000".to_owned())];
        settings.extend(engine.settings());
        let arguments = ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--lessons", course.path()];
        let site = start(&arguments, &settings).await;
        let guest = Browser::new(&site.address);
        Self { database, course, engine, site, guest, settings }
    }

    async fn worker(&self) -> Program {
        start(&["worker"], &self.settings).await
    }

    async fn grades(&self, source: &str, verdict: &str) {
        let id = self.guest.submit("double", "submit", source).await;
        assert_eq!(self.guest.verdict(&id).await["verdict"], verdict);
    }

    async fn runs(&self, id: &str) {
        until("it runs", async || self.state(id).await == "running").await;
    }

    /// Hands in until the worker says that it cannot grade, and meddles before each look: what was booted before may still be
    /// used, and then there is nothing more.
    async fn hands_in_until_noticed(&self, meddle: impl Fn(&E)) -> Vec<String> {
        let mut ids = Vec::new();
        until("the worker has noticed", async || {
            meddle(&self.engine);
            if ids.len() < 3 {
                ids.push(self.guest.submit("double", "submit", DOUBLE).await);
            }
            unwell(&self.database).await
        })
        .await;
        ids
    }

    async fn state(&self, id: &str) -> String {
        self.guest.get_json(&format!("/submissions/{id}")).await["state"].as_str().expect("a state").to_owned()
    }

    /// Nothing that an outage touched was held against anybody.
    async fn ends_well(self, worker: Program) {
        worker.stop().await;
        self.site.stop().await;
        audit(&self.database.pool).await;
        let not_graded: i64 =
            sqlx::query_scalar("select count(*) from gradings where standing and verdict = 'not_graded'")
                .fetch_one(&self.database.pool)
                .await
                .expect("a count");
        assert_eq!(not_graded, 0);
        assert_eq!(self.engine.containers(), Vec::<String>::new());
        drop(self.course);
        self.database.drop_it().await;
    }
}

async fn start(arguments: &[&str], settings: &[(&str, String)]) -> Program {
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Program::start(arguments, &settings).await
}

async fn survives_an_engine_ended_by(signal: Signal) {
    let mut scene = Scene::on(Engine::start()).await;
    let worker = scene.worker().await;
    scene.grades(STARTER, "failed").await;
    let id = scene.guest.submit("double", "submit", SLOW).await;
    scene.runs(&id).await;
    scene.engine.end(signal);
    scene.engine.start_again();
    assert_eq!(scene.guest.verdict(&id).await["verdict"], "passed");
    scene.grades(STARTER, "failed").await;
    scene.ends_well(worker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_an_engine_restarted_with_containers_running_costs_nobody_anything() {
    survives_an_engine_ended_by(Signal::TERM).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_an_engine_killed_with_containers_running_costs_nobody_anything() {
    survives_an_engine_ended_by(Signal::KILL).await;
}

async fn without_its_image_what_waits_goes_on_waiting(engine: impl Breakable) {
    let scene = Scene::on(engine).await;
    let first = scene.worker().await;
    scene.grades(STARTER, "failed").await;
    first.kill();
    scene.engine.remove_image();
    let id = scene.guest.submit("double", "submit", DOUBLE).await;
    // Somebody has to build it: the worker ends and says so, instead of trying for ever.
    let without = scene.worker().await;
    let status = without.ended().await;
    assert!(!status.success(), "{status}");
    assert_eq!(scene.state(&id).await, "queued");
    scene.engine.bring_image_back();
    let worker = scene.worker().await;
    assert_eq!(scene.guest.verdict(&id).await["verdict"], "passed");
    scene.ends_well(worker).await;
}

async fn an_image_removed_under_a_worker_is_our_fault_until_it_is_back(engine: impl Breakable) {
    let scene = Scene::on(engine).await;
    let worker = scene.worker().await;
    scene.grades(STARTER, "failed").await;
    worker.signal(Signal::STOP);
    scene.engine.remove_image();
    let id = scene.guest.submit("double", "submit", DOUBLE).await;
    worker.signal(Signal::CONT);
    until("the worker has noticed", async || unwell(&scene.database).await).await;
    // It may notice by a boot for the pool, while the submission that it holds is still on its way back.
    until("it waits again", async || scene.state(&id).await == "queued").await;
    scene.engine.bring_image_back();
    assert_eq!(scene.guest.verdict(&id).await["verdict"], "passed");
    scene.ends_well(worker).await;
}

async fn containers_that_are_refused_are_our_fault_until_they_start_again(engine: impl Breakable) {
    let scene = Scene::on(engine).await;
    scene.engine.refuse(true);
    let worker = scene.worker().await;
    let id = scene.guest.submit("double", "submit", DOUBLE).await;
    until("the worker has noticed", async || unwell(&scene.database).await).await;
    // It may notice by a boot for the pool, while the submission that it holds is still on its way back.
    until("it waits again", async || scene.state(&id).await == "queued").await;
    scene.engine.refuse(false);
    assert_eq!(scene.guest.verdict(&id).await["verdict"], "passed");
    scene.ends_well(worker).await;
}

async fn a_full_disk_is_our_fault_until_there_is_room_again(engine: impl Breakable) {
    let scene = Scene::on(engine).await;
    let worker = scene.worker().await;
    scene.grades(STARTER, "failed").await;
    // A container that is removed leaves room for another.
    let ids = scene.hands_in_until_noticed(|engine| engine.fill_disk(true)).await;
    scene.engine.fill_disk(false);
    for id in ids {
        // On a disk that is nearly full some containers boot and others do not, so that a submission may use up its tries:
        // then it is queued again by itself.
        until("it has its verdict", async || {
            let verdict = scene.guest.verdict(&id).await["verdict"].clone();
            assert!(verdict == "passed" || verdict == "not_graded", "{verdict}");
            verdict == "passed"
        })
        .await;
    }
    scene.ends_well(worker).await;
}

/// Whether a worker says that it cannot grade.
async fn unwell(database: &TestDatabase) -> bool {
    sqlx::query_scalar("select exists (select from paces where not well)")
        .fetch_one(&database.pool)
        .await
        .expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_a_runtime_that_hangs_is_our_fault_until_it_answers_again_and_leaves_no_process() {
    let mut scene = Scene::on(Daemonless::start()).await;
    scene.settings.push(("ATHANOR_POOL_BOOT_TIMEOUT_MS", "2000".to_owned()));
    let worker = scene.worker().await;
    scene.grades(STARTER, "failed").await;
    scene.engine.hang(true);
    let ids = scene.hands_in_until_noticed(|_| {}).await;
    scene.engine.hang(false);
    for id in ids {
        assert_eq!(scene.guest.verdict(&id).await["verdict"], "passed");
    }
    until("nothing hangs any more", async || hanging(worker.pid()) == 0).await;
    scene.ends_well(worker).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oci_a_runtime_that_hangs_at_the_start_keeps_a_worker_waiting_and_no_longer() {
    let scene = Scene::on(Daemonless::start()).await;
    scene.engine.hang(true);
    let worker = scene.worker().await;
    let id = scene.guest.submit("double", "submit", DOUBLE).await;
    until("it was asked", async || hanging(worker.pid()) > 0).await;
    assert_eq!(scene.state(&id).await, "queued");
    scene.engine.hang(false);
    assert_eq!(scene.guest.verdict(&id).await["verdict"], "passed");
    scene.ends_well(worker).await;
}

/// How many processes of a runtime that hangs were started by this process.
fn hanging(parent: u32) -> usize {
    children_of(parent).iter().filter(|stat| stat.contains("(sleep)")).count()
}

/// Each test with a Docker engine of its own, and without a daemon.
macro_rules! on_each_engine {
    ($disk:literal, $engine:ident as $module:ident) => {
        mod $module {
            use super::$engine;

            #[tokio::test(flavor = "multi_thread")]
            async fn without_its_image_what_waits_goes_on_waiting() {
                super::without_its_image_what_waits_goes_on_waiting($engine::start()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn an_image_removed_under_a_worker_is_our_fault_until_it_is_back() {
                super::an_image_removed_under_a_worker_is_our_fault_until_it_is_back($engine::start()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn containers_that_are_refused_are_our_fault_until_they_start_again() {
                super::containers_that_are_refused_are_our_fault_until_they_start_again($engine::start()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_full_disk_is_our_fault_until_there_is_room_again() {
                super::a_full_disk_is_our_fault_until_there_is_room_again($engine::with_disk($disk)).await;
            }
        }
    };
}

// The image is on the first one's disk, and only bundles are on the other's.
on_each_engine!(838_860_800, Engine as docker);
on_each_engine!(1_048_576, Daemonless as oci);
