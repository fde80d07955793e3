//! The descriptors that this process was started with, which a job server, a lock or a
//! socket may be, and those that became inheritable since by somebody's mistake. A worker
//! keeps the first under their numbers and has nothing under those of the others.

use std::os::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use rustix::fs::{Dir, Mode, OFlags, open};
use rustix::io::{DupFlags, FdFlags, dup3, fcntl_getfd};

/// Those above standard error that were open when this process began.
static OF_START: OnceLock<Vec<RawFd>> = OnceLock::new();

/// Takes note of what is open. It is for the beginning of the process.
pub(super) fn note() {
    OF_START.get_or_init(inheritable);
}

/// Those that this process was started with.
fn of_start() -> impl Iterator<Item = RawFd> {
    OF_START.get().into_iter().flatten().copied()
}

/// Those of them that a child inherits now. A number that was closed may be that of
/// another file since, which is closed on exec.
pub(super) fn inherited() -> impl Iterator<Item = RawFd> {
    of_start().filter(|&fd| is_inherited(fd))
}

/// Those that a child would inherit though nobody means it to.
pub(super) fn leaked() -> Vec<RawFd> {
    let is_meant = |&fd: &RawFd| of_start().any(|meant| meant == fd);
    let mut leaked = inheritable();
    leaked.retain(|fd| !is_meant(fd));
    leaked
}

/// Those above standard error that outlive an exec.
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
    // SAFETY: the descriptor is only asked for its flags; if it was closed
    // meanwhile, that fails.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    fcntl_getfd(fd).is_ok_and(|flags| !flags.contains(FdFlags::CLOEXEC))
}

/// Closes what was inherited by mistake, and takes up its number: reading or writing it
/// fails as with a closed descriptor, and no file gets it that is opened later.
pub(super) fn close(leaked: &[RawFd]) {
    if leaked.is_empty() {
        return;
    }
    let nothing = open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
    for &fd in leaked.iter().filter(|&&fd| fd > 2) {
        // SAFETY: the parent held it open when this process began, so nothing
        // here has got it from the system since.
        let mut closed = unsafe { OwnedFd::from_raw_fd(fd) };
        if let Ok(nothing) = &nothing
            && dup3(nothing, &mut closed, DupFlags::CLOEXEC).is_ok()
        {
            std::mem::forget(closed);
        }
    }
}

/// Has the numbers of standard output and standard error taken where they are closed, as
/// the standard library has it later: what is opened under them would be printed to.
pub(super) fn occupy_streams() {
    for fd in [1, 2] {
        // SAFETY: the descriptor is only asked for its flags.
        if fcntl_getfd(unsafe { BorrowedFd::borrow_raw(fd) }).is_err() {
            // What is opened gets the lowest number that is free, which is this one.
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
        // SAFETY: one byte of room.
        let read = unsafe { libc::read(fd, (&raw mut byte).cast(), 1) };
        assert_eq!(read, -1);
        assert_ne!(File::open("/dev/null").unwrap().as_raw_fd(), fd);
    }
}
