//! Determines what a path leads to. The system follows links by its own rules and
//! reports where the file is.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, accessat, openat, readlinkat};
use rustix::io::{Errno, retry_on_intr};

use super::{ReplaceMode, TRIES};
use crate::guarded_fd::{Guarded, above_standard_streams};
use crate::persist::error::{Error, ErrorKind};

/// The maximum number of dangling links that are followed, the same as in Linux.
const LINKS: usize = 40;

/// The mode bits of a world-writable directory in which users may remove only their own
/// files.
const STICKY: u32 = 0o1002;

/// What a path leads to.
pub(super) enum DumpTarget {
    /// Nothing; a file can be created there.
    Free(DirEntry),
    /// A regular file and its name.
    Named(DirEntry, ExistingFile),
    /// A regular file without a reachable name, which a descriptor refers to.
    Nameless(ExistingFile),
    /// A pipe, a terminal, or a similar file.
    Special(ExistingFile),
}

/// A name in a directory.
#[derive(Debug)]
pub(super) struct DirEntry {
    directory: Guarded<OwnedFd>,
    pub(super) name: OsString,
    /// For messages, and for system calls that take only paths.
    pub(super) path: PathBuf,
}

/// A file that already existed. It is held by a descriptor without the right to read or
/// write, so that it cannot be confused with another file.
pub(super) struct ExistingFile {
    file: Guarded<File>,
    about: Metadata,
}

impl DumpTarget {
    pub(super) fn find(path: &Path) -> Result<DumpTarget, Error> {
        let mut before = None;
        for _ in 0..TRIES {
            let old = match hold(CWD, path, OFlags::empty()) {
                Err(Errno::NOENT) => return DirEntry::at_end_of_links(path).map(DumpTarget::Free),
                held => ExistingFile::new(held).map_err(ErrorKind::io("examining the file"))?,
            };
            let kind = old.about.file_type();
            if kind.is_dir() || kind.is_block_device() {
                let message = "it is not a file that can be written to".to_owned();
                return Err(ErrorKind::Value(message).into());
            }
            if kind.is_socket() {
                let message = "it is a socket; use `Dump::write` to write to it".to_owned();
                return Err(ErrorKind::Value(message).into());
            }
            if !kind.is_file() {
                return Ok(DumpTarget::Special(old));
            }
            if let Some(place) = old.place(path)? {
                return Ok(DumpTarget::Named(place, old));
            }
            // Another process has replaced the file, unless the same file is found
            // again.
            let identity = (old.about.dev(), old.about.ino());
            if before.replace(identity) == Some(identity) {
                return Ok(DumpTarget::Nameless(old));
            }
        }
        let busy = io::ErrorKind::ResourceBusy.into();
        Err(ErrorKind::io("examining the file")(busy))
    }
}

impl ExistingFile {
    fn new(held: Result<OwnedFd, Errno>) -> io::Result<ExistingFile> {
        let file = File::from(held?);
        let about = file.metadata()?;
        let file = Guarded::new(file);
        Ok(ExistingFile { file, about })
    }

    /// Returns the target of the link.
    fn target(&self) -> io::Result<OsString> {
        let file = self.file.get()?;
        let named = retry_on_intr(|| readlinkat(file, "", Vec::new()))?;
        Ok(OsString::from_vec(named.into_bytes()))
    }

    /// Returns whether `found` is the metadata of this file.
    fn is_at(&self, found: &Metadata) -> bool {
        (self.about.dev(), self.about.ino()) == (found.dev(), found.ino())
    }

    /// Returns the name of the file: at the path, or where links lead.
    fn place(&self, path: &Path) -> Result<Option<DirEntry>, Error> {
        if let Some(place) = self.place_if_there(path)? {
            return Ok(Some(place));
        }
        let link = self.link().map_err(ErrorKind::io("following a link"))?;
        match fs::read_link(link) {
            Ok(named) => self.place_if_there(&named),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ErrorKind::io("following a link")(error)),
        }
    }

    fn place_if_there(&self, path: &Path) -> Result<Option<DirEntry>, Error> {
        let examined = DirEntry::new(path).and_then(|place| match place.hold() {
            Ok(there) => Ok(self.is_at(&there.about).then_some(place)),
            Err(error) => Err(ErrorKind::io("examining the file")(error)),
        });
        match examined {
            Err(error)
                if is_io_error(&error, io::ErrorKind::NotFound)
                    || is_io_error(&error, io::ErrorKind::PermissionDenied) =>
            {
                Ok(None)
            }
            examined => examined,
        }
    }

    /// Checks that the contents may be overwritten although the file cannot be
    /// replaced. A file without a name is lost with its descriptors in any case.
    pub(super) fn check_overwritable(&self, mode: ReplaceMode) -> Result<(), Error> {
        if self.about.nlink() == 0 || mode.is_in_place {
            return Ok(());
        }
        let message = "the file has no path, only a descriptor, so it cannot be replaced; \
                       `Dump::in_place` allows overwriting it";
        Err(ErrorKind::Value(message.to_owned()).into())
    }

    /// Opens the file for writing.
    pub(super) fn reopen(&self) -> Result<File, Error> {
        let mut options = File::options();
        options
            .write(true)
            .custom_flags(OFlags::NOCTTY.bits() as i32);
        let opened = above_standard_streams(|| options.open(self.link()?));
        opened.map_err(ErrorKind::io("opening"))
    }

    /// Returns the current metadata.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.get()?.metadata()
    }

    /// Returns the link in `/proc` that leads to the file.
    pub(super) fn link(&self) -> io::Result<PathBuf> {
        Ok(format!("/proc/self/fd/{}", self.file.get()?.as_raw_fd()).into())
    }
}

