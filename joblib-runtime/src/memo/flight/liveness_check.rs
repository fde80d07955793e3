//! Decides whether to keep waiting for another process that holds a lock.
//!
//! Its computation may take hours, and callers wait as long as it may be making
//! progress. They do not wait for a stopped process, for one that is gone while a child
//! keeps the lock, or for a task that makes no progress. Where nothing is known about
//! the holder, as on a network file system or in another container, the wait is long
//! but bounded.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::liveness::{Liveness, liveness_of};
use super::poll_progress::{PollState, poll_state};
use crate::store::HolderStatus;
use crate::unpoisoned::lock;

/// How long a process may be stopped, for example by a debugger or until its user types
/// `fg`.
const STOPPED_LIMIT: Duration = Duration::from_secs(5);

/// How long to wait for a holder about which nothing is known.
const UNKNOWN_LIMIT: Duration = Duration::from_secs(600);

/// The interval between two checks.
const INTERVAL: Duration = Duration::from_millis(200);

/// A task of another process gets this many times the time that its own process allows
/// it, so that a caller in its own process takes over first.
const REMOTE_FACTOR: u32 = 2;

/// The observations of the holder of one lock.
#[derive(Debug)]
pub(super) struct LivenessCheck {
    since: Instant,
    checked_at: Option<Instant>,
    /// The last state that the holder published, and since when.
    last_state: Option<(u64, Instant)>,
    /// The number of holders that were given up before this one.
    rank: u8,
}

impl LivenessCheck {
    pub(super) fn new(rank: u8) -> Self {
        Self {
            since: Instant::now(),
            checked_at: None,
            last_state: None,
            rank,
        }
    }

    /// Returns whether to stop waiting for the holder.
    pub(super) fn should_give_up(&mut self, holder: impl FnOnce() -> Option<HolderStatus>) -> bool {
        let now = Instant::now();
        if self
            .checked_at
            .is_some_and(|checked_at| now - checked_at < INTERVAL)
        {
            return false;
        }
        self.checked_at = Some(now);
        let holder = holder();
        let is_stopped = match holder.and_then(|holder| Some((holder.process?, holder.thread))) {
            Some((process, thread)) => stopped_for(process, thread) >= STOPPED_LIMIT,
            None => now - self.since >= self.scaled(UNKNOWN_LIMIT),
        };
        is_stopped || holder.is_some_and(|holder| self.is_stalled(holder.state, now))
    }

    fn is_stalled(&mut self, state: u64, now: Instant) -> bool {
        let since = match self.last_state {
            Some((last_state, since)) if last_state == state => since,
            _ => now,
        };
        self.last_state = Some((state, since));
        match poll_state(state) {
            PollState::Polled => false,
            PollState::Idle(least) => now - since >= self.scaled(least * REMOTE_FACTOR),
        }
    }

    /// Scales a time limit by the rank, so that a slow result has few duplicates.
    fn scaled(&self, time: Duration) -> Duration {
        time * (1 << self.rank)
    }
}

/// Since when each process seems not to run, and the processor time that it had used by
/// then. A different processor time shows that it ran in between.
static NOT_RUNNING: Mutex<Option<HashMap<i32, (Instant, u64)>>> = Mutex::new(None);

/// Returns how long `process` has been stopped or gone, as far as this process has
/// seen. The state is that of the thread that holds the lock.
fn stopped_for(process: i32, thread: Option<i32>) -> Duration {
    let used = match liveness_of(thread.unwrap_or(process)) {
        Liveness::Running => None,
        Liveness::Stopped(used) => Some(used),
        Liveness::Gone => Some(u64::MAX),
    };
    let mut still = lock(&NOT_RUNNING);
    let still = still.get_or_insert_default();
    let Some(used) = used else {
        still.remove(&process);
        return Duration::ZERO;
    };
    let now = Instant::now();
    let known = still.entry(process).or_insert((now, used));
    if known.1 != used {
        *known = (now, used);
    }
    now - known.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(state: u64) -> HolderStatus {
        HolderStatus {
            process: Some(std::process::id() as i32),
            thread: Some(rustix::thread::gettid().as_raw_nonzero().get()),
            state,
        }
    }

    /// Returns a check that last looked `age` ago, at a holder with this state.
    fn check(age: Duration, state: u64, rank: u8) -> LivenessCheck {
        let then = Instant::now().checked_sub(age).unwrap();
        LivenessCheck {
            since: then,
            checked_at: Some(then),
            last_state: Some((state, then)),
            rank,
        }
    }

    const WEEK: Duration = Duration::from_secs(7 * 86_400);

    #[test]
    fn a_thread_that_goes_on_is_waited_for_and_so_is_a_task_that_is_polled() {
        for state in [0, 3, 8 | 3] {
            let mut check = check(WEEK, state, 0);
            assert!(!check.should_give_up(|| Some(own(state))));
        }
    }

    #[test]
    fn a_task_that_stands_still_and_a_holder_that_nobody_knows_are_not_waited_for() {
        for rank in 0..4 {
            let longest = |time: Duration| time * (1 << rank);
            let task = Some(own(5));
            let (least, unknown) = (longest(Duration::from_secs(2)), longest(UNKNOWN_LIMIT));
            assert!(!check(least / 2, 5, rank).should_give_up(|| task));
            assert!(check(least, 5, rank).should_give_up(|| task));
            assert!(
                !check(least, 13, rank).should_give_up(|| task),
                "the task made progress"
            );
            assert!(!check(unknown / 2, 0, rank).should_give_up(|| None));
            assert!(check(unknown, 0, rank).should_give_up(|| None));
        }
    }
}
