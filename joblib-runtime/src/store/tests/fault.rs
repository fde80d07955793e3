//! Every file operation fails with every error that the system may return: no call
//! panics, no value is wrong, the next call works, and nothing is left behind.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use memmap2::{Mmap, MmapMut};
use rustix::io::Errno;

use super::*;
use crate::guarded_fd::Guarded;
use crate::store::directory::TEMPORARY;
use crate::store::fs::{FileSystem, RealFs};
use crate::store::lock::{KeyLock, LockFile};

/// A file system that makes one call fail, or truncates writes.
#[derive(Clone, Default)]
struct Plan(Arc<State>);

#[derive(Default)]
struct State {
    calls: AtomicU64,
    /// The call that fails; 0 for none.
    fails_at: AtomicU64,
    errno: AtomicU64,
    /// Writes fail after a part of the data.
    is_full: AtomicBool,
    /// The length of a file cannot be determined.
    is_blind: AtomicBool,
    /// The number of unfinished files that were removed without holding their lock.
    unlocked: AtomicU64,
}

impl Plan {
    fn fail(&self, call: u64, errno: i32) {
        self.0.calls.store(0, Ordering::SeqCst);
        self.0.errno.store(errno as u64, Ordering::SeqCst);
        self.0.fails_at.store(call, Ordering::SeqCst);
    }

    fn has_failed(&self) -> bool {
        self.0.calls.load(Ordering::SeqCst) >= self.0.fails_at.load(Ordering::SeqCst)
    }

    fn call(&self) -> io::Result<()> {
        let call = self.0.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if call == self.0.fails_at.load(Ordering::SeqCst) {
            let errno = self.0.errno.load(Ordering::SeqCst);
            return Err(io::Error::from_raw_os_error(errno as i32));
        }
        Ok(())
    }
}

impl FileSystem for Plan {
    fn make_dir(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.call()?;
        RealFs.make_dir(path, mode)
    }

    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.call()?;
        RealFs.create(path, mode)
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<File> {
        self.call()?;
        RealFs.open(path, write)
    }

    fn append(&self, file: &File, bytes: &[u8]) -> io::Result<()> {
        self.call()
            .inspect_err(|_| RealFs.append(file, &bytes[..bytes.len() / 2]).unwrap())?;
        if self.0.is_full.load(Ordering::SeqCst) {
            RealFs.append(file, &bytes[..bytes.len() / 3])?;
            return Err(Errno::NOSPC.into());
        }
        RealFs.append(file, bytes)
    }

    fn len(&self, file: &File) -> io::Result<u64> {
        self.call()?;
        if self.0.is_blind.load(Ordering::SeqCst) {
            return Err(Errno::IO.into());
        }
        RealFs.len(file)
    }

    fn len_of_own(&self, file: &Guarded<File>) -> io::Result<u64> {
        self.call()?;
        if self.0.is_blind.load(Ordering::SeqCst) {
            return Err(Errno::IO.into());
        }
        RealFs.len_of_own(file)
    }

    fn map(&self, file: &File, len: usize) -> io::Result<Mmap> {
        self.call()?;
        RealFs.map(file, len)
    }

    fn open_shared(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.call()?;
        RealFs.open_shared(path, mode)
    }

