//! Locks between processes: byte ranges of one file, which the kernel
//! releases when their holder ends (`F_OFD_SETLK`, fcntl(2)).

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use super::Id;
use super::signs::{Sign, Signs};
use crate::fork;

/// The computation lock of one key, released when dropped.
///
/// It excludes other stores, in this process or another; threads that share a
/// store do not exclude each other.
#[derive(Debug)]
pub struct KeyLock {
    file: Arc<File>,
    offset: i64,
    sign: Option<Sign>,
    /// The forks before the process that took it.
    forks: u64,
}

/// How many processes may compute one key, each because it does not believe in
/// those before: the ranks of its locks.
pub(crate) const RANKS: u8 = 4;

/// The byte that stands for rewriting files of the store.
pub(crate) const MAINTENANCE: i64 = 0;

impl KeyLock {
    /// The byte that stands for `id` at a rank below [`RANKS`].
    pub(crate) fn offset(id: Id, rank: u8) -> i64 {
        // Positive, and not the byte of the maintenance.
        (((id as u64) >> 4) | u64::from(rank) << 60) as i64 + 1
    }

    /// Says who holds the lock: the thread with this number, or a task.
    pub(crate) fn signed(mut self, signs: Option<&Signs>, thread: Option<i32>) -> KeyLock {
        self.sign = signs.and_then(|signs| signs.put(self.offset, thread));
        self
    }

    /// Where the holder says how it goes on.
    pub fn sign(&self) -> Option<&Sign> {
        self.sign.as_ref()
    }

    /// Locks one byte of `file`; nothing if another holds it.
    pub(crate) fn try_new(file: &Arc<File>, offset: i64) -> io::Result<Option<KeyLock>> {
        match set(file, offset, libc::F_WRLCK) {
            Ok(()) => Ok(Some(KeyLock {
                file: Arc::clone(file),
                offset,
                sign: None,
                forks: fork::count(),
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
        if self.forks != fork::count() {
            // It is the parent's, and so is what the descriptor refers to.
            return;
        }
        if let Some(sign) = &self.sign {
            if !sign.is_own() {
                // Another thread of this process has the lock by now.
                return;
            }
            sign.clear();
        }
        // Unlocking a byte we hold cannot fail; if it did, the lock would go
        // with the process.
        let _ = set(&self.file, self.offset, libc::F_UNLCK);
    }
}

/// Whether somebody else holds a lock on any of `len` bytes of `file`, or, if
/// that is 0, of all from `offset` on.
pub(crate) fn is_held(file: &File, offset: i64, len: i64) -> io::Result<bool> {
    let mut range = range(offset, len, libc::F_WRLCK);
    // SAFETY: `range` is a valid `struct flock` that outlives the call, and
    // the descriptor is open.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_GETLK, &raw mut range) };
    if result == 0 {
        Ok(range.l_type != libc::F_UNLCK as libc::c_short)
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Makes `inherited` another name of `own`. Locks that a parent had on it at a
/// fork would last as long as the child otherwise.
pub(crate) fn let_go(inherited: &File, own: &File) {
    // SAFETY: both descriptors are open and stay so. Where this fails, they
    // stay what they are.
    unsafe { libc::dup3(own.as_raw_fd(), inherited.as_raw_fd(), libc::O_CLOEXEC) };
}

fn set(file: &File, offset: i64, kind: i32) -> io::Result<()> {
    let range = range(offset, 1, kind);
    // SAFETY: `range` is a valid `struct flock` that outlives the call, and
    // the descriptor is open.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const range) };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
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
