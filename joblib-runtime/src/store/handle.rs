//! The public interface of the store: finds, stores and removes entries.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::catalog::Catalog;
use super::compaction;
use super::error::Error;
use super::eviction;
use super::fs::{FileSystem, RealFs};
use super::inner::StoreInner;
use super::lock::{KeyLock, MAINTENANCE, RANKS};
use super::reopen::{OpenStore, ReopeningStore};
use super::{
    BIG, Entry, HolderStatus, Id, Limits, RecordKind, RecordMeta, Reduced, StoreOptions,
    StoredRecord, Verified, blob, gc,
};

/// A directory of results, open in this process. It is cheap to share: every method
/// takes `&self`.
///
/// A store recreates its directory if that was removed. After a fork, the child
/// continues with a log of its own.
pub struct Store {
    current: ReopeningStore,
}

/// A result that took at least this long to compute is durable before the call returns.
pub const DURABLE: Duration = Duration::from_secs(1);

/// Maximum number of locks that a store holds: the kernel scans all locks of all
/// processes whenever one is acquired or released.
const LOCKS: usize = 256;

/// A lookup that other processes keep invalidating becomes a miss after this number of
/// attempts.
const LOOKS: usize = 4;

impl Store {
    /// Opens the store in `path`. Creates it if necessary.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be created or read, or is refused because other
    /// users may write to it.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Store, Error> {
        Store::open_on(Box::new(RealFs), path, options)
    }

    pub(crate) fn open_on(
        files: Box<dyn FileSystem>,
        path: &Path,
        options: StoreOptions,
    ) -> Result<Store, Error> {
        let current = ReopeningStore::new(Arc::from(files), path, options)?;
        Ok(Store { current })
    }

    /// Writes, and retries once if the directory was removed.
    fn write<T>(&self, write: impl Fn(&OpenStore) -> Result<T, Error>) -> Result<T, Error> {
        let open = self.current.get();
        match write(&open) {
            Err(error) if error.is_gone() && open.notice_loss() => write(&self.current.get()),
            result => result,
        }
    }

    /// Returns the entry with this ID, verified. With `map`, a large payload is a
    /// memory map of its file.
    ///
    /// # Errors
    ///
    /// Fails if the entry is damaged or cannot be read.
    pub fn get(&self, id: Id, map: bool) -> Result<Option<StoredRecord>, Error> {
        let open = self.current.get();
        match get(&open, id, map) {
            // The program closed the files that this lookup used.
            Ok(None) | Err(_) if open.is_lost() => get(&self.current.get(), id, map),
            found => found,
        }
    }

    /// Whether there is a valid entry with this ID.
    pub fn contains(&self, id: Id) -> bool {
        matches!(self.get(id, true), Ok(Some(_)))
    }

    /// Returns a number that changes whenever any process may have stored an entry with
    /// this ID; `None` if that cannot be determined.
    #[inline]
    pub fn entry_version(&self, id: Id) -> Option<u64> {
        self.current.get().index.counters.version(id)
    }

    /// Stores an entry and replaces one with the same ID. If its cost is at least
    /// [`DURABLE`], it is durable when this returns. A store with a limit of zero
    /// stores nothing.
    ///
    /// # Errors
    ///
    /// Fails if the entry cannot be written; the previous entry stays. If only the sync
    /// to disk fails, the entry is stored but may be lost in a power failure.
    pub fn put(&self, id: Id, meta: &RecordMeta, payload: &[u8]) -> Result<(), Error> {
        let is_durable = Duration::from_nanos(meta.cost) >= DURABLE;
        self.write(|open| put(open, id, meta, payload, is_durable))
    }

    /// Stores an entry as [`Store::put`] does, but durably whatever its cost.
    ///
    /// # Errors
    ///
    /// As for [`Store::put`].
    pub fn put_durably(&self, id: Id, meta: &RecordMeta, payload: &[u8]) -> Result<(), Error> {
        self.write(|open| put(open, id, meta, payload, true))
    }

    /// Removes the entry with this ID. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// Fails if the removal cannot be written.
    pub fn forget(&self, id: Id) -> Result<bool, Error> {
        self.write(|open| forget(open, id))
    }

    /// Removes all entries of a function.
    ///
    /// # Errors
    ///
    /// Fails if the removal cannot be written.
    pub fn forget_function(&self, function: u64) -> Result<(), Error> {
        self.current.get_checked();
        self.write(|open| forget_function(open, function))
    }

    /// Removes everything.
    ///
    /// # Errors
    ///
    /// Fails if the removal cannot be written, or files cannot be removed.
    pub fn clear(&self) -> Result<(), Error> {
        self.current.get_checked();
        self.write(|open| {
            forget_function(open, 0)?;
            compaction::drop_cleared(open)
        })
    }

    /// Returns all results, in arbitrary order.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let open = self.current.get_checked();
        open.read_changes(true);
        let visible = open.read_catalog(Catalog::visible);
        let results = visible.records.into_iter().map(|(_, _, entry)| entry);
        let results = results.filter(|entry| entry.meta.kind.is_result());
        Ok(results.map(Entry::whole).collect())
    }

    /// Returns the descriptions of functions: each function with the payload of its
    /// record.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be read.
    pub fn functions(&self) -> Result<Vec<(u64, Vec<u8>)>, Error> {
        let open = self.current.get_checked();
        open.read_changes(true);
        let visible = open.read_catalog(Catalog::visible);
        let functions = visible
            .records
            .into_iter()
            .filter(|(_, _, entry)| entry.meta.kind.whole() == RecordKind::Function);
        let records = functions.filter_map(|(_, _, entry)| {
            let record = open.get(entry.id, true).ok()??;
            Some((entry.meta.function, record.payload.to_vec()))
        });
        Ok(records.collect())
    }

    /// Returns an error for each range of a log without valid records, where entries
    /// may have been lost.
    pub(crate) fn invalid_ranges(&self) -> Vec<Error> {
        let open = self.current.get_checked();
        let directory = open.directory.as_ref();
        directory.map_or_else(Vec::new, |directory| gc::invalid_ranges(&open, directory))
    }

    /// Evicts results until the store is within `limits`.
    ///
    /// # Errors
    ///
    /// Fails if files cannot be rewritten.
    pub fn reduce(&self, limits: &Limits) -> Result<Reduced, Error> {
        self.current.get_checked();
        self.write(|open| eviction::reduce(open, limits))
    }

    /// Reads and verifies everything.
    ///
    /// # Errors
    ///
    /// Fails if the directory cannot be read.
    pub fn verify(&self) -> Result<Verified, Error> {
        let open = self.current.get_checked();
        open.read_changes(true);
        Ok(gc::verify(&open))
    }

    /// Acquires the lock under which one process computes `id`, on behalf of this
    /// thread. Returns `None` if another process holds it.
    ///
    /// # Errors
    ///
    /// Fails if the file system does not support such locks, or this store holds too
    /// many.
    pub fn try_lock(&self, id: Id) -> Result<Option<KeyLock>, Error> {
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        self.try_lock_for(id, 0, Some(thread))
    }

    /// Acquires a lock as [`Store::try_lock`] does, for the thread with this ID or for
    /// a task. A process that observes that the holder of a lock makes no progress
    /// acquires the lock of the next rank instead.
    ///
    /// # Errors
    ///
    /// Fails as [`Store::try_lock`] does, or if the rank does not exist.
    pub fn try_lock_for(
        &self,
        id: Id,
        rank: u8,
        thread: Option<i32>,
    ) -> Result<Option<KeyLock>, Error> {
        let open = self.current.get();
        match try_lock_for(&open, id, rank, thread) {
            Err(_) if open.has_lost_locks() => try_lock_for(&self.current.get(), id, rank, thread),
            result => result,
        }
    }

    /// Returns the status of the holder of the lock of `id` with this rank, if known.
    pub fn holder(&self, id: Id, rank: u8) -> Option<HolderStatus> {
        let open = self.current.get();
        open.locks.holders.as_ref()?.find(KeyLock::offset(id, rank))
    }

    /// Whether another store, such as one of another process, holds the lock of `id`,
    /// or of any ID. Returns false if that cannot be determined.
    pub fn is_locked_elsewhere(&self, id: Option<Id>) -> bool {
        let open = self.current.get();
        let (offset, len) = match id {
            Some(id) => (KeyLock::offset(id, 0), 1),
            None => (MAINTENANCE + 1, 0),
        };
        let is_locked = |open: &OpenStore| {
            let file = open.locks.file.as_deref();
            file.map(|file| open.files.is_locked(file, offset, len))
        };
        match is_locked(&open) {
            Some(Err(_)) if open.has_lost_locks() => is_locked(&self.current.get()),
            result => result,
        }
        .is_some_and(|is_locked| is_locked.unwrap_or(false))
    }

    /// Reads the changes of other processes, as a miss does automatically.
    pub fn refresh(&self) {
        self.current.get_checked().read_changes(true);
    }

    /// Makes everything written so far durable.
    ///
    /// # Errors
    ///
    /// Fails if the disk reports an error.
    pub fn sync(&self) -> Result<(), Error> {
        self.current.get().sync()
    }

    /// Whether the store is read-only.
    pub fn is_read_only(&self) -> bool {
        self.current.options.read_only
    }

    /// Returns the errors of background work, each of them once.
    pub fn take_faults(&self) -> Vec<Error> {
        self.current.get().take_faults()
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.current.path)
            .finish_non_exhaustive()
    }
}

