//! Runs work that must not hang.

use std::sync::mpsc;
use std::time::Duration;

/// Returns the result of `work`; the test fails if that takes too long.
pub(crate) fn in_time<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, done) = mpsc::channel();
    let thread = std::thread::spawn(move || sender.send(work()));
    match done.recv_timeout(Duration::from_secs(60)) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing came"),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(thread.join().unwrap_err())
        }
    }
}
