//! What hits cost, and the warning that names a function whose hits take longer than
//! computing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::diagnostics;
use super::function::{FunctionState, MemoFunction};
use crate::key::time_taken::{self, KeyTime};

/// Decoding a result of at least this many bytes is measured every time.
const LARGE: usize = 4096;

/// A verdict needs this many measured hits.
const ENOUGH: u64 = 8;

/// Less time than this is not worth a warning.
const NOTABLE: Duration = Duration::from_millis(10);

/// Results of at least this size are worth mapping.
const WORTH_MAPPING: u64 = 64 << 10;

/// The number of hits that a sample stands for.
const SAMPLE: u32 = 64;

/// Measures one hit.
pub(super) struct HitTimer {
    key: KeyTime,
    /// When reading the result began, if it is measured.
    reading: Option<Instant>,
}

/// A hit that was measured.
struct HitTime {
    took: Duration,
    /// How long it took to hash long arguments.
    hashing: Duration,
    /// How many hits it stands for.
    weight: u32,
}

impl HitTimer {
    /// Starts to read a result of `bytes` bytes from memory, if the hit is measured.
    #[inline]
    pub(super) fn in_memory(bytes: usize) -> Option<HitTimer> {
        match bytes >= LARGE || time_taken::is_taken() {
            true => HitTimer::of_measured(bytes),
            false => None,
        }
    }

    #[cold]
    fn of_measured(bytes: usize) -> Option<HitTimer> {
        let key = time_taken::take();
        let is_read_measured = bytes >= LARGE || !key.long.is_zero();
        Some(HitTimer {
            key,
            reading: is_read_measured.then(Instant::now),
        })
    }

    /// Starts to read a result from the directory.
    pub(super) fn on_disk() -> HitTimer {
        HitTimer {
            key: time_taken::take(),
            reading: Some(Instant::now()),
        }
    }

    /// Counts the time of the hit.
    #[cold]
    pub(super) fn end(self, site: &MemoFunction, bound: &FunctionState, cost: u64, bytes: usize) {
        let hits = bound.counters.read().memory_hits;
        let Some(hit) = self.time(hits) else {
            return;
        };
        let bytes = bytes as u64;
        bound.counters.add_hit_time(hit.took * hit.weight);
        let timed = &bound.counters.timed;
        timed.add(&hit, cost, bytes);
        if let Some(verdict) = timed.verdict() {
            diagnostics::warn(verdict.text(site, bound));
        }
    }

    /// Returns the time of a hit after `hits` others from memory.
    fn time(&self, hits: u64) -> Option<HitTime> {
        let hashing = self.key.long;
        match (self.key.sample, self.reading) {
            (Some(start), reading) => Some(HitTime {
                took: start.elapsed(),
                hashing,
                weight: match reading {
                    // All such hits are measured.
                    Some(_) => 1,
                    None => SAMPLE.min(u32::try_from(hits).unwrap_or(SAMPLE).saturating_add(1)),
                },
            }),
            (None, Some(reading)) => Some(HitTime {
                took: hashing + reading.elapsed(),
                hashing,
                weight: 1,
            }),
            (None, None) => None,
        }
    }
}

/// Has the next hit of this thread measured after one of `SAMPLE` hits from memory. The
/// choice is a hash of the number of hits before, so that no pattern in the calls falls in
/// step with it.
#[inline]
pub(super) fn sample_after(hits_before: u64) {
    const SHIFT: u32 = u64::BITS - SAMPLE.ilog2();
    if hits_before.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> SHIFT == 0 {
        time_taken::request();
    }
}

/// Sums over the measured hits of a function, without their weights.
#[derive(Default)]
pub(crate) struct TimedHits {
    count: AtomicU64,
    /// How many took longer than computing.
    slower: AtomicU64,
    nanos: AtomicU64,
    hashing_nanos: AtomicU64,
    compute_nanos: AtomicU64,
    /// How much longer than computing all hits took that they stand for.
    lost_nanos: AtomicU64,
    bytes: AtomicU64,
    is_named: AtomicBool,
    /// Whether a computation used results of other memoized functions. Its cost is without
    /// them, but to compute again means to read them again.
    is_cost_partial: AtomicBool,
}

/// The averages of hits that take longer than computing.
struct SlowHits {
    count: u64,
    took: Duration,
    hashing: Duration,
    compute: Duration,
    bytes: u64,
}

impl TimedHits {
    pub(super) const fn new() -> TimedHits {
        TimedHits {
            count: AtomicU64::new(0),
            slower: AtomicU64::new(0),
            nanos: AtomicU64::new(0),
            hashing_nanos: AtomicU64::new(0),
            compute_nanos: AtomicU64::new(0),
            lost_nanos: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            is_named: AtomicBool::new(false),
            is_cost_partial: AtomicBool::new(false),
        }
    }