fn get(shared: &StoreInner, id: Id, map: bool) -> Result<Option<StoredRecord>, Error> {
    // Another process may have replaced or removed the entry that is known here.
    if shared.index.counters.is_shared() && shared.index.counters.may_have(id) {
        shared.read_changes(false);
    }
    for _ in 0..LOOKS {
        let has_looked = match shared.get(id, map) {
            Ok(None) if shared.index.counters.may_have(id) => shared.read_changes(false),
            Err(error) if error.is_gone() => shared.read_changes(true),
            result => return result,
        };
        if !has_looked {
            break;
        }
    }
    shared.get(id, map).or_else(|error| {
        if error.is_gone() {
            Ok(None)
        } else {
            Err(error)
        }
    })
}

fn try_lock_for(
    open: &OpenStore,
    id: Id,
    rank: u8,
    thread: Option<i32>,
) -> Result<Option<KeyLock>, Error> {
    let path = open.writable()?.lock();
    let file = open.locks.file.as_ref();
    let file = file.ok_or_else(|| Error::io("open", &path)(std::io::ErrorKind::NotFound.into()))?;
    // Each lock that is held owns a reference to the file.
    if Arc::strong_count(file) > LOCKS || rank >= RANKS {
        return Err(Error::io("lock a byte of", &path)(
            std::io::ErrorKind::ResourceBusy.into(),
        ));
    }
    open.files
        .try_lock_byte(file, KeyLock::offset(id, rank))
        .map(|lock| Some(lock?.with_holder(open.locks.holders.as_ref(), thread)))
        .map_err(Error::io("lock a byte of", &path))
}

