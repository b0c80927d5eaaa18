//! A database for one test, on the server that `bin/test` started.

use std::str::FromStr as _;

use athanor::db::{self, Pool};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

/// A database that nobody else uses. It is dropped by [`TestDatabase::drop_it`], or with the server.
pub struct TestDatabase {
    pub pool: Pool,
    pub options: PgConnectOptions,
    name: String,
}

fn server() -> PgConnectOptions {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL: run the tests by `bin/test`, which sets it");
    PgConnectOptions::from_str(&url).expect("an address of PostgreSQL")
}

impl TestDatabase {
    pub async fn new() -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        let mut server_connection = PgConnection::connect_with(&server()).await.expect("PostgreSQL");
        sqlx::raw_sql(AssertSqlSafe(format!("create database {name}")))
            .execute(&mut server_connection)
            .await
            .expect("a new database");
        let options = server().database(&name);
        let pool = db::connect(options.clone(), 8).await.expect("the schema");
        Self { pool, options, name }
    }

    /// Its address, for another process.
    pub fn url(&self) -> String {
        let server = std::env::var("DATABASE_URL").expect("DATABASE_URL");
        let (before, options) = server.split_once('?').map_or((server.as_str(), ""), |(before, after)| (before, after));
        let (host, _) = before.rsplit_once('/').expect("a database in the address");
        format!("{host}/{}?{options}", self.name)
    }

    /// A database that is looked after elsewhere.
    pub fn on(pool: Pool, options: PgConnectOptions) -> Self {
        Self { pool, options, name: String::new() }
    }

    pub async fn drop_it(self) {
        self.pool.close().await;
        let mut server_connection = PgConnection::connect_with(&server()).await.expect("PostgreSQL");
        sqlx::raw_sql(AssertSqlSafe(format!("drop database {} with (force)", self.name)))
            .execute(&mut server_connection)
            .await
            .expect("the database dropped");
    }
}
