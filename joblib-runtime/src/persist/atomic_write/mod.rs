//! Puts a file in place of another in one step: written aside, synced, and then
//! named, so that whatever happens, the old file or the new one is there whole,
//! and nothing else. What has no place in a directory is written as it is.

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

/// How far a file is to be on the disk when it is in place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Contents and name: after a power cut the new file is there.
    #[default]
    Full,
    /// Contents: after a power cut the old file or the new one is there.
    Contents,
    /// Nothing: the system writes it in its own time. A process that is killed
    /// does no harm, a power cut may.
    Nothing,
}

/// What may become of a file that is there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReplaceMode {
    pub(super) durability: Durability,
    /// Nothing: only a new file is written.
    pub(super) is_create_new: bool,
    /// Its contents may be overwritten where it cannot be replaced.
    pub(super) is_in_place: bool,
}

/// What writes the contents, from the start each time. It is told whether they go to
/// a plain file, which takes them without waiting for anybody.
type Contents<'w> = dyn FnMut(&mut dyn Write, bool) -> Result<(), Error> + 'w;

/// So often is something tried while others do the same.
const TRIES: usize = 100;

/// Has `write` write the file at `path`.
pub(super) fn replace(
    path: &Path,
    manner: ReplaceMode,
    write: &mut Contents<'_>,
) -> Result<(), Error> {
    // Where a file may grow no further, that is an error and not a signal.
    let written = file_size::checked(|| Ok(within_limits(path, manner, write)));
    written.map_err(ErrorKind::io("writing"))?
}

fn within_limits(path: &Path, manner: ReplaceMode, write: &mut Contents<'_>) -> Result<(), Error> {
    if manner.is_create_new {
        return fresh(&DirEntry::unused(path)?, None, manner, write);
    }
    match DumpTarget::find(path)? {
        DumpTarget::Free(place) => fresh(&place, None, manner, write),
        DumpTarget::Special(special) => through(&special, path, write),
        DumpTarget::Nameless(old) => {
            old.is_open_to_be_overwritten(manner)?;
            in_place::overwrite(old.reopen()?, manner.durability, write)
        }
        DumpTarget::Named(place, old) => {
            place.is_writable()?;
            let replaced = fresh(&place, Some(&old), manner, write);
            let is_refused = |error: &Error| matches!(error.kind(), ErrorKind::Directory { .. });
            match replaced {
                Err(error) if manner.is_in_place && is_refused(&error) => {
                    in_place::overwrite(place.open(&old)?, manner.durability, write)
                }
                replaced => replaced,
            }
        }
    }
}

/// Puts a new file in the place, instead of the old one if there is one.
fn fresh(
    place: &DirEntry,
    old: Option<&ExistingFile>,
    manner: ReplaceMode,
    write: &mut Contents<'_>,
) -> Result<(), Error> {
    let mut fresh = TempFile::create(place, old.is_some())?;
    buffered(&fresh.file, write)?;
    let whole = fresh.file.get().map_err(ErrorKind::io("writing"))?;
    // It may have been taken from somebody while this was written.
    let access = old.map(|old| FilePermissions::of(old, place)).transpose()?;
    let access = access.as_ref().or(fresh.access.as_ref());
    if let Some(access) = access {
        access.give(whole)?;
    }
    if manner.durability != Durability::Nothing {
        whole.sync_all().map_err(ErrorKind::io("syncing"))?;
    }
    match manner.is_create_new {
        true => fresh.publish_new()?,
        false => fresh.publish(old.is_some())?,
    }
    if manner.durability == Durability::Full {
        let synced = fresh
            .file
            .get()
            .and_then(|file| sync_directory(place, file));
        synced.map_err(ErrorKind::io("syncing the directory"))?;
    }
    Ok(())
}

/// Writes to what is no plain file as it is: a pipe, a terminal.
fn through(special: &ExistingFile, path: &Path, write: &mut Contents<'_>) -> Result<(), Error> {
    let opened = match special.reopen() {
        // There is no `/proc`.
        Err(error) if target::is(&error, io::ErrorKind::NotFound) => {
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

/// Brings the names in the directory to the disk. A directory that cannot be
/// read cannot be synced by itself; all of its file system can.
fn sync_directory(place: &DirEntry, file: &File) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    match retry_on_intr(|| openat(place.directory()?, ".", flags, Mode::empty())) {
        Ok(directory) => File::from(directory).sync_all(),
        Err(Errno::ACCESS) => Ok(retry_on_intr(|| syncfs(file))?),
        Err(error) => Err(error.into()),
    }
}
