//! Lets the pool follow what is asked for: looks, has it decided, and tells the pool.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::fleet::Fleet;
use super::kind::Kind;
use super::pool::Pool;
use super::settings::IDLE_BYTES;
use crate::domain::warmth::{Ask, Boots, Rate, Room, targets};
use crate::sandbox::memory::{Memory, Taken};

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// How often the memory of idle containers is measured, in looks: reading it walks through their page tables.
const MEASURE: u32 = 30;

/// How long after a shortage of memory the pool grows slowly.
const RECOVERY: Duration = Duration::from_secs(60);

/// A boot's time before one was seen, in seconds.
const BOOT_S: f64 = 0.5;

/// Keeps the pool's targets in step with what is asked for, until `stop`.
pub async fn follow(fleet: Arc<Fleet>, pool: Arc<Pool>, stop: CancellationToken) {
    let usual = Kind::usual(fleet.settings.flavour, &fleet.images.usual);
    let (mut rates, mut looked, mut looks) =
        (BTreeMap::<Kind, Rate>::from([(usual.clone(), Rate::default())]), Instant::now(), 0_u32);
    let wish = fleet.settings.wish.clone();
    let mut pressed = None;
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        let seconds = looked.elapsed().as_secs_f64();
        looked = Instant::now();
        let arrived = pool.arrivals();
        for kind in arrived.keys() {
            rates.entry(kind.clone()).or_default();
        }
        for (kind, rate) in &mut rates {
            *rate = rate.after(seconds, arrived.get(kind).copied().unwrap_or(0));
        }
        if looks % MEASURE == 0 {
            measure(&pool).await;
        }
        looks = looks.wrapping_add(1);
        if fleet.settings.adapt {
            let wish = wish.as_ref().map_or(0, |wish| *wish.borrow());
            let memory = Memory::look();
            if memory.pressed {
                pressed = Some(looked);
            }
            let recovering = pressed.is_some_and(|when: Instant| when.elapsed() < RECOVERY);
            decide(&fleet, &pool, &rates, Wanted { usual: &usual, wish, memory, recovering });
        }
        rates.retain(|kind, rate| *kind == usual || rate.in_use());
    }
}

/// What is known beside the rates.
struct Wanted<'a> {
    usual: &'a Kind,
    wish: usize,
    memory: Memory,
    recovering: bool,
}

fn decide(fleet: &Fleet, pool: &Pool, rates: &BTreeMap<Kind, Rate>, known: Wanted<'_>) {
    let Wanted { usual, wish, memory, recovering } = known;
    let counts = pool.counts();
    let boots = pool.tally.counts();
    let seconds = if boots.boots > 0 { boots.boot_s / boots.boots as f64 } else { BOOT_S };
    let boots = Boots { seconds, at_once: fleet.settings.max_boots };
    let mut kinds: Vec<Kind> = counts.keys().chain(rates.keys()).cloned().collect();
    kinds.sort();
    kinds.dedup();
    let asks: Vec<Ask> = kinds
        .iter()
        .map(|kind| Ask {
            base: if kind == usual { fleet.settings.pool_size } else { 0 },
            wish: if kind == usual { wish } else { 0 },
            rate: rates.get(kind).copied().unwrap_or_default(),
            now: counts.get(kind).map_or(0, |count| count.target),
        })
        .collect();
    let room = Room {
        most: fleet.settings.pool_most,
        idle: counts.values().map(|count| count.idle).sum(),
        available: memory.available,
        total: memory.total,
        each: IDLE_BYTES,
        pressed: memory.pressed,
        recovering,
    };
    let wanted: BTreeMap<Kind, usize> = kinds.into_iter().zip(targets(&asks, boots, &room)).collect();
    let now = counts.iter().filter(|(_, count)| count.target > 0).map(|(kind, count)| (kind.clone(), count.target));
    if now.collect::<BTreeMap<_, _>>()
        != wanted.iter().filter(|(_, target)| **target > 0).map(|(k, t)| (k.clone(), *t)).collect()
    {
        for (kind, target) in &wanted {
            tracing::debug!(kind = kind.name(), target, "as many containers are kept warm from now on");
        }
        pool.want(wanted);
    }
}

/// Measures what idle containers take.
async fn measure(pool: &Pool) {
    let groups = pool.idle_groups();
    let measured = tokio::task::spawn_blocking(move || {
        let mut sum = Taken::default();
        for group in &groups {
            let one = Taken::by(&group.processes());
            sum = Taken { rss: sum.rss + one.rss, pss: sum.pss + one.pss };
        }
        (groups.len(), sum)
    });
    if let Ok((count, taken)) = measured.await {
        pool.measured(count, taken);
    }
}
