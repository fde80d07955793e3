//! What a store works on. It is opened anew where what is at hand is another's
//! or leads nowhere: after a fork, when the directory was removed, and when the program
//! closed what is not its own.
//!
//! A child shares its parent's log and locks, and may have inherited a mutex
//! that no thread will ever release. So it uses nothing of its parent's.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::directory::Directory;
use super::error::Error;
use super::files::Files;
use super::shared::Shared;
use super::worker::Worker;
use super::{Options, rewrite};
use crate::fork;

/// A directory that is open, and the thread that looks after it.
pub(crate) struct Open {
    shared: Arc<Shared>,
    worker: OnceLock<Worker>,
}

impl Open {
    fn new(files: Arc<dyn Files>, path: &Path, options: Options) -> Result<Open, Error> {
        let directory = Directory::open(&*files, path, &options)?;
        let open = Open::over(Shared::new(files, path, directory, options));
        open.look(true);
        if !options.read_only {
            rewrite::tidy(&open);
        }
        Ok(open)
    }

    /// Stands for a directory that cannot be opened: it is empty, and nothing
    /// can be written to it.
    fn closed(files: Arc<dyn Files>, path: &Path, options: Options, why: Error) -> Open {
        let options = Options {
            read_only: true,
            ..options
        };
        let open = Open::over(Shared::new(files, path, None, options));
        open.keep_fault(why);
        open
    }

    fn over(shared: Shared) -> Open {
        Open {
            shared: Arc::new(shared),
            worker: OnceLock::new(),
        }
    }

    pub(crate) fn worker(&self) -> &Worker {
        self.worker.get_or_init(|| Worker::start(&self.shared))
    }
}

impl Deref for Open {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // What was written in the last moments is not left to chance.
        if let Err(error) = self.sync() {
            self.fault(error);
        }
    }
}

/// What a store works on at the moment.
pub(crate) struct Current {
    files: Arc<dyn Files>,
    pub(crate) path: PathBuf,
    pub(crate) options: Options,
    /// The forks before the process that this is of.
    forks: u64,
    open: RwLock<Arc<Open>>,
    /// The same of a process that was forked off.
    child: OnceLock<Box<Current>>,
}

impl Current {
    pub(crate) fn new(
        files: Arc<dyn Files>,
        path: &Path,
        options: Options,
    ) -> Result<Current, Error> {
        fork::install_atfork_handler();
        let open = Open::new(Arc::clone(&files), path, options)?;
        Ok(Current::over(files, path, options, open))
    }

    fn over(files: Arc<dyn Files>, path: &Path, options: Options, open: Open) -> Current {
        Current {
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
    pub(crate) fn get(&self) -> Arc<Open> {
        if self.forks != fork::generation() {
            return self.in_child().get();
        }
        let open = Arc::clone(&self.open.read().unwrap_or_else(PoisonError::into_inner));
        if open.is_lost() { self.renew() } else { open }
    }

    /// As [`Current::get`], after a look whether the directory is still there.
    pub(crate) fn look(&self) -> Arc<Open> {
        self.get().notice_loss();
        self.get()
    }

    fn renew(&self) -> Arc<Open> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.take_loss() {
            match Open::new(Arc::clone(&self.files), &self.path, self.options) {
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

    fn in_child(&self) -> &Current {
        self.child.get_or_init(|| {
            let (path, options) = (&*self.path, self.options);
            let open = Open::new(Arc::clone(&self.files), path, options).unwrap_or_else(|error| {
                Open::closed(Arc::clone(&self.files), path, options, error)
            });
            if let Ok(parents) = self.open.try_read()
                && let (Some(theirs), Some(own)) = (&parents.locks, &open.locks)
            {
                theirs.let_go(own);
            }
            let files = Arc::clone(&self.files);
            Box::new(Current::over(files, path, options, open))
        })
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        if self.forks != fork::generation() {
            let open = self.open.get_mut();
            let open = open.unwrap_or_else(PoisonError::into_inner);
            // Dropping what is the parent's would unlock its logs.
            std::mem::forget(Arc::clone(open));
        }
    }
}
