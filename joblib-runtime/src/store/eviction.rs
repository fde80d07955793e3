//! Keeps a store within its limits: measures what it holds, and decides what
//! is worth least.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::catalog::{Catalog, Ids, LiveView};
use super::compaction::{LiveRecords, alone, end_own_logs, rewrite, still_segments};
use super::directory::StoreDir;
use super::error::Error;
use super::inner::{StoreInner, lock, now};
use super::segment::Segment;
use super::{Entry, Limits, Reduced, gc};

/// Past a limit, a store shrinks to nine tenths of it, so that it does not
/// shrink again at once.
const SHARE: (u64, u64) = (9, 10);

/// A writer helps when the limit is passed by this many tenths.
const HELP: u64 = 11;

/// What this store appended since the directory was measured, and how large
/// it was left when it was last reduced.
#[derive(Default)]
pub(crate) struct SizeMeter {
    bytes: AtomicU64,
    items: AtomicU64,
    measured: AtomicU64,
    left: Mutex<(u64, u64)>,
    last_aged: Mutex<Option<Instant>>,
}

impl SizeMeter {
    /// Notes what was appended.
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

/// Reduces the store in the thread of a writer, when it writes faster than
/// the background drops.
pub(crate) fn help(shared: &StoreInner) {
    let (limits, meter) = (&shared.options.limits, &shared.meter);
    if limits.bytes.is_none() && limits.items.is_none() {
        return;
    }
    // Not before an eighth of the limit is new: what others are writing
    // cannot be dropped, and trying at every call would.
    let fresh_bytes = meter.bytes.load(Ordering::Relaxed);
    let fresh_items = meter.items.load(Ordering::Relaxed);
    let is_much = |fresh: u64, limit: Option<u64>| limit.is_some_and(|limit| fresh > limit / 8);
    let bytes = meter.measured.load(Ordering::Relaxed) + fresh_bytes;
    let are_bytes = is_much(fresh_bytes, limits.bytes) && is_past(bytes, limits.bytes, HELP);
    let are_items = is_much(fresh_items, limits.items)
        && is_past(
            shared.read_catalog(|catalog| catalog.results()),
            limits.items,
            HELP,
        );
    if are_bytes || are_items {
        shrink(shared);
    }
}

/// Measures the store and reduces it if it is past its limits.
pub(crate) fn keep(shared: &StoreInner) {
    let (limits, meter) = (&shared.options.limits, &shared.meter);
    let Some(directory) = shared.directory.as_ref().filter(|_| limits.are_set()) else {
        return;
    };
    let bytes = disk_use(shared, directory);
    meter.measured(bytes);
    let items = shared.read_catalog(|catalog| catalog.results());
    // What the last reduction could not drop, another will not either.
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

/// Drops results until `limits` hold; nothing is dropped while another
/// process is doing so.
pub(crate) fn reduce(shared: &StoreInner, limits: &Limits) -> Result<Reduced, Error> {
    let reduced = alone(shared, |directory| {
        let before = disk_use(shared, directory);
        end_own_logs(shared, directory)?;
        let old = still_segments(shared, directory);
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

/// What a store holds while it is decided what to drop.
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

/// Which results to drop: those past the age, then those whose computation
/// was cheapest for the bytes they take.
///
/// The value of a result is `cost / (size × (1 + age in days))`: what a byte
/// of it saves, fading as it gets older.
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
        if distance(entry, now) > age {
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

/// How far from now a result was computed, in microseconds. One that seems to
/// come from the future does so because some clock was wrong, and either way:
/// it is not dropped for that, and does not stay until the clock gets there.
fn distance(entry: &Entry, now: u64) -> u64 {
    now.abs_diff(entry.meta.created)
}

/// Bytes that a record costs beside itself.
const TABLE_ENTRY: u64 = 32;

fn value(entry: &Entry, now: u64) -> u128 {
    const DAY: u64 = 86_400_000_000;
    let age = u128::from(distance(entry, now));
    let day = u128::from(DAY);
    let size = u128::from(entry.size.max(1));
    // Scaled so that a nanosecond for a gibibyte is still above zero.
    u128::from(entry.meta.cost.max(1)).saturating_mul(day << 40) / (size * (day + age))
}

/// The bytes of everything the store holds; its lock and its pulse do not
/// count.
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

/// Whether results may have passed their age since the last look.
fn is_due(meter: &SizeMeter, age: Duration) -> bool {
    let pause = (age / 10).clamp(Duration::from_millis(100), Duration::from_secs(600));
    let mut last = lock(&meter.last_aged);
    let is_due = last.is_none_or(|last| last.elapsed() >= pause);
    if is_due {
        *last = Some(Instant::now());
    }
    is_due
}
