//! Steps at which a test may hold a worker, to kill it just there. A release build has none of this: the variable is
//! not read, and setting it stops the start like any other that is unknown.

/// A step of a grading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is held yet.
    BeforeClaim,
    /// The claim is committed, and no container was touched.
    AfterClaim,
    /// The sandbox has said what happened, and nothing was written.
    AfterReport,
    /// The verdict is committed.
    AfterCommit,
}

/// Stays for good if a test asked for that, and says so on standard output.
#[cfg(debug_assertions)]
pub(super) async fn at(step: Step) {
    let name = match step {
        Step::BeforeClaim => "before_claim",
        Step::AfterClaim => "after_claim",
        Step::AfterReport => "after_report",
        Step::AfterCommit => "after_commit",
    };
    if std::env::var("ATHANOR_PAUSE_AT").is_ok_and(|wanted| wanted == name) {
        println!("Athanor pauses: {name}");
        std::future::pending::<()>().await;
    }
}

/// Goes on.
#[cfg(not(debug_assertions))]
pub(super) async fn at(_step: Step) {}
