//! What must hold after every fault.

use std::time::Duration;

use athanor::db::{self, Pool};

use super::app::PATIENCE;

/// Every accepted submission has one standing verdict or was replaced, progress counted each once, nobody holds
/// anything.
pub async fn audit(pool: &Pool) {
    let found = db::audit::audit(pool).await.expect("an audit");
    assert!(found.accepted > 0 && found.is_clean(), "{found:?}");
}

/// Waits for something that must happen.
pub async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE * 2, wait).await.unwrap_or_else(|_| panic!("it never came to this: {what}"));
}
