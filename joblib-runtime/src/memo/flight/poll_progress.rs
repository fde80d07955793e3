//! The progress of a task: whether it is polled, and whether it was woken since its
//! last poll.
//!
//! A task computes only while it is polled, and a future may be kept for ever without
//! being polled again. So followers watch the task and take over the leadership when it
//! makes no progress: soon if it was woken and is not polled, later if nothing has
//! woken it, because then it may wait for something of its own. Both limits grow with
//! the work done so far and with the number of takeovers, so that a slow result has few
//! duplicates however many callers wait.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use crate::store::HolderRecord;

/// How long a task may be woken without being polled.
pub(super) const WOKEN_LIMIT: Duration = Duration::from_secs(1);

/// How long a task may be neither polled nor woken.
const ASLEEP_LIMIT: Duration = Duration::from_secs(10);

/// The factor by which the limits grow with each takeover.
const GROWTH: u32 = 4;

/// The interval at which tasks that wait, and are waited for, are polled at least.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(3);

// A state consists of these bits below a counter of events.
const IS_TASK: u64 = 1;
const IS_POLLED: u64 = 2;
const IS_WOKEN: u64 = 4;
const EVENT: u64 = 8;

/// The meaning of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PollState {
    /// The task is being polled.
    Polled,
    /// The task is not being polled, and may stay so for this long.
    Idle(Duration),
}

/// Decodes `state`. The state of a thread is zero: a thread makes progress as long as
/// its process runs.
pub(super) fn poll_state(state: u64) -> PollState {
    if state & IS_TASK == 0 || state & IS_POLLED != 0 {
        PollState::Polled
    } else if state & IS_WOKEN != 0 {
        PollState::Idle(WOKEN_LIMIT)
    } else {
        PollState::Idle(ASLEEP_LIMIT)
    }
}

/// The progress of a task.
#[derive(Debug)]
pub(super) struct PollProgress {
    since: Instant,
    state: AtomicU64,
    /// When the task was last woken, or its last poll ended, in nanoseconds after
    /// `since`.
    changed: AtomicU64,
    /// The number of takeovers before this leader.
    rank: u32,
    is_taken_over: AtomicBool,
    /// The record in which other processes see the state.
    record: OnceLock<HolderRecord>,
}

impl PollProgress {
    pub(super) fn new(since: Instant, rank: u32) -> Arc<Self> {
        Arc::new(Self {
            since,
            state: AtomicU64::new(IS_TASK | IS_POLLED),
            changed: AtomicU64::new(0),
            rank,
            is_taken_over: AtomicBool::new(false),
            record: OnceLock::new(),
        })
    }

    pub(super) fn rank(&self) -> u32 {
        self.rank
    }

    /// Records that another caller has the leadership.
    pub(super) fn take_over(&self) {
        self.is_taken_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_taken_over(&self) -> bool {
        self.is_taken_over.load(Ordering::Relaxed)
    }

    /// Publishes the state in `record` for other processes.
    pub(super) fn publish_to(&self, record: Option<&HolderRecord>) {
        if let Some(record) = record {
            let _ = self.record.set(record.clone());
            self.publish();
        }
    }

    fn publish(&self) {
        if let Some(record) = self.record.get() {
            record.set(self.state.load(Ordering::Relaxed));
        }
    }

    fn update(&self, change: impl Fn(u64) -> u64) {
        let _ = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |state| {
                Some(change(state))
            });
        self.publish();
    }

    fn set_changed(&self) {
        let now = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.changed.store(now, Ordering::Relaxed);
    }

    fn begin(&self) {
        self.update(|state| (state.wrapping_add(EVENT) | IS_POLLED) & !IS_WOKEN);
    }

    fn end(&self) {
        self.set_changed();
        self.update(|state| state & !IS_POLLED);
    }

    fn wake(&self) {
        if self.state.load(Ordering::Acquire) & IS_WOKEN == 0 {
            self.set_changed();
            self.update(|state| state | IS_WOKEN);
        }
    }

    /// Returns for how long the task may stay without progress; zero if the limit has
    /// passed.
    pub(super) fn time_left(&self) -> Duration {
        let changed = Duration::from_nanos(self.changed.load(Ordering::Relaxed));
        let PollState::Idle(least) = poll_state(self.state.load(Ordering::Acquire)) else {
            return WOKEN_LIMIT;
        };
        let grown = if least == WOKEN_LIMIT {
            changed / 10
        } else {
            changed
        };
        let longest = least
            .max(grown)
            .saturating_mul(GROWTH.saturating_pow(self.rank));
        longest.saturating_sub(self.since.elapsed().saturating_sub(changed))
    }

