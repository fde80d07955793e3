//! Tests in which a program closes all descriptors, including those of its store, and
//! reuses their numbers for its own files. The store must not write to, lock, map or
//! close these files, and must continue to work. Each test runs in a child process,
//! since other tests use descriptors too.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use super::*;
use crate::child::in_child;

const SECONDS: u32 = 60;

/// Files of the program, which use all numbers that were closed.
struct Mine {
    directory: tempfile::TempDir,
    files: Vec<File>,
}

const TEXT: &[u8] = b"mine";

impl Mine {
    /// Closes all descriptors and reuses their numbers.
    fn instead_of_all() -> Mine {
        // SAFETY: the code that uses the closed descriptors is under test.
        unsafe { libc::close_range(3, libc::c_uint::MAX, 0) };
        let directory = tempfile::tempdir().unwrap();
        let make = |number: u32| {
            let path = directory.path().join(number.to_string());
            let mut options = File::options();
            let options = options.read(true).append(true).create_new(true);
            let mut file = options.open(path).unwrap();
            file.write_all(TEXT).unwrap();
            file
        };
        let files = (0..100).map(make).collect();
        Mine { directory, files }
    }

    fn path(&self, number: usize) -> PathBuf {
        self.directory.path().join(number.to_string())
    }

    /// Asserts that the files were not written to, closed or locked.
    #[track_caller]
    fn are_untouched(&self) {
        for (number, mut file) in self.files.iter().enumerate() {
            let path = self.path(number);
            assert_eq!(fs::read(&path).unwrap(), TEXT);
            file.write_all(b"!").expect("the file was closed");
            assert_eq!(fs::read(&path).unwrap(), b"mine!");
            file.set_len(TEXT.len() as u64).unwrap();
            let other = File::options().write(true).open(&path).unwrap();
            other.try_lock().expect("the file is locked");
            let mut range = whole();
            // SAFETY: the range is valid and outlives the call.
            let result = unsafe { libc::fcntl(other.as_raw_fd(), libc::F_OFD_GETLK, &mut range) };
            assert_eq!((result, range.l_type), (0, libc::F_UNLCK as libc::c_short));
        }
    }
}

