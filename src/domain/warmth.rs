//! How many warm containers there should be, of each kind: decided from what was asked for lately, what is wished for, and what
//! memory there is. Pure: times come in as numbers.

/// How fast the quick and the slow measure of a rate forget, in seconds.
const FORGET_S: (f64, f64) = (10.0, 120.0);

/// How often a job may find none warm.
const EMPTY: f64 = 0.005;

/// The largest share of what can be booted that is planned for: near all of it no number would be enough.
const BUSIEST: f64 = 0.8;

/// A rate below which a kind counts as not in use: some nine minutes after a single job.
const UNUSED: f64 = 1e-4;

/// How often something arrives, measured twice: quickly, for a class that begins, and slowly, for one that goes on.
///
/// Each is an exponentially weighted average: an arrival adds one over the time constant, and what was there fades with it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rate {
    quick: f64,
    slow: f64,
}

impl Rate {
    /// After so many seconds in which so many arrived.
    #[must_use]
    pub fn after(self, seconds: f64, arrived: usize) -> Self {
        let fade = |rate: f64, forget: f64| rate * (-seconds / forget).exp() + arrived as f64 / forget;
        Self { quick: fade(self.quick, FORGET_S.0), slow: fade(self.slow, FORGET_S.1) }
    }

    /// Arrivals a second.
    #[must_use]
    pub fn per_s(self) -> f64 {
        self.quick.max(self.slow)
    }

    /// Whether there was anything lately.
    #[must_use]
    pub fn in_use(self) -> bool {
        self.slow > UNUSED
    }
}

/// How fast more are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boots {
    /// How long one takes, in seconds.
    pub seconds: f64,
    /// How many go on at once.
    pub at_once: usize,
}

/// What is known of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ask {
    /// How many there are to be when nothing happens.
    pub base: usize,
    /// How many somebody wishes for.
    pub wish: usize,
    /// How often it is asked for.
    pub rate: Rate,
    /// How many are wanted now.
    pub now: usize,
}

/// What there is room for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Never more than this, of all kinds together.
    pub most: usize,
    /// How many are idle now, whose memory is taken already.
    pub idle: usize,
    /// Memory that could be given to containers, in bytes.
    pub available: u64,
    /// Memory of the machine, in bytes; 0 where nobody knows, and then it sets no limit.
    pub total: u64,
    /// Memory that an idle container takes, in bytes.
    pub each: u64,
    /// Whether programs wait for memory.
    pub pressed: bool,
    /// Whether they did a short while ago: then it grows by one at a look, so as not to swing.
    pub recovering: bool,
}

impl Room {
    /// How many there may be, of which so many are wanted now. A tenth of the memory is left to others, and what is lacking of
    /// that is given back; while programs wait for memory a quarter goes at each look.
    #[must_use]
    pub fn budget(&self, wanted: usize) -> usize {
        if self.pressed {
            return self.idle.max(wanted) * 3 / 4;
        }
        if self.total == 0 {
            return self.most;
        }
        let (available, others) = (i128::from(self.available), i128::from(self.total / 10));
        let spare = (available - others).div_euclid(i128::from(self.each.max(1)));
        let fits = i128::try_from(self.idle).unwrap_or(i128::MAX).saturating_add(spare).max(0);
        usize::try_from(fits).unwrap_or(usize::MAX).min(self.most)
    }
}

/// How many of each there should be, in the order of `asks`.
///
/// It grows at once and shrinks by one at a look, so that it does not follow every pause. Where there is not room for all,
/// each kind that is wanted gets one, and then one more whoever has fewest, until the room is used up.
#[must_use]
pub fn targets(asks: &[Ask], boots: Boots, room: &Room) -> Vec<usize> {
    let grows_to = |ask: &Ask| if room.recovering { ask.now + 1 } else { usize::MAX };
    let wanted: Vec<usize> = asks.iter().map(|ask| wanted(ask, boots).min(grows_to(ask))).collect();
    let budget = room.budget(asks.iter().map(|ask| ask.now).sum());
    // Whoever is asked for most comes first where there is not one for each.
    let mut order: Vec<usize> = (0..asks.len()).collect();
    order.sort_by(|one, other| asks[*other].rate.per_s().total_cmp(&asks[*one].rate.per_s()));
    let mut given = vec![0; asks.len()];
    for _ in 0..budget.min(wanted.iter().sum()) {
        let poorest = order.iter().copied().filter(|at| given[*at] < wanted[*at]).min_by_key(|at| given[*at]);
        match poorest {
            Some(at) => given[at] += 1,
            None => break,
        }
    }
    // One for the most used kind there always is: a pool of none would make each job wait.
    if given.iter().all(|count| *count == 0)
        && let Some(at) = order.into_iter().find(|at| wanted[*at] > 0)
    {
        given[at] = 1;
    }
    given
}

