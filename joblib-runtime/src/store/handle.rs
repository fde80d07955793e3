//! What a user of the store calls: finding, storing and dropping entries.

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

/// A directory of results, open in this process. Cheap to share: every method
/// takes `&self`.
///
/// A store outlives its directory and its process: it makes the directory
/// again where that was removed, and a child after a fork goes on with a log
/// of its own.
pub struct Store {
    current: ReopeningStore,
}

/// A result that took this long is durable before its call returns.
pub const DURABLE: Duration = Duration::from_secs(1);

/// A store holds no more locks than this: the kernel looks through all that are
/// held, of every process, whenever one is taken or released.
const LOCKS: usize = 256;

/// A lookup that another process keeps overtaking ends as a miss.
const LOOKS: usize = 4;

impl Store {
    /// Opens the store in `path`, made if need be.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or read, or is refused because others
    /// may write to it.
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

    /// Writes, once more if the directory turns out to be gone.
    fn write<T>(&self, write: impl Fn(&OpenStore) -> Result<T, Error>) -> Result<T, Error> {
        let open = self.current.get();
        match write(&open) {
            Err(error) if error.is_gone() && open.notice_loss() => write(&self.current.get()),
            result => result,
        }
    }

    /// The entry with this id, verified. `map` asks for a large payload as a
    /// map of its file.
    ///
    /// # Errors
    ///
    /// The entry is damaged, or the system refused to read it.
    pub fn get(&self, id: Id, map: bool) -> Result<Option<StoredRecord>, Error> {
        let open = self.current.get();
        match get(&open, id, map) {
            // The program closed what the answer was to be read from.
            Ok(None) | Err(_) if open.is_lost() => get(&self.current.get(), id, map),
            found => found,
        }
    }

    /// Whether there is an entry with this id that is whole.
    pub fn contains(&self, id: Id) -> bool {
        matches!(self.get(id, true), Ok(Some(_)))
    }

    /// A number that changes whenever an entry with this id may have been put,
    /// by whichever process; nothing where that cannot be told.
    #[inline]
    pub fn news(&self, id: Id) -> Option<u64> {
        self.current.get().pulse.news(id)
    }

    /// Stores an entry, in place of one with the same id. One that cost
    /// [`DURABLE`] or more is on the disk when this returns. A store whose
    /// limits are zero stores nothing.
    ///
    /// # Errors
    ///
    /// The entry could not be written; what was stored before stays. If only
    /// its way to the disk failed, the entry is there until the power is cut.
    pub fn put(&self, id: Id, meta: &RecordMeta, payload: &[u8]) -> Result<(), Error> {
        let is_durable = Duration::from_nanos(meta.cost) >= DURABLE;
        self.write(|open| put(open, id, meta, payload, is_durable))
    }

    /// As [`Store::put`], and the entry is on the disk when this returns,
    /// whatever it cost.
    ///
    /// # Errors
    ///
    /// As for [`Store::put`].
    pub fn put_durably(&self, id: Id, meta: &RecordMeta, payload: &[u8]) -> Result<(), Error> {
        self.write(|open| put(open, id, meta, payload, true))
    }

    /// Drops the entry with this id; whether there was one.
    ///
    /// # Errors
    ///
    /// That it is gone could not be written.
    pub fn forget(&self, id: Id) -> Result<bool, Error> {
        self.write(|open| forget(open, id))
    }

    /// Drops all entries of a function.
    ///
    /// # Errors
    ///
    /// That they are gone could not be written.
    pub fn forget_function(&self, function: u64) -> Result<(), Error> {
        self.current.look();
        self.write(|open| forget_function(open, function))
    }

    /// Drops everything.
    ///
    /// # Errors
    ///
    /// That everything is gone could not be written, or files could not be
    /// removed.
    pub fn clear(&self) -> Result<(), Error> {
        self.current.look();
        self.write(|open| {
            forget_function(open, 0)?;
            compaction::drop_cleared(open)
        })
    }