    /// Records that costs are without those of other memoized functions, so that they prove
    /// nothing.
    pub(super) fn costs_are_partial(&self) {
        self.is_cost_partial.store(true, Relaxed);
    }

    fn add(&self, hit: &HitTime, cost: u64, bytes: u64) {
        let took = nanos(hit.took);
        let lost = took.saturating_sub(cost);
        self.count.fetch_add(1, Relaxed);
        self.slower.fetch_add((lost > 0).into(), Relaxed);
        self.nanos.fetch_add(took, Relaxed);
        self.hashing_nanos.fetch_add(nanos(hit.hashing), Relaxed);
        self.compute_nanos.fetch_add(cost, Relaxed);
        self.lost_nanos
            .fetch_add(lost * u64::from(hit.weight), Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
    }

    /// Returns the averages, once, if most hits take longer than computing and that is
    /// notable. The majority decides, because a hit during which the thread was suspended
    /// proves nothing.
    fn verdict(&self) -> Option<SlowHits> {
        let count = self.count.load(Relaxed);
        let is_clear = count >= ENOUGH
            && !self.is_cost_partial.load(Relaxed)
            && 2 * self.slower.load(Relaxed) > count
            && self.nanos.load(Relaxed) > self.compute_nanos.load(Relaxed)
            && Duration::from_nanos(self.lost_nanos.load(Relaxed)) >= NOTABLE;
        if !is_clear || self.is_named.swap(true, Relaxed) {
            return None;
        }
        let mean = |sum: &AtomicU64| Duration::from_nanos(sum.load(Relaxed) / count);
        Some(SlowHits {
            count,
            took: mean(&self.nanos),
            hashing: mean(&self.hashing_nanos),
            compute: mean(&self.compute_nanos),
            bytes: self.bytes.load(Relaxed) / count,
        })
    }
}

impl SlowHits {
    fn text(&self, site: &MemoFunction, bound: &FunctionState) -> String {
        let (took, compute, count) = (self.took, self.compute, self.count);
        format!(
            "hits of {} take longer than computing: {took:.1?} against {compute:.1?} on average of \
             {count} hits. {}",
            site.place(),
            self.advice(site, bound)
        )
    }

    /// Returns the cause and what to do.
    fn advice(&self, site: &MemoFunction, bound: &FunctionState) -> String {
        if self.hashing * 2 > self.took {
            return format!(
                "Hashing long arguments takes {:.1?} of it: pass less, set a short key with \
                 `key(arg = …)`, or let the tasks of one call share the argument with \
                 `#[parallel(shared(arg))]`",
                self.hashing
            );
        }
        if self.bytes < WORTH_MAPPING {
            return "Memoize a function that computes more, or remove the annotation".to_owned();
        }
        let option = match (site.options.mmap, bound.tier()) {
            (false, _) => "add the option `mmap`, ",
            (true, Some(_)) => "add the option `memory_tier = false`, ",
            (true, None) => "",
        };
        format!(
            "The results have {} bytes: return less, {option}or memoize a function that computes \
             more",
            self.bytes
        )
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(took: &[u64], cost: u64, weight: u32) -> TimedHits {
        let timed = TimedHits::new();
        for took in took {
            let hit = HitTime {
                took: Duration::from_micros(*took),
                hashing: Duration::ZERO,
                weight,
            };
            timed.add(&hit, cost * 1000, 8);
        }
        timed
    }

    #[test]
    fn slow_hits_are_named_once() {
        let timed = hits(&[4000; 8], 1000, 1);
        let verdict = timed.verdict().unwrap();
        assert_eq!(verdict.took, Duration::from_millis(4));
        assert_eq!(verdict.compute, Duration::from_millis(1));
        assert!(timed.verdict().is_none());
    }

    #[test]
    fn a_few_hits_are_no_evidence() {
        assert!(hits(&[4000; 7], 1000, 1).verdict().is_none());
    }

    #[test]
    fn a_cost_without_that_of_nested_functions_is_no_evidence() {
        let timed = hits(&[4000; 8], 1000, 1);
        timed.costs_are_partial();
        assert!(timed.verdict().is_none());
    }

    #[test]
    fn hits_that_lose_little_are_not_named() {
        assert!(hits(&[4; 100], 1, 1).verdict().is_none());
        assert!(hits(&[4; 100], 1, 64).verdict().is_some());
    }

    #[test]
    fn single_hits_that_were_suspended_are_no_evidence() {
        let mut took = vec![1; 100];
        took[3] = 500_000;
        assert!(hits(&took, 2, 64).verdict().is_none());
    }
}
