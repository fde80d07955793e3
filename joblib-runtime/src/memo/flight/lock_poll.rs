//! Polls for the lock of an id until another process releases it.

use std::time::{Duration, Instant};

use super::call_stack::{self, ActiveCall};
use super::deadlock::{DeadlockDetector, UncountedCpu};
use super::liveness_check::LivenessCheck;
use super::wait_graph::{self, WaitTarget};
use super::{ResultSource, TryLock};

const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LAST_PAUSE: Duration = Duration::from_millis(5);

/// The minimum time that a nested computation waits for another process.
const NESTED: Duration = Duration::from_millis(100);

/// The wait of one leader for the lock of its id.
pub(super) struct LockPoller {
    call: ActiveCall,
    /// The calls that this one is nested in.
    outer: Vec<ActiveCall>,
    pause: Duration,
    busy: Option<Contention>,
    /// The rank of the requested lock.
    rank: u8,
    doubt: Option<LivenessCheck>,
}

/// The state of a wait for a lock that another process holds.
struct Contention {
    /// When to continue without the lock. `None` while no leader of this process waits
    /// for this computation.
    until: Option<Instant>,
    watch: Option<DeadlockDetector>,
    _wait: Option<wait_graph::RecordedWait>,
}

/// The outcome of one poll.
pub(super) enum PollOutcome<V, L> {
    /// The result is available.
    Found(V),
    /// Compute, with the lock if there is one.
    Go(Option<L>),
    /// Poll again after this time.
    Pause(Duration),
}

impl LockPoller {
    pub(super) fn new(call: ActiveCall) -> Self {
        Self {
            call,
            outer: Vec::new(),
            pause: FIRST_PAUSE,
            busy: None,
            rank: 0,
            doubt: None,
        }
    }

    pub(super) fn ask<G: ResultSource>(&mut self, gate: &G) -> PollOutcome<G::Value, G::Lock> {
        // The lock comes before the look: a holder that releases it has stored the
        // result before that.
        let unpaid = self.busy.is_some().then(UncountedCpu::start);
        let attempt = match self.rank {
            0 => gate.try_lock(),
            rank => gate.try_lock_beside(rank),
        };
        let found = gate.look();
        drop(unpaid);
        if let Some(value) = found {
            return PollOutcome::Found(value);
        }
        match attempt {
            TryLock::Acquired(lock) => PollOutcome::Go(Some(lock)),
            TryLock::Unavailable => PollOutcome::Go(None),
            TryLock::Busy => self.wait(gate),
        }
    }

    fn wait<G: ResultSource>(&mut self, gate: &G) -> PollOutcome<G::Value, G::Lock> {
        if self.busy.is_none() {
            self.begin();
        }
        if self.is_over() {
            return PollOutcome::Go(None);
        }
        let rank = self.rank;
        let doubt = self.doubt.get_or_insert_with(|| LivenessCheck::new(rank));
        if doubt.is_over(|| gate.holder(rank)) {
            self.rank += 1;
            self.doubt = None;
            return PollOutcome::Pause(Duration::ZERO);
        }
        let pause = self.pause;
        self.pause = (pause * 3 / 2).min(LAST_PAUSE);
        PollOutcome::Pause(pause)
    }

    fn begin(&mut self) {
        self.outer = call_stack::leads();
        let mut waiting = self.outer.clone();
        waiting.push(self.call);
        self.busy = Some(Contention {
            until: None,
            watch: DeadlockDetector::on_worker(self.call.since),
            _wait: wait_graph::wait(&waiting, WaitTarget::Process).ok(),
        });
    }

    fn is_over(&mut self) -> bool {
        let Some(busy) = &mut self.busy else {
            return false;
        };
        let outermost = self.outer.iter().map(|call| call.since).min();
        if busy.until.is_none() {
            let waits = wait_graph::oldest_waiting_for(self.call.id);
            busy.until = outermost.into_iter().chain(waits).min().map(patience);
        }
        busy.until.is_some_and(|until| Instant::now() >= until)
            || busy
                .watch
                .as_mut()
                .is_some_and(DeadlockDetector::gives_up_on_process)
    }
}

/// Returns when to stop waiting on behalf of a computation that began at `since`. The
/// time lost is proportional to the time already spent.
fn patience(since: Instant) -> Instant {
    Instant::now() + NESTED.max(2 * since.elapsed())
}
