//! Clients that go away at any moment.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use uuid::Uuid;

use crate::helpers::TestApp;
use crate::helpers::audit::{audit, until};
use crate::helpers::lessons::DOUBLE;

/// The last of those that hang up.
const LAST: u64 = 40;

#[tokio::test]
async fn clients_that_hang_up_in_the_middle_of_handing_in_leave_nothing_half_done() {
    let app = TestApp::start().await;
    let host = app.address.strip_prefix("http://").expect("an address").to_owned();
    let guest = app.browser();
    let whole = guest.submit("double", "submit", DOUBLE).await;
    guest.verdict(&whole).await;
    for round in 0..=LAST {
        let stranger = app.browser();
        let page = stranger.get("/lessons/numbers").await;
        let cookie = page.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        let body =
            format!("kind=submit&key={}&source={}", Uuid::new_v4(), DOUBLE.replace(' ', "+").replace('\n', "%0A"));
        let request = format!(
            "POST /exercises/double/submissions HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nAccept: application/json\r\n\
             Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut connection = TcpStream::connect(&host).expect("a connection");
        connection.write_all(request.as_bytes()).expect("sent");
        // Each at another moment of the answer's making, and the last when it begins to come.
        if round < LAST {
            std::thread::sleep(Duration::from_micros(round * 250));
        } else {
            connection.read_exact(&mut [0]).expect("an answer");
        }
        drop(connection);
    }
    let streaming = guest.get(&format!("/submissions/{whole}/events")).await;
    drop(streaming);
    until("everything that was accepted has its verdict", async || {
        let (accepted, settled) = athanor::db::audit::settled(&app.database.pool).await.expect("counts");
        accepted > 1 && accepted == settled
    })
    .await;
    let open: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity
         where datname = current_database() and state like 'idle in transaction%'",
    )
    .fetch_one(&app.database.pool)
    .await
    .expect("a count");
    assert_eq!(open, 0, "connections left inside a transaction");
    audit(&app.database.pool).await;
    app.stop().await.drop_it().await;
}
