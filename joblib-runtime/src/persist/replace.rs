//! Puts a file in place of another in one step: written without a name,
//! synced, and then named, so that whatever happens, the old file or the new
//! one is there whole, and nothing else.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags, flock, linkat, openat};
use rustix::io::{Errno, retry_on_intr};
use twox_hash::XxHash3_64;

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

/// So many links are followed, as by Linux.
const LINKS: usize = 40;

/// Longer names have others that stand for them, since no name is longer than
/// 255 bytes.
const LONG: usize = 200;

/// Tells files that one process writes at a time.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// Has `write` write the file at `path`.
pub(super) fn replace(
    path: &Path,
    durability: Durability,
    write: &mut dyn FnMut(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let (path, old) = &target(path)?;
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
        let doing = "giving it the mode of the old file";
        fresh.keep_mode(old).map_err(ErrorKind::io(doing))?;
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

/// The file behind the links at `path`, if there are any, and what is known of
/// it if it is there. A link to nothing stands for what it names, which is made.
fn target(path: &Path) -> Result<(PathBuf, Option<fs::Metadata>), Error> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let about = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((path, None)),
            about => about.map_err(ErrorKind::io("looking at the file"))?,
        };
        if !about.is_symlink() {
            return Ok((path, Some(about)));
        }
        let named = fs::read_link(&path).map_err(ErrorKind::io("following a link"))?;
        path = path.parent().unwrap_or(Path::new("")).join(named);
    }
    Err(ErrorKind::io("following a link")(Errno::LOOP.into()))
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
        let name = path.file_name().ok_or_else(|| {
            let message = "it names no file".to_owned();
            ErrorKind::Value(message)
        })?;
        let beside = directory.join(beside(name));
        match unnamed(directory) {
            Ok(file) => {
                let file = file.into();
                lock(&file);
                Ok(Fresh {
                    file,
                    name: None,
                    beside,
                })
            }
            // The file system has no files without a name, or there is no way
            // to name them.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => {
                Fresh::named(beside).map_err(ErrorKind::io("creating"))
            }
            Err(error) => Err(ErrorKind::io("creating")(error.into())),
        }
    }

    /// A file with a name of its own, which begins with `beside`.
    fn named(beside: PathBuf) -> io::Result<Fresh> {
        remove_left(&beside);
        for _ in 0..TRIES {
            let named = own(&beside);
            let file = match File::create_new(&named) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                created => created?,
            };
            let fresh = Fresh {
                file,
                name: Some(named),
                beside: beside.clone(),
            };
            // Another may have taken it for one that was left, before the lock.
            if lock(&fresh.file) && fresh.file.metadata()?.nlink() > 0 {
                return Ok(fresh);
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Gives it the mode of the file that it takes the place of: nobody is to
    /// read it who could not read that.
    fn keep_mode(&self, old: &fs::Metadata) -> io::Result<()> {
        let mode = old.permissions().mode() & 0o7777;
        match self.file.metadata()?.permissions().mode() & 0o7777 {
            same if same == mode => Ok(()),
            _ => self.file.set_permissions(fs::Permissions::from_mode(mode)),
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
        // that writes the same file at this moment; then this one takes a name
        // that nobody else has.
        let mut beside = self.beside.clone();
        for _ in 0..TRIES {
            match self.link_as(&beside) {
                Ok(()) => {}
                Err(Errno::EXIST) => {
                    remove_left(&self.beside);
                    beside = own(&self.beside);
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            match fs::rename(&beside, path) {
                // Another took it for one that was left.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => {
                    return renamed.inspect_err(|_| {
                        let _ = fs::remove_file(&beside);
                    });
                }
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    fn link_as(&self, path: &Path) -> Result<(), Errno> {
        let own = format!("/proc/self/fd/{}", self.file.as_raw_fd());
        retry_on_intr(|| linkat(CWD, &own, CWD, path, AtFlags::SYMLINK_FOLLOW))
    }
}

/// What a file called `name` is called for a moment.
fn beside(name: &OsStr) -> OsString {
    let mut beside = OsString::from(".");
    match name.len() {
        0..LONG => beside.push(name),
        _ => {
            let hash = XxHash3_64::oneshot(name.as_bytes());
            beside.push(format!("{hash:016x}"));
        }
    }
    beside.push(".new");
    beside
}

/// A file without a name.
fn unnamed(directory: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o666);
    let file = retry_on_intr(|| openat(CWD, directory, flags, mode))?;
    match Path::new("/proc/self/fd").exists() {
        true => Ok(file),
        false => Err(Errno::OPNOTSUPP),
    }
}

/// A name that no other file has, of this process or of another.
fn own(beside: &Path) -> PathBuf {
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let mut name = beside.as_os_str().to_owned();
    name.push(format!(".{}.{number}", std::process::id()));
    name.into()
}

/// Locks a file as long as it is open, so that it can be told from those that
/// killed processes left. Whether nobody else has locked it.
fn lock(file: &File) -> bool {
    let locked = flock(file, FlockOperation::NonBlockingLockExclusive);
    // Where there are no locks, nobody can tell, and nothing is removed.
    locked != Err(Errno::WOULDBLOCK)
}

/// Removes the files called `beside`, or by a name of a process's own that
/// begins so, that nobody writes any more.
fn remove_left(beside: &Path) {
    let (Some(directory), Some(prefix)) = (beside.parent(), beside.file_name()) else {
        return;
    };
    let is_ours = |name: &OsStr| {
        let rest = name.as_bytes().strip_prefix(prefix.as_bytes());
        let is_number = |byte: &u8| *byte == b'.' || byte.is_ascii_digit();
        rest.is_some_and(|rest| rest.iter().all(is_number))
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_ours(&entry.file_name())) {
        let is_file = entry.file_type().is_ok_and(|it| it.is_file());
        let Some(file) = is_file.then(|| File::open(entry.path()).ok()).flatten() else {
            continue;
        };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = fs::remove_file(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<OsString> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|it| it.unwrap().file_name()).collect()
    }

    #[test]
    fn a_named_file_that_was_left_is_removed_and_one_being_written_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let beside = directory.path().join(beside(OsStr::new("a.joblib")));
        let left = directory.path().join(".a.joblib.new.1.0");
        fs::write(&left, "left").unwrap();
        let one = Fresh::named(beside.clone()).unwrap();
        assert!(!left.exists());
        let other = Fresh::named(beside.clone()).unwrap();
        assert_eq!(names(directory.path()).len(), 2);
        drop((one, other));
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn a_named_file_takes_the_place_of_another() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        fs::write(&path, "old").unwrap();
        let beside = directory.path().join(beside(OsStr::new("a")));
        let mut fresh = Fresh::named(beside).unwrap();
        fresh.file.write_all(b"new").unwrap();
        fresh.publish(&path).unwrap();
        drop(fresh);
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(directory.path()), ["a"]);
    }
}
