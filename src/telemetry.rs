//! Log lines. Metrics are registered where they are counted.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::{Config, LogFormat};

/// Starts logging to standard error, as the settings say. A second call changes nothing.
pub fn start(config: &Config) {
    start_with(&config.log, config.log_format);
}

/// Starts logging for a command whose output people read: warnings only, unless the settings ask for more. That a statement
/// takes long, which is all that sqlx warns of, is none: reading a whole course does.
pub fn start_quiet(config: &Config) {
    let filter = if std::env::var_os("ATHANOR_LOG").is_some() { config.log.as_str() } else { "warn,sqlx=error" };
    start_with(filter, config.log_format);
}

fn start_with(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // Where somebody looks closer, each step says how long it took as it ends.
    let closely = filter.max_level_hint().is_none_or(|level| level >= LevelFilter::DEBUG);
    let spans = if closely { FmtSpan::CLOSE } else { FmtSpan::NONE };
    let subscriber =
        tracing_subscriber::fmt().with_span_events(spans).with_env_filter(filter).with_writer(std::io::stderr);
    // Fails only when a subscriber is there already, as in tests.
    let _ = match format {
        LogFormat::Text => subscriber.with_target(false).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
}