    /// Polls a part of the task with a waker that records wake-ups.
    pub(super) fn poll<T>(
        self: &Arc<Self>,
        waker: &mut Option<NotingWaker>,
        context: &Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        struct EndOnDrop<'a>(&'a PollProgress);
        impl Drop for EndOnDrop<'_> {
            fn drop(&mut self) {
                self.0.end();
            }
        }
        if !waker.as_ref().is_some_and(|noting| noting.wakes(context)) {
            *waker = Some(NotingWaker::new(self, context));
        }
        self.begin();
        let _ended = EndOnDrop(self);
        let noting = waker
            .as_ref()
            .map_or(context.waker(), |noting| &noting.wrapper);
        poll(&mut Context::from_waker(noting))
    }
}

/// The waker of a task, and a wrapper around it that records wake-ups.
#[derive(Debug)]
pub(super) struct NotingWaker {
    original: Waker,
    wrapper: Waker,
}

impl NotingWaker {
    fn new(progress: &Arc<PollProgress>, context: &Context<'_>) -> Self {
        let original = context.waker().clone();
        let wrapper = Waker::from(Arc::new(WakeNote {
            progress: Arc::clone(progress),
            waker: original.clone(),
        }));
        Self { original, wrapper }
    }

    fn wakes(&self, context: &Context<'_>) -> bool {
        self.original.will_wake(context.waker())
    }
}

struct WakeNote {
    progress: Arc<PollProgress>,
    waker: Waker,
}

impl Wake for WakeNote {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.progress.wake();
        self.waker.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a task that began `before + stood` ago and has made no progress for
    /// `stood`.
    fn progress(before: Duration, stood: Duration, rank: u32, is_woken: bool) -> Arc<PollProgress> {
        let since = Instant::now().checked_sub(before + stood).unwrap();
        let progress = PollProgress::new(since, rank);
        progress.end();
        if is_woken {
            progress.wake();
        }
        progress
            .changed
            .store(before.as_nanos() as u64, Ordering::Relaxed);
        progress
    }

    #[test]
    fn a_task_that_is_polled_goes_on_however_long_that_takes() {
        let since = Instant::now().checked_sub(1000 * ASLEEP_LIMIT).unwrap();
        let progress = PollProgress::new(since, 0);
        assert!(progress.time_left() > Duration::ZERO);
        progress.end();
        assert!(progress.time_left() > ASLEEP_LIMIT);
    }

    #[test]
    fn a_task_stands_still_sooner_if_it_was_woken() {
        let zero = Duration::ZERO;
        for (stood, is_woken, still) in [
            (WOKEN_LIMIT / 2, true, false),
            (WOKEN_LIMIT, true, true),
            (WOKEN_LIMIT, false, false),
            (ASLEEP_LIMIT / 2, false, false),
            (ASLEEP_LIMIT, false, true),
        ] {
            let patience = progress(zero, stood, 0, is_woken).time_left();
            assert_eq!(
                patience.is_zero(),
                still,
                "{stood:?} {is_woken}: {patience:?}"
            );
        }
    }

    #[test]
    fn patience_grows_with_what_was_done_and_with_the_rank() {
        let hour = Duration::from_secs(3600);
        assert!(!progress(hour, hour / 2, 0, false).time_left().is_zero());
        assert!(progress(hour, hour, 0, false).time_left().is_zero());
        assert!(!progress(hour, hour / 20, 0, true).time_left().is_zero());
        assert!(progress(hour, hour / 10, 0, true).time_left().is_zero());
        for rank in [1, 2, 5] {
            let zero = Duration::ZERO;
            let longest = ASLEEP_LIMIT * GROWTH.pow(rank);
            assert!(
                !progress(zero, longest / 2, rank, false)
                    .time_left()
                    .is_zero()
            );
            assert!(progress(zero, longest, rank, false).time_left().is_zero());
        }
    }

    #[test]
    fn wakes_reach_the_task_and_are_noted() {
        struct PollCount(AtomicU64);
        impl Wake for PollCount {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let count = Arc::new(PollCount(AtomicU64::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        let progress = PollProgress::new(Instant::now(), 0);
        let mut noting = None;
        let mut kept = None;
        let polled = progress.poll(&mut noting, &Context::from_waker(&waker), |context| {
            kept = Some(context.waker().clone());
            assert_eq!(
                poll_state(progress.state.load(Ordering::Relaxed)),
                PollState::Polled
            );
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        let state = || poll_state(progress.state.load(Ordering::Relaxed));
        assert_eq!(state(), PollState::Idle(ASLEEP_LIMIT));
        kept.unwrap().wake();
        assert_eq!(
            (state(), count.0.load(Ordering::Relaxed)),
            (PollState::Idle(WOKEN_LIMIT), 1)
        );
        let again = progress.poll(&mut noting, &Context::from_waker(&waker), |_| {
            Poll::Ready(())
        });
        assert!(again.is_ready());
        assert_eq!(state(), PollState::Idle(ASLEEP_LIMIT));
    }
}
