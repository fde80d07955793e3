//! The limit of file sizes (setrlimit(2), `RLIMIT_FSIZE`): what exceeds it is an error here
//! and not the end of the program, which its signal would be.

use std::io;
use std::mem::MaybeUninit;

use crate::resource_limit::{Limit, limit};

/// Runs `work`, in which writing beyond the limit fails instead of raising `SIGXFSZ`. The
/// error names the limit.
pub(crate) fn checked<R>(work: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
    let limit = match limit(libc::RLIMIT_FSIZE) {
        Limit::Unlimited => return work(),
        Limit::Most(limit) => format!("{limit} bytes"),
        Limit::Unknown => "not told by the system".to_owned(),
    };
    let blocked = SigxfszBlocked::new();
    let result = work();
    drop(blocked);
    result.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => io::Error::new(
            error.kind(),
            format!("the limit of file sizes (`ulimit -f`) is {limit}, and too small"),
        ),
        _ => error,
    })
}

/// `SIGXFSZ` is blocked in this thread, which alone would get it.
struct SigxfszBlocked {
    before: libc::sigset_t,
    signal: libc::sigset_t,
}

impl SigxfszBlocked {
    fn new() -> SigxfszBlocked {
        let mut signal = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: `sigemptyset` makes a set of the first place, and `pthread_sigmask` one of
        // the second; neither fails for valid arguments.
        unsafe {
            libc::sigemptyset(signal.as_mut_ptr());
            libc::sigaddset(signal.as_mut_ptr(), libc::SIGXFSZ);
            libc::pthread_sigmask(libc::SIG_BLOCK, signal.as_ptr(), before.as_mut_ptr());
            SigxfszBlocked {
                before: before.assume_init(),
                signal: signal.assume_init(),
            }
        }
    }
}

impl Drop for SigxfszBlocked {
    fn drop(&mut self) {
        let now = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: all places are valid. What was raised meanwhile is taken, unless whoever
        // blocked the signal before waits for it.
        unsafe {
            if libc::sigismember(&raw const self.before, libc::SIGXFSZ) == 0 {
                libc::sigtimedwait(&raw const self.signal, std::ptr::null_mut(), &raw const now);
            }
            libc::pthread_sigmask(
                libc::SIG_SETMASK,
                &raw const self.before,
                std::ptr::null_mut(),
            );
        }
    }
}
