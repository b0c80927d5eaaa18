//! Who uses the CPU now: so that refilling and removing yield to grading, and a time-out under contention is known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// How long nothing happens before it is called quiet.
const MOMENT: Duration = Duration::from_millis(25);

/// Counts work by kind, and remembers of each job whether anything ran beside it.
#[derive(Debug, Clone, Default)]
pub struct Activity(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    alone: usize,
    background: usize,
    booting: usize,
    evaluations: usize,
    next: u64,
    /// Whether each running job had company.
    jobs: HashMap<u64, bool>,
}

/// Work that goes on for as long as this lives.
#[derive(Debug)]
pub struct Work {
    activity: Activity,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Waiting,
    Alone,
    Boot,
    Removal,
    Evaluation,
    Job(u64),
}

impl Activity {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, kind: Kind) -> Work {
        self.0.changed.notify_waiters();
        Work { activity: self.clone(), kind }
    }

    /// A job that waits for its turn.
    pub fn begin_waiting(&self) -> Work {
        self.state().waiting += 1;
        self.work(Kind::Waiting)
    }

    /// A job that runs or waits to run with nothing beside it.
    pub fn begin_alone(&self) -> Work {
        self.state().alone += 1;
        self.work(Kind::Alone)
    }

    /// A container that boots for the pool, unless a job has come meanwhile.
    pub fn begin_spare_boot(&self) -> Option<Work> {
        let mut state = self.state();
        if state.waiting > 0 || !state.jobs.is_empty() {
            return None;
        }
        state.booting += 1;
        state.background += 1;
        drop(state);
        Some(self.work(Kind::Boot))
    }

    /// A container that boots for a job.
    pub fn begin_boot(&self) -> Work {
        let mut state = self.state();
        state.booting += 1;
        state.background += 1;
        state.jobs.values_mut().for_each(|contended| *contended = true);
        drop(state);
        self.work(Kind::Boot)
    }

    /// A container that is being removed, unless a job must have nothing beside it.
    pub fn begin_removal(&self) -> Option<Work> {
        let mut state = self.state();
        if state.alone > 0 {
            return None;
        }
        state.background += 1;
        state.jobs.values_mut().for_each(|contended| *contended = true);
        drop(state);
        Some(self.work(Kind::Removal))
    }

    /// A program that runs beside the jobs, unless one must have nothing beside it.
    pub fn begin_program(&self) -> Option<Work> {
        // To a job it is what a removal is: something that takes CPU, and whose end can be waited for.
        self.begin_removal()
    }

    /// Something that is evaluated in a console. It may go on for long, so nobody waits for its end: to a job it is company,
    /// which has a small share of the CPU.
    pub fn begin_evaluation(&self) -> Work {
        let mut state = self.state();
        state.evaluations += 1;
        state.jobs.values_mut().for_each(|contended| *contended = true);
        drop(state);
        self.work(Kind::Evaluation)
    }

    /// Waits until no job must have nothing beside it.
    pub async fn shared(&self) {
        self.until(|state| state.alone == 0).await;
    }

    /// A job that runs.
    pub fn begin_job(&self) -> Work {
        let mut state = self.state();
        state.jobs.values_mut().for_each(|contended| *contended = true);
        let contended = state.background > 0 || state.evaluations > 0 || !state.jobs.is_empty();
        let id = state.next;
        state.next += 1;
        state.jobs.insert(id, contended);
        drop(state);
        self.work(Kind::Job(id))
    }

    /// How many jobs run.
    pub fn running(&self) -> usize {
        self.state().jobs.len()
    }

    /// How many containers boot.
    pub fn booting(&self) -> usize {
        self.state().booting
    }

    /// Waits until no job has run or waited for a moment: jobs come in bursts, and a boot that begins between two of them
    /// slows the second one down.
    pub async fn quiet(&self) {
        let quiet = |state: &State| state.jobs.is_empty() && state.waiting == 0;
        loop {
            self.until(quiet).await;
            if tokio::time::timeout(MOMENT, self.until(|state| !quiet(state))).await.is_err() {
                return;
            }
        }
    }

    /// Waits until nothing boots or is being removed.
    pub async fn calm(&self) {
        self.until(|state| state.background == 0).await;
    }

    /// Waits until no job runs and nothing boots or is being removed.
    pub async fn over(&self) {
        self.until(|state| state.background == 0 && state.jobs.is_empty()).await;
    }

    async fn until(&self, condition: impl Fn(&State) -> bool) {
        loop {
            // Registered before the state is read, so that no change is missed between the two.
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if condition(&self.state()) {
                return;
            }
            changed.await;
        }
    }
}

impl Work {
    /// Whether anything ran beside this job so far.
    pub fn contended(&self) -> bool {
        match self.kind {
            Kind::Job(id) => self.activity.state().jobs.get(&id).copied().unwrap_or(true),
            _ => false,
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let mut state = self.activity.state();
        match self.kind {
            Kind::Waiting => state.waiting -= 1,
            Kind::Alone => state.alone -= 1,
            Kind::Boot => {
                state.booting -= 1;
                state.background -= 1;
            }
            Kind::Removal => state.background -= 1,
            Kind::Evaluation => state.evaluations -= 1,
            Kind::Job(id) => {
                state.jobs.remove(&id);
            }
        }
        drop(state);
        self.activity.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_alone_has_no_company() {
        let activity = Activity::default();
        let waiting = activity.begin_waiting();
        let job = activity.begin_job();
        assert!(!job.contended(), "a job that only waits uses no CPU");
        drop(waiting);
        drop(job);
        assert_eq!(activity.running(), 0);
    }

    #[test]
    fn jobs_boots_and_removals_are_company_whoever_came_first() {
        let removal = |activity: &Activity| activity.begin_removal().unwrap();
        for begin in [Activity::begin_job, Activity::begin_boot, Activity::begin_evaluation, removal] {
            let activity = Activity::default();
            let job = activity.begin_job();
            drop(begin(&activity));
            assert!(job.contended(), "it came during the job, and counts although it is over");

            let activity = Activity::default();
            let other = begin(&activity);
            let job = activity.begin_job();
            drop(other);
            assert!(job.contended(), "it was there before");
        }
    }

    #[test]
    fn nothing_begins_beside_a_job_that_must_be_alone() {
        let activity = Activity::default();
        let (alone, waiting) = (activity.begin_alone(), activity.begin_waiting());
        assert!(activity.begin_removal().is_none());
        assert!(activity.begin_spare_boot().is_none());
        drop((alone, waiting));
        assert!(activity.begin_removal().is_some());
        assert!(activity.begin_spare_boot().is_some());
    }
}
