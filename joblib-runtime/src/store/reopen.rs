//! What a store works on. It is opened anew where what is at hand is another's
//! or leads nowhere: after a fork, when the directory was removed, and when the program
//! closed what is not its own.
//!
//! A child shares its parent's log and locks, and may have inherited a mutex
//! that no thread will ever release. So it uses nothing of its parent's.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::directory::StoreDir;
use super::error::Error;
use super::fs::FileSystem;
use super::inner::StoreInner;
use super::maintenance::MaintenanceThread;
use super::{StoreOptions, compaction};
use crate::fork;

/// A directory that is open, and the thread that looks after it.
pub(crate) struct OpenStore {
    shared: Arc<StoreInner>,
    worker: OnceLock<MaintenanceThread>,
}

impl OpenStore {
    fn new(
        files: Arc<dyn FileSystem>,
        path: &Path,
        options: StoreOptions,
    ) -> Result<OpenStore, Error> {
        let directory = StoreDir::open(&*files, path, &options)?;
        let open = OpenStore::over(StoreInner::new(files, path, directory, options));
        open.look(true);
        if !options.read_only {
            compaction::tidy(&open);
        }
        Ok(open)
    }

    /// Stands for a directory that cannot be opened: it is empty, and nothing
    /// can be written to it.
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
        let open = OpenStore::over(StoreInner::new(files, path, None, options));
        open.keep_fault(why);
        open
    }

    fn over(shared: StoreInner) -> OpenStore {
        OpenStore {
            shared: Arc::new(shared),
            worker: OnceLock::new(),
        }
    }

    pub(crate) fn worker(&self) -> &MaintenanceThread {
        self.worker
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
        // What was written in the last moments is not left to chance.
        if let Err(error) = self.sync() {
            self.fault(error);
        }
    }
}

/// What a store works on at the moment.
pub(crate) struct ReopeningStore {
    files: Arc<dyn FileSystem>,
    pub(crate) path: PathBuf,
    pub(crate) options: StoreOptions,
    /// The forks before the process that this is of.
    forks: u64,
    open: RwLock<Arc<OpenStore>>,
    /// The same of a process that was forked off.
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

    /// What is open now, in this process.
    #[inline]
    pub(crate) fn get(&self) -> Arc<OpenStore> {
        if self.forks != fork::generation() {
            return self.in_child().get();
        }
        let open = Arc::clone(&self.open.read().unwrap_or_else(PoisonError::into_inner));
        if open.is_lost() { self.renew() } else { open }
    }

    /// As [`ReopeningStore::get`], after a look whether the directory is still there.
    pub(crate) fn look(&self) -> Arc<OpenStore> {
        self.get().notice_loss();
        self.get()
    }

    fn renew(&self) -> Arc<OpenStore> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.take_loss() {
            match OpenStore::new(Arc::clone(&self.files), &self.path, self.options) {
                Ok(new) => {
                    open.take_faults()
                        .into_iter()
                        .for_each(|fault| new.keep_fault(fault));
                    *open = Arc::new(new);
                }
                Err(error) => open.keep_fault(error),
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
                && let (Some(theirs), Some(own)) = (&parents.locks, &open.locks)
            {
                theirs.let_go(own);
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
            let open = open.unwrap_or_else(PoisonError::into_inner);
            // Dropping what is the parent's would unlock its logs.
            std::mem::forget(Arc::clone(open));
        }
    }
}
