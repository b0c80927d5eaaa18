//! What one cycle costs and whom: a container is made, boots, grades, and is removed, with the machine otherwise at rest.
//!
//! - *All*: what the whole machine was busy with (`/proc/stat`), from one rest to the next, the pool full at both.
//! - *Daemon*: what `dockerd` and `containerd` used themselves (`/proc/PID/stat`).
//! - *Container*: what the kernel counts for the containers' control groups. A group that is there at rest has booted:
//!   what it had used by then is *boot*. *Grading* is what the groups that were there before used until the verdict.
//!   *Teardown* is what they used after it, read every few milliseconds for as long as they are there: what they use at
//!   the very last is not seen, and is counted to the runtime instead.
//! - *Runtime*: the shims, and whatever ended under `init`, the daemons and the shims (see [`Used`]), without what the
//!   containers themselves had used, which is among it once they ended. Where there is no daemon, what ended under this
//!   process is the runtime's, too. Other processes that end under `init` meanwhile are counted here: a reason to measure
//!   on a machine that does nothing else.
//! - *Ours*: this process, with what it takes to look at all this. Where it only calls `docker`, that too.
//! - *Rest*: what is left of *all*. It may be a little below zero, because the kernel samples what the machine does and
//!   measures what a process uses.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::cgroups::{Own, Tree};
use super::grader::Grader;
use super::measure::{Measure, Part};
use super::processor::{Machine, Used};

/// How often the groups are read.
const LOOK: Duration = Duration::from_millis(4);

/// After how many looks it is looked for new groups, which takes longer.
const SEARCH: usize = 10;

/// What is known of a control group, in CPU seconds since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Life {
    /// When the submission was handed in; `None` if there was no such group then.
    before: Option<f64>,
    /// When the verdict came.
    at_verdict: f64,
    /// When it was last seen.
    last: f64,
    /// Whether it was there at rest afterwards.
    alive: bool,
}

/// What the containers used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Inside {
    boot: f64,
    grading: f64,
    teardown: f64,
    /// All that was used in this cycle.
    all: f64,
    /// All that those that are gone had used, in earlier cycles too.
    of_the_gone: f64,
}

impl Inside {
    /// Of the groups of one cycle.
    fn of<'a>(lives: impl IntoIterator<Item = &'a Life>) -> Self {
        let mut inside = Self::default();
        for life in lives {
            inside.all += life.last - life.before.unwrap_or(0.0);
            match life.before {
                None if life.alive => inside.boot += life.last,
                // Made and gone within one cycle: the cold way, whose parts cannot be told.
                None => {}
                Some(before) => {
                    inside.grading += life.at_verdict - before;
                    inside.teardown += life.last - life.at_verdict;
                }
            }
            if !life.alive {
                inside.of_the_gone += life.last;
            }
        }
        inside
    }

    fn add(&mut self, other: &Self) {
        self.boot += other.boot;
        self.grading += other.grading;
        self.teardown += other.teardown;
        self.all += other.all;
        self.of_the_gone += other.of_the_gone;
    }
}

/// Everything that one measurement of cycles has read.
#[derive(Debug, Clone, Copy)]
struct Read {
    all: f64,
    used: Used,
    /// `None` where control groups cannot be read.
    inside: Option<Inside>,
    children_are_runtime: bool,
    cycles: usize,
}

/// Takes so many cycles. `own` are the control groups of our containers, where they can be read.
///
/// # Errors
/// As grading fails, or `/proc` cannot be read.
pub async fn take(
    grader: &dyn Grader,
    mut own: Option<&mut Own<'_>>,
    ready_for: usize,
    cycles: usize,
) -> anyhow::Result<Vec<(Measure, f64)>> {
    grader.rest(ready_for).await;
    let (machine, used) = (Machine::read()?, Used::read()?);
    let mut inside = Inside::default();
    for _ in 0..cycles {
        match &mut own {
            Some(own) => inside.add(&cycle(grader, own, ready_for).await?),
            None => {
                grader.grade().await?;
                grader.rest(ready_for).await;
            }
        }
    }
    let (machine, used) = (Machine::read()?.since(&machine), Used::read()?.since(&used));
    let inside = own.is_some().then_some(inside);
    let children_are_runtime = grader.children_are_runtime();
    Ok(split(&Read { all: machine.busy, used, inside, children_are_runtime, cycles }))
}

async fn cycle(grader: &dyn Grader, own: &mut Own<'_>, ready_for: usize) -> anyhow::Result<Inside> {
    let mut lives = BTreeMap::new();
    search(own, &mut lives);
    for life in lives.values_mut() {
        life.before = Some(life.last);
    }
    watching(own, &mut lives, grader.grade()).await?;
    look(own.tree, &mut lives);
    for life in lives.values_mut() {
        life.at_verdict = life.last;
    }
    watching(own, &mut lives, grader.rest(ready_for)).await;
    search(own, &mut lives);
    look(own.tree, &mut lives);
    Ok(Inside::of(lives.values()))
}

