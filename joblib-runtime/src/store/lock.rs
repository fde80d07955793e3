//! Locks between processes: byte ranges of one file, which the kernel releases when
//! their holder ends (`F_OFD_SETLK`, fcntl(2)).

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use memmap2::Mmap;

use super::Id;
use super::directory::StoreDir;
use super::fs::FileSystem;
use super::lock_holders::{HolderRecord, LockHolders};
use crate::fork;
use crate::guarded_fd::{FileIdentity, Guarded};

/// The file whose bytes are locked.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: Guarded<File>,
    /// As long as the file is mapped, no other file gets its inode number. The map uses
    /// a separate open file description, because a lock lives as long as the
    /// description that acquired it.
    _map: Option<Mmap>,
}

impl LockFile {
    pub(crate) fn open(files: &dyn FileSystem, directory: &StoreDir) -> io::Result<LockFile> {
        let path = directory.lock();
        let file = Guarded::new(directory.open_shared(files, &path)?);
        let again = directory.open_file(files, &path).ok();
        let again = again.filter(|again| FileIdentity::of(again) == file.identity());
        let map = again.and_then(|again| files.map(&again, 1).ok());
        Ok(LockFile { file, _map: map })
    }

    /// Whether the program did not close it.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.file.is_unchanged()
    }

    /// Whether it is the lock file in `directory`.
    pub(crate) fn is_in(&self, files: &dyn FileSystem, directory: &StoreDir) -> io::Result<bool> {
        match self.file.get() {
            Ok(file) => files.is_at(file, &directory.lock()),
            Err(_) => Ok(false),
        }
    }

    /// Whether another open file description holds a lock on any of the `len` bytes
    /// from `offset` on; 0 stands for all following bytes.
    pub(crate) fn is_held(&self, offset: i64, len: i64) -> io::Result<bool> {
        let mut range = range(offset, len, libc::F_WRLCK);
        let number = self.file.get()?.as_raw_fd();
        // SAFETY: `range` is a valid `struct flock` that outlives the call.
        let result = unsafe { libc::fcntl(number, libc::F_OFD_GETLK, &raw mut range) };
        if result == 0 {
            Ok(range.l_type != libc::F_UNLCK as libc::c_short)
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// Redirects this descriptor, which a child inherited in a fork, to the description
    /// of `own`. Otherwise locks that the parent held at the fork would last as long as
    /// the child.
    pub(crate) fn redirect_to(&self, own: &LockFile) {
        let (Ok(inherited), Ok(own)) = (self.file.get(), own.file.get()) else {
            // The child closed it, and thereby released the locks.
            return;
        };
        // SAFETY: both descriptors are open and stay open. If the call fails, they are
        // unchanged.
        unsafe { libc::dup3(own.as_raw_fd(), inherited.as_raw_fd(), libc::O_CLOEXEC) };
    }

    fn set(&self, offset: i64, kind: i32) -> io::Result<()> {
        let range = range(offset, 1, kind);
        let number = self.file.get()?.as_raw_fd();
        // SAFETY: `range` is a valid `struct flock` that outlives the call.
        let result = unsafe { libc::fcntl(number, libc::F_OFD_SETLK, &raw const range) };
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

/// The computation lock of one key, released when dropped.
///
/// It excludes other stores, in this process or another; threads that share a store do
/// not exclude each other.
#[derive(Debug)]
pub struct KeyLock {
    file: Arc<LockFile>,
    offset: i64,
    holder: Option<HolderRecord>,
    /// The fork generation of the process that acquired it.
    forks: u64,
}

/// The number of ranks of a key's locks. A process acquires the next rank if the holder
/// of the previous one makes no progress, so this many processes may compute one key.
pub(crate) const RANKS: u8 = 4;

/// The byte of the maintenance lock, for rewriting files of the store.
pub(crate) const MAINTENANCE: i64 = 0;

impl KeyLock {
    /// Returns the byte of `id` at a rank below [`RANKS`].
    pub(crate) fn offset(id: Id, rank: u8) -> i64 {
        // The result is positive and differs from the maintenance byte.
        (((id as u64) >> 4) | u64::from(rank) << 60) as i64 + 1
    }

    /// Publishes the holder of the lock: the thread with this ID, or a task.
    pub(crate) fn with_holder(
        mut self,
        holders: Option<&LockHolders>,
        thread: Option<i32>,
    ) -> KeyLock {
        self.holder = holders.and_then(|holders| holders.put(self.offset, thread));
        self
    }

    /// Returns the record through which the holder publishes its progress.
    pub fn holder_record(&self) -> Option<&HolderRecord> {
        self.holder.as_ref()
    }

    /// Locks one byte of `file`. Returns `None` if another process holds the lock.
    pub(crate) fn try_new(file: &Arc<LockFile>, offset: i64) -> io::Result<Option<KeyLock>> {
        match file.set(offset, libc::F_WRLCK) {
            Ok(()) => Ok(Some(KeyLock {
                file: Arc::clone(file),
                offset,
                holder: None,
                forks: fork::generation(),
            })),
            Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for KeyLock {
    fn drop(&mut self) {
        if self.forks != fork::generation() {
            // The lock belongs to the parent, and so does the file description.
            return;
        }
        if let Some(holder) = &self.holder {
            if !holder.is_own() {
                // Another thread of this process has taken over the lock.
                return;
            }
            holder.clear();
        }
        // Unlocking a byte that we hold cannot fail; if it did, the lock would be
        // released when the process ends. If the program closed the file, that released
        // the lock.
        let _ = self.file.set(self.offset, libc::F_UNLCK);
    }
}

fn range(offset: i64, len: i64, kind: i32) -> libc::flock {
    libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: offset,
        l_len: len,
        l_pid: 0,
    }
}
