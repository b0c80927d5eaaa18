//! Old submissions judged anew: shown first, applied after, both results kept, progress counted once.

use std::process::{Command, Output};
use std::time::Duration;

use athanor::content;
use athanor::db::regrades::{self, ApplyError, BeginError, Scope, State};
use athanor::domain::ids::{ExerciseId, RegradeId};
use athanor::domain::regrade::{Change, Tally};
use athanor::startup::{Grading, synchronise};
use serde_json::Value;

use crate::helpers::app::{Browser, PATIENCE, fake};
use crate::helpers::lessons::{self, ABSOLUTE, DOUBLE, LESSON, STARTER};
use crate::helpers::{TestApp, TestDatabase};

/// A course whose author finds that the absolute value was meant all along.
async fn change_the_exercise(app: &TestApp) {
    let folder = tempfile::tempdir().expect("a folder");
    let changed = LESSON.replace("-26\n", "26\n").replace("def of(n), do: n * 2", "def of(n), do: abs(n) * 2");
    let changed = changed.split("```elixir wrong").next().expect("a part").to_owned() + "<!-- /exercise -->\n";
    lessons::write(folder.path());
    std::fs::write(folder.path().join("01-first/01-numbers.md"), changed).expect("a lesson");
    let loaded = content::load(folder.path(), None);
    assert_eq!(loaded.problems, []);
    synchronise(&app.database.pool, &loaded).await.expect("the course");
}

fn scope() -> Scope {
    Scope { exercise: ExerciseId::parse("double").expect("an id"), since: None }
}

