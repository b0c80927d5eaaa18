//! The database: the one that `DATABASE_URL` names, or our own.

use std::path::PathBuf;
use std::str::FromStr as _;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;
use sqlx::postgres::PgConnectOptions;
use tracing::warn;

use super::postgres::EmbeddedPostgres;
use crate::config::Config;
use crate::db::{self, Pool};

/// An open database.
pub struct Database {
    /// Connections to it.
    pub pool: Pool,
    embedded: Option<EmbeddedPostgres>,
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// When there is none to be had, with what to do about it.
pub async fn database(config: &Config) -> anyhow::Result<Database> {
    let (options, embedded) = match &config.database_url {
        Some(url) => {
            let options = PgConnectOptions::from_str(url.expose_secret())
                .context("DATABASE_URL cannot be used: it takes postgres://user:password@host/database")?;
            (options, None)
        }
        None => {
            let embedded = EmbeddedPostgres::start(&data_folder(config)).await?;
            (embedded.url(), Some(embedded))
        }
    };
    match db::connect(options, config.db_connections).await {
        Ok(pool) => Ok(Database { pool, embedded }),
        Err(error) => {
            let way_out = match embedded {
                Some(embedded) => {
                    stop(embedded).await;
                    "our own PostgreSQL started, but cannot be used; its log is in the data folder"
                }
                None => "is the PostgreSQL that DATABASE_URL names running? Without the variable Athanor runs its own",
            };
            Err(error).context(way_out)
        }
    }
}

impl Database {
    /// Closes the connections, and stops our own server if nobody else uses it.
    pub async fn close(self) {
        self.pool.close().await;
        if let Some(embedded) = self.embedded {
            stop(embedded).await;
        }
    }
}

async fn stop(embedded: EmbeddedPostgres) {
    if let Err(error) = embedded.stop().await {
        warn!(%error, "our own PostgreSQL could not be stopped");
    }
}

/// Where our own data is: as set, else where a service (root) or a person keeps such things.
pub fn data_folder(config: &Config) -> PathBuf {
    if let Some(data) = &config.data {
        return data.clone();
    }
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/athanor");
    }
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    std::env::var_os("XDG_DATA_HOME").map_or_else(|| home.join(".local/share"), PathBuf::from).join("athanor")
}
