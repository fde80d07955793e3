//! Waits for descriptors, with a fallback for when `poll` fails: a system call filter
//! may forbid it, or the limit of descriptors was lowered.

use std::time::Duration;

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;

/// How long to sleep when `poll` fails.
const PAUSE: Duration = Duration::from_millis(1);

/// Waits until one of the descriptors is ready, for at most `limit`. Returns whether
/// the descriptors report which are ready. If not, any of them may be, and the caller
/// checks all.
pub(super) fn wait(descriptors: &mut [PollFd<'_>], limit: Option<Duration>) -> bool {
    let timeout = limit.and_then(|limit| Timespec::try_from(limit).ok());
    match poll(descriptors, timeout.as_ref()) {
        Ok(_) => true,
        Err(Errno::INTR) => false,
        Err(_) => pause(limit),
    }
}

/// Sleeps briefly when nothing can be waited for. Returns false: which descriptors are
/// ready is unknown.
pub(super) fn pause(limit: Option<Duration>) -> bool {
    std::thread::sleep(limit.map_or(PAUSE, |limit| limit.min(PAUSE)));
    false
}