    /// All results, in no particular order.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let open = self.current.look();
        open.look(true);
        let visible = open.read_catalog(Catalog::visible);
        let results = visible.records.into_iter().map(|(_, _, entry)| entry);
        let results = results.filter(|entry| entry.meta.kind.is_result());
        Ok(results.map(Entry::whole).collect())
    }

    /// What is known of functions: each with the payload of its records.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn functions(&self) -> Result<Vec<(u64, Vec<u8>)>, Error> {
        let open = self.current.look();
        open.look(true);
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

    /// Where bytes are no records, which names what may have been lost there.
    pub(crate) fn holes(&self) -> Vec<Error> {
        let open = self.current.look();
        let directory = open.directory.as_ref();
        directory.map_or_else(Vec::new, |directory| gc::holes(&open, directory))
    }

    /// Drops results until the store keeps `limits`.
    ///
    /// # Errors
    ///
    /// Files cannot be rewritten.
    pub fn reduce(&self, limits: &Limits) -> Result<Reduced, Error> {
        self.current.look();
        self.write(|open| eviction::reduce(open, limits))
    }

    /// Reads everything and checks it.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn verify(&self) -> Result<Verified, Error> {
        let open = self.current.look();
        open.look(true);
        Ok(gc::verify(&open))
    }

    /// Asks for the lock under which one process computes `id`; nothing if
    /// another has it. It is for a thread of this process.
    ///
    /// # Errors
    ///
    /// The file system has no such locks, or this store holds very many.
    pub fn try_lock(&self, id: Id) -> Result<Option<KeyLock>, Error> {
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        self.try_lock_for(id, 0, Some(thread))
    }

    /// As [`Store::try_lock`], for the thread with this number or for a task.
    /// Who finds that the holder of a lock does not go on asks for that of the
    /// next rank.
    ///
    /// # Errors
    ///
    /// As for [`Store::try_lock`], and there is no such rank.
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

    /// What is known of whoever holds the lock of `id` with this rank.
    pub fn holder(&self, id: Id, rank: u8) -> Option<HolderStatus> {
        let open = self.current.get();
        open.signs.as_ref()?.find(KeyLock::offset(id, rank))
    }

    /// Whether another store, as of another process, has the lock of `id`, or
    /// that of any id. Where that cannot be told, none has.
    pub fn is_locked_elsewhere(&self, id: Option<Id>) -> bool {
        let open = self.current.get();
        let (offset, len) = match id {
            Some(id) => (KeyLock::offset(id, 0), 1),
            None => (MAINTENANCE + 1, 0),
        };
        let is_locked = |open: &OpenStore| {
            let file = open.locks.as_deref();
            file.map(|file| open.files.is_locked(file, offset, len))
        };
        match is_locked(&open) {
            Some(Err(_)) if open.has_lost_locks() => is_locked(&self.current.get()),
            result => result,
        }
        .is_some_and(|is_locked| is_locked.unwrap_or(false))
    }

    /// Looks at what other processes wrote, as a miss does by itself.
    pub fn refresh(&self) {
        self.current.look().look(true);
    }

    /// Makes everything written so far survive a power cut.
    ///
    /// # Errors
    ///
    /// The disk reports a fault.
    pub fn sync(&self) -> Result<(), Error> {
        self.current.get().sync()
    }

    /// Whether nothing may be written.
    pub fn is_read_only(&self) -> bool {
        self.current.options.read_only
    }

    /// Faults met beside the work, each given once.
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
    // What is known here may have been replaced or dropped by another.
    if shared.pulse.is_shared() && shared.pulse.may_have(id) {
        shared.look(false);
    }
    for _ in 0..LOOKS {
        let has_looked = match shared.get(id, map) {
            Ok(None) if shared.pulse.may_have(id) => shared.look(false),
            Err(error) if error.is_gone() => shared.look(true),
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
    let file = open.locks.as_ref();
    let file = file.ok_or_else(|| Error::io("open", &path)(std::io::ErrorKind::NotFound.into()))?;
    // Each lock that is held has a share of the file.
    if Arc::strong_count(file) > LOCKS || rank >= RANKS {
        return Err(Error::io("lock a part of", &path)(
            std::io::ErrorKind::ResourceBusy.into(),
        ));
    }
    open.files
        .try_lock_byte(file, KeyLock::offset(id, rank))
        .map(|lock| Some(lock?.signed(open.signs.as_ref(), thread)))
        .map_err(Error::io("lock a part of", &path))
}

fn put(
    open: &OpenStore,
    id: Id,
    meta: &RecordMeta,
    payload: &[u8],
    is_durable: bool,
) -> Result<(), Error> {
    let directory = open.writable()?;
    if open.options.limits.keep_nothing() {
        return Ok(());
    }
    // What is replaced must be known, so that the clock does not decide.
    if open.pulse.may_have(id) {
        open.look(false);
    }
    if payload.len() > BIG {
        let (reference, file) = blob::write(&*open.files, directory, id, payload, is_durable)?;
        let meta = RecordMeta {
            kind: meta.kind.external(),
            ..*meta
        };
        if let Err(error) = open.append(id, &meta, &reference, is_durable) {
            // A record that only could not be made durable names it.
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
    open.worker().wrote();
    eviction::help(open);
    Ok(())
}

fn forget(open: &OpenStore, id: Id) -> Result<bool, Error> {
    open.writable()?;
    if !open.pulse.is_shared() {
        // As in `put`; a miss does not look again at once, and this has to.
        open.look(true);
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
    open.worker().wrote();
    Ok(true)
}

fn forget_function(open: &OpenStore, function: u64) -> Result<(), Error> {
    open.forget_function(function)?;
    open.worker().wrote();
    Ok(())
}
