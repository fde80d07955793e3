//! A file that is being written: without a name where the file system has such
//! files, and so that nobody else can open it.

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

use super::super::error::{Error, ErrorKind};
use super::TRIES;
use super::permissions::FilePermissions;
use super::stale_files;
use super::target::{DirEntry, already_there, parent};
use crate::guarded_fd::{Guarded, beside_streams};

/// A file of which the owner may do everything, and nobody else anything.
const PRIVATE: Mode = Mode::from_raw_mode(0o600);

/// What a new file is asked for, less what the process and the directory take
/// away.
const USUAL: Mode = Mode::from_raw_mode(0o666);

/// A file that is being written.
pub(super) struct TempFile<'p> {
    pub(super) file: Guarded<File>,
    /// Who may open it in the end, if it was taken from them meanwhile.
    pub(super) access: Option<FilePermissions>,
    place: &'p DirEntry,
    /// Its name for the time being; without one, it is gone when closed.
    name: Option<OsString>,
}

impl<'p> TempFile<'p> {
    /// A file that is to take the place, which has an old file or none. Where
    /// there is one, nobody else may open the new one before it says who may.
    pub(super) fn create(place: &'p DirEntry, has_old: bool) -> Result<TempFile<'p>, Error> {
        let created = match unnamed(place, if has_old { PRIVATE } else { USUAL }) {
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
            // The file system has no files without a name, or there is no way
            // to name them.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => TempFile::named(place, has_old),
            Err(error) => Err(error.into()),
        };
        created.map_err(|error| refused(place, has_old, "creating", error))
    }

    /// A file with a name of its own.
    pub(super) fn named(place: &'p DirEntry, has_old: bool) -> io::Result<TempFile<'p>> {
        let beside = stale_files::beside(&place.name);
        stale_files::remove(place, &beside);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = if has_old { PRIVATE } else { USUAL };
        for _ in 0..TRIES {
            let name = stale_files::own(&beside);
            let opens = || retry_on_intr(|| openat(place.directory()?, &name, flags, mode));
            let opened = beside_streams(opens);
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
            // Another may have taken it for one that was left, before the lock.
            let file = fresh.file.get()?;
            if lock(file) && file.metadata()?.nlink() > 0 {
                if !has_old {
                    fresh.close_to_others()?;
                }
                return Ok(fresh);
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Takes it from all others until it is whole. What they have is what the
    /// system gives them of a new file in this directory.
    fn close_to_others(&mut self) -> io::Result<()> {
        let file = self.file.get()?;
        let own = FilePermissions::own(file)?;
        match retry_on_intr(|| fchmod(file, PRIVATE)) {
            Ok(()) => self.access = Some(own),
            // A file system without modes: all of its files are for the same users.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Gives it the name of its place.
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

    /// As [`publish`](TempFile::publish), if nothing has that name.
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
        // A name takes the place of another only by a rename, and a file
        // without a name cannot be renamed. What stands at the name in between
        // was left by a process that was killed right here, or belongs to one
        // that writes the same file at this moment; then this one takes a name
        // that nobody else has.
        let first = stale_files::beside(&self.place.name);
        let mut beside = first.clone();
        for _ in 0..TRIES {
            match self.link_as(&beside) {
                Ok(()) => {}
                Err(Errno::EXIST) => {
                    stale_files::remove(self.place, &first);
                    beside = stale_files::own(&first);
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            match rename(self.place, &beside) {
                // Another took it for one that was left.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => return renamed.inspect_err(|_| unlink(self.place, &beside)),
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

/// A file without a name.
fn unnamed(place: &DirEntry, mode: Mode) -> Result<OwnedFd, Errno> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let opens = || retry_on_intr(|| openat(place.directory()?, ".", flags, mode));
    let file = beside_streams(opens)?;
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

/// As [`rename`], of a file that takes the place of none. Where the file system
/// cannot do that at once, the new name comes first.
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

/// Locks a file as long as it is open, so that it can be told from those that
/// killed processes left. Whether nobody else has locked it.
fn lock(file: &File) -> bool {
    let locked = flock(file, FlockOperation::NonBlockingLockExclusive);
    // Where there are no locks, nobody can tell, and nothing is removed.
    locked != Err(Errno::WOULDBLOCK)
}

/// The error where the directory takes no new file, or gives it no name.
fn refused(place: &DirEntry, has_old: bool, doing: &'static str, source: io::Error) -> Error {
    let hint = match (has_old, source.raw_os_error().map(Errno::from_raw_os_error)) {
        (true, Some(Errno::BUSY)) => {
            "; the file is a mount point: mount its directory in its stead, or allow \
             `Dump::in_place`"
        }
        (true, Some(Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::XDEV)) => {
            "; the file itself can be written to, which `Dump::in_place` allows"
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
