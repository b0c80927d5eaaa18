//! Who used the processor, by what the kernel counts in `/proc` (proc(5)): hundredths of a second, `USER_HZ`, on every
//! machine that Linux runs on.

use anyhow::Context as _;

/// Ticks in a second.
const TICKS: f64 = 100.0;

/// What the whole machine has done since it began, in seconds of one processor.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Machine {
    /// Anything but idling and waiting for a disk; without what the hypervisor took.
    pub busy: f64,
    /// What the hypervisor gave to others while we had work.
    pub steal: f64,
    /// All of it.
    pub total: f64,
}

impl Machine {
    /// Reads `/proc/stat`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string("/proc/stat").context("/proc/stat")?;
        Ok(Self::parse(text.lines().next().unwrap_or_default()))
    }

    /// Of its first line: user, nice, system, idle, iowait, irq, softirq, steal.
    fn parse(line: &str) -> Self {
        let fields: Vec<f64> = line.split_whitespace().skip(1).map_while(|field| field.parse().ok()).collect();
        let sum = |places: &[usize]| places.iter().filter_map(|place| fields.get(*place)).sum::<f64>() / TICKS;
        Self { busy: sum(&[0, 1, 2, 5, 6]), steal: sum(&[7]), total: sum(&[0, 1, 2, 3, 4, 5, 6, 7]) }
    }

    /// What was done since an earlier reading.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self { busy: self.busy - earlier.busy, steal: self.steal - earlier.steal, total: self.total - earlier.total }
    }

    /// The part of the time in which it was busy, from 0 to 1.
    #[must_use]
    pub fn busy_share(&self) -> f64 {
        if self.total > 0.0 { self.busy / self.total } else { 0.0 }
    }

    /// The part of the time that the hypervisor took, from 0 to 1.
    #[must_use]
    pub fn steal_share(&self) -> f64 {
        if self.total > 0.0 { self.steal / self.total } else { 0.0 }
    }
}

/// What the processes have used since they began that have to do with grading, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Used {
    /// `dockerd` and `containerd` themselves.
    pub daemon: f64,
    /// This process.
    pub own: f64,
    /// Those whose end this process has seen.
    pub own_children: f64,
    /// The shims that live, and whatever ended under `init`, the daemons and the shims. A process of the runtime that
    /// lives for milliseconds cannot be caught, but whoever waits for its end is told what it used. The processes of a
    /// container are among them once they ended.
    pub runtime: f64,
}

impl Used {
    /// Reads `/proc`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read() -> anyhow::Result<Self> {
        let mut used = Self::default();
        let own = std::process::id();
        for entry in std::fs::read_dir("/proc").context("/proc")? {
            let Ok(entry) = entry else { continue };
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            // One that ended meanwhile is counted by whoever waited for it.
            let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
            if let Some(process) = Process::parse(&stat) {
                used.add(&process, pid, own);
            }
        }
        Ok(used)
    }

    fn add(&mut self, process: &Process<'_>, pid: u32, own: u32) {
        if pid == own {
            self.own += process.own;
            self.own_children += process.children;
        } else if matches!(process.name, "dockerd" | "containerd") {
            self.daemon += process.own;
            self.runtime += process.children;
        } else if process.name.starts_with("containerd-shim") {
            self.runtime += process.own + process.children;
        } else if pid == 1 {
            self.runtime += process.children;
        }
    }

    /// What was used since an earlier reading.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            daemon: self.daemon - earlier.daemon,
            own: self.own - earlier.own,
            own_children: self.own_children - earlier.own_children,
            runtime: self.runtime - earlier.runtime,
        }
    }
}

/// A line of `/proc/PID/stat`.
struct Process<'a> {
    name: &'a str,
    /// Fields 14 and 15, in seconds.
    own: f64,
    /// Fields 16 and 17: of children that ended and were waited for.
    children: f64,
}

impl<'a> Process<'a> {
    fn parse(stat: &'a str) -> Option<Self> {
        // The second field is the program's name in parentheses and may hold anything.
        let (before, after) = stat.rsplit_once(')')?;
        let (_, name) = before.split_once('(')?;
        let mut ticks = after.split_whitespace().skip(11).map(|field| field.parse::<f64>().ok());
        let mut next = || ticks.next().flatten();
        let (user, system, of_children, in_children) = (next()?, next()?, next()?, next()?);
        Some(Self { name, own: (user + system) / TICKS, children: (of_children + in_children) / TICKS })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_busy_with_all_but_idling_waiting_and_what_others_took() {
        let machine = Machine::parse("cpu  100 20 30 700 50 1 2 97 0 0");
        assert_eq!((machine.busy, machine.steal, machine.total), (1.53, 0.97, 10.0));
        assert_eq!(machine.since(&Machine { busy: 0.53, steal: 0.97, total: 0.0 }).busy_share(), 0.1);
        assert_eq!((machine.steal_share(), Machine::default().busy_share()), (0.097, 0.0));
    }

    fn stat(pid: u32, name: &str) -> String {
        format!("{pid} ({name}) S 1 1 1 0 -1 4194560 1 1 1 1 200 100 50 25 20 0 1 0 77 1 1")
    }

    #[test]
    fn each_process_is_counted_where_it_belongs() {
        let mut used = Used::default();
        for (pid, name) in
            [(1, "init"), (7, "dockerd"), (8, "containerd"), (9, "containerd-shim"), (10, "athanor"), (11, "a (b) c")]
        {
            used.add(&Process::parse(&stat(pid, name)).expect("a process"), pid, 10);
        }
        assert_eq!(used, Used { daemon: 6.0, own: 3.0, own_children: 0.75, runtime: 0.75 * 3.0 + 3.75 });
        let parsed = stat(11, "a (b) c");
        assert_eq!(Process::parse(&parsed).expect("a process").name, "a (b) c");
    }

    #[test]
    fn this_machine_can_be_read() {
        assert!(Machine::read().expect("/proc/stat").total > 0.0);
        assert!(Used::read().expect("/proc").own >= 0.0);
    }
}