/// Reads the groups again and again until something is done.
async fn watching<T>(own: &mut Own<'_>, lives: &mut BTreeMap<PathBuf, Life>, done: impl Future<Output = T>) -> T {
    let mut done = std::pin::pin!(done);
    let mut looks = 0;
    loop {
        tokio::select! {
            biased;
            result = &mut done => return result,
            () = tokio::time::sleep(LOOK) => {
                looks += 1;
                if looks % SEARCH == 0 {
                    search(own, lives);
                }
                look(own.tree, lives);
            }
        }
    }
}

fn search(own: &mut Own<'_>, lives: &mut BTreeMap<PathBuf, Life>) {
    for group in own.groups() {
        if let Some(last) = own.tree.cpu_seconds(&group) {
            lives.entry(group).or_default().last = last;
        }
    }
}

fn look(tree: &Tree, lives: &mut BTreeMap<PathBuf, Life>) {
    for (group, life) in lives {
        let seen = tree.cpu_seconds(group);
        life.alive = seen.is_some();
        life.last = seen.unwrap_or(life.last);
    }
}

fn split(read: &Read) -> Vec<(Measure, f64)> {
    let Read { all, used, inside, children_are_runtime, cycles } = *read;
    let (of_children, ours) =
        if children_are_runtime { (used.own_children, used.own) } else { (0.0, used.own + used.own_children) };
    let mut parts = vec![(Part::All, all), (Part::Daemon, used.daemon), (Part::Ours, ours)];
    if let Some(inside) = inside {
        // What is not seen of a container's end makes this greater, never less than nothing.
        let runtime = (used.runtime + of_children - inside.of_the_gone).max(0.0);
        parts.extend([
            (Part::Runtime, runtime),
            (Part::Container, inside.all),
            (Part::Rest, all - used.daemon - ours - runtime - inside.all),
        ]);
        if children_are_runtime {
            let own = [(Part::Boot, inside.boot), (Part::Grading, inside.grading), (Part::Teardown, inside.teardown)];
            parts.extend(own);
        }
    }
    parts.into_iter().map(|(part, seconds)| (Measure::Cycle(part), seconds / cycles.max(1) as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Life = Life { before: Some(0.3), at_verdict: 0.3, last: 0.3, alive: true };
    const TAKEN: Life = Life { before: Some(0.3), at_verdict: 0.31, last: 0.33, alive: false };
    const NEW: Life = Life { before: None, at_verdict: 0.0, last: 0.25, alive: true };

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn what_containers_used_is_told_by_when_they_used_it() {
        let inside = Inside::of(&[IDLE, TAKEN, NEW]);
        assert!(close(inside.boot, 0.25) && close(inside.grading, 0.01) && close(inside.teardown, 0.02));
        assert!(close(inside.all, 0.28) && close(inside.of_the_gone, 0.33), "{inside:?}");
    }

    #[test]
    fn of_a_container_that_came_and_went_only_the_whole_is_known() {
        let inside = Inside::of(&[Life { before: None, at_verdict: 0.6, last: 0.6, alive: false }]);
        assert!(close(inside.all, 0.6) && close(inside.of_the_gone, 0.6), "{inside:?}");
        assert_eq!((inside.boot, inside.grading, inside.teardown), (0.0, 0.0, 0.0));
    }

    fn part(parts: &[(Measure, f64)], wanted: Part) -> Option<f64> {
        parts.iter().find(|(measure, _)| *measure == Measure::Cycle(wanted)).map(|(_, value)| *value)
    }

    #[test]
    fn the_parts_of_a_cycle_add_up_to_the_whole() {
        let used = Used { daemon: 0.08, own: 0.02, own_children: 0.1, runtime: 0.4 };
        let inside = Inside::of(&[IDLE, TAKEN, NEW]);
        for children_are_runtime in [true, false] {
            let read = Read { all: 1.0, used, inside: Some(inside), children_are_runtime, cycles: 2 };
            let parts = split(&read);
            let sum: f64 = [Part::Daemon, Part::Runtime, Part::Container, Part::Ours, Part::Rest]
                .iter()
                .filter_map(|wanted| part(&parts, *wanted))
                .sum();
            assert!(close(sum, 0.5) && part(&parts, Part::All) == Some(0.5), "{parts:?}");
            let expected = if children_are_runtime { (0.4 + 0.1 - 0.33, 0.02) } else { (0.4 - 0.33, 0.12) };
            assert!(close(part(&parts, Part::Runtime).expect("runtime"), expected.0 / 2.0));
            assert!(close(part(&parts, Part::Ours).expect("ours"), expected.1 / 2.0));
            assert_eq!(part(&parts, Part::Boot).is_some(), children_are_runtime);
        }
    }

    #[test]
    fn without_control_groups_only_what_is_known_is_said() {
        let read = Read { all: 1.0, used: Used::default(), inside: None, children_are_runtime: true, cycles: 1 };
        let parts = split(&read);
        assert_eq!(part(&parts, Part::All), Some(1.0));
        assert_eq!((part(&parts, Part::Rest), part(&parts, Part::Boot)), (None, None));
    }
}
