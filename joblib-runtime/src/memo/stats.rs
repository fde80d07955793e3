//! Counts of what happened to the calls of a function.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::hit_time::TimedHits;

/// Counts of the calls of a memoized function in this process, and in the worker
/// processes that ran tasks for it.
///
/// # Example
///
/// ```
/// # use joblib_runtime::memo as joblib;
/// use joblib::Stats;
///
/// let stats = Stats::default();
/// assert_eq!(stats.hits(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stats {
    /// Calls answered from the memory of this process.
    pub memory_hits: u64,
    /// Calls answered from the directory.
    pub disk_hits: u64,
    /// Calls that computed.
    pub misses: u64,
    /// Calls that waited for another computation and took its result.
    pub coalesced: u64,
    /// Faults of the cache. None of them changed a result.
    pub errors: u64,
    /// Hits that were recomputed by an audit; see
    /// [`Memory::audit`](crate::memo::Memory::audit).
    pub audited: u64,
    /// Audited hits whose recomputation returned a different result.
    pub differing: u64,
    /// The time that it would have taken to compute the hits.
    pub compute_time: Duration,
    /// The time that the hits took: hashing the arguments, reading and decoding. Short
    /// hits are sampled, so this is an estimate.
    pub hit_time: Duration,
    /// What the hits saved: `compute_time` minus `hit_time`, 0 if that is negative.
    pub time_saved: Duration,
}

impl Stats {
    /// Returns the number of calls answered without computing: from memory, from the
    /// directory or by waiting for another computation.
    pub fn hits(&self) -> u64 {
        let stored = self.memory_hits.saturating_add(self.disk_hits);
        stored.saturating_add(self.coalesced)
    }

    /// Returns the counts since `earlier`.
    pub(crate) fn since(&self, earlier: &Stats) -> Stats {
        Stats {
            memory_hits: self.memory_hits - earlier.memory_hits,
            disk_hits: self.disk_hits - earlier.disk_hits,
            misses: self.misses - earlier.misses,
            coalesced: self.coalesced - earlier.coalesced,
            errors: self.errors - earlier.errors,
            audited: self.audited - earlier.audited,
            differing: self.differing - earlier.differing,
            ..Stats::default()
        }
        .with_times(
            self.compute_time.saturating_sub(earlier.compute_time),
            self.hit_time.saturating_sub(earlier.hit_time),
        )
    }

    fn with_times(self, compute_time: Duration, hit_time: Duration) -> Stats {
        Stats {
            compute_time,
            hit_time,
            time_saved: compute_time.saturating_sub(hit_time),
            ..self
        }
    }
}

impl std::ops::AddAssign for Stats {
    /// Adds the counts. The sums saturate, because another process may have sent any
    /// numbers.
    fn add_assign(&mut self, other: Stats) {
        self.memory_hits = self.memory_hits.saturating_add(other.memory_hits);
        self.disk_hits = self.disk_hits.saturating_add(other.disk_hits);
        self.misses = self.misses.saturating_add(other.misses);
        self.coalesced = self.coalesced.saturating_add(other.coalesced);
        self.errors = self.errors.saturating_add(other.errors);
        self.audited = self.audited.saturating_add(other.audited);
        self.differing = self.differing.saturating_add(other.differing);
        *self = self.with_times(
            self.compute_time.saturating_add(other.compute_time),
            self.hit_time.saturating_add(other.hit_time),
        );
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} hits ({} memory, {} disk, {} coalesced), {} misses, {} errors, {:.3} s saved",
            self.hits(),
            self.memory_hits,
            self.disk_hits,
            self.coalesced,
            self.misses,
            self.errors,
            self.time_saved.as_secs_f64(),
        )?;
        match self.audited {
            0 => Ok(()),
            audited => write!(f, ", {audited} audited ({} differing)", self.differing),
        }
    }
}

/// The counters behind [`Stats`], updated by all threads.
#[derive(Default)]
pub(crate) struct Counters {
    memory_hits: AtomicU64,
    disk_hits: AtomicU64,
    misses: AtomicU64,
    coalesced: AtomicU64,
    errors: AtomicU64,
    audited: AtomicU64,
    differing: AtomicU64,
    compute_nanos: AtomicU64,
    hit_nanos: AtomicU64,
    pub(super) timed: TimedHits,
}

/// Where the result of a hit came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerOrigin {
    Memory,
    Disk,
    Coalesced,
}

impl Counters {
    pub(crate) const fn new() -> Self {
        Counters {
            memory_hits: AtomicU64::new(0),
            disk_hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            coalesced: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            audited: AtomicU64::new(0),
            differing: AtomicU64::new(0),
            compute_nanos: AtomicU64::new(0),
            hit_nanos: AtomicU64::new(0),
            timed: TimedHits::new(),
        }
    }

    /// Counts a hit. Returns the number of hits from that origin before it.
    pub(crate) fn hit(&self, origin: AnswerOrigin, cost: u64) -> u64 {
        let counter = match origin {
            AnswerOrigin::Memory => &self.memory_hits,
            AnswerOrigin::Disk => &self.disk_hits,
            AnswerOrigin::Coalesced => &self.coalesced,
        };
        self.compute_nanos.fetch_add(cost, Relaxed);
        counter.fetch_add(1, Relaxed)
    }

    /// Adds the time that hits took.
    pub(super) fn add_hit_time(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.hit_nanos.fetch_add(nanos, Relaxed);
    }

    pub(crate) fn miss(&self) {
        self.misses.fetch_add(1, Relaxed);
    }

    pub(crate) fn error(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    pub(crate) fn audited(&self, is_different: bool) {
        self.audited.fetch_add(1, Relaxed);
        self.differing.fetch_add(is_different.into(), Relaxed);
    }

    pub(crate) fn read(&self) -> Stats {
        Stats {
            memory_hits: self.memory_hits.load(Relaxed),
            disk_hits: self.disk_hits.load(Relaxed),
            misses: self.misses.load(Relaxed),
            coalesced: self.coalesced.load(Relaxed),
            errors: self.errors.load(Relaxed),
            audited: self.audited.load(Relaxed),
            differing: self.differing.load(Relaxed),
            ..Stats::default()
        }
        .with_times(
            Duration::from_nanos(self.compute_nanos.load(Relaxed)),
            Duration::from_nanos(self.hit_nanos.load(Relaxed)),
        )
    }
}
