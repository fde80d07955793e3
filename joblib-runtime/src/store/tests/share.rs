//! Several stores in one directory at the same time, as in several processes.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

fn value(n: u64) -> Vec<u8> {
    vec![n as u8; (n % 300) as usize]
}

#[test]
fn readers_find_every_entry_while_files_are_rewritten() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for n in 0..500 {
        store.put(id(n), &meta(1), &value(n)).unwrap();
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let store = open(dir.path());
                while !is_over.load(Ordering::Relaxed) {
                    for n in 0..500 {
                        assert_eq!(payload(&store, n), Some(value(n)), "entry {n}");
                    }
                }
            });
        }
        for n in 500..540 {
            store.put(id(n), &meta(1), &value(n)).unwrap();
            store.reduce(&Limits::default()).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn writers_readers_and_reductions_give_right_values_or_none() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4u64 {
            let dir = dir.path();
            scope.spawn(move || {
                let limits = Limits {
                    bytes: Some(40_000),
                    ..Limits::default()
                };
                let store = Store::open(
                    dir,
                    StoreOptions {
                        limits,
                        ..StoreOptions::default()
                    },
                )
                .unwrap();
                for n in 0..1000 {
                    let n = (n * 7 + writer * 13) % 400;
                    match store.get(id(n), false).unwrap() {
                        Some(record) => assert_eq!(&*record.payload, &value(n)[..]),
                        None => store.put(id(n), &meta(1), &value(n)).unwrap(),
                    }
                }
            });
        }
    });
    let store = open(dir.path());
    let verified = store.verify().unwrap();
    assert!(verified.damaged.is_empty(), "{verified:?}");
    store.clear().unwrap();
    assert_eq!(
        with_extension(dir.path(), "log").len() + names(&dir.path().join("v2/big")).len(),
        0
    );
}

#[test]
fn marks_that_hide_nothing_but_marks_go_with_a_clear() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        open(dir.path()).put(id(1), &meta(1), &value(1)).unwrap();
        assert!(open(dir.path()).forget(id(1)).unwrap());
    }
    let store = open(dir.path());
    store.clear().unwrap();
    assert_eq!(with_extension(dir.path(), "log").len(), 0);
    assert_eq!(payload(&store, 1), None);
}

#[test]
fn what_was_forgotten_does_not_show_again_while_marks_are_dropped() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        open(dir.path()).put(id(1), &meta(1), &value(1)).unwrap();
        assert!(open(dir.path()).forget(id(1)).unwrap());
        for _ in 0..3 {
            let store = open(dir.path());
            store.reduce(&Limits::default()).unwrap();
            assert_eq!(payload(&store, 1), None);
        }
    }
}

#[test]
fn logs_of_stores_that_ended_are_merged() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..40 {
        open(dir.path()).put(id(n), &meta(1), &value(n)).unwrap();
    }
    let store = open(dir.path());
    assert!(with_extension(dir.path(), "log").len() < 34);
    for n in 0..40 {
        assert_eq!(payload(&store, n), Some(value(n)));
    }
}

#[test]
fn a_store_with_limits_of_zero_stores_nothing() {
    let zero = std::time::Duration::ZERO;
    for limits in [
        Limits {
            bytes: Some(0),
            ..Limits::default()
        },
        Limits {
            items: Some(0),
            ..Limits::default()
        },
        Limits {
            age: Some(zero),
            ..Limits::default()
        },
    ] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(
            dir.path(),
            StoreOptions {
                limits,
                ..StoreOptions::default()
            },
        )
        .unwrap();
        assert!(limits.store_nothing());
        store.put(id(1), &meta(1), b"one").unwrap();
        assert_eq!(payload(&store, 1), None);
    }
}

#[test]
fn a_clock_that_steps_back_hides_nothing_new() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (open(dir.path()), open(dir.path()));
    let tomorrow = RecordMeta {
        created: inner::now() + 86_400_000_000,
        ..meta(1)
    };
    a.put(id(1), &tomorrow, b"old").unwrap();
    a.put(id(2), &tomorrow, b"old").unwrap();
    assert_eq!(payload(&b, 1).unwrap(), b"old");
    b.put(id(1), &meta(1), b"new").unwrap();
    assert!(b.forget(id(2)).unwrap());
    for store in [&a, &b, &open(dir.path())] {
        assert_eq!(payload(store, 1).unwrap(), b"new");
        assert_eq!(payload(store, 2), None);
    }
    b.clear().unwrap();
    for store in [&a, &b, &open(dir.path())] {
        assert_eq!(payload(store, 1), None);
    }
}
