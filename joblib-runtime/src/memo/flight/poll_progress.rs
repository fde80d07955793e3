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
pub(super) const WOKEN: Duration = Duration::from_secs(1);

/// How long a task may be neither polled nor woken.
pub(super) const ASLEEP: Duration = Duration::from_secs(10);

/// The factor by which the limits grow with each takeover.
const GROWTH: u32 = 4;

/// The interval at which tasks that wait, and are waited for, are polled at least.
pub(super) const BEAT: Duration = Duration::from_secs(3);

// A state consists of these bits below a counter of events.
const IS_TASK: u64 = 1;
const IS_POLLED: u64 = 2;
const IS_WOKEN: u64 = 4;
const EVENT: u64 = 8;

/// The meaning of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PollState {
    /// The task is being polled.
    Computed,
    /// The task is not being polled, and may stay so for this long.
    For(Duration),
}

/// Decodes `state`. The state of a thread is zero: a thread makes progress as long as
/// its process runs.
pub(super) fn stands(state: u64) -> PollState {
    if state & IS_TASK == 0 || state & IS_POLLED != 0 {
        PollState::Computed
    } else if state & IS_WOKEN != 0 {
        PollState::For(WOKEN)
    } else {
        PollState::For(ASLEEP)
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
    sign: OnceLock<HolderRecord>,
}

impl PollProgress {
    pub(super) fn new(since: Instant, rank: u32) -> Arc<Self> {
        Arc::new(Self {
            since,
            state: AtomicU64::new(IS_TASK | IS_POLLED),
            changed: AtomicU64::new(0),
            rank,
            is_taken_over: AtomicBool::new(false),
            sign: OnceLock::new(),
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
    pub(super) fn show(&self, sign: Option<&HolderRecord>) {
        if let Some(sign) = sign {
            let _ = self.sign.set(sign.clone());
            self.tell();
        }
    }

    fn tell(&self) {
        if let Some(sign) = self.sign.get() {
            sign.set(self.state.load(Ordering::Relaxed));
        }
    }

    fn note(&self, change: impl Fn(u64) -> u64) {
        let _ = self
            .state
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |state| {
                Some(change(state))
            });
        self.tell();
    }

    fn stamp(&self) {
        let now = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.changed.store(now, Ordering::Relaxed);
    }

    fn begin(&self) {
        self.note(|state| (state.wrapping_add(EVENT) | IS_POLLED) & !IS_WOKEN);
    }

    fn end(&self) {
        self.stamp();
        self.note(|state| state & !IS_POLLED);
    }

    fn wake(&self) {
        if self.state.load(Ordering::Acquire) & IS_WOKEN == 0 {
            self.stamp();
            self.note(|state| state | IS_WOKEN);
        }
    }

    /// Returns for how long the task may stay without progress; zero if the limit has
    /// passed.
    pub(super) fn patience(&self) -> Duration {
        let changed = Duration::from_nanos(self.changed.load(Ordering::Relaxed));
        let PollState::For(least) = stands(self.state.load(Ordering::Acquire)) else {
            return WOKEN;
        };
        let grown = if least == WOKEN {
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
            .map_or(context.waker(), |noting| &noting.ours);
        poll(&mut Context::from_waker(noting))
    }
}

/// The waker of a task, and a wrapper around it that records wake-ups.
#[derive(Debug)]
pub(super) struct NotingWaker {
    theirs: Waker,
    ours: Waker,
}

impl NotingWaker {
    fn new(progress: &Arc<PollProgress>, context: &Context<'_>) -> Self {
        let theirs = context.waker().clone();
        let ours = Waker::from(Arc::new(WakeNote {
            progress: Arc::clone(progress),
            waker: theirs.clone(),
        }));
        Self { theirs, ours }
    }

    fn wakes(&self, context: &Context<'_>) -> bool {
        self.theirs.will_wake(context.waker())
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
        let since = Instant::now().checked_sub(1000 * ASLEEP).unwrap();
        let progress = PollProgress::new(since, 0);
        assert!(progress.patience() > Duration::ZERO);
        progress.end();
        assert!(progress.patience() > ASLEEP);
    }

    #[test]
    fn a_task_stands_still_sooner_if_it_was_woken() {
        let zero = Duration::ZERO;
        for (stood, is_woken, still) in [
            (WOKEN / 2, true, false),
            (WOKEN, true, true),
            (WOKEN, false, false),
            (ASLEEP / 2, false, false),
            (ASLEEP, false, true),
        ] {
            let patience = progress(zero, stood, 0, is_woken).patience();
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
        assert!(!progress(hour, hour / 2, 0, false).patience().is_zero());
        assert!(progress(hour, hour, 0, false).patience().is_zero());
        assert!(!progress(hour, hour / 20, 0, true).patience().is_zero());
        assert!(progress(hour, hour / 10, 0, true).patience().is_zero());
        for rank in [1, 2, 5] {
            let zero = Duration::ZERO;
            let longest = ASLEEP * GROWTH.pow(rank);
            assert!(
                !progress(zero, longest / 2, rank, false)
                    .patience()
                    .is_zero()
            );
            assert!(progress(zero, longest, rank, false).patience().is_zero());
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
                stands(progress.state.load(Ordering::Relaxed)),
                PollState::Computed
            );
            Poll::<()>::Pending
        });
        assert!(polled.is_pending());
        let state = || stands(progress.state.load(Ordering::Relaxed));
        assert_eq!(state(), PollState::For(ASLEEP));
        kept.unwrap().wake();
        assert_eq!(
            (state(), count.0.load(Ordering::Relaxed)),
            (PollState::For(WOKEN), 1)
        );
        let again = progress.poll(&mut noting, &Context::from_waker(&waker), |_| {
            Poll::Ready(())
        });
        assert!(again.is_ready());
        assert_eq!(state(), PollState::For(ASLEEP));
    }
}
