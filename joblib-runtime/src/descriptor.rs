//! Numbers of descriptors.

use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::fs::{Mode, OFlags, open};
use rustix::io::fcntl_getfd;

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
