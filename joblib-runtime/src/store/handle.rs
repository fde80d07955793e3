//! What a user of the store calls: finding, storing and dropping entries.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::catalog::Catalog;
use super::directory::Directory;
use super::error::Error;
use super::files::{Disk, Files};
use super::limit;
use super::lock::KeyLock;
use super::rewrite;
use super::shared::Shared;
use super::worker::Worker;
use super::{BIG, Entry, Id, Kind, Limits, Meta, Options, Record, Reduced, Verified, big, sweep};

/// A directory of results, open in this process. Cheap to share: every method
/// takes `&self`.
pub struct Store {
    shared: Arc<Shared>,
    worker: OnceLock<Worker>,
}

/// A result that took this long is durable before its call returns.
const DURABLE: u64 = 1_000_000_000;

/// A lookup that another process keeps overtaking ends as a miss.
const LOOKS: usize = 4;

impl Store {
    /// Opens the store in `path`, made if need be.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or read, or is refused because others
    /// may write to it.
    pub fn open(path: &Path, options: Options) -> Result<Store, Error> {
        Store::open_on(Box::new(Disk), path, options)
    }

    pub(crate) fn open_on(
        files: Box<dyn Files>,
        path: &Path,
        options: Options,
    ) -> Result<Store, Error> {
        let directory = Directory::open(&*files, path, &options)?;
        let shared = Shared::new(files, directory, options);
        shared.look(true);
        if !options.read_only {
            rewrite::tidy(&shared);
        }
        Ok(Store {
            shared: Arc::new(shared),
            worker: OnceLock::new(),
        })
    }

    /// The entry with this id, verified. `map` asks for a large payload as a
    /// map of its file.
    ///
    /// # Errors
    ///
    /// The entry is damaged, or the system refused to read it.
    pub fn get(&self, id: Id, map: bool) -> Result<Option<Record>, Error> {
        // What is known here may have been replaced or dropped by another.
        if self.shared.pulse.is_shared() && self.shared.pulse.may_have(id) {
            self.shared.look(false);
        }
        for _ in 0..LOOKS {
            let has_looked = match self.shared.get(id, map) {
                Ok(None) if self.shared.pulse.may_have(id) => self.shared.look(false),
                Err(error) if error.is_gone() => self.shared.look(true),
                result => return result,
            };
            if !has_looked {
                break;
            }
        }
        self.shared.get(id, map).or_else(|error| {
            if error.is_gone() {
                Ok(None)
            } else {
                Err(error)
            }
        })
    }

    /// Whether there is an entry with this id that is whole.
    pub fn contains(&self, id: Id) -> bool {
        matches!(self.get(id, true), Ok(Some(_)))
    }

    /// A number that changes whenever an entry with this id may have been put,
    /// by whichever process; nothing where that cannot be told.
    #[inline]
    pub fn news(&self, id: Id) -> Option<u64> {
        self.shared.pulse.news(id)
    }

    /// Stores an entry, in place of one with the same id. A store whose limits
    /// are zero stores nothing.
    ///
    /// # Errors
    ///
    /// The entry could not be written; what was stored before stays. If only
    /// its way to the disk failed, the entry is there until the power is cut.
    pub fn put(&self, id: Id, meta: &Meta, payload: &[u8]) -> Result<(), Error> {
        let shared = &*self.shared;
        let directory = shared.writable()?;
        if shared.options.limits.keep_nothing() {
            return Ok(());
        }
        // What is replaced must be known, so that the clock does not decide.
        if shared.pulse.is_shared() && shared.pulse.may_have(id) {
            shared.look(false);
        }
        let is_durable = meta.cost >= DURABLE;
        if payload.len() > BIG {
            let (reference, file) = big::write(&*shared.files, directory, id, payload, is_durable)?;
            let meta = Meta {
                kind: meta.kind.external(),
                ..*meta
            };
            if let Err(error) = shared.append(id, &meta, &reference, is_durable) {
                // A record that only could not be made durable names it.
                if !shared.names(id, &reference) {
                    big::remove(&*shared.files, &big::path(directory, id, &reference));
                }
                return Err(error);
            }
            shared.meter.appended(payload.len(), 0);
            if !is_durable {
                shared.sync_later(file, big::path(directory, id, &reference));
            }
        } else {
            shared.append(id, meta, payload, is_durable)?;
        }
        self.worker().wrote();
        limit::help(shared);
        Ok(())
    }

