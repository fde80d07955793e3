//! Waiting for descriptors, also where the system refuses to wait: a filter of system
//! calls may forbid it, and so may a limit of descriptors that was lowered since.

use std::time::Duration;

use rustix::event::{PollFd, Timespec, poll};
use rustix::io::Errno;

/// How long to wait where it cannot be waited for anything.
const PAUSE: Duration = Duration::from_millis(1);

/// Waits until one of the descriptors is ready, for no longer than `limit`; whether they
/// say which are. If not, any may be, and whoever waits looks at all.
pub(super) fn wait(descriptors: &mut [PollFd<'_>], limit: Option<Duration>) -> bool {
    let timeout = limit.and_then(|limit| Timespec::try_from(limit).ok());
    match poll(descriptors, timeout.as_ref()) {
        Ok(_) => true,
        Err(Errno::INTR) => false,
        Err(_) => pause(limit),
    }
}

/// Waits a little where nothing can be waited for. Nobody says what is ready then.
pub(super) fn pause(limit: Option<Duration>) -> bool {
    std::thread::sleep(limit.map_or(PAUSE, |limit| limit.min(PAUSE)));
    false
}
