//! Numbers of descriptors: which of them are given out, and whether what has one is still
//! what was opened under it.

use std::fs::File;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use rustix::fs::{Mode, OFlags, Stat, fstat, open};
use rustix::io::{Errno, fcntl_getfd};

/// What `open` opens, under numbers that are no standard stream's: a program that closed
/// those streams, as a daemon does, would print to what has their numbers.
pub(crate) fn beside_streams<T>(opens: impl FnOnce() -> T) -> T {
    // SAFETY: a descriptor that is closed is only asked for its flags.
    let is_open = |fd| fcntl_getfd(unsafe { BorrowedFd::borrow_raw(fd) }).is_ok();
    if (0..=2).all(is_open) {
        return opens();
    }
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    // What is opened gets the lowest number that is free. To these nothing can be written.
    let placeholders: Vec<_> = std::iter::from_fn(|| open("/", flags, Mode::empty()).ok())
        .take_while(|placeholder| placeholder.as_raw_fd() <= 2)
        .collect();
    let opened = opens();
    drop(placeholders);
    opened
}

/// What a file is, as the system numbers files; nothing where it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileIdentity(Option<(u64, u64)>);

impl FileIdentity {
    pub(crate) fn of(file: impl AsFd) -> FileIdentity {
        fstat(file).map_or(FileIdentity(None), |about| FileIdentity::in_stat(&about))
    }

    fn in_stat(about: &Stat) -> FileIdentity {
        FileIdentity(Some((about.st_dev, about.st_ino)))
    }
}

/// A descriptor that is kept while code of the program runs. A program that closes
/// descriptors that are not its own, as `closefrom` does, may have files of its own under
/// their numbers: those are neither used nor closed.
#[derive(Debug)]
pub(crate) struct Guarded<F: AsFd> {
    file: ManuallyDrop<F>,
    mark: FileIdentity,
}

impl<F: AsFd> Guarded<F> {
    /// Guards what was opened just now.
    pub(crate) fn new(file: F) -> Guarded<F> {
        let mark = FileIdentity::of(&file);
        Guarded::known(file, mark)
    }

    /// Guards another descriptor of what has that mark.
    pub(crate) fn known(file: F, mark: FileIdentity) -> Guarded<F> {
        Guarded {
            file: ManuallyDrop::new(file),
            mark,
        }
    }

    pub(crate) fn mark(&self) -> FileIdentity {
        self.mark
    }

    /// Whether the number still is that of what was opened.
    pub(crate) fn is_own(&self) -> bool {
        FileIdentity::of(&*self.file) == self.mark
    }

    /// What was opened.
    ///
    /// # Errors
    ///
    /// `EBADF`: the program closed it.
    pub(crate) fn get(&self) -> io::Result<&F> {
        match self.is_own() {
            true => Ok(&self.file),
            false => Err(Errno::BADF.into()),
        }
    }

    /// What the system knows of it.
    ///
    /// # Errors
    ///
    /// As for [`Guarded::get`], and where the system does not tell.
    pub(crate) fn stat(&self) -> io::Result<Stat> {
        let about = fstat(&*self.file)?;
        match FileIdentity::in_stat(&about) == self.mark {
            true => Ok(about),
            false => Err(Errno::BADF.into()),
        }
    }

    /// Whatever has the number now, for what does no harm to a file of somebody else.
    pub(crate) fn unproven(&self) -> &F {
        &self.file
    }
}

/// Writes where what was opened still is.
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
        if self.is_own() {
            // SAFETY: it is not used any more.
            unsafe { ManuallyDrop::drop(&mut self.file) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child;

    /// Closes what is guarded behind its back, and has a file of somebody else under its
    /// number.
    fn replaced(guarded: &Guarded<File>) -> (tempfile::TempDir, File) {
        let directory = tempfile::tempdir().unwrap();
        let other = File::create(directory.path().join("other")).unwrap();
        // SAFETY: the number is the guarded one's, which its owner does not rely on.
        assert!(unsafe { libc::dup2(other.as_raw_fd(), guarded.unproven().as_raw_fd()) } >= 0);
        (directory, other)
    }

    // In a child, since other tests open files at the same time.
    #[test]
    fn what_has_the_number_of_a_file_that_was_closed_is_neither_used_nor_closed() {
        let work = || {
            let guarded = Guarded::new(tempfile::tempfile().unwrap());
            assert!(guarded.get().is_ok());
            let (_directory, other) = replaced(&guarded);
            assert!(!guarded.is_own() && guarded.get().is_err());
            let number = guarded.unproven().as_raw_fd();
            drop(guarded);
            // SAFETY: the number is that of a file which nobody else uses.
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
            unsafe { libc::close(guarded.unproven().as_raw_fd()) };
            let is_known = !guarded.is_own();
            drop(guarded);
            is_known
        };
        assert!(child::in_child(20, work));
    }

    #[test]
    fn what_is_its_own_is_closed_when_it_is_dropped() {
        let work = || {
            let guarded = Guarded::new(tempfile::tempfile().unwrap());
            let number = guarded.unproven().as_raw_fd();
            drop(guarded);
            // SAFETY: only asks.
            fcntl_getfd(unsafe { BorrowedFd::borrow_raw(number) }).is_err()
        };
        assert!(child::in_child(20, work));
    }
}
