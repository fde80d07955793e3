//! Unfinished files: written under a temporary name, locked by their writer so that
//! garbage collection does not mistake them for the files of a dead process, and
//! renamed when complete.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::directory::StoreDir;
use super::fs::FileSystem;

/// Maximum number of attempts. Garbage collection may lock a file just after its
/// creation, but not this often.
const TRIES: usize = 8;

/// Maximum size of one write, below the limit of any system.
const PART: usize = 64 << 20;

/// Creates an empty, locked file under a temporary name.
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

/// Locks the file. Returns whether the lock was free and the file was not removed
/// before.
fn is_ours(files: &dyn FileSystem, file: &File) -> io::Result<bool> {
    let is_locked = files.try_lock(file).or_else(|error| {
        // Without support for locks, garbage collection removes no files either.
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

/// Writes `parts` to a file that appears at `target` when complete. Returns the file,
/// which the caller syncs later unless `is_durable`.
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
