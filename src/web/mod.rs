//! Pages and their JSON twins.
//!
//! ```text
//! server.rs     the two listeners: the site, and metrics
//! routes.rs     which path goes where
//! state.rs      what every request may use; settings.rs what can be set
//! visitor.rs    who asks: session cookie, theme
//! bearer.rs     who asks: an API token, and what each scope opens
//! origin.rs     refuses changes that other sites ask for; headers.rs the content security policy and its kin
//! error.rs      the one place that maps errors to statuses; problems.rs shows them as a page or as problem+json
//! spans.rs      what a log line says about its request, without tokens
//! form.rs       bodies, decoded to bytes so that bad UTF-8 is told from good
//! watch.rs      from the database's notifications to whoever waits for a submission
//! kept.rs       pages that are the same for everybody whom we do not know
//! views/        what templates are given; page.rs renders them; assets.rs serves scripts and styles
//! drafts/       what was typed and perhaps not sent
//! programs/     program runs; blocks/ the same for blocks of lessons; consoles/ IEx
//! search/       an index of the course, and who asks it
//! course.rs  lessons/  glossary.rs  submissions/  editing/  account/  instructor.rs  progress.rs  health.rs     the handlers, by noun
//! ```
//!
//! A submission comes in through [`submissions::create`], its page or its stream of events ([`submissions::events`])
//! waits on [`watch`], and what is shown is [`views::result::ResultView`] in both.

pub mod account;
pub mod assets;
pub mod bearer;
pub mod blocks;
pub mod client;
pub mod consoles;
pub mod cookies;
pub mod course;
pub mod drafts;
pub mod editing;
pub mod error;
pub mod form;
pub mod glossary;
pub mod headers;
pub mod health;
pub mod instructor;
pub mod kept;
pub mod lessons;
pub mod local_path;
pub mod origin;
pub mod page;
pub mod problems;
pub mod programs;
pub mod progress;
pub mod rates;
pub mod routes;
pub mod search;
pub mod server;
pub mod settings;
pub mod spans;
pub mod state;
pub mod submissions;
pub mod theme;
pub mod views;
pub mod visitor;
pub mod watch;

pub use server::{run, run_metrics};
pub use settings::{Rate, RateLimits, Settings};
pub use state::AppState;
