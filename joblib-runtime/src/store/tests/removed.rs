//! Tests in which the directory is removed, moved or replaced while stores have it
//! open.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;

/// Returns a store with one entry, in a directory that may be removed.
fn opened() -> (tempfile::TempDir, PathBuf, Store) {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("cache");
    let store = open(&dir);
    store.put(id(1), &meta(1), b"one").unwrap();
    (parent, dir, store)
}

fn assert_shares(store: &Store, dir: &Path) {
    store.put(id(2), &meta(1), b"two").unwrap();
    store.put(id(3), &meta(1), &[3; BIG + 1]).unwrap();
    let other = open(dir);
    assert_eq!(payload(&other, 2).unwrap(), b"two");
    assert_eq!(payload(&other, 3).unwrap(), [3; BIG + 1]);
    other.put(id(4), &meta(1), b"four").unwrap();
    assert_eq!(payload(store, 4).unwrap(), b"four");
    let held = other.try_lock(id(5)).unwrap().unwrap();
    assert!(store.try_lock(id(5)).unwrap().is_none());
    drop(held);
    assert!(store.take_faults().is_empty());
}

#[test]
fn a_removed_directory_is_made_again_and_shared_with_others() {
    let (_parent, dir, store) = opened();
    for _ in 0..3 {
        fs::remove_dir_all(&dir).unwrap();
        store.refresh();
        assert_eq!(payload(&store, 1), None);
        assert_shares(&store, &dir);
    }
}

#[test]
fn a_removed_directory_is_noticed_by_the_background() {
    let (_parent, dir, store) = opened();
    fs::remove_dir_all(&dir).unwrap();
    let start = Instant::now();
    for n in 10.. {
        store.put(id(n), &meta(1), b"kept").unwrap();
        assert_eq!(payload(&store, n).unwrap(), b"kept");
        if dir.exists() && payload(&open(&dir), n).is_some() {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_shares(&store, &dir);
}

#[test]
fn a_directory_that_was_removed_before_the_first_result_is_made_again() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("cache");
    for n in [1, BIG + 1] {
        let store = open(&dir);
        fs::remove_dir_all(&dir).unwrap();
        store.put(id(7), &meta(1), &vec![7; n]).unwrap();
        assert_eq!(payload(&open(&dir), 7).unwrap(), vec![7; n]);
        assert_shares(&store, &dir);
    }
}

#[test]
fn a_result_that_must_survive_a_power_cut_is_not_lost_with_the_directory() {
    let (_parent, dir, store) = opened();
    fs::remove_dir_all(&dir).unwrap();
    let meta = RecordMeta {
        cost: 2_000_000_000,
        ..meta(1)
    };
    store.put(id(2), &meta, b"two").unwrap();
    assert_eq!(payload(&open(&dir), 2).unwrap(), b"two");
}

#[test]
fn a_directory_that_was_moved_away_or_replaced_is_left() {
    let (parent, dir, store) = opened();
    let aside = parent.path().join("aside");
    fs::rename(&dir, &aside).unwrap();
    open(&dir).put(id(9), &meta(1), b"nine").unwrap();
    store.refresh();
    assert_eq!(payload(&store, 9).unwrap(), b"nine");
    assert_shares(&store, &dir);
    assert_eq!(payload(&open(&aside), 1).unwrap(), b"one");
    assert_eq!(payload(&open(&aside), 2), None);
}

#[test]
fn everything_that_drops_results_works_after_a_removal() {
    let (_parent, dir, store) = opened();
    let removed = || fs::remove_dir_all(&dir).unwrap();
    removed();
    store.clear().unwrap();
    removed();
    store.forget_function(1).unwrap();
    removed();
    assert!(!store.forget(id(77)).unwrap());
    store.reduce(&Limits::default()).unwrap();
    removed();
    assert_eq!(store.entries().unwrap(), []);
    assert_eq!(store.verify().unwrap().entries, 0);
    assert_shares(&store, &dir);
}

#[test]
fn a_directory_that_cannot_be_made_again_is_reported_and_nothing_panics() {
    let (_parent, dir, store) = opened();
    fs::remove_dir_all(&dir).unwrap();
    fs::write(&dir, "in the way").unwrap();
    store.refresh();
    let _ = store.put(id(2), &meta(1), b"two");
    let faults = store.take_faults();
    let is_reported = faults.iter().any(|fault| {
        let text = fault.to_string();
        text.contains("is a file") && text.contains(&*dir.to_string_lossy())
    });
    assert!(is_reported, "{faults:?}");
    fs::remove_file(&dir).unwrap();
    store.refresh();
    assert_shares(&store, &dir);
}

#[test]
fn a_store_that_only_reads_finds_nothing_in_a_removed_directory() {
    let (_parent, dir, store) = opened();
    let read_only = StoreOptions {
        read_only: true,
        ..StoreOptions::default()
    };
    let reader = Store::open(&dir, read_only).unwrap();
    assert_eq!(payload(&reader, 1).unwrap(), b"one");
    drop(store);
    fs::remove_dir_all(&dir).unwrap();
    reader.refresh();
    assert_eq!(payload(&reader, 1), None);
    assert!(reader.take_faults().is_empty());
    assert!(!dir.exists());
}
