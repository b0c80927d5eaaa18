//! What a caller that goes away in the middle of something leaves behind.

use std::task::{Context, Waker};
use std::time::Duration;

use athanor::db::{self, Pool};

use crate::helpers::TestDatabase;
use crate::helpers::app::PATIENCE;

/// Connections that hold a transaction open without doing anything.
async fn idle_in_transaction(pool: &Pool) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
    )
    .fetch_one(pool)
    .await
    .expect("a count")
}

#[tokio::test]
async fn a_transaction_whose_beginning_nobody_waits_for_is_not_left_open() {
    let database = TestDatabase::new().await;
    let server = db::connect(database.options.clone(), 2).await.expect("a pool");
    // The caller goes away after ever more steps: before a connection, after `BEGIN` was sent, after its answer.
    for steps in 1..8 {
        let mut beginning = Box::pin(db::begin(&server));
        for _ in 0..steps {
            if beginning.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        drop(beginning);
        let closed = async {
            while idle_in_transaction(&database.pool).await > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, closed).await.unwrap_or_else(|_| panic!("left open after {steps} steps"));
    }
    server.close().await;
    database.drop_it().await;
}
