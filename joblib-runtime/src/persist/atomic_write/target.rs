//! What a path leads to. The system follows links, with the rules that it has
//! for them; where a file has its name is what the system says.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, accessat, openat, readlinkat};
use rustix::io::{Errno, retry_on_intr};

use super::super::error::{Error, ErrorKind};
use super::{ReplaceMode, TRIES};
use crate::guarded_fd::{Guarded, beside_streams};

/// So many links to nothing are followed, as by Linux.
const LINKS: usize = 40;

/// A directory in which everybody may write, and remove only what is theirs.
const STICKY: u32 = 0o1002;

/// What a path leads to.
pub(super) enum DumpTarget {
    /// Nothing; a file can be made there.
    Free(DirEntry),
    /// A plain file, and where it has its name.
    Named(DirEntry, ExistingFile),
    /// A plain file that has no name, or none that can be reached: a descriptor
    /// leads to it.
    Nameless(ExistingFile),
    /// A pipe, a terminal or the like.
    Special(ExistingFile),
}

/// A name in a directory.
#[derive(Debug)]
pub(super) struct DirEntry {
    directory: Guarded<OwnedFd>,
    pub(super) name: OsString,
    /// For messages, and for calls that take paths only.
    pub(super) path: PathBuf,
}

/// What was there: held, so that nothing else can be taken for it, and neither
/// read nor written.
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
                held => ExistingFile::new(held).map_err(ErrorKind::io("looking at the file"))?,
            };
            let kind = old.about.file_type();
            if kind.is_dir() || kind.is_block_device() {
                let message = "it is no file that can be written to".to_owned();
                return Err(ErrorKind::Value(message).into());
            }
            if kind.is_socket() {
                let message = "it is a socket, which `Dump::write` writes to".to_owned();
                return Err(ErrorKind::Value(message).into());
            }
            if !kind.is_file() {
                return Ok(DumpTarget::Special(old));
            }
            if let Some(place) = old.place(path)? {
                return Ok(DumpTarget::Named(place, old));
            }
            // Another was put in its place meanwhile, unless it is found again.
            let identity = (old.about.dev(), old.about.ino());
            if before.replace(identity) == Some(identity) {
                return Ok(DumpTarget::Nameless(old));
            }
        }
        let busy = io::ErrorKind::ResourceBusy.into();
        Err(ErrorKind::io("looking at the file")(busy))
    }
}

impl ExistingFile {
    fn new(held: Result<OwnedFd, Errno>) -> io::Result<ExistingFile> {
        let file = File::from(held?);
        let about = file.metadata()?;
        let file = Guarded::new(file);
        Ok(ExistingFile { file, about })
    }

    /// What it names, if it is a link.
    fn target(&self) -> io::Result<OsString> {
        let file = self.file.get()?;
        let named = retry_on_intr(|| readlinkat(file, "", Vec::new()))?;
        Ok(OsString::from_vec(named.into_bytes()))
    }

    /// Whether this is what has been found there.
    fn is_at(&self, found: &Metadata) -> bool {
        (self.about.dev(), self.about.ino()) == (found.dev(), found.ino())
    }

    /// Where it has its name: at the path, or where links lead.
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
        let looked = DirEntry::new(path).and_then(|place| match place.hold() {
            Ok(there) => Ok(self.is_at(&there.about).then_some(place)),
            Err(error) => Err(ErrorKind::io("looking at the file")(error)),
        });
        match looked {
            Err(error)
                if is(&error, io::ErrorKind::NotFound)
                    || is(&error, io::ErrorKind::PermissionDenied) =>
            {
                Ok(None)
            }
            looked => looked,
        }
    }

    /// Whether its contents may be overwritten, though it cannot be replaced. What
    /// has no name is lost with its descriptors in any case.
    pub(super) fn is_open_to_be_overwritten(&self, manner: ReplaceMode) -> Result<(), Error> {
        if self.about.nlink() == 0 || manner.is_in_place {
            return Ok(());
        }
        let message = "a descriptor leads to the file and no path does, so that it cannot be \
                       replaced; `Dump::in_place` allows to write over it";
        Err(ErrorKind::Value(message.to_owned()).into())
    }

    /// Opens it, to be written to.
    pub(super) fn reopen(&self) -> Result<File, Error> {
        let mut options = File::options();
        options
            .write(true)
            .custom_flags(OFlags::NOCTTY.bits() as i32);
        let opened = beside_streams(|| options.open(self.link()?));
        opened.map_err(ErrorKind::io("opening"))
    }

    /// What the system knows of it at this moment.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.get()?.metadata()
    }

    /// The link of the system's that leads to it.
    pub(super) fn link(&self) -> io::Result<PathBuf> {
        Ok(format!("/proc/self/fd/{}", self.file.get()?.as_raw_fd()).into())
    }
}

