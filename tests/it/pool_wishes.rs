//! How many containers somebody wishes to be warm.

use std::process::Command;
use std::time::Duration;

use athanor::db::pool_wishes::{self, Wish};
use athanor::domain::schedule::Schedule;
use athanor::judge::wish;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::helpers::TestDatabase;

#[tokio::test]
async fn the_largest_wish_that_holds_counts_until_its_time_is_over_or_it_is_taken_back() {
    let database = TestDatabase::new().await;
    let pool = &database.pool;
    assert_eq!(pool_wishes::current(pool).await.unwrap(), None);
    pool_wishes::put(pool, 30, Duration::from_secs(600)).await.unwrap();
    pool_wishes::put(pool, 8, Duration::from_secs(3600)).await.unwrap();
    let Some(Wish { count, left }) = pool_wishes::current(pool).await.unwrap() else { panic!("a wish") };
    assert!(count == 30 && left <= Duration::from_secs(600) && left > Duration::from_secs(500), "{count}, {left:?}");
    sqlx::query("update pool_wishes set until = now() - interval '1 second' where count = 30")
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(pool_wishes::current(pool).await.unwrap().map(|wish| wish.count), Some(8));
    assert_eq!(pool_wishes::clear(pool).await.unwrap(), 1, "what has run out did not hold");
    assert_eq!(pool_wishes::current(pool).await.unwrap(), None);
    database.drop_it().await;
}

#[tokio::test]
async fn a_worker_hears_of_a_wish_and_of_its_end() {
    let database = TestDatabase::new().await;
    let (sender, mut wished) = watch::channel(0);
    let stop = CancellationToken::new();
    let following =
        tokio::spawn(wish::follow(database.pool.clone(), Schedule::default(), TimeZone::UTC, sender, stop.clone()));
    pool_wishes::put(&database.pool, 12, Duration::from_secs(600)).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(60), wished.wait_for(|count| *count == 12)).await;
    assert!(heard.is_ok_and(|heard| heard.is_ok()));
    pool_wishes::clear(&database.pool).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(60), wished.wait_for(|count| *count == 0)).await;
    assert!(heard.is_ok_and(|heard| heard.is_ok()));
    stop.cancel();
    following.await.unwrap();
    database.drop_it().await;
}

#[tokio::test]
async fn a_schedule_is_heard_without_a_database() {
    let database = TestDatabase::new().await;
    let (sender, mut wished) = watch::channel(0);
    let stop = CancellationToken::new();
    let always: Schedule = "Mo-Su 00:00-24:00=7".parse().unwrap();
    let following = tokio::spawn(wish::follow(database.pool.clone(), always, TimeZone::UTC, sender, stop.clone()));
    database.pool.close().await;
    let heard = tokio::time::timeout(Duration::from_secs(60), wished.wait_for(|count| *count == 7)).await;
    assert!(heard.is_ok_and(|heard| heard.is_ok()));
    stop.cancel();
    following.await.unwrap();
    database.drop_it().await;
}

/// Runs `athanor pool` on this database: whether it succeeded, and what it said.
fn pool_command(database: &TestDatabase, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_athanor"))
        .arg("pool")
        .args(arguments)
        .env("DATABASE_URL", database.url())
        .env("ATHANOR_TIME_ZONE", "UTC")
        .output()
        .unwrap();
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(said).unwrap().trim_end().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_wishes_looks_and_takes_back_at_the_command_line() {
    let database = TestDatabase::new().await;
    let nothing = (true, "nothing is wished for; the pool has its own size".to_owned());
    assert_eq!(pool_command(&database, &["show"]), nothing);
    let (good, said) = pool_command(&database, &["warm", "30", "--for", "45m"]);
    assert!(good && said.starts_with("30 containers are to be warm until "), "{said}");
    assert_eq!(pool_wishes::current(&database.pool).await.unwrap().map(|wish| wish.count), Some(30));
    let (good, shown) = pool_command(&database, &["show"]);
    assert!(good && shown.starts_with("30 containers are to be warm until "), "{shown}");
    assert_eq!(pool_command(&database, &["clear"]), (true, "the pool returns to its own size".to_owned()));
    assert_eq!(pool_command(&database, &["clear"]), (true, "nothing was wished for".to_owned()));
    assert_eq!(pool_command(&database, &["show"]), nothing);
    for bad in [["warm", "0"].as_slice(), &["warm", "3", "--for", "soon"]] {
        let (good, said) = pool_command(&database, bad);
        assert!(!good && said.contains(bad[bad.len() - 1]), "{said}");
    }
    database.drop_it().await;
}
