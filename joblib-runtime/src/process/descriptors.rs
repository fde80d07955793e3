//! The descriptors that a worker inherits. Those that this process was started with,
//! such as a job server, a lock or a socket, keep their numbers in a worker.
//! Descriptors that became inheritable later by mistake are closed there.

use std::os::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use rustix::fs::{Dir, Mode, OFlags, open};
use rustix::io::{DupFlags, FdFlags, dup3, fcntl_getfd};

/// The inheritable descriptors above standard error that were open when this process
/// started.
static INITIAL: OnceLock<Vec<RawFd>> = OnceLock::new();

/// Records the open descriptors. It must be called at the start of the process.
pub(super) fn note() {
    INITIAL.get_or_init(inheritable);
}

/// Returns the descriptors that this process was started with.
fn initial() -> impl Iterator<Item = RawFd> {
    INITIAL.get().into_iter().flatten().copied()
}

/// Returns those of them that a child inherits at present. If one was closed, its
/// number may belong to another file, which is closed on exec.
pub(super) fn inherited() -> impl Iterator<Item = RawFd> {
    initial().filter(|&fd| is_inherited(fd))
}

/// Returns the descriptors that a child would inherit by mistake.
pub(super) fn leaked() -> Vec<RawFd> {
    let is_meant = |&fd: &RawFd| initial().any(|meant| meant == fd);
    let mut leaked = inheritable();
    leaked.retain(|fd| !is_meant(fd));
    leaked
}

/// Returns the descriptors above standard error that stay open across an exec.
fn inheritable() -> Vec<RawFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(directory) = open("/proc/self/fd", flags, Mode::empty()) else {
        return Vec::new();
    };
    let numbers = Dir::new(directory).into_iter().flatten();
    let numbers = numbers.filter_map(|entry| entry.ok()?.file_name().to_str().ok()?.parse().ok());
    numbers.filter(|&fd| fd > 2 && is_inherited(fd)).collect()
}

fn is_inherited(fd: RawFd) -> bool {
    // SAFETY: the descriptor is used only to query its flags, which fails if it was
    // closed meanwhile.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    fcntl_getfd(fd).is_ok_and(|flags| !flags.contains(FdFlags::CLOEXEC))
}

/// Closes descriptors that were inherited by mistake and blocks their numbers: reads
/// and writes fail as with a closed descriptor, and no file that is opened later gets
/// the number.
pub(super) fn close(leaked: &[RawFd]) {
    if leaked.is_empty() {
        return;
    }
    let nothing = open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
    for &fd in leaked.iter().filter(|&&fd| fd > 2) {
        // SAFETY: the parent had it open when this process started, so no code in this
        // process has received this number from the system since.
        let mut closed = unsafe { OwnedFd::from_raw_fd(fd) };
        if let Ok(nothing) = &nothing
            && dup3(nothing, &mut closed, DupFlags::CLOEXEC).is_ok()
        {
            std::mem::forget(closed);
        }
    }
}

/// Opens standard output and standard error if they are closed, as the standard library
/// does. Otherwise the next files to be opened would get their numbers and receive
/// printed text.
pub(super) fn occupy_streams() {
    for fd in [1, 2] {
        // SAFETY: the descriptor is used only to query its flags.
        if fcntl_getfd(unsafe { BorrowedFd::borrow_raw(fd) }).is_err() {
            // An opened file gets the lowest free number, which is this one.
            let nowhere = open("/dev/null", OFlags::RDWR, Mode::empty());
            let nowhere = nowhere.or_else(|_| open("/", OFlags::PATH, Mode::empty()));
            let _ = nowhere.map(IntoRawFd::into_raw_fd);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::{AsRawFd, IntoRawFd};

    use rustix::io::{FdFlags, fcntl_setfd};

    use super::{close, leaked};

    #[test]
    fn what_becomes_inheritable_later_is_a_mistake() {
        let file = File::open("/dev/null").unwrap();
        assert!(!leaked().contains(&file.as_raw_fd()));
        fcntl_setfd(&file, FdFlags::empty()).unwrap();
        assert!(leaked().contains(&file.as_raw_fd()));
    }

    #[test]
    fn the_number_of_what_is_closed_stays_taken() {
        let fd = File::open("/dev/zero").unwrap().into_raw_fd();
        close(&[fd]);
        let mut byte = 0_u8;
        // SAFETY: the pointer is valid for writes of one byte.
        let read = unsafe { libc::read(fd, (&raw mut byte).cast(), 1) };
        assert_eq!(read, -1);
        assert_ne!(File::open("/dev/null").unwrap().as_raw_fd(), fd);
    }
}
