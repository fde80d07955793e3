//! The open state of a store, and its reopening: after a fork, when the directory was
//! removed, and when the program closed descriptors of the store.
//!
//! A forked child shares the log and the locks of its parent, and may have inherited a
//! mutex that no thread will ever release. It therefore uses no state of its parent.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, RwLock};

use super::directory::StoreDir;
use super::error::Error;
use super::fs::FileSystem;
use super::inner::StoreInner;
use super::maintenance::MaintenanceThread;
use super::{StoreOptions, compaction};
use crate::fork;
use crate::unpoisoned::{read, unpoisoned, write};

/// An open directory, and its background thread.
pub(crate) struct OpenStore {
    shared: Arc<StoreInner>,
    maintenance: OnceLock<MaintenanceThread>,
}

impl OpenStore {
    fn new(
        files: Arc<dyn FileSystem>,
        path: &Path,
        options: StoreOptions,
    ) -> Result<OpenStore, Error> {
        let directory = StoreDir::open(&*files, path, &options)?;
        let open = OpenStore::from_inner(StoreInner::new(files, path, directory, options));
        open.read_changes(true);
        if !options.read_only {
            compaction::compact_on_open(&open);
        }
        Ok(open)
    }

    /// Represents a directory that cannot be opened: it is empty and read-only.
    fn closed(
        files: Arc<dyn FileSystem>,
        path: &Path,
        options: StoreOptions,
        why: Error,
    ) -> OpenStore {
        let options = StoreOptions {
            read_only: true,
            ..options
        };
        let open = OpenStore::from_inner(StoreInner::new(files, path, None, options));
        open.record_fault(why);
        open
    }

    fn from_inner(shared: StoreInner) -> OpenStore {
        OpenStore {
            shared: Arc::new(shared),
            maintenance: OnceLock::new(),
        }
    }

    pub(crate) fn maintenance(&self) -> &MaintenanceThread {
        self.maintenance
            .get_or_init(|| MaintenanceThread::start(&self.shared))
    }
}

impl Deref for OpenStore {
    type Target = StoreInner;

    fn deref(&self) -> &StoreInner {
        &self.shared
    }
}

impl Drop for OpenStore {
    fn drop(&mut self) {
        // Sync the last writes before the store is gone.
        if let Err(error) = self.sync() {
            self.fault(error);
        }
    }
}

/// A store that is reopened when necessary.
pub(crate) struct ReopeningStore {
    files: Arc<dyn FileSystem>,
    pub(crate) path: PathBuf,
    pub(crate) options: StoreOptions,
    /// The fork generation of the process that opened it.
    forks: u64,
    open: RwLock<Arc<OpenStore>>,
    /// The store of a forked child.
    child: OnceLock<Box<ReopeningStore>>,
}

impl ReopeningStore {
    pub(crate) fn new(
        files: Arc<dyn FileSystem>,
        path: &Path,
        options: StoreOptions,
    ) -> Result<ReopeningStore, Error> {
        fork::install_atfork_handler();
        let open = OpenStore::new(Arc::clone(&files), path, options)?;
        Ok(ReopeningStore::over(files, path, options, open))
    }

    fn over(
        files: Arc<dyn FileSystem>,
        path: &Path,
        options: StoreOptions,
        open: OpenStore,
    ) -> ReopeningStore {
        ReopeningStore {
            files,
            path: path.to_owned(),
            options,
            forks: fork::generation(),
            open: RwLock::new(Arc::new(open)),
            child: OnceLock::new(),
        }
    }

    /// Returns the open store of this process, reopened if it was lost.
    #[inline]
    pub(crate) fn get(&self) -> Arc<OpenStore> {
        if self.forks != fork::generation() {
            return self.in_child().get();
        }
        let open = Arc::clone(&read(&self.open));
        if open.is_lost() { self.reopen() } else { open }
    }

    /// Returns the open store as [`ReopeningStore::get`] does, after a check that the
    /// directory still exists.
    pub(crate) fn get_checked(&self) -> Arc<OpenStore> {
        self.get().notice_loss();
        self.get()
    }

    fn reopen(&self) -> Arc<OpenStore> {
        let mut open = write(&self.open);
        if open.take_loss() {
            match OpenStore::new(Arc::clone(&self.files), &self.path, self.options) {
                Ok(new) => {
                    open.take_faults()
                        .into_iter()
                        .for_each(|fault| new.record_fault(fault));
                    *open = Arc::new(new);
                }
                Err(error) => open.record_fault(error),
            }
        }
        Arc::clone(&open)
    }

    fn in_child(&self) -> &ReopeningStore {
        self.child.get_or_init(|| {
            let (path, options) = (&*self.path, self.options);
            let open =
                OpenStore::new(Arc::clone(&self.files), path, options).unwrap_or_else(|error| {
                    OpenStore::closed(Arc::clone(&self.files), path, options, error)
                });
            if let Ok(parents) = self.open.try_read()
                && let (Some(theirs), Some(own)) = (&parents.locks.file, &open.locks.file)
            {
                theirs.redirect_to(own);
            }
            let files = Arc::clone(&self.files);
            Box::new(ReopeningStore::over(files, path, options, open))
        })
    }
}

impl Drop for ReopeningStore {
    fn drop(&mut self) {
        if self.forks != fork::generation() {
            let open = self.open.get_mut();
            let open = unpoisoned(open);
            // Dropping the parent's store would unlock its logs.
            std::mem::forget(Arc::clone(open));
        }
    }
}