impl DirEntry {
    /// The place that `path` names, without following a link at its end.
    fn new(path: &Path) -> Result<DirEntry, Error> {
        let bytes = path.as_os_str().as_bytes();
        let is_directory = bytes.ends_with(b"/") || bytes.ends_with(b"/.");
        let name = path.file_name().filter(|_| !is_directory).ok_or_else(|| {
            let message = "it names no file".to_owned();
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

    /// The directory, as long as the program has not closed it.
    pub(super) fn directory(&self) -> Result<&OwnedFd, Errno> {
        self.directory.get().map_err(|_| Errno::BADF)
    }

    /// The place that `path` names, at which there must be nothing at all.
    pub(super) fn unused(path: &Path) -> Result<DirEntry, Error> {
        let place = DirEntry::new(path)?;
        match place.hold() {
            Ok(_) => Err(already_there()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(place),
            Err(error) => Err(ErrorKind::io("looking at the file")(error)),
        }
    }

    /// Where a file is made whose path leads to nothing: what links name.
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
                // It was made this very moment.
                return Err(ErrorKind::io("looking at the file")(
                    io::ErrorKind::ResourceBusy.into(),
                ));
            }
            place.trusts(&link).map_err(ErrorKind::io(doing))?;
            let named = link.target().map_err(ErrorKind::io(doing))?;
            path = parent(&path).join(named);
        }
        Err(ErrorKind::io(doing)(Errno::LOOP.into()))
    }

    /// In a directory where everybody may write, somebody's link to nothing
    /// would have us make a file where they want one. The system follows such
    /// links only if they are ours or the directory's owner's, and so is it
    /// here, where they are followed by hand.
    fn trusts(&self, link: &ExistingFile) -> io::Result<()> {
        let directory = File::from(self.directory()?.try_clone()?).metadata()?;
        let owners = [rustix::process::geteuid().as_raw(), directory.uid()];
        match directory.mode() & STICKY == STICKY && !owners.contains(&link.about.uid()) {
            false => Ok(()),
            true => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it is somebody else's, in a directory where everybody may write",
            )),
        }
    }

    /// What is there, be it a link.
    fn hold(&self) -> io::Result<ExistingFile> {
        let name = Path::new(&self.name);
        ExistingFile::new(hold(self.directory()?, name, OFlags::NOFOLLOW))
    }

    /// Makes sure that this process may write to the file that is there, as it
    /// must to write to it in place.
    pub(super) fn is_writable(&self) -> Result<(), Error> {
        let (name, wanted) = (&self.name, Access::WRITE_OK);
        let access = || accessat(self.directory()?, name, wanted, AtFlags::EACCESS);
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let open = || openat(self.directory()?, name, flags, Mode::empty());
        let allowed = match retry_on_intr(access) {
            // Filters of system calls refuse questions that are newer than they.
            Err(Errno::ACCESS | Errno::PERM | Errno::NOSYS) => retry_on_intr(open).map(drop),
            allowed => allowed,
        };
        let why = match allowed {
            // A program that runs can be replaced, and not written to.
            Ok(()) | Err(Errno::TXTBSY) => return Ok(()),
            Err(Errno::ACCESS | Errno::PERM) => {
                "it is write-protected; make it writable (`chmod u+w`) or remove it, and dump again"
            }
            Err(Errno::ROFS) => "its file system is read-only",
            Err(error) => return Err(ErrorKind::io("looking at the file")(error.into())),
        };
        let kind = io::ErrorKind::PermissionDenied;
        Err(ErrorKind::io("replacing it")(io::Error::new(kind, why)))
    }

    /// Opens the old file, to be written to.
    pub(super) fn open(&self, old: &ExistingFile) -> Result<File, Error> {
        let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opens = || openat(self.directory()?, &self.name, flags, Mode::empty());
        let opened = beside_streams(|| retry_on_intr(opens));
        let opened = File::from(opened.map_err(|it| ErrorKind::io("opening")(it.into()))?);
        let about = opened.metadata().map_err(ErrorKind::io("opening"))?;
        match old.is_at(&about) {
            true => Ok(opened),
            false => Err(ErrorKind::io("opening")(io::ErrorKind::ResourceBusy.into())),
        }
    }
}

/// The error for what is not to be replaced.
pub(super) fn already_there() -> Error {
    let why = "something is there already, and `create_new` replaces nothing";
    ErrorKind::io("creating")(io::Error::new(io::ErrorKind::AlreadyExists, why))
}

/// Whether the system's reason is that one.
pub(super) fn is(error: &Error, reason: io::ErrorKind) -> bool {
    matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == reason)
}

pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Holds what is there, without the right to read or write it.
fn hold(directory: impl std::os::fd::AsFd, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::PATH | OFlags::CLOEXEC;
    let path: &OsStr = path.as_os_str();
    retry_on_intr(|| openat(&directory, path, flags, Mode::empty()))
}
