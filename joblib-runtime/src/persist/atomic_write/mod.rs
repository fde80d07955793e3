//! Replaces a file atomically: writes a new file, syncs it, and then gives it its name,
//! so that either the old file or the new one is always there in full. A file that has
//! no name in a directory is overwritten in place.

mod in_place;
mod permissions;
mod stale_files;
mod target;
mod temp_file;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use rustix::fs::{Mode, OFlags, openat, syncfs};
use rustix::io::{Errno, retry_on_intr};

use self::permissions::FilePermissions;
use self::target::{DirEntry, DumpTarget, ExistingFile};
use self::temp_file::TempFile;
use super::error::{Error, ErrorKind};
use crate::file_size;

/// Which parts of a file are durable when the call returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Contents and name: after a power failure the new file is there.
    #[default]
    Full,
    /// Contents: after a power failure either the old or the new file is there.
    Contents,
    /// Nothing: the system writes the file later. Killing the process does no harm, but
    /// a power failure may lose or damage the file.
    Nothing,
}

/// What may happen to an existing file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReplaceMode {
    pub(super) durability: Durability,
    /// Whether an existing file is an error.
    pub(super) is_create_new: bool,
    /// Whether the contents may be overwritten if the file cannot be replaced.
    pub(super) is_in_place: bool,
}

/// Writes the contents, from the start on each call. The flag is set if the target is a
/// regular file, which never blocks the writer.
type Contents<'w> = dyn FnMut(&mut dyn Write, bool) -> Result<(), Error> + 'w;

/// The number of attempts while other processes make the same change.
const TRIES: usize = 100;

/// Writes the file at `path` with the contents from `write`.
pub(super) fn replace(
    path: &Path,
    mode: ReplaceMode,
    write: &mut Contents<'_>,
) -> Result<(), Error> {
    // Exceeding the file size limit must be an error instead of a signal.
    let written = file_size::with_size_limit_as_error(|| Ok(replace_unchecked(path, mode, write)));
    written.map_err(ErrorKind::io("writing"))?
}

fn replace_unchecked(
    path: &Path,
    mode: ReplaceMode,
    write: &mut Contents<'_>,
) -> Result<(), Error> {
    if mode.is_create_new {
        return write_new(&DirEntry::unused(path)?, None, mode, write);
    }
    match DumpTarget::find(path)? {
        DumpTarget::Free(place) => write_new(&place, None, mode, write),
        DumpTarget::Special(special) => write_to_special(&special, path, write),
        DumpTarget::Nameless(old) => {
            old.check_overwritable(mode)?;
            in_place::overwrite(old.reopen()?, mode.durability, write)
        }
        DumpTarget::Named(place, old) => {
            place.check_writable()?;
            let replaced = write_new(&place, Some(&old), mode, write);
            let is_refused = |error: &Error| matches!(error.kind(), ErrorKind::Directory { .. });
            match replaced {
                Err(error) if mode.is_in_place && is_refused(&error) => {
                    in_place::overwrite(place.open(&old)?, mode.durability, write)
                }
                replaced => replaced,
            }
        }
    }
}

/// Creates a new file and moves it to `place`, replacing the old file if there is one.
fn write_new(
    place: &DirEntry,
    old: Option<&ExistingFile>,
    mode: ReplaceMode,
    write: &mut Contents<'_>,
) -> Result<(), Error> {
    let mut fresh = TempFile::create(place, old.is_some())?;
    buffered(&fresh.file, write)?;
    let whole = fresh.file.get().map_err(ErrorKind::io("writing"))?;
    // The permissions of the old file may have been reduced during the write.
    let access = old.map(|old| FilePermissions::of(old, place)).transpose()?;
    let access = access.as_ref().or(fresh.access.as_ref());
    if let Some(access) = access {
        access.apply(whole)?;
    }
    if mode.durability != Durability::Nothing {
        whole.sync_all().map_err(ErrorKind::io("syncing"))?;
    }
    match mode.is_create_new {
        true => fresh.publish_new()?,
        false => fresh.publish(old.is_some())?,
    }
    if mode.durability == Durability::Full {
        let synced = fresh
            .file
            .get()
            .and_then(|file| sync_directory(place, file));
        synced.map_err(ErrorKind::io("syncing the directory"))?;
    }
    Ok(())
}

/// Writes directly to a file that is not a regular file, such as a pipe or a terminal.
fn write_to_special(
    special: &ExistingFile,
    path: &Path,
    write: &mut Contents<'_>,
) -> Result<(), Error> {
    let opened = match special.reopen() {
        // `/proc` is not mounted.
        Err(error) if target::is_io_error(&error, io::ErrorKind::NotFound) => {
            let opened = File::options().write(true).open(path);
            opened.map_err(ErrorKind::io("opening"))?
        }
        opened => opened?,
    };
    buffered(&opened, &mut |out, _| write(out, false))
}

fn buffered(file: impl Write, write: &mut Contents<'_>) -> Result<(), Error> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    write(&mut out, true)?;
    out.flush().map_err(ErrorKind::io("writing"))
}

/// Syncs the names in the directory. A directory that cannot be read cannot be synced
/// by itself, so its whole file system is synced.
fn sync_directory(place: &DirEntry, file: &File) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match retry_on_intr(|| openat(place.directory()?, ".", flags, Mode::empty())) {
        Ok(directory) => File::from(directory).sync_all(),
        Err(Errno::ACCESS) => Ok(retry_on_intr(|| syncfs(file))?),
        Err(error) => Err(error.into()),
    }
}