/// Each job orders a boot. In a queue of orders that come at random (M/M/1; Kleinrock, "Queueing Systems" I, 1975) there are n
/// or more with the probability ρⁿ, where ρ is the rate by that at which they can be met: then a pool of n is empty.
fn wanted(ask: &Ask, boots: Boots) -> usize {
    let load = ask.rate.per_s() * boots.seconds.clamp(0.1, 60.0) / boots.at_once.max(1) as f64;
    // What is no number becomes 0.
    let enough = (EMPTY.ln() / load.clamp(1e-9, BUSIEST).ln()).ceil() as usize;
    let arriving = if ask.rate.in_use() { enough.max(1) } else { 0 };
    ask.base.max(ask.wish).max(arriving).max(ask.now.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOM: Room = Room {
        most: 64,
        idle: 0,
        available: 8 << 30,
        total: 16 << 30,
        each: 64 << 20,
        pressed: false,
        recovering: false,
    };

    const BOOTS: Boots = Boots { seconds: 0.5, at_once: 2 };

    fn ask(base: usize, per_s: f64, now: usize) -> Ask {
        Ask { base, wish: 0, rate: Rate { quick: per_s, slow: per_s }, now }
    }

    #[test]
    fn it_grows_with_the_rate_and_with_a_wish_and_returns_to_its_base() {
        let of = |ask: Ask| targets(&[ask], BOOTS, &ROOM)[0];
        assert_eq!(of(ask(4, 0.0, 4)), 4);
        assert_eq!(of(ask(4, 2.0, 4)), 8, "half of what can be booted: one time in 256 there is none of eight");
        assert_eq!(of(ask(4, 3.2, 4)), 24, "four fifths of it");
        assert_eq!(of(ask(4, 50.0, 4)), 24, "no number would be enough");
        assert_eq!(of(Ask { wish: 30, ..ask(4, 0.0, 4) }), 30);
        assert_eq!(of(ask(4, 0.0, 30)), 29, "slowly");
        assert_eq!(of(ask(0, 0.0, 0)), 0, "what nobody asks for");
        assert_eq!(of(ask(0, 0.01, 0)), 1, "what somebody asks for now and then");
    }

    #[test]
    fn under_pressure_it_shrinks_by_a_quarter_at_a_look_and_keeps_one() {
        let mut room = Room { idle: 16, pressed: true, ..ROOM };
        let mut seen = Vec::new();
        while room.idle > 1 {
            room.idle = targets(&[ask(16, 0.0, room.idle)], BOOTS, &room)[0];
            seen.push(room.idle);
        }
        assert_eq!(seen, [12, 9, 6, 4, 3, 2, 1]);
        assert_eq!(targets(&[ask(16, 0.0, 1)], BOOTS, &room), [1]);
        let all_at_work = Room { idle: 0, ..room };
        assert_eq!(targets(&[ask(16, 0.0, 16)], BOOTS, &all_at_work), [12], "a burst took them: that is no shortage");
        let after = Room { idle: 1, pressed: false, recovering: true, ..room };
        assert_eq!(targets(&[ask(16, 0.0, 1)], BOOTS, &after), [2], "it comes back one by one");
    }

    #[test]
    fn what_is_lacking_of_the_others_tenth_is_given_back() {
        let room = Room { idle: 16, available: 1 << 30, ..ROOM };
        // 1.6 GiB are for others: 0.6 GiB too few are free, which is ten containers.
        assert_eq!(targets(&[ask(16, 0.0, 16)], BOOTS, &room), [6]);
        assert_eq!(targets(&[ask(8, 0.0, 8)], BOOTS, &Room { total: 0, available: 0, idle: 0, ..ROOM }), [8]);
    }

    #[test]
    fn what_there_is_room_for_is_split_fairly() {
        let room = Room { most: 8, ..ROOM };
        assert_eq!(targets(&[ask(16, 9.0, 0), ask(0, 0.5, 0), ask(3, 0.0, 0)], BOOTS, &room), [3, 3, 2]);
        let little = Room { most: 2, ..ROOM };
        assert_eq!(targets(&[ask(16, 0.0, 2), ask(16, 0.0, 2)], BOOTS, &little), [1, 1]);
        let one = Room { most: 1, ..ROOM };
        assert_eq!(targets(&[ask(0, 0.001, 0), ask(4, 9.0, 0)], BOOTS, &one), [0, 1]);
    }

    #[test]
    fn a_rate_is_what_arrives_and_fades() {
        let mut rate = Rate::default();
        for _ in 0..600 {
            rate = rate.after(1.0, 2);
        }
        assert!((rate.per_s() - 2.0).abs() < 0.2, "{rate:?}");
        assert!(rate.after(60.0, 0).per_s() < 1.3 && rate.after(60.0, 0).in_use());
        assert!(!rate.after(3600.0, 0).in_use());
        assert!(Rate::default().after(0.1, 1).in_use());
    }

    proptest! {
        #[test]
        fn there_are_never_more_than_there_is_room_for_and_nobody_starves(
            asks in prop::collection::vec((0_usize..40, 0_usize..80, 0.0_f64..50.0, 0_usize..40), 1..6),
            idle in 0_usize..64, available in 0_u64..(32 << 30), pressed: bool, boot_s in 0.0_f64..100.0, at_once in 0_usize..9,
        ) {
            let asks: Vec<Ask> = asks
                .into_iter()
                .map(|(base, wish, per_s, now)| Ask { wish, ..ask(base, per_s, now) })
                .collect();
            let room = Room { idle, available, pressed, recovering: pressed, ..ROOM };
            let boots = Boots { seconds: boot_s, at_once };
            let given = targets(&asks, boots, &room);
            let sum: usize = given.iter().sum();
            let budget = room.budget(asks.iter().map(|ask| ask.now).sum());
            prop_assert!(sum <= budget.max(1));
            let most = |ask: &Ask| if pressed { ask.now + 1 } else { usize::MAX };
            let wanted: Vec<usize> = asks.iter().map(|ask| wanted(ask, boots).min(most(ask))).collect();
            for (at, count) in given.iter().enumerate() {
                prop_assert!(*count <= wanted[at]);
                // Whoever has less than it wants has no fewer than anybody else, but for the one that did not go round.
                if *count < wanted[at] && budget > 0 {
                    prop_assert!(given.iter().all(|others| *others <= count + 1));
                }
            }
        }
    }
}
