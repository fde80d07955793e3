//! Asks for the lock of an id until another process lets go of it.

use std::time::{Duration, Instant};

use super::call_stack::{self, ActiveCall};
use super::deadlock::{DeadlockDetector, UncountedCpu};
use super::liveness_check::LivenessCheck;
use super::wait_graph::{self, WaitTarget};
use super::{ResultSource, TryLock};

const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LAST_PAUSE: Duration = Duration::from_millis(5);

/// The least time a nested computation waits for another process.
const NESTED: Duration = Duration::from_millis(100);

/// The wait of one leader for the lock of its id.
pub(super) struct LockPoller {
    call: ActiveCall,
    /// The calls this one is nested in.
    outer: Vec<ActiveCall>,
    pause: Duration,
    busy: Option<Contention>,
    /// The rank of the lock that is asked for.
    rank: u8,
    doubt: Option<LivenessCheck>,
}

/// What is known since the lock was found busy.
struct Contention {
    /// When to go on without the lock; the wait has no such end while nobody
    /// who leads a computation waits for this one.
    until: Option<Instant>,
    watch: Option<DeadlockDetector>,
    _wait: Option<wait_graph::RecordedWait>,
}

/// What came of asking once.
pub(super) enum PollOutcome<V, L> {
    /// The result is there.
    Found(V),
    /// Compute, with the lock if there is one.
    Go(Option<L>),
    /// Ask again after this time.
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
        // The lock first: whoever held it stored the result before.
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

/// When to stop waiting on behalf of a computation begun at `since`: what it
/// loses is in proportion to what it has spent.
fn patience(since: Instant) -> Instant {
    Instant::now() + NESTED.max(2 * since.elapsed())
}
