//! Clocks that are or were wrong: a result is not used longer than its age limit allows,
//! and removed results stay removed.

use std::path::Path;
use std::time::{Duration, SystemTime};

use joblib::{Limits, Memory, memoize};
use joblib_runtime::store::{RecordMeta, Store, StoreOptions};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Microseconds since the Unix epoch.
fn micros(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_micros() as u64
}

/// Stores the record of `key` again as a process would whose clock shows `time`.
fn store_at(dir: &str, key: u128, time: SystemTime) {
    let store = Store::open(Path::new(dir), StoreOptions::default()).unwrap();
    let record = store.get(key, false).unwrap().unwrap();
    let meta = RecordMeta {
        created: micros(time),
        ..record.meta
    };
    store.put(key, &meta, &record.payload).unwrap();
}

macro_rules! function {
    ($name:ident, $dir:literal $(, $option:ident = $value:expr)*) => {
        mod $name {
            use super::*;

            pub(super) const DIR: &str = concat!("target/test-cache/clocks-", $dir);
            pub(super) static RESULTS: Memory = Memory::new(DIR);

            #[memoize(memory = RESULTS, memory_tier = false $(, $option = $value)*)]
            pub(super) fn f(x: u64) -> u64 {
                x + 1
            }

            /// Computes `f(x)` and stores it as if the clock showed `time`.
            pub(super) fn stored_at(time: SystemTime, x: u64) {
                f(x);
                store_at(DIR, f::key(x).bits(), time);
            }
        }
    };
}

function!(kept, "kept");
function!(expiring, "expiring", expires = "1h");
function!(judged, "judged", validate = is_young);

fn is_young(entry: &joblib::Entry) -> bool {
    entry.age() < HOUR
}

#[test]
fn a_result_from_the_future_counts_as_expired() {
    let now = SystemTime::now();
    expiring::RESULTS.clear().unwrap();
    judged::RESULTS.clear().unwrap();
    kept::RESULTS.clear().unwrap();
    for ahead in [HOUR / 3600, HOUR / 2, DAY, 365 * DAY] {
        expiring::stored_at(now + ahead, 5);
        judged::stored_at(now + ahead, 5);
        kept::stored_at(now + ahead, 5);
        assert!(!expiring::f::check(5) && !judged::f::check(5));
        // `kept` has no age limit.
        assert!(kept::f::check(5));
        // The replacement has its true age.
        assert_eq!((expiring::f(5), judged::f(5)), (6, 6));
        assert!(expiring::f::check(5) && judged::f::check(5));
    }
    assert_eq!(expiring::f::stats().misses, 5);
}

#[test]
fn results_after_a_tombstone_from_the_future_keep_their_own_time() {
    let memory = Memory::at(tempfile::tempdir().unwrap().keep());
    let dir = memory.dir().to_str().unwrap().to_owned();
    for (n, clear) in [(1u64, false), (2, true)] {
        let call = || memory.cached("f", &n, || n + 1);
        call();
        let key = memory.entries().unwrap()[0].key().bits();
        store_at(&dir, key, SystemTime::now() + DAY);
        if clear {
            // The tombstone must be newer than the result that it hides.
            memory.clear().unwrap();
            assert_eq!(memory.entries().unwrap(), []);
        }
        memory.clear_memory();
        let before = SystemTime::now();
        call();
        let misses = memory.stats().misses;
        memory.clear_memory();
        assert_eq!((call(), memory.stats().misses), (n + 1, misses));
        let entries = memory.entries().unwrap();
        let found = entries
            .iter()
            .find(|entry| entry.created() <= before + HOUR);
        assert_eq!(found.is_some(), clear, "{entries:?}");
        memory.clear().unwrap();
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_removed_result_from_the_future_stays_removed() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    let text = dir.path().to_str().unwrap();
    for n in 0..3u64 {
        memory.cached("f", &n, || n);
    }
    let keys: Vec<_> = memory
        .entries()
        .unwrap()
        .iter()
        .map(|entry| entry.key())
        .collect();
    for key in &keys {
        store_at(text, key.bits(), SystemTime::now() + 30 * DAY);
    }
    let store = Store::open(dir.path(), StoreOptions::default()).unwrap();
    assert!(store.forget(keys[0].bits()).unwrap());
    assert_eq!(memory.entries().unwrap().len(), 2);
    memory.clear().unwrap();
    assert_eq!(memory.entries().unwrap(), []);
    memory.cached("f", &7u64, || 7);
    assert_eq!(memory.entries().unwrap().len(), 1);
}

#[test]
fn an_age_limit_removes_results_far_in_the_future_and_keeps_those_slightly_ahead() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    let times = [-(40i64), -20, 0, 20, 40];
    for day in times {
        memory.cached("f", &day, || day);
    }
    let mut entries = memory.entries().unwrap();
    entries.sort_by_key(|entry| entry.created());
    for (entry, day) in entries.iter().zip(times) {
        let far = DAY * day.unsigned_abs() as u32;
        let now = SystemTime::now();
        let time = if day < 0 { now - far } else { now + far };
        store_at(dir.path().to_str().unwrap(), entry.key().bits(), time);
    }
    let limits = Limits {
        age: Some(30 * DAY),
        ..Limits::default()
    };
    assert_eq!(memory.reduce_size(limits).unwrap().items, 2);
    memory.clear_memory();
    let misses = memory.stats().misses;
    for day in [-20i64, 0, 20] {
        memory.cached("f", &day, || -> i64 { panic!("{day} was dropped") });
    }
    assert_eq!(memory.stats().misses, misses);
}
