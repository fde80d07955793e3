//! The followers of one flight.

use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::Tid;
use super::poll_progress::{PollProgress, WOKEN_LIMIT};
use crate::unpoisoned::{lock, unpoisoned};

/// How a flight ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlightOutcome {
    /// The source can find the result.
    Published,
    /// There is a result, but it is not stored and so helps no other caller.
    Withheld,
    /// The leader panicked or was dropped. Another caller has to lead.
    Abandoned,
}

/// The followers of one flight. Created when the first of them arrives.
#[derive(Debug)]
pub(super) struct Waiters {
    pub(super) id: u128,
    pub(super) owner: Option<Tid>,
    pub(super) since: Instant,
    /// The progress of the leader, if it is a task.
    pub(super) progress: Option<Arc<PollProgress>>,
    state: Mutex<WaitersState>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct WaitersState {
    outcome: Option<FlightOutcome>,
    wakers: Vec<(u64, Waker)>,
    slots: u64,
}

impl Waiters {
    pub(super) fn new(
        id: u128,
        owner: Option<Tid>,
        since: Instant,
        progress: Option<Arc<PollProgress>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            owner,
            since,
            progress,
            state: Mutex::default(),
            ended: Condvar::new(),
        })
    }

    /// Returns how long to wait before checking the leader again, or `None` if the
    /// leader need not be checked. The leader may be woken in the meantime.
    pub(super) fn interval(&self) -> Option<Duration> {
        let progress = self.progress.as_ref()?;
        Some(progress.time_left().min(WOKEN_LIMIT / 2))
    }

    /// Returns whether the leader has made no progress for too long.
    pub(super) fn is_stalled(&self) -> bool {
        let progress = self.progress.as_ref();
        progress.is_some_and(|progress| progress.time_left().is_zero())
    }

    /// Ends the wait of all followers.
    pub(super) fn finish(&self, outcome: FlightOutcome) {
        let mut state = lock(&self.state);
        state.outcome = Some(outcome);
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        self.ended.notify_all();
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    /// Blocks until the flight ends.
    pub(super) fn wait(&self) -> FlightOutcome {
        let mut state = lock(&self.state);
        loop {
            if let Some(outcome) = state.outcome {
                return outcome;
            }
            state = unpoisoned(self.ended.wait(state));
        }
    }

    /// Blocks until the flight ends, or for `interval`.
    pub(super) fn wait_for(&self, interval: Duration) -> Option<FlightOutcome> {
        let state = lock(&self.state);
        let (state, _) = unpoisoned(
            self.ended
                .wait_timeout_while(state, interval, |state| state.outcome.is_none()),
        );
        state.outcome
    }

    /// Creates a slot for a task, which is woken when the flight ends.
    pub(super) fn slot(self: &Arc<Self>) -> WaiterSlot {
        let mut state = lock(&self.state);
        state.slots += 1;
        WaiterSlot {
            number: state.slots,
            waiters: Arc::clone(self),
        }
    }
}

/// The registration of a waiting task.
#[derive(Debug)]
pub(super) struct WaiterSlot {
    waiters: Arc<Waiters>,
    number: u64,
}

impl WaiterSlot {
    pub(super) fn poll(&self, context: &mut Context<'_>) -> Poll<FlightOutcome> {
        let mut state = lock(&self.waiters.state);
        if let Some(outcome) = state.outcome {
            return Poll::Ready(outcome);
        }
        match state
            .wakers
            .iter_mut()
            .find(|(number, _)| *number == self.number)
        {
            Some((_, waker)) => waker.clone_from(context.waker()),
            None => state.wakers.push((self.number, context.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for WaiterSlot {
    fn drop(&mut self) {
        // Dropped outside the lock: a waker may own a task that drops a slot of its
        // own.
        let _gone: Vec<_> = lock(&self.waiters.state)
            .wakers
            .extract_if(.., |(number, _)| *number == self.number)
            .collect();
    }
}