async fn judged(app: &TestApp, id: RegradeId) {
    let wait = async {
        while regrades::find(&app.database.pool, id).await.expect("an answer").expect("it").open > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("everything is judged");
}

/// Attempts, best points and whether it is passed.
async fn progress(app: &TestApp, name: &str) -> (i32, i32, bool) {
    sqlx::query_as(
        "select attempts, best_points, passed_at is not null from progress p join users u on u.id = p.user_id
         where u.name = $1 and exercise_id = 'double'",
    )
    .bind(name)
    .fetch_one(&app.database.pool)
    .await
    .expect("progress")
}

/// Ada passed, ben failed as those do who forget about minus signs, cleo handed in the starter.
async fn three_learners(app: &TestApp) -> [(Browser, String); 3] {
    let mut learners = Vec::new();
    for (name, source) in [("ada", DOUBLE), ("ben", ABSOLUTE), ("cleo", STARTER)] {
        let browser = app.browser();
        browser.sign_up(name).await;
        let id = browser.submit("double", "submit", source).await;
        browser.verdict(&id).await;
        learners.push((browser, id));
    }
    learners.try_into().ok().expect("three")
}

#[tokio::test]
async fn a_regrade_shows_who_wins_and_loses_and_changes_nothing_before_it_is_applied() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let [(ada, of_ada), (ben, of_ben), _cleo] = three_learners(&app).await;
    change_the_exercise(&app).await;
    let preview = regrades::preview(pool, &scope()).await.expect("an answer").expect("the exercise");
    assert_eq!((preview.submissions, preview.learners, preview.by_older_versions), (3, 3, 3));

    let id = regrades::begin(pool, &scope(), false, "a test").await.expect("begun");
    assert!(matches!(
        regrades::begin(pool, &scope(), false, "another").await,
        Err(BeginError::OneIsOpen(open)) if open == id
    ));
    judged(&app, id).await;
    let changes = regrades::changes(pool, id).await.expect("changes");
    let seen: Vec<_> = changes.iter().map(|changed| (changed.learner.as_str(), changed.change)).collect();
    assert_eq!(seen[..2], [("ada", Change::Loser), ("ben", Change::Winner)]);
    assert_eq!(ada.verdict(&of_ada).await["verdict"], "passed", "nothing has changed yet");
    assert_eq!(progress(&app, "ben").await, (1, 1, false));

    let tally = regrades::apply(pool, id).await.expect("applied");
    assert_eq!(tally, Tally { winners: 1, losers: 1, unchanged: 1, ..Tally::default() });
    assert!(matches!(regrades::apply(pool, id).await, Err(ApplyError::Ended)), "once");
    assert_eq!(ben.verdict(&of_ben).await["verdict"], "passed");
    assert_eq!(ada.verdict(&of_ada).await["verdict"], "failed");
    assert_eq!(progress(&app, "ben").await, (1, 2, true), "the attempt is counted once");
    assert_eq!(progress(&app, "ada").await, (1, 2, true), "a pass is not lost by a regrade");
    assert_eq!(progress(&app, "cleo").await, (1, 0, false));
    let both: Vec<(String, String, bool)> = sqlx::query_as(
        "select reason, verdict, standing from gradings where submission_id = $1::uuid order by queued_at",
    )
    .bind(&of_ben)
    .fetch_all(pool)
    .await
    .expect("rows");
    let row = |reason: &str, verdict: &str, standing| (reason.to_owned(), verdict.to_owned(), standing);
    assert_eq!(both, [row("first", "failed", false), row("regrade", "passed", true)], "both results are kept");
    let page = ben.get(&format!("/submissions/{of_ben}")).await.text().await.expect("a page");
    assert!(page.contains("Verdicts before") && !page.contains("version"), "{page}");
    let after = regrades::find(pool, id).await.expect("an answer").expect("it");
    assert_eq!((after.state, after.outcome), (State::Applied, Some(tally)));
    // Applied, what changed is still told by what stood before.
    assert_eq!(regrades::changes(pool, id).await.expect("changes").len(), 3);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_regrade_takes_back_only_when_it_is_told_to() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let [(ada, _), _ben, _cleo] = three_learners(&app).await;
    let second = ada.submit("double", "submit", STARTER).await;
    ada.verdict(&second).await;
    change_the_exercise(&app).await;
    let id = regrades::begin(pool, &scope(), true, "a test").await.expect("begun");
    judged(&app, id).await;
    regrades::apply(pool, id).await.expect("applied");
    assert_eq!(progress(&app, "ada").await, (2, 1, false));
    assert_eq!(progress(&app, "ben").await, (1, 2, true));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_regrade_survives_a_restart_in_its_middle_and_a_verdict_that_comes_meanwhile_counts() {
    let app = TestApp::start().await;
    let _learners = three_learners(&app).await;
    change_the_exercise(&app).await;
    app.fake.hang(true);
    let id = regrades::begin(&app.database.pool, &scope(), false, "a test").await.expect("begun");
    assert!(matches!(regrades::apply(&app.database.pool, id).await, Err(ApplyError::NotReady(_))));
    let database = app.stop().await;
    // The course is read again, and with it the old version is the present one.
    let app = TestApp::with(database, fake(), Grading::In, &[]).await;
    judged(&app, id).await;
    assert!(matches!(regrades::apply(&app.database.pool, id).await, Err(ApplyError::ExerciseChanged)));
    change_the_exercise(&app).await;
    let dora = app.browser();
    dora.sign_up("dora").await;
    let new = dora.submit("double", "submit", DOUBLE).await;
    dora.verdict(&new).await;
    regrades::apply(&app.database.pool, id).await.expect("applied");
    assert_eq!(progress(&app, "ben").await, (1, 2, true));
    assert_eq!(progress(&app, "dora").await.0, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_discarded_regrade_leaves_everything_as_it_was() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let [(ada, of_ada), _ben, _cleo] = three_learners(&app).await;
    change_the_exercise(&app).await;
    app.fake.hang(true);
    let id = regrades::begin(pool, &scope(), false, "a test").await.expect("begun");
    regrades::discard(pool, id).await.expect("discarded");
    assert!(matches!(regrades::discard(pool, id).await, Err(ApplyError::Ended)));
    let stopped = async {
        while app.fake.jobs_running() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, stopped).await.expect("what ran is stopped");
    assert_eq!(ada.verdict(&of_ada).await["verdict"], "passed");
    assert_eq!(progress(&app, "ben").await, (1, 1, false));
    app.stop().await.drop_it().await;
}

async fn athanor(database: &TestDatabase, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_athanor"));
    command.args(arguments).env("DATABASE_URL", database.url()).stdin(std::process::Stdio::null());
    tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("the program")
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text} {output:?}"))
}

#[tokio::test]
async fn the_command_line_shows_and_then_applies() {
    let app = TestApp::start().await;
    let _learners = three_learners(&app).await;
    change_the_exercise(&app).await;
    let database = &app.database;
    let dry = athanor(database, &["regrade", "--exercise", "double", "--dry-run", "--format", "json"]).await;
    assert_eq!((dry.status.code(), json(&dry)["submissions"].clone()), (Some(0), 3.into()));
    let none = athanor(database, &["regrade", "--exercise", "none", "--dry-run"]).await;
    assert_eq!(none.status.code(), Some(2));
    let later = ["regrade", "--exercise", "double", "--since", "2999-01-01", "--dry-run", "--format", "json"];
    assert_eq!(json(&athanor(database, &later).await)["submissions"], 0);

    // Without a terminal nothing is asked, and nothing applied.
    let shown = athanor(database, &["regrade", "--exercise", "double"]).await;
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("1 would not pass any more") && text.contains("1 would pass now"), "{text}");
    assert_eq!(progress(&app, "ben").await, (1, 1, false));
    let id = text.split_whitespace().nth(1).expect("an id");
    let applied = json(&athanor(database, &["regrade", "--resume", id, "--apply", "--format", "json"]).await);
    assert_eq!((&applied["state"], &applied["winners"][0]["learner"]), (&"applied".into(), &"ben".into()));
    assert_eq!(progress(&app, "ben").await, (1, 2, true));
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn what_an_outage_left_ungraded_is_queued_again_by_hand() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let guest = app.browser();
    let id = guest.submit("double", "submit", DOUBLE).await;
    guest.verdict(&id).await;
    // As the last of several outages would leave it: the automatic way has given up.
    for statement in [
        "update gradings set verdict = 'not_graded', shown_verdict = 'not_graded', points = 0",
        "update progress set attempts = 0, best_points = 0, passed_at = null",
        "insert into gradings (id, submission_id, user_id, exercise_id, version_id, kind, reason, state, standing, verdict)
         select gen_random_uuid(), submission_id, user_id, exercise_id, version_id, kind, 'retry', 'done', false, 'not_graded'
         from gradings, generate_series(1, 6)",
    ] {
        sqlx::query(statement).execute(pool).await.expect("an update");
    }
    let dry = athanor(&app.database, &["regrade", "--not-graded", "--dry-run", "--format", "json"]).await;
    assert_eq!(json(&dry)["not_graded"], 1);
    let queued = athanor(&app.database, &["regrade", "--not-graded", "--format", "json"]).await;
    assert_eq!(json(&queued)["not_graded"], 1);
    let graded = async {
        while guest.get_json(&format!("/submissions/{id}")).await["verdict"] != "passed" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, graded).await.expect("its verdict");
    let attempts: i32 = sqlx::query_scalar("select attempts from progress").fetch_one(pool).await.expect("a row");
    assert_eq!(attempts, 1);
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn whoever_reviews_sees_a_regrade_on_a_page_losers_first_and_decides() {
    let app = TestApp::start().await;
    let pool = &app.database.pool;
    let [(ada, _), (ben, of_ben), _cleo] = three_learners(&app).await;
    change_the_exercise(&app).await;
    let id = regrades::begin(pool, &scope(), true, "a <test>").await.expect("begun");
    judged(&app, id).await;
    let path = format!("/instructor/regrades/{id}");
    for refused in ["/instructor/regrades", path.as_str()] {
        assert_eq!(ada.get(refused).await.status(), 403, "a learner sees none");
    }
    assert_eq!(ada.post(&format!("{path}/apply"), &[("sure", "yes")]).await.status(), 403);
    assert_eq!(app.browser().post(&format!("{path}/discard"), &[]).await.headers()["location"], "/sign-in?next=/");

    let ira = app.browser();
    ira.sign_up("ira").await;
    sqlx::query("update users set role = 'instructor' where name = 'ira'").execute(pool).await.expect("an update");
    let list = ira.get("/instructor/regrades").await.text().await.expect("a page");
    assert!(list.contains(&path) && list.contains("<strong>waits for a decision</strong>"), "{list}");
    let page = ira.get(&path).await.text().await.expect("a page");
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    assert!(at("1 submission would not pass any more") < at("1 submission would pass now"), "losers first");
    assert!(page.contains("takes passes and points back") && page.contains("a &lt;test&gt;"), "{page}");
    let json = ira.get_json(&format!("/api/v1{path}")).await;
    assert_eq!((&json["losers"][0]["learner"], &json["winners"][0]["learner"]), (&"ada".into(), &"ben".into()));
    assert_eq!((&json["state"], &json["unchanged"]), (&"computing".into(), &1.into()));

    let unsure = ira.post(&format!("{path}/apply"), &[]).await;
    assert_eq!(unsure.status(), 400, "whoever applies it says that they have looked");
    let applied = ira.post(&format!("{path}/apply"), &[("sure", "yes")]).await;
    assert_eq!((applied.status().as_u16(), applied.headers()["location"].to_str().unwrap()), (303, path.as_str()));
    assert_eq!(ben.verdict(&of_ben).await["verdict"], "passed");
    assert_eq!(progress(&app, "ada").await, (1, 1, false), "taken back");
    let page = ira.get(&path).await.text().await.expect("a page");
    assert!(page.contains("1 submission did not pass any more") && !page.contains("<h2>Decide</h2>"), "{page}");
    let twice = ira.post_for_json(&format!("/api/v1{path}/discard"), &[]).await;
    assert_eq!(twice.status(), 409);
    let problem: Value = twice.json().await.expect("JSON");
    assert_eq!(problem["type"], "urn:athanor:problem:regrade-ended");
    let listed = ira.get_json("/api/v1/instructor/regrades").await;
    assert_eq!(listed["regrades"][0]["outcome"]["losers"], 1);
    app.stop().await.drop_it().await;
}
