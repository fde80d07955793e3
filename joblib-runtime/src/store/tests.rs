//! Tests of the store on a working file system.

mod closed;
mod damage;
mod directory;
mod fault;
mod golden;
mod model;
mod removed;
mod share;

use super::table::TableSummary;
use super::*;

fn meta(function: u64) -> RecordMeta {
    RecordMeta {
        function,
        source: 1,
        args: 2,
        created: 0,
        cost: 1000,
        codec: 0,
        kind: RecordKind::Result,
    }
}

fn id(n: u64) -> Id {
    crate::xxh3::hash128(&n.to_le_bytes())
}

fn open(dir: &std::path::Path) -> Store {
    Store::open(dir, StoreOptions::default()).unwrap()
}

fn names(dir: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn with_extension(dir: &std::path::Path, extension: &str) -> Vec<std::path::PathBuf> {
    let inner = dir.join("v2");
    let paths = names(&inner).into_iter().map(|name| inner.join(name));
    paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect()
}

fn only_log(dir: &std::path::Path) -> std::path::PathBuf {
    let mut logs = with_extension(dir, "log");
    assert_eq!(logs.len(), 1);
    logs.remove(0)
}

fn payload(store: &Store, n: u64) -> Option<Vec<u8>> {
    store
        .get(id(n), false)
        .unwrap()
        .map(|record| record.payload.to_vec())
}

#[test]
fn what_was_put_is_found_here_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(payload(&store, 1), None);
    store.put(id(1), &meta(1), b"one").unwrap();
    store.put(id(2), &meta(1), &[7; 200_000]).unwrap();
    for store in [&store, &open(dir.path())] {
        assert_eq!(payload(store, 1).unwrap(), b"one");
        assert_eq!(payload(store, 2).unwrap(), vec![7; 200_000]);
        assert_eq!(payload(store, 3), None);
    }
}

#[test]
fn another_store_sees_what_is_appended_replaced_and_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (open(dir.path()), open(dir.path()));
    assert_eq!(payload(&b, 1), None);
    a.put(id(1), &meta(1), b"one").unwrap();
    assert_eq!(payload(&b, 1).unwrap(), b"one");
    assert!(b.forget(id(1)).unwrap());
    assert!(!b.forget(id(1)).unwrap());
    let c = open(dir.path());
    assert_eq!(payload(&c, 1), None);
    c.put(id(1), &meta(1), b"two").unwrap();
    assert_eq!(payload(&open(dir.path()), 1).unwrap(), b"two");
}

#[test]
fn sealed_logs_are_searched_and_merged() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let count = 3 * LOG_RECORDS as u64 + 10;
    for n in 0..count {
        store.put(id(n), &meta(1), &n.to_le_bytes()).unwrap();
    }
    for store in [&store, &open(dir.path())] {
        for n in (0..count).step_by(997) {
            assert_eq!(payload(store, n).unwrap(), n.to_le_bytes());
        }
        assert_eq!(payload(store, count), None);
        assert_eq!(store.entries().unwrap().len() as u64, count);
        let verified = store.verify().unwrap();
        assert_eq!((verified.entries, verified.damaged.len()), (count, 0));
    }
}

#[test]
fn a_function_is_cleared_and_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put(id(1), &meta(1), b"one").unwrap();
    store.put(id(2), &meta(2), b"two").unwrap();
    store.forget_function(1).unwrap();
    for store in [&store, &open(dir.path())] {
        assert_eq!(payload(store, 1), None);
        assert_eq!(payload(store, 2).unwrap(), b"two");
    }
    store.put(id(1), &meta(1), b"again").unwrap();
    assert_eq!(payload(&store, 1).unwrap(), b"again");
    store.clear().unwrap();
    for store in [&store, &open(dir.path())] {
        assert_eq!(store.entries().unwrap(), []);
    }
}

#[test]
fn reducing_drops_what_is_cheapest_for_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..100 {
        let meta = RecordMeta {
            cost: 1000 * (n + 1),
            ..meta(1)
        };
        store.put(id(n), &meta, &[0; 1000]).unwrap();
    }
    let reduced = store
        .reduce(&Limits {
            items: Some(10),
            ..Limits::default()
        })
        .unwrap();
    assert_eq!(reduced.items, 90);
    assert!(reduced.bytes > 90_000, "{reduced:?}");
    for store in [&store, &open(dir.path())] {
        for n in 0..100 {
            assert_eq!(payload(store, n).is_some(), n >= 90, "{n}");
        }
    }
}

