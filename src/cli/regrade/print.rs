//! What `athanor regrade` prints.

use serde_json::{Value, json};

use crate::cli::Format;
use crate::db::regrades::{Changed, Preview, Regrade, Scope};
use crate::domain::regrade::{Change, Tally};

/// Lines of each kind of change that people are shown.
const LINES: usize = 50;

pub(super) fn preview(scope: &Scope, preview: &Preview, format: Format) {
    match format {
        Format::Json => println!(
            "{}",
            json!({
                "dry_run": true,
                "exercise": scope.exercise,
                "to_version": preview.to_version,
                "submissions": preview.submissions,
                "learners": preview.learners,
                "by_older_versions": preview.by_older_versions,
                "without_source": preview.without_source,
            })
        ),
        Format::Human => {
            println!(
                "{}: {} submissions of {} learners would be judged by version {}; {} of them were judged by an older one.",
                scope.exercise, preview.submissions, preview.learners, preview.to_version, preview.by_older_versions
            );
            if preview.without_source > 0 {
                println!("{} more cannot be: their code was removed for its age.", preview.without_source);
            }
            println!("Nothing was queued.");
        }
    }
}

pub(super) fn not_graded(count: u64, dry_run: bool, format: Format) {
    match format {
        Format::Json => println!("{}", json!({"dry_run": dry_run, "not_graded": count, "queued": !dry_run})),
        Format::Human if dry_run => println!("{count} submissions were left ungraded by a fault of ours."),
        Format::Human => println!("{count} submissions that were left ungraded wait to be graded again."),
    }
}

pub(super) fn changes(regrade: &Regrade, changes: &[Changed], tally: &Tally) {
    println!("Regrade {} of {}, {} submissions:", regrade.id, regrade.exercise, regrade.submissions);
    for (change, title, count) in [
        (Change::Loser, "would not pass any more", tally.losers),
        (Change::Winner, "would pass now", tally.winners),
        (Change::NotGraded, "could not be graded; their verdict stays", tally.not_graded),
        (Change::Other, "would get another verdict or other points", tally.others),
    ] {
        println!("\n{count} {title}");
        for changed in changes.iter().filter(|changed| changed.change == change).take(LINES) {
            let email = changed.email.as_deref().map(|email| format!(" <{email}>")).unwrap_or_default();
            println!(
                "  {}  {} -> {}  {} -> {} points  {}{email}",
                changed.submission,
                changed.before.as_str(),
                changed.after.as_str(),
                changed.points.0,
                changed.points.1,
                changed.learner
            );
        }
        if count > LINES {
            println!("  … and {} more", count - LINES);
        }
    }
    println!("\n{} stay as they are", tally.unchanged);
    if tally.losers > 0 && !regrade.take_back {
        println!("Nobody loses a pass or points by it: that would take --take-back.");
    }
}

pub(super) fn json(regrade: &Regrade, changes: &[Changed], tally: &Tally, applied: bool) {
    let list = |change: Change| -> Vec<Value> {
        changes
            .iter()
            .filter(|changed| changed.change == change)
            .map(|changed| {
                json!({
                    "submission": changed.submission,
                    "learner": changed.learner,
                    "email": changed.email,
                    "before": changed.before,
                    "after": changed.after,
                    "points_before": changed.points.0,
                    "points_after": changed.points.1,
                })
            })
            .collect()
    };
    println!(
        "{}",
        json!({
            "regrade": regrade.id,
            "exercise": regrade.exercise,
            "to_version": regrade.to_version,
            "state": if applied { "applied" } else { "computing" },
            "take_back": regrade.take_back,
            "submissions": regrade.submissions,
            "losers": list(Change::Loser),
            "winners": list(Change::Winner),
            "not_graded": list(Change::NotGraded),
            "others": list(Change::Other),
            "unchanged": tally.unchanged,
        })
    );
}
