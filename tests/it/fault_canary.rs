//! A machine on which honest code fails too: its verdicts do not count, and it takes nothing more until it is well.

use std::sync::Arc;

use athanor::domain::report::End;
use athanor::sandbox::fake::{FakeAnswer, FakeSandbox};
use athanor::startup::Grading;

use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::{DOUBLE, STARTER};
use crate::helpers::{TestApp, TestDatabase};

const HALTS: &str = "defmodule Double do\n  def of(_), do: System.halt(1)\nend\n";

/// What the small course's code does, halting included.
fn fake() -> Arc<FakeSandbox> {
    Arc::new(FakeSandbox::new(|ask| {
        let source = ask.job.sources.first().map_or("", |source| source.text.as_str());
        let doubles = source.contains("n * 2");
        match ask.step.code.as_str() {
            "Double.of(2)" | "Double.of(-13)" if source.contains("System.halt") => {
                FakeAnswer::End(End::Exited { code: Some(1) })
            }
            "Double.of(2)" => FakeAnswer::value(if doubles { "4" } else { "2" }),
            "Double.of(-13)" => FakeAnswer::value(if doubles { "-26" } else { "-13" }),
            "Answer.now()" => FakeAnswer::value("42"),
            code => FakeAnswer::value(code),
        }
    }))
}

async fn is_well(app: &TestApp) -> bool {
    sqlx::query_scalar("select coalesce(bool_and(well), false) from paces")
        .fetch_one(&app.database.pool)
        .await
        .expect("an answer")
}

#[tokio::test]
async fn a_crash_counts_only_where_honest_code_does_not_crash_too() {
    let app = TestApp::with(TestDatabase::new().await, fake(), Grading::In, &[]).await;
    let guest = app.browser();
    let honest = guest.submit("double", "submit", HALTS).await;
    assert_eq!(guest.verdict(&honest).await["verdict"], "crashed", "the machine is well, so it was the code");

    until("the worker says that it is well", async || is_well(&app).await).await;
    app.fake.sicken(true);
    let other = app.browser();
    let ours = other.submit("double", "submit", HALTS).await;
    until("the outage is noticed", async || !is_well(&app).await).await;
    let jobs = app.fake.jobs_started();
    let waits = guest.submit("double", "submit", DOUBLE).await;
    for id in [(&other, &ours), (&guest, &waits)] {
        // What was held when the outage was noticed may still be on its way back.
        let path = format!("/submissions/{}", id.1);
        until("it waits", async || id.0.get_json(&path).await["state"] == "queued").await;
    }
    assert_eq!(app.fake.jobs_started(), jobs, "nothing more is taken");

    app.fake.sicken(false);
    assert_eq!(other.verdict(&ours).await["verdict"], "crashed");
    assert_eq!(guest.verdict(&waits).await["verdict"], "passed");
    audit(&app.database.pool).await;
    app.stop().await.drop_it().await;
}

#[tokio::test]
async fn a_machine_that_is_sick_from_the_start_takes_nothing() {
    let fake = fake();
    fake.sicken(true);
    let app = TestApp::with(TestDatabase::new().await, fake, Grading::In, &[]).await;
    let guest = app.browser();
    let id = guest.submit("double", "submit", STARTER).await;
    until("the worker says so", async || {
        let told: i64 = sqlx::query_scalar("select count(*) from paces where not well")
            .fetch_one(&app.database.pool)
            .await
            .expect("a count");
        told == 1
    })
    .await;
    assert_eq!(guest.get_json(&format!("/submissions/{id}")).await["state"], "queued");
    assert_eq!(app.fake.jobs_started(), 0);
    app.fake.sicken(false);
    assert_eq!(guest.verdict(&id).await["verdict"], "failed");
    audit(&app.database.pool).await;
    app.stop().await.drop_it().await;
}
