//! A file that is being written: without a name, if the file system supports that, and
//! inaccessible to other users.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, FlockOperation, Mode, OFlags, RenameFlags, fchmod, flock, linkat, openat,
    renameat, renameat_with, unlinkat,
};
use rustix::io::{Errno, retry_on_intr};

use super::TRIES;
use super::permissions::FilePermissions;
use super::stale_files;
use super::target::{DirEntry, already_there, parent};
use crate::guarded_fd::{Guarded, above_standard_streams};
use crate::persist::error::{Error, ErrorKind};

/// Only the owner has permissions.
const PRIVATE_MODE: Mode = Mode::from_raw_mode(0o600);

/// The default mode of a new file, which the process and the directory reduce.
const DEFAULT_MODE: Mode = Mode::from_raw_mode(0o666);

/// A file that is being written.
pub(super) struct TempFile<'p> {
    pub(super) file: Guarded<File>,
    /// The final permissions, if they were removed for the duration of the write.
    pub(super) access: Option<FilePermissions>,
    place: &'p DirEntry,
    /// The temporary name; without one, the file disappears when it is closed.
    name: Option<OsString>,
}

impl<'p> TempFile<'p> {
    /// Creates a file that will be moved to `place`. If there is an old file, no other
    /// user can open the new one until the permissions of the old file are applied.
    pub(super) fn create(place: &'p DirEntry, has_old: bool) -> Result<TempFile<'p>, Error> {
        let created = match unnamed(place, if has_old { PRIVATE_MODE } else { DEFAULT_MODE }) {
            Ok(file) => {
                let file = File::from(file);
                lock(&file);
                Ok(TempFile {
                    file: Guarded::new(file),
                    access: None,
                    place,
                    name: None,
                })
            }
            // The file system does not support files without a name, or there is no way
            // to name them.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => TempFile::named(place, has_old),
            Err(error) => Err(error.into()),
        };
        created.map_err(|error| refused(place, has_old, "creating", error))
    }

    /// Creates a file with a unique temporary name.
    pub(super) fn named(place: &'p DirEntry, has_old: bool) -> io::Result<TempFile<'p>> {
        let prefix = stale_files::prefix(&place.name);
        stale_files::remove(place, &prefix);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = if has_old { PRIVATE_MODE } else { DEFAULT_MODE };
        for _ in 0..TRIES {
            let name = stale_files::unique(&prefix);
            let opens = || retry_on_intr(|| openat(place.directory()?, &name, flags, mode));
            let opened = above_standard_streams(opens);
            let file = match opened {
                Err(Errno::EXIST) => continue,
                opened => File::from(opened?),
            };
            let mut fresh = TempFile {
                file: Guarded::new(file),
                access: None,
                place,
                name: Some(name),
            };
            // Before the lock, another process may have removed the file as a stale
            // one.
            let file = fresh.file.get()?;
            if lock(file) && file.metadata()?.nlink() > 0 {
                if !has_old {
                    fresh.make_private()?;
                }
                return Ok(fresh);
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Removes the permissions of other users until the file is complete. The final
    /// permissions are those that the system gives a new file in this directory.
    fn make_private(&mut self) -> io::Result<()> {
        let file = self.file.get()?;
        let own = FilePermissions::own(file)?;
        match retry_on_intr(|| fchmod(file, PRIVATE_MODE)) {
            Ok(()) => self.access = Some(own),
            // A file system without modes: all of its files have the same permissions.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Gives the file its final name.
    pub(super) fn publish(&mut self, has_old: bool) -> Result<(), Error> {
        let published = match self.name.take() {
            Some(named) => {
                let renamed = rename(self.place, &named);
                renamed.inspect_err(|_| self.name = Some(named))
            }
            None => self.link(),
        };
        published.map_err(|error| refused(self.place, has_old, "naming the file", error))
    }

    /// Like [`publish`](TempFile::publish), but fails if the name is taken.
    pub(super) fn publish_new(&mut self) -> Result<(), Error> {
        let published = match &self.name {
            Some(named) => rename_to_nothing(self.place, named),
            None => self.link_as(&self.place.name),
        };
        match published {
            Ok(()) => {
                self.name = None;
                Ok(())
            }
            Err(Errno::EXIST) => Err(already_there()),
            Err(error) => Err(ErrorKind::io("naming the file")(error.into())),
        }
    }

    fn link(&self) -> io::Result<()> {
        match self.link_as(&self.place.name) {
            Err(Errno::EXIST) => {}
            linked => return Ok(linked?),
        }
        // Only a rename replaces an existing name, and a file without a name cannot be
        // renamed, so it gets a temporary name first. If that name is taken, either a
        // process was killed right here or another one is writing the same file; then a
        // unique name is used.
        let prefix = stale_files::prefix(&self.place.name);
        let mut name = prefix.clone();
        for _ in 0..TRIES {
            match self.link_as(&name) {
                Ok(()) => {}
                Err(Errno::EXIST) => {
                    stale_files::remove(self.place, &prefix);
                    name = stale_files::unique(&prefix);
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            match rename(self.place, &name) {
                // Another process removed it as a stale file.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => return renamed.inspect_err(|_| unlink(self.place, &name)),
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    fn link_as(&self, name: &OsStr) -> Result<(), Errno> {
        let file = self.file.get().map_err(|_| Errno::BADF)?;
        let own = format!("/proc/self/fd/{}", file.as_raw_fd());
        let directory = self.place.directory()?;
        retry_on_intr(|| linkat(CWD, &own, directory, name, AtFlags::SYMLINK_FOLLOW))
    }
}

impl Drop for TempFile<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            unlink(self.place, name);
        }
    }
}

/// Creates a file without a name.
fn unnamed(place: &DirEntry, mode: Mode) -> Result<OwnedFd, Errno> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let opens = || retry_on_intr(|| openat(place.directory()?, ".", flags, mode));
    let file = above_standard_streams(opens)?;
    match Path::new("/proc/self/fd").exists() {
        true => Ok(file),
        false => Err(Errno::OPNOTSUPP),
    }
}

fn rename(place: &DirEntry, name: &OsStr) -> io::Result<()> {
    let directory = place.directory()?;
    Ok(retry_on_intr(|| {
        renameat(directory, name, directory, &place.name)
    })?)
}

/// Like [`rename`], but fails if the name is taken. Without support of the file system,
/// the new name is added before the old one is removed.
fn rename_to_nothing(place: &DirEntry, name: &OsStr) -> Result<(), Errno> {
    let (directory, flags) = (place.directory()?, RenameFlags::NOREPLACE);
    let renamed = retry_on_intr(|| renameat_with(directory, name, directory, &place.name, flags));
    match renamed {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            let flags = AtFlags::empty();
            retry_on_intr(|| linkat(directory, name, directory, &place.name, flags))?;
            unlink(place, name);
            Ok(())
        }
        renamed => renamed,
    }
}

fn unlink(place: &DirEntry, name: &OsStr) {
    let _ = retry_on_intr(|| unlinkat(place.directory()?, name, AtFlags::empty()));
}

/// Locks the file while it is open, which distinguishes it from the files of killed
/// processes. Returns whether no other process has locked it.
fn lock(file: &File) -> bool {
    let locked = flock(file, FlockOperation::NonBlockingLockExclusive);
    // If the file system has no locks, stale files cannot be recognized and are not
    // removed.
    locked != Err(Errno::WOULDBLOCK)
}

/// Returns the error if the directory does not allow a new file or a new name.
fn refused(place: &DirEntry, has_old: bool, doing: &'static str, source: io::Error) -> Error {
    let hint = match (has_old, source.raw_os_error().map(Errno::from_raw_os_error)) {
        (true, Some(Errno::BUSY)) => {
            "; the file is a mount point: mount its directory instead, or allow `Dump::in_place`"
        }
        (true, Some(Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::XDEV)) => {
            "; the file itself is writable, and `Dump::in_place` allows overwriting it"
        }
        (false, Some(Errno::ACCESS | Errno::PERM | Errno::ROFS)) => "",
        _ => return ErrorKind::io(doing)(source),
    };
    let directory = parent(&place.path).to_owned();
    ErrorKind::Directory {
        directory,
        source,
        hint,
    }
    .into()
}
