//! Keeps a store within its limits: measures its size, and selects the least valuable
//! results for eviction.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::catalog::{Catalog, Ids, LiveView};
use super::compaction::{
    LiveRecords, closed_segments, end_own_logs, rewrite, with_maintenance_lock,
};
use super::directory::StoreDir;
use super::error::Error;
use super::inner::{StoreInner, now};
use super::segment::Segment;
use super::{Entry, Limits, Reduced, gc};
use crate::unpoisoned::lock;

/// A store that exceeds a limit is reduced to this share of it, so that it is not
/// reduced again at once.
const SHARE: (u64, u64) = (9, 10);

/// A writing thread reduces the store itself at this many tenths of a limit.
const INLINE_TENTHS: u64 = 11;

/// The size in bytes from which on a directory without a limit is reported.
const LARGE: u64 = 5 << 30;

/// What this store appended since the directory was measured, and its size after the
/// last reduction.
#[derive(Default)]
pub(crate) struct SizeMeter {
    bytes: AtomicU64,
    items: AtomicU64,
    measured: AtomicU64,
    left: Mutex<(u64, u64)>,
    last_aged: Mutex<Option<Instant>>,
}

impl SizeMeter {
    /// Counts appended data.
    #[inline]
    pub(crate) fn appended(&self, bytes: usize, items: u64) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.items.fetch_add(items, Ordering::Relaxed);
    }

    fn measured(&self, bytes: u64) {
        self.measured.store(bytes, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        self.items.store(0, Ordering::Relaxed);
    }
}

/// Reduces the store on the thread of a writer, if it writes faster than the background
/// thread evicts.
pub(crate) fn evict_inline(shared: &StoreInner) {
    let (limits, meter) = (&shared.options.limits, &shared.meter);
    if limits.bytes.is_none() && limits.items.is_none() {
        return;
    }
    // Wait until an eighth of the limit is new: data that other processes are writing
    // cannot be evicted, and without this condition every call would try to.
    let fresh_bytes = meter.bytes.load(Ordering::Relaxed);
    let fresh_items = meter.items.load(Ordering::Relaxed);
    let is_much = |fresh: u64, limit: Option<u64>| limit.is_some_and(|limit| fresh > limit / 8);
    let bytes = meter.measured.load(Ordering::Relaxed) + fresh_bytes;
    let are_bytes =
        is_much(fresh_bytes, limits.bytes) && is_past(bytes, limits.bytes, INLINE_TENTHS);
    let are_items = is_much(fresh_items, limits.items)
        && is_past(
            shared.read_catalog(|catalog| catalog.results()),
            limits.items,
            INLINE_TENTHS,
        );
    if are_bytes || are_items {
        shrink(shared);
    }
}

/// Measures the store, reduces it if it exceeds its limits, and reports it if it is large
/// and has none.
pub(crate) fn enforce_limits(shared: &StoreInner) {
    let (limits, meter) = (&shared.options.limits, &shared.meter);
    let Some(directory) = &shared.directory else {
        return;
    };
    if !limits.are_set() {
        return notice_growth(shared, directory);
    }
    let bytes = disk_use(shared, directory);
    meter.measured(bytes);
    let items = shared.read_catalog(|catalog| catalog.results());
    // Results that the last reduction could not evict would also survive another one.
    let (left_bytes, left_items) = *lock(&meter.left);
    let has_grown = |value: u64, left: u64, limit: Option<u64>| {
        is_past(value, limit, 10) && value > left + limit.unwrap_or(0) / 16
    };
    let is_over =
        has_grown(bytes, left_bytes, limits.bytes) || has_grown(items, left_items, limits.items);
    if is_over || limits.age.is_some_and(|age| is_due(meter, age)) {
        shrink(shared);
    }
}

/// Reports a directory without a limit, once, after it has grown past [`LARGE`]. A file in
/// the directory records the report until the directory is smaller again.
fn notice_growth(shared: &StoreInner, directory: &StoreDir) {
    /// The number of new bytes after which the directory is measured again.
    const PAUSE: u64 = 64 << 20;
    let (meter, files) = (&shared.meter, &*shared.files);
    let Some(report) = shared.options.on_large else {
        return;
    };
    let is_measured = meter.measured.load(Ordering::Relaxed) > 0;
    if is_measured && meter.bytes.load(Ordering::Relaxed) < PAUSE {
        return;
    }
    let bytes = disk_use(shared, directory);
    meter.measured(bytes);
    let notice = directory.large_notice();
    let is_reported = files.look_up(&notice).is_ok();
    if bytes > LARGE && !is_reported {
        // Of several processes, the one that creates the file reports.
        if files.create(&notice, directory.file_mode).is_ok() {
            report(directory.path(), bytes);
        }
    } else if bytes <= LARGE && is_reported {
        let _ = files.remove(&notice);
    }
}

fn is_past(value: u64, limit: Option<u64>, tenths: u64) -> bool {
    limit.is_some_and(|limit| u128::from(value) * 10 > u128::from(limit) * u128::from(tenths))
}

