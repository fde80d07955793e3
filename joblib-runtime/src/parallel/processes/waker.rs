//! Wakes the thread that drives the workers from `poll` for events that do not come from
//! workers.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair,
};

use crate::guarded_fd::{Guarded, above_standard_streams};
use crate::parallel::cancel::WakeOnCancel;

pub(super) struct Waker {
    sockets: SocketPair,
    is_awaited: AtomicBool,
}

/// Two connected sockets. Unlike an eventfd, they have an identity, which shows whether
/// the program closed them and reused their descriptor numbers. Data sent to a socket is
/// not written to a file, even if the descriptor is closed and reused at the same moment.
struct SocketPair {
    reader: Guarded<OwnedFd>,
    writer: Guarded<OwnedFd>,
    /// The replacement, after the program has closed this one; `None` if no descriptors
    /// are available for it.
    next: OnceLock<Option<Box<SocketPair>>>,
}

impl SocketPair {
    fn new() -> Option<SocketPair> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let pair = || socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None);
        let (reader, writer) = above_standard_streams(pair).ok()?;
        Some(SocketPair {
            reader: Guarded::new(reader),
            writer: Guarded::new(writer),
            next: OnceLock::new(),
        })
    }

    fn next(&self) -> Option<&SocketPair> {
        let next = self.next.get_or_init(|| SocketPair::new().map(Box::new));
        next.as_deref()
    }

    fn signal(&self) {
        match self.writer.get() {
            // This fails only if the socket buffer is full, in which case a wake-up is
            // pending.
            Ok(writer) => drop(send(writer, &[1], SendFlags::NOSIGNAL)),
            Err(_) => self.next().into_iter().for_each(SocketPair::signal),
        }
    }

    fn reader_fd(&self) -> Option<BorrowedFd<'_>> {
        // If one end was closed, the other is useless.
        match self.reader.is_unchanged() && self.writer.is_unchanged() {
            true => Some(self.reader.get_unchecked().as_fd()),
            false => self.next()?.reader_fd(),
        }
    }
}

impl Waker {
    /// Creates a waker, or returns `None` if no descriptors are available.
    pub(super) fn new() -> Option<Waker> {
        Some(Waker {
            sockets: SocketPair::new()?,
            is_awaited: AtomicBool::new(false),
        })
    }

    /// Wakes the thread that waits, if any. What it is woken for must be visible before.
    pub(super) fn wake(&self) {
        if self.is_awaited.swap(false, SeqCst) {
            self.sockets.signal();
        }
    }

    /// Wakes the thread that polls [`fd`](Waker::fd), whether or not it has announced
    /// that it waits.
    pub(super) fn wake_always(&self) {
        self.is_awaited.store(false, SeqCst);
        self.sockets.signal();
    }

    /// Announces that a thread will wait. It must check its conditions once more
    /// afterwards.
    pub(super) fn arm(&self) {
        if self.is_awaited.load(SeqCst) {
            return;
        }
        self.clear();
        self.is_awaited.store(true, SeqCst);
    }

    /// Clears pending wake-ups, whose causes were seen or are checked now.
    pub(super) fn clear(&self) {
        let Some(end) = self.sockets.reader_fd() else {
            return;
        };
        let mut received = [0; 256];
        // If there is nothing to read, there is nothing to clear.
        while recv(end, &mut received[..], RecvFlags::empty())
            .is_ok_and(|(len, _)| len == received.len())
        {}
    }

    /// Returns the descriptor that becomes readable on a wake-up, or `None` if the
    /// program closed it and no descriptors are available.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.sockets.reader_fd()
    }
}

impl WakeOnCancel for Waker {
    fn wake_on_cancel(&self) {
        self.wake_always();
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    fn is_woken(waker: &Waker) -> bool {
        let at_once = Timespec::default();
        let mut fds = [PollFd::from_borrowed_fd(waker.fd().unwrap(), PollFlags::IN)];
        poll(&mut fds, Some(&at_once)).unwrap() == 1
    }

    #[test]
    fn it_is_heard_by_who_waits_and_once() {
        let waker = Waker::new().unwrap();
        waker.wake();
        assert!(!is_woken(&waker));
        waker.arm();
        waker.wake();
        assert!(is_woken(&waker));
        waker.arm();
        assert!(!is_woken(&waker));
    }

    #[test]
    fn what_is_urgent_is_heard_by_who_does_not_wait() {
        let waker = Waker::new().unwrap();
        waker.wake_always();
        assert!(is_woken(&waker));
        waker.clear();
        assert!(!is_woken(&waker));
        waker.arm();
        waker.wake_always();
        assert!(is_woken(&waker));
    }

    // Runs in a child process, since other tests open descriptors at the same time.
    #[test]
    fn it_is_heard_after_the_program_closed_it_and_took_its_numbers() {
        let work = || {
            let waker = Waker::new().unwrap();
            waker.wake_always();
            let (others, end) = rustix::net::socketpair(
                rustix::net::AddressFamily::UNIX,
                rustix::net::SocketType::STREAM,
                rustix::net::SocketFlags::NONBLOCK,
                None,
            )
            .unwrap();
            for own in [&waker.sockets.reader, &waker.sockets.writer] {
                use std::os::fd::AsRawFd;
                let number = own.get_unchecked().as_raw_fd();
                // SAFETY: the descriptor is the waker's, which detects that it was
                // replaced.
                assert!(unsafe { libc::dup2(others.as_raw_fd(), number) } >= 0);
            }
            waker.clear();
            assert!(!is_woken(&waker));
            waker.arm();
            waker.wake();
            assert!(is_woken(&waker));
            drop(waker);
            // Nothing was written to the program's own socket.
            rustix::io::read(&end, &mut [0; 8]) == Err(rustix::io::Errno::AGAIN)
        };
        assert!(crate::child::in_child(20, work));
    }
}
