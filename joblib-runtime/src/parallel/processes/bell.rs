//! Wakes the thread that drives the workers, which sleeps in `poll`, when
//! there is something else for it than what they say.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use rustix::event::{EventfdFlags, eventfd};

use crate::descriptor::beside_streams;

pub(super) struct Bell {
    fd: OwnedFd,
    is_awaited: AtomicBool,
}

impl Bell {
    /// A bell, unless there are no descriptors left.
    pub(super) fn new() -> Option<Bell> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let fd = beside_streams(|| eventfd(0, flags)).ok()?;
        Some(Bell {
            fd,
            is_awaited: AtomicBool::new(false),
        })
    }

    /// Wakes the one who waits, if anyone does. What there is to be found
    /// must be there before.
    pub(super) fn ring(&self) {
        if self.is_awaited.swap(false, SeqCst) {
            self.write();
        }
    }

    /// Wakes the one who polls [`fd`](Bell::fd), whether or not they said that they
    /// wait.
    pub(super) fn ring_in_any_case(&self) {
        self.is_awaited.store(false, SeqCst);
        self.write();
    }

    fn write(&self) {
        // It fails only where it was rung already, more often than any number
        // counts.
        let _ = rustix::io::write(&self.fd, &1_u64.to_ne_bytes());
    }

    /// From here on somebody waits, who must then look once more.
    pub(super) fn wait(&self) {
        if self.is_awaited.load(SeqCst) {
            return;
        }
        self.silence();
        self.is_awaited.store(true, SeqCst);
    }

    /// Forgets what it was rung for, which was seen or is looked at now.
    pub(super) fn silence(&self) {
        let mut rung = [0; 8];
        // Nothing to read is as good.
        let _ = rustix::io::read(&self.fd, &mut rung);
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    fn is_rung(bell: &Bell) -> bool {
        let at_once = Timespec::default();
        let mut fds = [PollFd::from_borrowed_fd(bell.fd(), PollFlags::IN)];
        poll(&mut fds, Some(&at_once)).unwrap() == 1
    }

    #[test]
    fn it_is_heard_by_who_waits_and_once() {
        let bell = Bell::new().unwrap();
        bell.ring();
        assert!(!is_rung(&bell));
        bell.wait();
        bell.ring();
        assert!(is_rung(&bell));
        bell.wait();
        assert!(!is_rung(&bell));
    }

    #[test]
    fn what_is_urgent_is_heard_by_who_does_not_wait() {
        let bell = Bell::new().unwrap();
        bell.ring_in_any_case();
        assert!(is_rung(&bell));
        bell.silence();
        assert!(!is_rung(&bell));
        bell.wait();
        bell.ring_in_any_case();
        assert!(is_rung(&bell));
    }
}