fn shrink(shared: &StoreInner) {
    let limits = &shared.options.limits;
    let share = |limit: u64| limit / SHARE.1 * SHARE.0 + limit % SHARE.1 * SHARE.0 / SHARE.1;
    let shrunk = Limits {
        bytes: limits.bytes.map(share),
        items: limits.items.map(share),
        age: limits.age,
    };
    if let Err(error) = reduce(shared, &shrunk) {
        shared.fault(error);
    }
}

/// Evicts results until `limits` hold. Does nothing if another process rewrites files
/// at present.
pub(crate) fn reduce(shared: &StoreInner, limits: &Limits) -> Result<Reduced, Error> {
    let reduced = with_maintenance_lock(shared, |directory| {
        let before = disk_use(shared, directory);
        end_own_logs(shared, directory)?;
        let old = closed_segments(shared, directory);
        let visible = shared.read_catalog(Catalog::visible);
        let dropped = victims(&visible, &old, limits);
        let items = dropped.len() as u64;
        rewrite(shared, directory, &old, &LiveRecords::new(visible, dropped))?;
        gc::remove_leftovers(shared, directory);
        let after = disk_use(shared, directory);
        shared.meter.measured(after);
        *lock(&shared.meter.left) = (after, shared.read_catalog(|catalog| catalog.results()));
        Ok(Reduced {
            items,
            bytes: before.saturating_sub(after),
        })
    })?;
    Ok(reduced.unwrap_or_default())
}

/// The totals of a store during the selection of results to evict.
struct Inventory<'a> {
    limits: &'a Limits,
    bytes: u64,
    items: u64,
    dropped: Ids,
}

impl Inventory<'_> {
    fn is_over(&self) -> bool {
        self.limits.bytes.is_some_and(|limit| self.bytes > limit)
            || self.limits.items.is_some_and(|limit| self.items > limit)
    }

    fn drop(&mut self, entry: &Entry) {
        self.dropped.insert(entry.id);
        self.bytes -= entry.size + TABLE_ENTRY;
        self.items -= 1;
    }
}

/// Selects the results to evict: those that exceed the age limit, then those with the
/// lowest value.
///
/// The value of a result is `cost / (size × (1 + age in days))`: the computation time
/// that each of its bytes saves, decreasing with age.
fn victims(visible: &LiveView, old: &[Arc<Segment>], limits: &Limits) -> Ids {
    let numbers: Vec<u64> = old.iter().map(|segment| segment.number).collect();
    let now = now();
    let age = limits.age.map_or(u64::MAX, |age| {
        u64::try_from(age.as_micros()).unwrap_or(u64::MAX)
    });
    let mut held = Inventory {
        limits,
        bytes: 0,
        items: 0,
        dropped: Ids::default(),
    };
    held.bytes = visible
        .records
        .iter()
        .map(|(_, _, entry)| entry.size + TABLE_ENTRY)
        .sum();
    held.items = visible
        .records
        .iter()
        .filter(|(_, _, entry)| entry.meta.kind.is_result())
        .count() as u64;
    let mut results = Vec::new();
    for (number, _, entry) in &visible.records {
        if !entry.meta.kind.is_result() || !numbers.contains(number) {
            continue;
        }
        if age_of(entry, now) > age {
            held.drop(entry);
        } else {
            results.push(entry);
        }
    }
    if held.is_over() {
        results.sort_by_cached_key(|entry| value(entry, now));
        for entry in results {
            if !held.is_over() {
                break;
            }
            held.drop(entry);
        }
    }
    held.dropped
}

/// Returns the time between the computation of a result and now, in microseconds. A
/// result with a time in the future comes from a wrong clock. The absolute difference
/// makes sure that it is not evicted at once and does not stay until the clock reaches
/// its time.
fn age_of(entry: &Entry, now: u64) -> u64 {
    now.abs_diff(entry.meta.created)
}

/// The bytes that a record takes in addition to its own size.
const TABLE_ENTRY: u64 = 32;

fn value(entry: &Entry, now: u64) -> u128 {
    const DAY: u64 = 86_400_000_000;
    let age = u128::from(age_of(entry, now));
    let day = u128::from(DAY);
    let size = u128::from(entry.size.max(1));
    // Scaled so that one nanosecond per gibibyte is still above zero.
    u128::from(entry.meta.cost.max(1)).saturating_mul(day << 40) / (size * (day + age))
}

/// Returns the size of all files of the store, except the lock file and the change
/// counters.
fn disk_use(shared: &StoreInner, directory: &StoreDir) -> u64 {
    let size_of = |path: &Path| shared.files.look_up(path).map_or(0, |meta| meta.len());
    let files = |path: &Path| {
        let names = shared.files.list(path).unwrap_or_default();
        names
            .into_iter()
            .map(|name| path.join(name))
            .collect::<Vec<_>>()
    };
    let segments = files(directory.path())
        .into_iter()
        .filter(|path| path.extension().is_some());
    segments
        .chain(files(&directory.big()))
        .map(|path| size_of(&path))
        .sum()
}

/// Whether results may have exceeded the age limit since the last check.
fn is_due(meter: &SizeMeter, age: Duration) -> bool {
    let pause = (age / 10).clamp(Duration::from_millis(100), Duration::from_secs(600));
    let mut last = lock(&meter.last_aged);
    let is_due = last.is_none_or(|last| last.elapsed() >= pause);
    if is_due {
        *last = Some(Instant::now());
    }
    is_due
}