fn put(
    open: &OpenStore,
    id: Id,
    meta: &RecordMeta,
    payload: &[u8],
    is_durable: bool,
) -> Result<(), Error> {
    let directory = open.writable()?;
    if open.options.limits.store_nothing() {
        return Ok(());
    }
    // The existing entry must be known, so that the order of the new record does not
    // depend on the clock.
    if open.index.counters.may_have(id) {
        open.read_changes(false);
    }
    if payload.len() > BIG {
        let (reference, file) = blob::write(&*open.files, directory, id, payload, is_durable)?;
        let meta = RecordMeta {
            kind: meta.kind.external(),
            ..*meta
        };
        if let Err(error) = open.append(id, &meta, &reference, is_durable) {
            // If only the sync failed, the record was written and refers to the file.
            if !open.names(id, &reference) {
                blob::remove(&*open.files, &blob::path(directory, id, &reference));
            }
            return Err(error);
        }
        open.meter.appended(payload.len(), 0);
        if !is_durable {
            open.sync_later(file, blob::path(directory, id, &reference));
        }
    } else {
        open.append(id, meta, payload, is_durable)?;
    }
    open.maintenance().wrote();
    eviction::evict_inline(open);
    Ok(())
}

fn forget(open: &OpenStore, id: Id) -> Result<bool, Error> {
    open.writable()?;
    if !open.index.counters.is_shared() {
        // As in `put`; a lookup that misses may skip a recent check, which is not
        // enough here.
        open.read_changes(true);
    }
    let record = match get(open, id, true) {
        Ok(Some(record)) => record,
        Ok(None) | Err(Error::Damaged { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let meta = RecordMeta {
        kind: RecordKind::Tombstone,
        created: 0,
        cost: 0,
        codec: 0,
        ..record.meta
    };
    open.append(id, &meta, &[], false)?;
    open.maintenance().wrote();
    Ok(true)
}

fn forget_function(open: &OpenStore, function: u64) -> Result<(), Error> {
    open.forget_function(function)?;
    open.maintenance().wrote();
    Ok(())
}
