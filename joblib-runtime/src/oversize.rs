//! Limits on the size of files (`RLIMIT_FSIZE`): the system tells of one by a
//! signal, which ends the process, before the call says so. Held back while a
//! file is written, the signal leaves the word to the error.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr;

/// Holds `SIGXFSZ` back in this thread as long as it lives.
pub(crate) struct Oversize {
    /// Whether it was not held back before.
    is_first: bool,
    /// Of this thread alone.
    _thread: PhantomData<*const ()>,
}

impl Oversize {
    pub(crate) fn hold() -> Self {
        let signal = only();
        let mut before = empty();
        // SAFETY: both sets are whole, and outlive the call.
        let held = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &signal, &mut before) };
        // SAFETY: the set is whole.
        let was_held = unsafe { libc::sigismember(&before, libc::SIGXFSZ) } == 1;
        Oversize {
            is_first: held == 0 && !was_held,
            _thread: PhantomData,
        }
    }
}

impl Drop for Oversize {
    fn drop(&mut self) {
        if !self.is_first {
            return;
        }
        // It was not held back before, so that one that waits came since.
        let (signal, now) = (
            only(),
            libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
        );
        // SAFETY: the set and the time are whole, and nobody asks for more than
        // the signal's number.
        while unsafe { libc::sigtimedwait(&signal, ptr::null_mut(), &now) } == libc::SIGXFSZ {}
        // SAFETY: the set is whole.
        unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &signal, ptr::null_mut()) };
    }
}

fn empty() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the call makes a set of it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    }
}

fn only() -> libc::sigset_t {
    let mut set = empty();
    // SAFETY: the set is whole, and the signal is one.
    unsafe { libc::sigaddset(&mut set, libc::SIGXFSZ) };
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_held() -> bool {
        let mut now = empty();
        // SAFETY: the set is whole; nothing is changed.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &mut now) };
        // SAFETY: the set is whole.
        unsafe { libc::sigismember(&now, libc::SIGXFSZ) == 1 }
    }

    #[test]
    fn a_signal_that_came_is_gone_with_its_holder() {
        let held = Oversize::hold();
        // SAFETY: the signal is held back.
        unsafe { libc::pthread_kill(libc::pthread_self(), libc::SIGXFSZ) };
        drop(held);
        assert!(!is_held());
    }

    #[test]
    fn one_within_another_changes_nothing() {
        let outer = Oversize::hold();
        drop(Oversize::hold());
        assert!(is_held());
        drop(outer);
        assert!(!is_held());
    }
}
