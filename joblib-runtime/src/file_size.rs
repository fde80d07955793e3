//! Turns a write beyond the file size limit (setrlimit(2), `RLIMIT_FSIZE`) into an error,
//! instead of the signal that would end the program.

use std::io;
use std::mem::MaybeUninit;

use crate::resource_limit::{Limit, limit};

/// Runs `work` with `SIGXFSZ` blocked, so that writing beyond the limit fails. The error
/// contains the limit.
pub(crate) fn with_size_limit_as_error<R>(work: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
    let limit = match limit(libc::RLIMIT_FSIZE) {
        Limit::Unlimited => return work(),
        Limit::AtMost(limit) => format!("{limit} bytes"),
        Limit::Unknown => "unknown size".to_owned(),
    };
    let blocked = SigxfszBlocked::new();
    let result = work();
    drop(blocked);
    result.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => io::Error::new(
            error.kind(),
            format!(
                "the file exceeds the file size limit (`ulimit -f`) of {limit}; raise the limit"
            ),
        ),
        _ => error,
    })
}

/// Blocks `SIGXFSZ` in this thread, to which the kernel sends it, until it is dropped.
struct SigxfszBlocked {
    before: libc::sigset_t,
    signal: libc::sigset_t,
}

impl SigxfszBlocked {
    fn new() -> SigxfszBlocked {
        let mut signal = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: `sigemptyset` initializes the first set and `pthread_sigmask` the
        // second; neither fails for valid arguments.
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
        // SAFETY: all pointers are valid. A signal that is pending is consumed here,
        // unless the signal was blocked before: then the caller may be waiting for it.
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