impl DirEntry {
    /// Opens the directory of `path` without following a link at its end.
    fn new(path: &Path) -> Result<DirEntry, Error> {
        let bytes = path.as_os_str().as_bytes();
        let is_directory = bytes.ends_with(b"/") || bytes.ends_with(b"/.");
        let name = path.file_name().filter(|_| !is_directory).ok_or_else(|| {
            let message = "the path does not name a file".to_owned();
            ErrorKind::Value(message)
        })?;
        let flags = OFlags::DIRECTORY;
        let directory = hold(CWD, parent(path), flags);
        let directory = directory.map_err(|it| ErrorKind::io("opening the directory")(it.into()));
        Ok(DirEntry {
            directory: Guarded::new(directory?),
            name: name.to_owned(),
            path: path.to_owned(),
        })
    }

    /// Returns the directory, unless the program has closed the descriptor.
    pub(super) fn directory(&self) -> Result<&OwnedFd, Errno> {
        self.directory.get().map_err(|_| Errno::BADF)
    }

    /// Opens the directory of `path`, at which nothing may exist.
    pub(super) fn unused(path: &Path) -> Result<DirEntry, Error> {
        let place = DirEntry::new(path)?;
        match place.hold() {
            Ok(_) => Err(already_there()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(place),
            Err(error) => Err(ErrorKind::io("examining the file")(error)),
        }
    }

    /// Returns where the file is created if `path` leads to nothing: the target of
    /// dangling links.
    fn at_end_of_links(path: &Path) -> Result<DirEntry, Error> {
        let doing = "following a link";
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let place = DirEntry::new(&path)?;
            let link = match place.hold() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(place),
                held => held.map_err(ErrorKind::io(doing))?,
            };
            if !link.about.is_symlink() {
                // It was created in the meantime.
                return Err(ErrorKind::io("examining the file")(
                    io::ErrorKind::ResourceBusy.into(),
                ));
            }
            place.check_trusted(&link).map_err(ErrorKind::io(doing))?;
            let named = link.target().map_err(ErrorKind::io(doing))?;
            path = parent(&path).join(named);
        }
        Err(ErrorKind::io(doing)(Errno::LOOP.into()))
    }

    /// In a world-writable directory, a dangling link of another user could make this
    /// process create a file where that user wants it. The system follows such links
    /// only if they belong to this user or to the owner of the directory. Links are
    /// followed by hand here, so the same rule is applied.
    fn check_trusted(&self, link: &ExistingFile) -> io::Result<()> {
        let directory = File::from(self.directory()?.try_clone()?).metadata()?;
        let owners = [rustix::process::geteuid().as_raw(), directory.uid()];
        match directory.mode() & STICKY == STICKY && !owners.contains(&link.about.uid()) {
            false => Ok(()),
            true => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the link belongs to another user, in a world-writable directory",
            )),
        }
    }

    /// Opens what is there, without following a link.
    fn hold(&self) -> io::Result<ExistingFile> {
        let name = Path::new(&self.name);
        ExistingFile::new(hold(self.directory()?, name, OFlags::NOFOLLOW))
    }

    /// Checks that this process may write to the existing file.
    pub(super) fn check_writable(&self) -> Result<(), Error> {
        let (name, wanted) = (&self.name, Access::WRITE_OK);
        let access = || accessat(self.directory()?, name, wanted, AtFlags::EACCESS);
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = || openat(self.directory()?, name, flags, Mode::empty());
        let allowed = match retry_on_intr(access) {
            // System call filters may reject system calls that they do not know.
            Err(Errno::ACCESS | Errno::PERM | Errno::NOSYS) => retry_on_intr(open).map(drop),
            allowed => allowed,
        };
        let why = match allowed {
            // A running program cannot be written to, but it can be replaced.
            Ok(()) | Err(Errno::TXTBSY) => return Ok(()),
            Err(Errno::ACCESS | Errno::PERM) => {
                "it is write-protected; make it writable (`chmod u+w`) or remove it, and dump again"
            }
            Err(Errno::ROFS) => "its file system is read-only",
            Err(error) => return Err(ErrorKind::io("examining the file")(error.into())),
        };
        let kind = io::ErrorKind::PermissionDenied;
        Err(ErrorKind::io("replacing the file")(io::Error::new(
            kind, why,
        )))
    }

    /// Opens the old file for writing.
    pub(super) fn open(&self, old: &ExistingFile) -> Result<File, Error> {
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opens = || openat(self.directory()?, &self.name, flags, Mode::empty());
        let opened = above_standard_streams(|| retry_on_intr(opens));
        let opened = File::from(opened.map_err(|it| ErrorKind::io("opening")(it.into()))?);
        let about = opened.metadata().map_err(ErrorKind::io("opening"))?;
        match old.is_at(&about) {
            true => Ok(opened),
            false => Err(ErrorKind::io("opening")(io::ErrorKind::ResourceBusy.into())),
        }
    }
}

/// Returns the error for a file that must not be replaced.
pub(super) fn already_there() -> Error {
    let why = "it already exists, and `create_new` does not replace files";
    ErrorKind::io("creating")(io::Error::new(io::ErrorKind::AlreadyExists, why))
}

/// Returns whether the error is an I/O error of this kind.
pub(super) fn is_io_error(error: &Error, reason: io::ErrorKind) -> bool {
    matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == reason)
}

pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Opens a descriptor without the right to read or write.
fn hold(directory: impl std::os::fd::AsFd, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::PATH | OFlags::CLOEXEC;
    let path: &OsStr = path.as_os_str();
    retry_on_intr(|| openat(&directory, path, flags, Mode::empty()))
}
