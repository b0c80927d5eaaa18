//! What is measured, what it is called, and how it is written.

/// Submissions at once, as a share of what the contender sustains, in percent.
pub const LOADS: [u8; 3] = [10, 50, 80];

/// Submissions that come at the same moment.
pub const BURSTS: [usize; 3] = [8, 16, 32];

/// Something that is measured once a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// From handing in to the verdict, in milliseconds: this percentile, where submissions come at `load` percent of the
    /// rate that is sustained; at 0 one comes when the machine is at rest again.
    Latency {
        /// Percent of the sustained rate.
        load: u8,
        /// Percentile.
        percentile: u8,
    },
    /// Submissions a second, over a time in which none of those who hand in pauses.
    Sustained,
    /// From handing in so many at once to the last verdict, in milliseconds.
    Burst(usize),
    /// CPU seconds of the whole machine for each submission at the sustained rate.
    SustainedCpu,
    /// CPU seconds of one cycle, with the machine otherwise at rest.
    Cycle(Part),
    /// Memory of a sandbox that waits, in megabytes (a million bytes).
    Idle(Memory),
}

/// A part of what a cycle costs. `docs/PERFORMANCE.md` and [`super::cycle`] say how each is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The whole machine.
    All,
    /// `dockerd` and `containerd`.
    Daemon,
    /// `containerd-shim`, and the `runc`, `crun` or `runsc` that are started for a moment.
    Runtime,
    /// Everything in the container.
    Container,
    /// … until it is ready.
    Boot,
    /// … until the verdict.
    Grading,
    /// … until it is gone.
    Teardown,
    /// This process.
    Ours,
    /// What none of these accounts for: the kernel, and whatever else the machine did.
    Rest,
}

impl Part {
    /// All parts, in the order in which they are shown.
    pub const EACH: [Self; 9] = [
        Self::All,
        Self::Daemon,
        Self::Runtime,
        Self::Container,
        Self::Boot,
        Self::Grading,
        Self::Teardown,
        Self::Ours,
        Self::Rest,
    ];
}

/// A way to count memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Memory {
    /// What the container's cgroup is charged, page cache included.
    Cgroup,
    /// Resident pages of its processes, pages that others share counted in full.
    Rss,
    /// The same, shared pages divided by how many share them.
    Pss,
}

impl Measure {
    /// What is shown, in this order, of a run with these loads and bursts.
    #[must_use]
    pub fn all(loads: &[u8], bursts: &[usize]) -> Vec<Self> {
        let mut all = Vec::new();
        for load in [0].iter().chain(loads) {
            all.extend([50, 95, 99].map(|percentile| Self::Latency { load: *load, percentile }));
        }
        all.push(Self::Sustained);
        all.extend(bursts.iter().map(|size| Self::Burst(*size)));
        all.push(Self::SustainedCpu);
        all.extend(Part::EACH.map(Self::Cycle));
        all.extend([Memory::Cgroup, Memory::Rss, Memory::Pss].map(Self::Idle));
        all
    }

    /// Its name in JSON, with the unit at its end.
    #[must_use]
    pub fn id(self) -> String {
        match self {
            Self::Latency { load: 0, percentile } => format!("p{percentile}_ms"),
            Self::Latency { load, percentile } => format!("p{percentile}_at_{load}_percent_ms"),
            Self::Sustained => "sustained_per_s".to_owned(),
            Self::Burst(size) => format!("burst{size}_ms"),
            Self::SustainedCpu => "cpu_s_per_submission".to_owned(),
            Self::Cycle(part) => format!("cycle_{}_cpu_s", part.id()),
            Self::Idle(memory) => format!("idle_{}_mb", memory.name().to_lowercase()),
        }
    }

    /// Its name in tables.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Latency { load: 0, percentile } => format!("verdict p{percentile}, at rest, ms"),
            Self::Latency { load, percentile } => format!("verdict p{percentile}, at {load} % of capacity, ms"),
            Self::Sustained => "sustained, submissions/s".to_owned(),
            Self::Burst(size) => format!("burst of {size}, last verdict, ms"),
            Self::SustainedCpu => "CPU at that rate, s/submission".to_owned(),
            Self::Cycle(part) => part.label().to_owned(),
            Self::Idle(memory) => format!("idle sandbox, {}, MB", memory.name()),
        }
    }

    /// A value of it, as people read it.
    #[must_use]
    pub fn write(self, value: f64) -> String {
        let decimals = match self {
            Self::Cycle(_) | Self::SustainedCpu => 3,
            Self::Sustained => 2,
            _ if value >= 100.0 => 0,
            _ => 1,
        };
        format!("{:.decimals$}", super::statistics::round(value))
    }
}

impl Part {
    const fn id(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Daemon => "daemon",
            Self::Runtime => "runtime",
            Self::Container => "container",
            Self::Boot => "boot",
            Self::Grading => "grading",
            Self::Teardown => "teardown",
            Self::Ours => "ours",
            Self::Rest => "rest",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::All => "CPU of one cycle at rest, s",
            Self::Daemon => "· dockerd and containerd",
            Self::Runtime => "· shim and runtime",
            Self::Container => "· in the container",
            Self::Boot => "·· boot",
            Self::Grading => "·· grading",
            Self::Teardown => "·· teardown",
            Self::Ours => "· our own process",
            Self::Rest => "· rest",
        }
    }
}

impl Memory {
    const fn name(self) -> &'static str {
        match self {
            Self::Cgroup => "cgroup",
            Self::Rss => "RSS",
            Self::Pss => "PSS",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_measure_has_a_name_of_its_own_and_the_old_ones_are_as_scripts_know_them() {
        let all = Measure::all(&LOADS, &BURSTS);
        let ids: BTreeSet<_> = all.iter().map(|measure| measure.id()).collect();
        let labels: BTreeSet<_> = all.iter().map(|measure| measure.label()).collect();
        assert_eq!((ids.len(), labels.len()), (all.len(), all.len()));
        for known in ["p50_ms", "p95_ms", "p99_ms", "sustained_per_s", "burst16_ms", "cpu_s_per_submission"] {
            assert!(ids.contains(known), "{known}");
        }
    }

    #[test]
    fn values_are_written_with_as_many_digits_as_they_deserve() {
        assert_eq!(Measure::Burst(16).write(6141.4), "6141");
        assert_eq!(Measure::Latency { load: 0, percentile: 50 }.write(11.23), "11.2");
        assert_eq!(Measure::Cycle(Part::Rest).write(-0.0001), "0.000");
    }
}
