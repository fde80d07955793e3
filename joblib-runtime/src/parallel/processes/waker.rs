//! Wakes the thread that drives the workers, which sleeps in `poll`, when
//! there is something else for it than what they say.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair,
};

use crate::guarded_fd::{Guarded, beside_streams};

pub(super) struct Waker {
    rope: SocketPair,
    is_awaited: AtomicBool,
}

/// Two sockets, which are files of their own as an eventfd is not: so it is known whether
/// the program closed them and has something else under their numbers. What is sent to a
/// socket goes to no file, even if it is closed at this very moment.
struct SocketPair {
    reader: Guarded<OwnedFd>,
    writer: Guarded<OwnedFd>,
    /// The replacement, once the program has closed this one; `None` if no descriptors
    /// are left for it.
    next: OnceLock<Option<Box<SocketPair>>>,
}

impl SocketPair {
    fn new() -> Option<SocketPair> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let pair = || socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None);
        let (reader, writer) = beside_streams(pair).ok()?;
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

    fn pull(&self) {
        match self.writer.get() {
            // It fails only where it was pulled already, more often than there is room.
            Ok(writer) => drop(send(writer, &[1], SendFlags::NOSIGNAL)),
            Err(_) => self.next().into_iter().for_each(SocketPair::pull),
        }
    }

    fn end(&self) -> Option<BorrowedFd<'_>> {
        // Where one end was closed, nobody is heard at the other.
        match self.reader.is_own() && self.writer.is_own() {
            true => Some(self.reader.unproven().as_fd()),
            false => self.next()?.end(),
        }
    }
}

impl Waker {
    /// A bell, unless there are no descriptors left.
    pub(super) fn new() -> Option<Waker> {
        Some(Waker {
            rope: SocketPair::new()?,
            is_awaited: AtomicBool::new(false),
        })
    }

    /// Wakes the one who waits, if anyone does. What there is to be found
    /// must be there before.
    pub(super) fn ring(&self) {
        if self.is_awaited.swap(false, SeqCst) {
            self.rope.pull();
        }
    }

    /// Wakes the one who polls [`fd`](Waker::fd), whether or not they said that they
    /// wait.
    pub(super) fn ring_in_any_case(&self) {
        self.is_awaited.store(false, SeqCst);
        self.rope.pull();
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
        let Some(end) = self.rope.end() else {
            return;
        };
        let mut rung = [0; 256];
        // Nothing to read is as good.
        while recv(end, &mut rung[..], RecvFlags::empty()).is_ok_and(|(len, _)| len == rung.len()) {
        }
    }

    /// What is readable when it was rung; nothing if the program closed it and there are
    /// no descriptors left.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.rope.end()
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::*;

    fn is_rung(bell: &Waker) -> bool {
        let at_once = Timespec::default();
        let mut fds = [PollFd::from_borrowed_fd(bell.fd().unwrap(), PollFlags::IN)];
        poll(&mut fds, Some(&at_once)).unwrap() == 1
    }

    #[test]
    fn it_is_heard_by_who_waits_and_once() {
        let bell = Waker::new().unwrap();
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
        let bell = Waker::new().unwrap();
        bell.ring_in_any_case();
        assert!(is_rung(&bell));
        bell.silence();
        assert!(!is_rung(&bell));
        bell.wait();
        bell.ring_in_any_case();
        assert!(is_rung(&bell));
    }

    // In a child, since other tests open descriptors at the same time.
    #[test]
    fn it_is_heard_after_the_program_closed_it_and_took_its_numbers() {
        let work = || {
            let bell = Waker::new().unwrap();
            bell.ring_in_any_case();
            let (others, end) = rustix::net::socketpair(
                rustix::net::AddressFamily::UNIX,
                rustix::net::SocketType::STREAM,
                rustix::net::SocketFlags::NONBLOCK,
                None,
            )
            .unwrap();
            for own in [&bell.rope.reader, &bell.rope.writer] {
                use std::os::fd::AsRawFd;
                let number = own.unproven().as_raw_fd();
                // SAFETY: the number is the bell's, which does not rely on it.
                assert!(unsafe { libc::dup2(others.as_raw_fd(), number) } >= 0);
            }
            bell.silence();
            assert!(!is_rung(&bell));
            bell.wait();
            bell.ring();
            assert!(is_rung(&bell));
            drop(bell);
            // Nothing was written to the program's own.
            rustix::io::read(&end, &mut [0; 8]) == Err(rustix::io::Errno::AGAIN)
        };
        assert!(crate::child::in_child(20, work));
    }
}
