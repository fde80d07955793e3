//! Wakes the thread that drives the workers, which sleeps in `poll`, when
//! there is something else for it than what they say.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use rustix::event::{EventfdFlags, eventfd};

pub(super) struct Bell {
    fd: OwnedFd,
    is_awaited: AtomicBool,
}

impl Bell {
    /// A bell, unless there are no descriptors left.
    pub(super) fn new() -> Option<Bell> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok()?;
        Some(Bell {
            fd,
            is_awaited: AtomicBool::new(false),
        })
    }

    /// Wakes the one who waits, if anyone does. What there is to be found
    /// must be there before.
    pub(super) fn ring(&self) {
        if self.is_awaited.swap(false, SeqCst) {
            // It fails only where it was rung already, more often than any
            // number counts.
            let _ = rustix::io::write(&self.fd, &1_u64.to_ne_bytes());
        }
    }

    /// From here on somebody waits, who must then look once more.
    pub(super) fn wait(&self) {
        if self.is_awaited.load(SeqCst) {
            return;
        }
        let mut rung = [0; 8];
        // Nothing to read is as good.
        let _ = rustix::io::read(&self.fd, &mut rung);
        self.is_awaited.store(true, SeqCst);
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
}
