//! Puts a file in place of another in one step: written without a name,
//! synced, and then named, so that whatever happens, the old file or the new
//! one is there whole, and nothing else.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, openat};
use rustix::io::Errno;

use super::error::{Error, ErrorKind};

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

/// So often is it tried to name a file while others do the same.
const TRIES: usize = 100;

/// Has `write` write the file at `path`.
pub(super) fn replace(
    path: &Path,
    durability: Durability,
    write: &mut dyn FnMut(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let path = &target(path)?;
    let old = fs::metadata(path).ok();
    if let Some(special) = old.as_ref().filter(|it| !it.is_file()) {
        return through(path, special, write);
    }
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut fresh = Fresh::create(directory, path)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, &fresh.file);
    write(&mut buffered)?;
    buffered.flush().map_err(ErrorKind::io("writing"))?;
    drop(buffered);
    if let Some(old) = old {
        let mode = old.permissions().mode() & 0o7777;
        let permissions = fs::Permissions::from_mode(mode);
        // A file of somebody else's gets the mode of a new one.
        let _ = fresh.file.set_permissions(permissions);
    }
    if durability != Durability::Nothing {
        fresh.file.sync_all().map_err(ErrorKind::io("syncing"))?;
    }
    fresh.publish(path)?;
    if durability == Durability::Full {
        let opened = File::open(directory).and_then(|directory| directory.sync_all());
        opened.map_err(ErrorKind::io("syncing the directory"))?;
    }
    Ok(())
}

/// The file behind the links at `path`, if there are any.
fn target(path: &Path) -> Result<PathBuf, Error> {
    match fs::symlink_metadata(path) {
        Ok(link) if link.is_symlink() => match fs::canonicalize(path) {
            Ok(target) => Ok(target),
            // A link to nothing: what it names is made.
            Err(error) if error.kind() == io::ErrorKind::NotFound => dangling(path),
            Err(error) => Err(ErrorKind::io("following a link")(error)),
        },
        _ => Ok(path.to_owned()),
    }
}

fn dangling(path: &Path) -> Result<PathBuf, Error> {
    let named = fs::read_link(path).map_err(ErrorKind::io("following a link"))?;
    Ok(path.parent().unwrap_or(Path::new("")).join(named))
}

/// Writes to what is no plain file as it is: a pipe, a terminal.
fn through(
    path: &Path,
    special: &fs::Metadata,
    write: &mut dyn FnMut(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    if special.is_dir() || special.file_type().is_block_device() {
        let message = "it is no file that can be written to".to_owned();
        return Err(ErrorKind::Value(message).into());
    }
    let opened = File::options().write(true).open(path);
    let mut out = BufWriter::new(opened.map_err(ErrorKind::io("opening"))?);
    write(&mut out)?;
    out.flush().map_err(ErrorKind::io("writing"))
}

/// A file that is being written.
struct Fresh {
    file: File,
    /// Its name for the time being; without one, it is gone when closed.
    name: Option<PathBuf>,
    /// What it is called for a moment if there is an old file.
    beside: PathBuf,
}

impl Fresh {
    fn create(directory: &Path, path: &Path) -> Result<Fresh, Error> {
        let mut name = OsString::from(".");
        name.push(path.file_name().ok_or_else(|| {
            let message = "it names no file".to_owned();
            ErrorKind::Value(message)
        })?);
        name.push(".new");
        let beside = directory.join(&name);
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        match openat(CWD, directory, flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => Ok(Fresh {
                file: file.into(),
                name: None,
                beside,
            }),
            // The file system has no files without a name.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => {
                name.push(format!(".{}", std::process::id()));
                let named = directory.join(name);
                let created = File::create(&named).map_err(ErrorKind::io("creating"))?;
                Ok(Fresh {
                    file: created,
                    name: Some(named),
                    beside,
                })
            }
            Err(error) => Err(ErrorKind::io("creating")(error.into())),
        }
    }

    /// Gives it the name `path`.
    fn publish(&mut self, path: &Path) -> Result<(), Error> {
        let published = match self.name.take() {
            Some(named) => fs::rename(&named, path).inspect_err(|_| self.name = Some(named)),
            None => self.link(path),
        };
        published.map_err(ErrorKind::io("naming the file"))
    }

    fn link(&self, path: &Path) -> io::Result<()> {
        match self.link_as(path) {
            Err(Errno::EXIST) => {}
            linked => return Ok(linked?),
        }
        // A name takes the place of another only by a rename, and a file
        // without a name cannot be renamed. What stands at the name in between
        // was left by a process that was killed right here, or belongs to one
        // that writes the same file at this moment, and will do it again.
        for _ in 0..TRIES {
            match self.link_as(&self.beside) {
                Ok(()) => {}
                Err(Errno::EXIST) => {
                    let _ = fs::remove_file(&self.beside);
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            match fs::rename(&self.beside, path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => {
                    return renamed.inspect_err(|_| {
                        let _ = fs::remove_file(&self.beside);
                    });
                }
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    fn link_as(&self, path: &Path) -> Result<(), Errno> {
        let own = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        linkat(CWD, own, CWD, path, AtFlags::SYMLINK_FOLLOW)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = fs::remove_file(name);
        }
    }
}