/// A lock of all bytes of a file.
fn whole() -> libc::flock {
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

/// Options with which logs are full after a few records.
fn with_small_logs() -> StoreOptions {
    let limits = Limits {
        items: Some(400),
        ..Limits::default()
    };
    StoreOptions {
        limits,
        ..StoreOptions::default()
    }
}

fn put(store: &Store, numbers: std::ops::Range<u64>) {
    for n in numbers {
        store.put(id(n), &meta(1), &n.to_le_bytes()).unwrap();
    }
}

#[track_caller]
fn finds(store: &Store, numbers: std::ops::Range<u64>) {
    for n in numbers {
        assert_eq!(payload(store, n).as_deref(), Some(&n.to_le_bytes()[..]));
    }
}

/// Runs `work` in a child process, with an empty directory for stores.
#[track_caller]
fn passes(work: impl Fn(&std::path::Path)) {
    let dir = tempfile::tempdir().unwrap();
    let passed = in_child(SECONDS, || {
        work(dir.path());
        true
    });
    assert!(passed);
}

#[test]
fn hits_and_misses_go_on() {
    passes(|dir| {
        let store = open(dir);
        put(&store, 0..10);
        store.put(id(10), &meta(1), &[7; 200_000]).unwrap();
        for round in 1..4 {
            let mine = Mine::instead_of_all();
            finds(&store, 0..10 * round);
            assert_eq!(payload(&store, 1000), None);
            put(&store, 10 * round..10 * (round + 1));
            finds(&store, 0..10 * (round + 1));
            store
                .put(id(2000 + round), &meta(1), &[7; 200_000])
                .unwrap();
            store
                .put_durably(id(3000 + round), &meta(1), b"late")
                .unwrap();
            assert_eq!(payload(&store, 2000 + round).unwrap(), [7; 200_000]);
            store.sync().unwrap();
            mine.are_untouched();
        }
        assert!(store.verify().unwrap().damaged.is_empty());
        assert!(store.take_faults().is_empty());
        finds(&open(dir), 0..40);
    });
}

#[test]
fn full_logs_are_sealed_and_synced() {
    passes(|dir| {
        let store = Store::open(dir, with_small_logs()).unwrap();
        put(&store, 0..180);
        let mine = Mine::instead_of_all();
        put(&store, 180..190);
        store.sync().unwrap();
        store.refresh();
        finds(&store, 0..190);
        put(&store, 190..300);
        // The background thread runs meanwhile.
        while with_extension(dir, "idx").is_empty() {
            finds(&store, 0..300);
        }
        finds(&store, 0..300);
        mine.are_untouched();
        drop(store);
        mine.are_untouched();
        finds(&open(dir), 0..300);
    });
}

#[test]
fn everything_is_cleared() {
    passes(|dir| {
        let store = Store::open(dir, with_small_logs()).unwrap();
        put(&store, 0..180);
        let mine = Mine::instead_of_all();
        store.clear().unwrap();
        assert_eq!(store.entries().unwrap(), []);
        put(&store, 0..3);
        mine.are_untouched();
        store.forget_function(1).unwrap();
        assert_eq!(payload(&store, 1), None);
        assert!(!store.forget(id(1)).unwrap());
        mine.are_untouched();
        assert!(store.take_faults().is_empty());
        assert_eq!(open(dir).entries().unwrap(), []);
    });
}

#[test]
fn what_is_too_much_is_dropped_and_its_place_given_back() {
    passes(|dir| {
        let store = Store::open(dir, with_small_logs()).unwrap();
        put(&store, 0..180);
        let mine = Mine::instead_of_all();
        let limits = Limits {
            items: Some(10),
            ..Limits::default()
        };
        assert_eq!(store.reduce(&limits).unwrap().items, 170);
        assert_eq!(store.entries().unwrap().len(), 10);
        put(&store, 1000..3000);
        mine.are_untouched();
        assert!(store.reduce(&limits).unwrap().items > 0);
        assert_eq!(open(dir).entries().unwrap().len(), 10);
        drop(store);
        mine.are_untouched();
    });
}

#[test]
fn what_others_write_is_found() {
    passes(|dir| {
        let (reader, writer) = (open(dir), open(dir));
        put(&writer, 0..10);
        finds(&reader, 0..10);
        let mine = Mine::instead_of_all();
        put(&writer, 10..20);
        finds(&reader, 0..20);
        let options = StoreOptions {
            read_only: true,
            ..StoreOptions::default()
        };
        let only_reader = Store::open(dir, options).unwrap();
        finds(&only_reader, 0..20);
        mine.are_untouched();
        let again = Mine::instead_of_all();
        put(&writer, 20..30);
        finds(&only_reader, 0..20);
        only_reader.refresh();
        finds(&only_reader, 0..30);
        assert_eq!(only_reader.entries().unwrap().len(), 30);
        again.are_untouched();
        assert!(only_reader.take_faults().is_empty());
        // The numbers of these files belong to the newer files, or are closed.
        std::mem::forget(mine);
    });
}

#[test]
fn locks_of_the_program_stay_and_those_of_the_store_are_taken_anew() {
    passes(|dir| {
        let (store, other) = (open(dir), open(dir));
        let held = store.try_lock(id(1)).unwrap().unwrap();
        assert!(other.is_locked_elsewhere(Some(id(1))));
        let mine = Mine::instead_of_all();
        for file in &mine.files {
            // SAFETY: the range is valid and outlives the call.
            let locked = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &whole()) };
            assert_eq!(locked, 0);
        }
        assert!(!other.is_locked_elsewhere(Some(id(2))));
        drop(held);
        for (number, _) in mine.files.iter().enumerate() {
            let other = File::options().write(true).open(mine.path(number)).unwrap();
            // SAFETY: as above.
            let locked = unsafe { libc::fcntl(other.as_raw_fd(), libc::F_OFD_SETLK, &whole()) };
            assert_eq!(locked, -1, "the lock of the program was released");
        }
        let held = store.try_lock(id(1)).unwrap().unwrap();
        assert!(other.is_locked_elsewhere(Some(id(1))));
        assert!(other.try_lock(id(1)).unwrap().is_none());
        drop(held);
        assert!(!other.is_locked_elsewhere(Some(id(1))));
        assert!(other.try_lock(id(1)).unwrap().is_some());
    });
}

#[test]
fn a_child_that_closes_everything_after_a_fork_keeps_its_files() {
    passes(|dir| {
        let store = open(dir);
        put(&store, 0..10);
        let _held = store.try_lock(id(1)).unwrap().unwrap();
        let passed = in_child(SECONDS, || {
            let mine = Mine::instead_of_all();
            finds(&store, 0..10);
            put(&store, 10..20);
            mine.are_untouched();
            true
        });
        assert!(passed);
        put(&store, 20..30);
        finds(&store, 0..30);
    });
}

#[test]
fn a_store_that_is_closed_afterwards_closes_no_file_of_the_program() {
    passes(|dir| {
        let stores = [open(dir), Store::open(dir, with_small_logs()).unwrap()];
        for store in &stores {
            put(store, 0..180);
            store.put(id(1000), &meta(1), &[7; 200_000]).unwrap();
        }
        let mine = Mine::instead_of_all();
        drop(stores);
        mine.are_untouched();
        finds(&open(dir), 0..180);
    });
}

#[test]
fn a_directory_that_is_removed_as_well_is_made_again() {
    passes(|dir| {
        let store = open(dir);
        put(&store, 0..10);
        fs::remove_dir_all(dir.join("v2")).unwrap();
        let mine = Mine::instead_of_all();
        put(&store, 10..20);
        store.refresh();
        put(&store, 20..30);
        finds(&store, 20..30);
        mine.are_untouched();
        finds(&open(dir), 20..30);
    });
}