#[test]
fn limits_hold_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits {
        bytes: Some(1 << 20),
        ..Limits::default()
    };
    let store = Store::open(
        dir.path(),
        StoreOptions {
            limits,
            ..StoreOptions::default()
        },
    )
    .unwrap();
    for n in 0..10_000 {
        store.put(id(n), &meta(1), &[n as u8; 1000]).unwrap();
    }
    let size: u64 = store
        .entries()
        .unwrap()
        .iter()
        .map(|entry| entry.size)
        .sum();
    assert!(size <= (1 << 20) * 12 / 10, "{size}");
}

#[test]
fn read_only_store_answers_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let read_only = StoreOptions {
        read_only: true,
        ..StoreOptions::default()
    };
    let absent = dir.path().join("absent");
    let store = Store::open(&absent, read_only).unwrap();
    assert_eq!(payload(&store, 1), None);
    assert!(!absent.exists());
    open(dir.path()).put(id(1), &meta(1), b"one").unwrap();
    let store = Store::open(dir.path(), read_only).unwrap();
    assert_eq!(payload(&store, 1).unwrap(), b"one");
    let refused = store.put(id(2), &meta(1), b"two");
    assert!(matches!(refused, Err(Error::ReadOnly { .. })));
}

#[test]
fn a_damaged_record_is_reported_once_and_absent_from_then_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put(id(1), &meta(1), b"one").unwrap();
    store.put(id(2), &meta(1), b"two").unwrap();
    let log = only_log(dir.path());
    let mut bytes = std::fs::read(&log).unwrap();
    bytes[record::HEADER] ^= 1;
    std::fs::write(&log, bytes).unwrap();
    assert!(matches!(
        store.get(id(1), false),
        Err(Error::Damaged { .. })
    ));
    for store in [&store, &open(dir.path())] {
        assert_eq!(payload(store, 1), None);
        assert_eq!(payload(store, 2).unwrap(), b"two");
    }
}

#[test]
fn a_table_of_another_log_is_named_and_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put(id(5), &meta(1), b"x").unwrap();
    store.reduce(&Limits::default()).unwrap();
    let table = with_extension(dir.path(), "idx").remove(0);
    let other = TableSummary {
        segment: 1,
        data_len: 1,
        ..TableSummary::default()
    };
    std::fs::write(&table, table::encode(&other, &mut [])).unwrap();
    let store = open(dir.path());
    let faults = store.take_faults();
    let text = faults[0].to_string();
    let table = table.to_str().unwrap();
    assert!(
        text.contains("belongs to log 0000000000000001 of 1 bytes") && text.contains(table),
        "{text}"
    );
    assert_eq!(payload(&store, 5).unwrap(), b"x");
}

#[test]
fn one_store_at_a_time_has_the_lock_of_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (open(dir.path()), open(dir.path()));
    let held = a.try_lock(id(1)).unwrap().unwrap();
    assert!(b.try_lock(id(1)).unwrap().is_none());
    assert!(b.try_lock(id(2)).unwrap().is_some());
    drop(held);
    assert!(b.try_lock(id(1)).unwrap().is_some());
}

#[test]
fn a_store_sees_the_locks_of_others_and_not_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (open(dir.path()), open(dir.path()));
    assert!(!b.is_locked_elsewhere(None));
    let held = a.try_lock(id(1)).unwrap().unwrap();
    assert!(b.is_locked_elsewhere(None) && b.is_locked_elsewhere(Some(id(1))));
    assert!(!b.is_locked_elsewhere(Some(id(2))));
    assert!(!a.is_locked_elsewhere(None) && !a.is_locked_elsewhere(Some(id(1))));
    drop(held);
    assert!(!b.is_locked_elsewhere(None));
}

#[test]
fn a_store_holds_no_more_locks_than_the_kernel_can_look_through() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (open(dir.path()), open(dir.path()));
    let mut held: Vec<_> = (0..1000).map_while(|n| a.try_lock(id(n)).ok()).collect();
    assert!(held.len() > 100 && held.len() < 1000, "{}", held.len());
    assert!(held.iter().all(Option::is_some));
    assert!(b.try_lock(id(0)).unwrap().is_none());
    held.pop();
    assert!(a.try_lock(id(1000)).unwrap().is_some());
}
