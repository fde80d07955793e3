//! The file system interface of the store. Every operation goes through it, so that
//! tests can make any of them fail.

use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memmap2::{Mmap, MmapMut, MmapOptions};
use rustix::fs::OFlags;

use super::lock::{KeyLock, LockFile};
use crate::file_size;
use crate::guarded_fd::{Guarded, above_standard_streams};
use crate::resource_limit::is_file_size_unlimited;

/// The file system operations that the store needs.
pub(crate) trait FileSystem: Send + Sync {
    /// Creates a directory with this mode, and its parents.
    fn make_dir(&self, path: &Path, mode: u32) -> io::Result<()>;
    /// Creates a file for appending and reading; fails if it exists.
    fn create(&self, path: &Path, mode: u32) -> io::Result<File>;
    /// Opens a file; fails if it is a link.
    fn open(&self, path: &Path, write: bool) -> io::Result<File>;
    /// Appends `bytes` in one write; a short write is an error.
    fn append(&self, file: &File, bytes: &[u8]) -> io::Result<()>;
    fn len(&self, file: &File) -> io::Result<u64>;
    /// Returns the length of a file that the program may have closed since.
    fn len_of_own(&self, file: &Guarded<File>) -> io::Result<u64>;
    /// Maps `len` bytes, which may extend past the end of a growing file.
    fn map(&self, file: &File, len: usize) -> io::Result<Mmap>;
    /// Opens a file that all processes share. Creates it if necessary.
    fn open_shared(&self, path: &Path, mode: u32) -> io::Result<File>;
    /// Maps `len` bytes of a shared file as writable. They are allocated on disk first.
    fn map_shared(&self, file: &File, len: usize) -> io::Result<MmapMut>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the bytes of a file durable.
    fn sync(&self, file: &File) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    fn list(&self, path: &Path) -> io::Result<Vec<OsString>>;
    /// Returns the metadata of a file, without following a link.
    fn look_up(&self, path: &Path) -> io::Result<Metadata>;
    /// Whether an open file still has a name.
    fn is_linked(&self, file: &File) -> io::Result<bool>;
    /// Whether an open file is the one at `path`.
    fn is_at(&self, file: &File, path: &Path) -> io::Result<bool>;
    /// Locks the whole file until it is closed. Returns false if another process holds
    /// the lock.
    fn try_lock(&self, file: &File) -> io::Result<bool>;
    /// Locks one byte of a file. Returns `None` if another process holds the lock.
    fn try_lock_byte(&self, file: &Arc<LockFile>, offset: i64) -> io::Result<Option<KeyLock>>;
    /// Whether another process holds a lock on any of the `len` bytes of a file from
    /// `offset` on; 0 stands for all following bytes.
    fn is_locked(&self, file: &LockFile, offset: i64, len: i64) -> io::Result<bool>;
}

/// Whether the error means that the file does not exist any more.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, StaleNetworkFileHandle};
    matches!(
        error.kind(),
        NotADirectory | NotFound | StaleNetworkFileHandle
    )
}

/// Whether the size of files is limited. Such a limit is usually set before a program
/// starts, so it is checked when a file is created and not for each write.
static IS_LIMITED: AtomicBool = AtomicBool::new(false);

/// Do not follow links, and do not block on pipes and devices.
const NO_SURPRISES: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK);

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ))
    }
}

/// The file system of the operating system.
pub(crate) struct RealFs;

impl FileSystem for RealFs {
    fn make_dir(&self, path: &Path, mode: u32) -> io::Result<()> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
    }

    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        IS_LIMITED.store(!is_file_size_unlimited(), Ordering::Relaxed);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true).mode(mode);
        above_standard_streams(|| options.open(path))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(write)
            .custom_flags(NO_SURPRISES.bits() as i32);
        regular(match write {
            true => above_standard_streams(|| options.open(path))?,
            false => options.open(path)?,
        })
    }

    fn append(&self, mut file: &File, bytes: &[u8]) -> io::Result<()> {
        let mut write = || loop {
            match file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let written = match IS_LIMITED.load(Ordering::Relaxed) {
            true => file_size::with_size_limit_as_error(write)?,
            false => write()?,
        };
        if written == bytes.len() {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::WriteZero,
                "the write was incomplete; the disk is full, or a quota or a limit on the size of \
                 files is reached",
            ))
        }
    }

    fn len(&self, file: &File) -> io::Result<u64> {
        Ok(file.metadata()?.len())
    }

    fn len_of_own(&self, file: &Guarded<File>) -> io::Result<u64> {
        Ok(file.stat()?.st_size as u64)
    }

    fn map(&self, file: &File, len: usize) -> io::Result<Mmap> {
        // SAFETY: files of the store are only appended to, replaced by rename or
        // unlinked, in a directory that only the user (or users that the user trusts
        // explicitly) may write to. Readers access no byte past the length that they
        // queried.
        unsafe { MmapOptions::new().len(len).map(file) }
    }

    fn open_shared(&self, path: &Path, mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(mode);
        options.custom_flags(NO_SURPRISES.bits() as i32);
        regular(above_standard_streams(|| options.open(path))?)
    }

    fn map_shared(&self, file: &File, len: usize) -> io::Result<MmapMut> {
        // Writing to a mapped page without space on disk would raise a signal.
        file_size::with_size_limit_as_error(|| {
            let mode = rustix::fs::FallocateFlags::empty();
            Ok(rustix::fs::fallocate(file, mode, 0, len as u64)?)
        })?;
        // SAFETY: as above; the bytes are accessed only as atomics.
        unsafe { MmapOptions::new().len(len).map_mut(file) }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // A sync takes milliseconds, in which the program may close the descriptor.
        Guarded::new(File::open(path)?).get()?.sync_all()
    }

    fn list(&self, path: &Path) -> io::Result<Vec<OsString>> {
        std::fs::read_dir(path)?
            .map(|entry| Ok(entry?.file_name()))
            .collect()
    }

    fn look_up(&self, path: &Path) -> io::Result<Metadata> {
        path.symlink_metadata()
    }

    fn is_linked(&self, file: &File) -> io::Result<bool> {
        Ok(file.metadata()?.nlink() > 0)
    }

    fn is_at(&self, file: &File, path: &Path) -> io::Result<bool> {
        let named = match path.symlink_metadata() {
            Err(error) if is_gone(&error) => return Ok(false),
            named => named?,
        };
        let open = file.metadata()?;
        Ok((named.dev(), named.ino()) == (open.dev(), open.ino()))
    }

    fn try_lock(&self, file: &File) -> io::Result<bool> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn try_lock_byte(&self, file: &Arc<LockFile>, offset: i64) -> io::Result<Option<KeyLock>> {
        KeyLock::try_new(file, offset)
    }

    fn is_locked(&self, file: &LockFile, offset: i64, len: i64) -> io::Result<bool> {
        file.is_held(offset, len)
    }
}
