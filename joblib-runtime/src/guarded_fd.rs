//! File descriptors that stay correct although the program may close or replace any
//! descriptor number.

use std::fs::File;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use rustix::fs::{Mode, OFlags, Stat, fstat, open};
use rustix::io::{Errno, fcntl_getfd};

/// Runs `opens` so that the descriptors that it opens do not get the number of a standard
/// stream. If a program closed its standard streams, as a daemon does, its output would
/// otherwise go to these descriptors.
pub(crate) fn above_standard_streams<T>(opens: impl FnOnce() -> T) -> T {
    // SAFETY: only the flags of the descriptor are read, which fails if it is closed.
    let is_open = |fd| fcntl_getfd(unsafe { BorrowedFd::borrow_raw(fd) }).is_ok();
    if (0..=2).all(is_open) {
        return opens();
    }
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    // A new descriptor gets the lowest free number, so the placeholders occupy 0 to 2.
    // They cannot be written to.
    let placeholders: Vec<_> = std::iter::from_fn(|| open("/", flags, Mode::empty()).ok())
        .take_while(|placeholder| placeholder.as_raw_fd() <= 2)
        .collect();
    let opened = opens();
    drop(placeholders);
    opened
}

/// The device and inode numbers of a file, or `None` if the system does not report them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileIdentity(Option<(u64, u64)>);

impl FileIdentity {
    pub(crate) fn of(file: impl AsFd) -> FileIdentity {
        fstat(file).map_or(FileIdentity(None), |stat| FileIdentity::from_stat(&stat))
    }

    fn from_stat(stat: &Stat) -> FileIdentity {
        FileIdentity(Some((stat.st_dev, stat.st_ino)))
    }
}

/// A descriptor that stays open while code of the program runs. A program that closes
/// descriptors that it does not own, for example with `closefrom`, may later open its own
/// files under the same numbers. Those are neither used nor closed.
#[derive(Debug)]
pub(crate) struct Guarded<F: AsFd> {
    file: ManuallyDrop<F>,
    identity: FileIdentity,
}

impl<F: AsFd> Guarded<F> {
    /// Guards a file that was just opened.
    pub(crate) fn new(file: F) -> Guarded<F> {
        let identity = FileIdentity::of(&file);
        Guarded::with_identity(file, identity)
    }

    /// Guards another descriptor of the file with this identity.
    pub(crate) fn with_identity(file: F, identity: FileIdentity) -> Guarded<F> {
        Guarded {
            file: ManuallyDrop::new(file),
            identity,
        }
    }

    pub(crate) fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Returns whether the descriptor still refers to the file that was opened.
    pub(crate) fn is_unchanged(&self) -> bool {
        FileIdentity::of(&*self.file) == self.identity
    }

    /// Returns the file.
    ///
    /// # Errors
    ///
    /// Fails with `EBADF` if the program closed it.
    pub(crate) fn get(&self) -> io::Result<&F> {
        match self.is_unchanged() {
            true => Ok(&self.file),
            false => Err(Errno::BADF.into()),
        }
    }

    /// Returns the metadata of the file.
    ///
    /// # Errors
    ///
    /// Fails as [`Guarded::get`] does, and if `fstat` fails.
    pub(crate) fn stat(&self) -> io::Result<Stat> {
        let stat = fstat(&*self.file)?;
        match FileIdentity::from_stat(&stat) == self.identity {
            true => Ok(stat),
            false => Err(Errno::BADF.into()),
        }
    }

    /// Returns the descriptor without the check, for operations that do no harm if it now
    /// belongs to the program.
    pub(crate) fn get_unchecked(&self) -> &F {
        &self.file
    }
}

/// Writes only if the descriptor still refers to the file that was opened.
impl Write for &Guarded<File> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.get()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<F: AsFd> Drop for Guarded<F> {
    fn drop(&mut self) {
        if self.is_unchanged() {
            // SAFETY: `drop` runs once, and the field is not used after it.
            unsafe { ManuallyDrop::drop(&mut self.file) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child;

    /// Replaces the guarded descriptor by another file, as a program could.
    fn replaced(guarded: &Guarded<File>) -> (tempfile::TempDir, File) {
        let directory = tempfile::tempdir().unwrap();
        let other = File::create(directory.path().join("other")).unwrap();
        // SAFETY: the number belongs to the guarded file, and the test expects its loss.
        assert!(unsafe { libc::dup2(other.as_raw_fd(), guarded.get_unchecked().as_raw_fd()) } >= 0);
        (directory, other)
    }

    // Runs in a child process, because other tests open files at the same time.
    #[test]
    fn what_has_the_number_of_a_file_that_was_closed_is_neither_used_nor_closed() {
        let work = || {
            let guarded = Guarded::new(tempfile::tempfile().unwrap());
            assert!(guarded.get().is_ok());
            let (_directory, other) = replaced(&guarded);
            assert!(!guarded.is_unchanged() && guarded.get().is_err());
            let number = guarded.get_unchecked().as_raw_fd();
            drop(guarded);
            // SAFETY: nothing else uses the file with that number.
            let mut mine = unsafe { <File as std::os::fd::FromRawFd>::from_raw_fd(number) };
            mine.write_all(b"mine").unwrap();
            other.metadata().unwrap().len() == 4
        };
        assert!(child::in_child(20, work));
    }

    #[test]
    fn what_was_closed_and_has_no_number_is_no_fault_when_it_is_dropped() {
        let work = || {
            let guarded = Guarded::new(tempfile::tempfile().unwrap());
            // SAFETY: as above.
            unsafe { libc::close(guarded.get_unchecked().as_raw_fd()) };
            let is_known = !guarded.is_unchanged();
            drop(guarded);
            is_known
        };
        assert!(child::in_child(20, work));
    }

    #[test]
    fn what_is_its_own_is_closed_when_it_is_dropped() {
        let work = || {
            let guarded = Guarded::new(tempfile::tempfile().unwrap());
            let number = guarded.get_unchecked().as_raw_fd();
            drop(guarded);
            // SAFETY: only the flags of the descriptor are read.
            fcntl_getfd(unsafe { BorrowedFd::borrow_raw(number) }).is_err()
        };
        assert!(child::in_child(20, work));
    }
}