    fn map_shared(&self, file: &File, len: usize) -> io::Result<MmapMut> {
        self.call()?;
        RealFs.map_shared(file, len)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call()?;
        RealFs.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(TEMPORARY) && RealFs.try_lock(&RealFs.open(path, false)?)? {
            self.0.unlocked.fetch_add(1, Ordering::SeqCst);
        }
        RealFs.remove(path)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.call()?;
        RealFs.sync(file)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        RealFs.sync_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<OsString>> {
        self.call()?;
        RealFs.list(path)
    }

    fn look_up(&self, path: &Path) -> io::Result<Metadata> {
        self.call()?;
        RealFs.look_up(path)
    }

    fn is_linked(&self, file: &File) -> io::Result<bool> {
        self.call()?;
        RealFs.is_linked(file)
    }

    fn is_at(&self, file: &File, path: &Path) -> io::Result<bool> {
        self.call()?;
        RealFs.is_at(file, path)
    }

    fn try_lock(&self, file: &File) -> io::Result<bool> {
        self.call()?;
        RealFs.try_lock(file)
    }

    fn is_locked(&self, file: &LockFile, offset: i64, len: i64) -> io::Result<bool> {
        self.call()?;
        RealFs.is_locked(file, offset, len)
    }

    fn try_lock_byte(&self, file: &Arc<LockFile>, offset: i64) -> io::Result<Option<KeyLock>> {
        self.call()?;
        RealFs.try_lock_byte(file, offset)
    }
}

/// The operations that run with a fault: opening, storing, finding and removing.
fn session(plan: &Plan, dir: &Path) {
    let Ok(store) = Store::open_on(Box::new(plan.clone()), dir, StoreOptions::default()) else {
        return;
    };
    for n in 0..3 {
        let _ = store.put(id(n), &meta(1), &value(n));
    }
    let _ = store.put(id(BIG_ONE), &meta(1), &value(BIG_ONE));
    let _ = store.put(
        id(4),
        &RecordMeta {
            cost: 2_000_000_000,
            ..meta(1)
        },
        &value(4),
    );
    let _ = store.sync();
    let _ = store.forget(id(0));
    for n in 0..5 {
        assert_right(&store, n);
    }
    let _ = store.try_lock(id(1));
    let _ = store.reduce(&Limits {
        items: Some(3),
        ..Limits::default()
    });
    let _ = store.forget_function(2);
    let _ = store.entries();
    let _ = store.verify();
    for n in 0..5 {
        assert_right(&store, n);
    }
}

const BIG_ONE: u64 = 3;

fn value(n: u64) -> Vec<u8> {
    vec![n as u8 + 1; if n == BIG_ONE { BIG + 1 } else { 100 }]
}

fn assert_right(store: &Store, n: u64) {
    if let Ok(Some(record)) = store.get(id(n), n.is_multiple_of(2)) {
        assert_eq!(&*record.payload, &value(n)[..], "value {n}");
    }
}

fn assert_works_and_is_tidy(dir: &Path, what: &str) {
    let store = Store::open(dir, StoreOptions::default()).unwrap();
    store.put(id(9), &meta(1), b"next").unwrap();
    assert_eq!(payload(&store, 9).unwrap(), b"next", "{what}");
    for n in 0..5 {
        assert_right(&store, n);
    }
    store.clear().unwrap();
    assert_eq!(store.entries().unwrap(), [], "{what}");
    // A log with a tombstone may stay as long as another log may contain hidden
    // records.
    let all = names(&dir.join("v2"));
    let is_left = |name: &&String| match name.strip_suffix(".idx") {
        Some(stem) => !all.contains(&format!("{stem}.log")),
        None => name.starts_with("tmp-"),
    };
    assert_eq!(
        all.iter().filter(is_left).collect::<Vec<_>>(),
        [""; 0],
        "{what}"
    );
}

#[test]
fn every_call_may_fail_with_every_error() {
    let errors = [
        Errno::IO,
        Errno::NOSPC,
        Errno::ACCESS,
        Errno::ROFS,
        Errno::MFILE,
        Errno::STALE,
        Errno::INTR,
        Errno::NOENT,
    ];
    for errno in errors {
        let mut failed = 0;
        for call in 1.. {
            let dir = tempfile::tempdir().unwrap();
            let plan = Plan::default();
            plan.fail(call, errno.raw_os_error());
            session(&plan, dir.path());
            if !plan.has_failed() {
                break;
            }
            failed += 1;
            assert_works_and_is_tidy(dir.path(), &format!("call {call} failed with {errno:?}"));
        }
        assert!(failed > 50, "only {failed} calls failed");
    }
}

#[test]
fn a_full_disk_loses_the_result_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::default();
    let store =
        Store::open_on(Box::new(plan.clone()), dir.path(), StoreOptions::default()).unwrap();
    store.put(id(1), &meta(1), b"one").unwrap();
    plan.fail(1, Errno::NOSPC.raw_os_error());
    assert!(matches!(
        store.put(id(2), &meta(1), b"two"),
        Err(Error::Io { .. })
    ));
    store.put(id(3), &meta(1), b"three").unwrap();
    for store in [&store, &open(dir.path())] {
        assert_eq!(payload(store, 1).unwrap(), b"one");
        assert_eq!(payload(store, 2), None);
        assert_eq!(payload(store, 3).unwrap(), b"three");
    }
}