    /// Drops the entry with this id; whether there was one.
    ///
    /// # Errors
    ///
    /// That it is gone could not be written.
    pub fn forget(&self, id: Id) -> Result<bool, Error> {
        self.shared.writable()?;
        let record = match self.get(id, true) {
            Ok(Some(record)) => record,
            Ok(None) | Err(Error::Damaged { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let meta = Meta {
            kind: Kind::Forgotten,
            created: 0,
            cost: 0,
            codec: 0,
            ..record.meta
        };
        self.shared.append(id, &meta, &[], false)?;
        self.worker().wrote();
        Ok(true)
    }

    /// Drops all entries of a function.
    ///
    /// # Errors
    ///
    /// That they are gone could not be written.
    pub fn forget_function(&self, function: u64) -> Result<(), Error> {
        self.shared.writable()?;
        self.shared.forget_function(function)?;
        self.worker().wrote();
        Ok(())
    }

    /// Drops everything.
    ///
    /// # Errors
    ///
    /// That everything is gone could not be written, or files could not be
    /// removed.
    pub fn clear(&self) -> Result<(), Error> {
        self.shared.writable()?;
        self.shared.forget_function(0)?;
        self.worker().wrote();
        rewrite::drop_cleared(&self.shared)
    }

    /// All results, in no particular order.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        self.shared.look(true);
        let visible = self.shared.read_catalog(Catalog::visible);
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
        self.shared.look(true);
        let visible = self.shared.read_catalog(Catalog::visible);
        let functions = visible
            .records
            .into_iter()
            .filter(|(_, _, entry)| entry.meta.kind.whole() == Kind::Function);
        let records = functions.filter_map(|(_, _, entry)| {
            let record = self.shared.get(entry.id, true).ok()??;
            Some((entry.meta.function, record.payload.to_vec()))
        });
        Ok(records.collect())
    }

    /// Drops results until the store keeps `limits`.
    ///
    /// # Errors
    ///
    /// Files cannot be rewritten.
    pub fn reduce(&self, limits: &Limits) -> Result<Reduced, Error> {
        self.shared.writable()?;
        limit::reduce(&self.shared, limits)
    }

    /// Reads everything and checks it.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn verify(&self) -> Result<Verified, Error> {
        self.shared.look(true);
        Ok(sweep::verify(&self.shared))
    }

    /// Asks for the lock under which one process computes `id`; nothing if
    /// another has it.
    ///
    /// # Errors
    ///
    /// The file system has no such locks.
    pub fn try_lock(&self, id: Id) -> Result<Option<KeyLock>, Error> {
        let directory = self.shared.writable()?;
        let path = directory.lock();
        let file = self.shared.locks.as_ref();
        let file =
            file.ok_or_else(|| Error::io("open", &path)(std::io::ErrorKind::NotFound.into()))?;
        self.shared
            .files
            .try_lock_byte(file, KeyLock::offset(id))
            .map_err(Error::io("lock a part of", &path))
    }

    /// Looks at what other processes wrote, as a miss does by itself.
    pub fn refresh(&self) {
        self.shared.look(true);
    }

    /// Makes everything written so far survive a power cut.
    ///
    /// # Errors
    ///
    /// The disk reports a fault.
    pub fn sync(&self) -> Result<(), Error> {
        self.shared.sync()
    }

    /// Whether nothing may be written.
    pub fn is_read_only(&self) -> bool {
        self.shared.options.read_only
    }

    /// Faults met beside the work, each given once.
    pub fn take_faults(&self) -> Vec<Error> {
        self.shared.take_faults()
    }

    fn worker(&self) -> &Worker {
        self.worker.get_or_init(|| Worker::start(&self.shared))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // What was written in the last moments is not left to chance.
        if let Err(error) = self.shared.sync() {
            self.shared.fault(error);
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.shared.directory.as_ref().map(Directory::path);
        f.debug_struct("Store")
            .field("path", &path)
            .finish_non_exhaustive()
    }
}
