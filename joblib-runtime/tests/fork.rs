//! A process that forks without exec, as Python's `multiprocessing` does. The child
//! inherits the open store of its parent, and continues with its own.

mod child;

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use child::in_child;
use joblib_runtime::memo::Memory;
use joblib_runtime::store::{Id, RecordKind, RecordMeta, Store, StoreOptions};

const META: RecordMeta = RecordMeta {
    function: 1,
    source: 1,
    args: 2,
    created: 0,
    cost: 1000,
    codec: 0,
    kind: RecordKind::Result,
};

fn value(id: Id) -> Vec<u8> {
    vec![
        id as u8;
        if id.is_multiple_of(10) {
            70_000
        } else {
            id as usize % 300
        }
    ]
}

fn put(store: &Store, ids: impl Iterator<Item = Id>) {
    ids.for_each(|id| store.put(id << 64 | id, &META, &value(id)).unwrap());
}

fn has(store: &Store, mut ids: impl Iterator<Item = Id>) -> bool {
    ids.all(|id| {
        let found = store.get(id << 64 | id, false).unwrap();
        found.is_some_and(|record| *record.payload == value(id)[..])
    })
}

fn open(dir: &tempfile::TempDir) -> Store {
    Store::open(dir.path(), StoreOptions::default()).unwrap()
}

#[test]
fn parent_and_child_lose_and_damage_nothing_of_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    put(&store, 0..20);
    assert!(in_child(120, || {
        put(&store, 20..40);
        in_child(120, || {
            put(&store, 40..60);
            has(&store, 0..60)
        }) && has(&store, 0..60)
    }));
    put(&store, 60..80);
    assert!(has(&store, 0..80));
    assert!(in_child(120, || has(&store, 0..80)));
    let verified = open(&dir).verify().unwrap();
    assert_eq!((verified.entries, verified.damaged.len()), (80, 0));
}

#[test]
fn a_child_of_a_busy_parent_neither_hangs_nor_loses_a_result() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    let is_over = AtomicBool::new(false);
    let mut count = 0;
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            let mut next = 1_000_000;
            while !is_over.load(Ordering::Relaxed) {
                put(&store, next..next + 1);
                next += 1;
            }
            next
        });
        for child in 0..20 {
            let ids = child * 10..child * 10 + 10;
            assert!(in_child(120, || {
                put(&store, ids.clone());
                has(&store, ids.clone())
            }));
        }
        is_over.store(true, Ordering::Relaxed);
        count += busy.join().unwrap() - 1_000_000;
    });
    assert!(has(&store, 0..200));
    assert!(has(&open(&dir), 1_000_000..1_000_000 + count));
    assert!(store.verify().unwrap().damaged.is_empty());
}

#[test]
fn a_child_does_not_unlock_what_its_parent_writes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir);
    put(&store, 0..10);
    let held = store.try_lock(7).unwrap().unwrap();
    let mut kept = Some(store);
    assert!(in_child(120, || {
        let store = kept.take().unwrap();
        put(&store, 10..20);
        let is_excluded = store.try_lock(7).unwrap().is_none();
        drop(store);
        is_excluded
    }));
    // Other processes do not compact a segment that is still written, so it keeps
    // growing.
    let other = open(&dir);
    other.reduce(&Default::default()).unwrap();
    assert!(other.try_lock(7).unwrap().is_none());
    let store = kept.unwrap();
    drop(held);
    put(&store, 20..30);
    assert!(has(&open(&dir), 0..30));
    assert!(has(&other, 0..30));
}

#[test]
fn the_lock_of_a_computation_ends_with_the_parent_though_a_child_lives() {
    let dir = tempfile::tempdir().unwrap();
    let (mut started, start) = std::io::pipe().unwrap();
    let (mut ended, end) = std::io::pipe().unwrap();
    let mut ends = Some(end);
    assert!(in_child(120, || {
        let store = open(&dir);
        let held = store.try_lock(7).unwrap().unwrap();
        // SAFETY: as above.
        if unsafe { libc::fork() } == 0 {
            drop(ends.take());
            put(&store, 0..1);
            (&start).write_all(&[1]).unwrap();
            let _ = ended.read(&mut [0]);
            // SAFETY: this is a plain system call.
            unsafe { libc::_exit(0) };
        }
        std::mem::forget(held);
        started.read_exact(&mut [0]).is_ok()
    }));
    assert!(open(&dir).try_lock(7).unwrap().is_some());
}

#[test]
fn a_child_that_cannot_open_the_directory_reports_it_and_continues() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("cache");
    let store = Store::open(&dir, StoreOptions::default()).unwrap();
    put(&store, 1..2);
    std::fs::rename(&dir, parent.path().join("aside")).unwrap();
    std::fs::write(&dir, "in the way").unwrap();
    assert!(in_child(120, || {
        let reported = store.take_faults().first().map(ToString::to_string);
        let is_reported = reported.is_some_and(|text| text.contains("is a file"));
        let refused = store.put(2, &META, b"two").unwrap_err().to_string();
        is_reported && refused.contains("cache") && store.get(1, false).unwrap().is_none()
    }));
}

#[test]
fn a_closure_that_is_cached_is_shared_by_parent_and_child() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    let square = |n: u64| memory.cached("square", &n, || n * n);
    assert_eq!(square(3), 9);
    assert!(in_child(120, || square(3) == 9 && square(4) == 16));
    let known = memory.cached("square", &4u64, || -> u64 {
        panic!("the child must not compute")
    });
    assert_eq!(known, 16);
    assert_eq!(memory.verify().unwrap().entries, 2);
}

#[test]
fn a_child_computes_what_a_thread_of_its_parent_was_computing() {
    let dir = tempfile::tempdir().unwrap();
    let memory = Memory::at(dir.path());
    let (start, started) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let memory = &memory;
        scope.spawn(move || {
            memory.cached("slow", &1u64, || {
                start.send(()).unwrap();
                ended.recv().unwrap();
                2u64
            })
        });
        started.recv().unwrap();
        assert!(in_child(120, || memory.cached("slow", &1u64, || 2u64) == 2));
        end.send(()).unwrap();
    });
}
