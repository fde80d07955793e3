//! Files in the making: written under a temporary name, locked by their
//! writer so that a sweep tells them from what a dead process left, and
//! renamed when whole.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::directory::StoreDir;
use super::fs::FileSystem;

/// A sweep may look at a file just as it is made; more often than this, it is
/// no chance.
const TRIES: usize = 8;

/// One write takes at most this much, below what any system refuses.
const PART: usize = 64 << 20;

/// Makes an empty file under a temporary name, locked.
pub(crate) fn create(files: &dyn FileSystem, directory: &StoreDir) -> io::Result<(File, PathBuf)> {
    for _ in 0..TRIES {
        let path = directory.temporary();
        let file = files.create(&path, directory.file_mode)?;
        match is_ours(files, &file) {
            Ok(true) => return Ok((file, path)),
            Ok(false) => {}
            Err(error) => {
                let _ = files.remove(&path);
                return Err(error);
            }
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// Whether the lock was free and the file not swept before it was taken.
fn is_ours(files: &dyn FileSystem, file: &File) -> io::Result<bool> {
    let is_locked = files.try_lock(file).or_else(|error| {
        // Where there are no locks, no sweep takes a file for dead.
        if is_unsupported(&error) {
            Ok(true)
        } else {
            Err(error)
        }
    })?;
    Ok(is_locked && files.is_linked(file)?)
}

fn is_unsupported(error: &io::Error) -> bool {
    let unsupported = [Errno::NOLCK, Errno::NOSYS, Errno::OPNOTSUPP, Errno::INVAL];
    unsupported
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Writes `parts` to a file that appears at `target` when whole. Gives the
/// file, to be synced later where `is_durable` did not ask for it at once.
pub(crate) fn publish(
    files: &dyn FileSystem,
    directory: &StoreDir,
    parts: &[&[u8]],
    target: &Path,
    is_durable: bool,
) -> io::Result<File> {
    let (file, temporary) = create(files, directory)?;
    let written = (|| {
        for part in parts.iter().flat_map(|part| part.chunks(PART)) {
            files.append(&file, part)?;
        }
        if is_durable {
            files.sync(&file)?;
        }
        files.rename(&temporary, target)
    })();
    if let Err(error) = written {
        let _ = files.remove(&temporary);
        return Err(error);
    }
    if is_durable && let Some(parent) = target.parent() {
        files.sync_dir(parent)?;
    }
    Ok(file)
}