#[test]
fn a_sweep_holds_the_lock_of_what_it_removes() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::default();
    let store =
        Store::open_on(Box::new(plan.clone()), dir.path(), StoreOptions::default()).unwrap();
    store.put(id(1), &meta(1), b"one").unwrap();
    let left = dir.path().join("v2").join(format!("{TEMPORARY}1"));
    std::fs::write(&left, b"of a process that died").unwrap();
    store.reduce(&Limits::default()).unwrap();
    assert!(!left.exists());
    // Otherwise a writer could acquire the lock after the garbage collection, and lose
    // its file.
    assert_eq!(plan.0.unlocked.load(Ordering::SeqCst), 0);
}

#[test]
fn a_disk_that_stays_full_leaves_one_log_and_what_is_stored_later_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::default();
    let limits = Limits {
        items: Some(1000),
        ..Limits::default()
    };
    let options = StoreOptions {
        limits,
        ..StoreOptions::default()
    };
    let store = Store::open_on(Box::new(plan.clone()), dir.path(), options).unwrap();
    let reader = open(dir.path());
    let full = |is_full| plan.0.is_full.store(is_full, Ordering::SeqCst);
    let mut kept = Vec::new();
    for n in 0..120u64 {
        full(!n.is_multiple_of(10));
        let put = store.put(id(n), &meta(1), &value(n % 3)[..n as usize % 50]);
        assert_eq!(put.is_ok(), n.is_multiple_of(10));
        kept.extend(put.is_ok().then_some(n));
        assert_eq!(payload(&reader, n).is_some(), n.is_multiple_of(10));
    }
    only_log(dir.path());
    full(false);
    // Enough for the log to be sealed, with the torn records in it.
    for n in 120..400 {
        store
            .put(id(n), &meta(1), &value(n % 3)[..n as usize % 50])
            .unwrap();
        kept.push(n);
    }
    let start = std::time::Instant::now();
    while with_extension(dir.path(), "idx").is_empty() {
        assert!(start.elapsed() < std::time::Duration::from_secs(60));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    for store in [&store, &reader, &open(dir.path())] {
        for n in &kept {
            let expected = &value(n % 3)[..*n as usize % 50];
            assert_eq!(payload(store, *n).unwrap(), expected, "{n}");
        }
        assert_eq!(store.entries().unwrap().len(), kept.len());
        assert!(store.take_faults().is_empty());
    }
}

#[test]
fn a_log_whose_length_was_unknown_is_read_once_it_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let plan = Plan::default();
    let reader =
        Store::open_on(Box::new(plan.clone()), dir.path(), StoreOptions::default()).unwrap();
    let store = open(dir.path());
    for n in [1, 2] {
        // In the first round the log is new, in the second it has grown.
        plan.0.is_blind.store(true, Ordering::SeqCst);
        store.put(id(n), &meta(1), b"there").unwrap();
        assert_eq!(payload(&reader, n), None);
        assert_eq!(reader.take_faults().len(), 1, "{n}");
        plan.0.is_blind.store(false, Ordering::SeqCst);
        assert_eq!(payload(&reader, n).unwrap(), b"there");
    }
}
