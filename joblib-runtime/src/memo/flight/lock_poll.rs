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
const MIN_NESTED_WAIT: Duration = Duration::from_millis(100);

/// The wait of one leader for the lock of its id.
pub(super) struct LockPoller {
    call: ActiveCall,
    /// The calls that this one is nested in.
    outer: Vec<ActiveCall>,
    pause: Duration,
    contention: Option<Contention>,
    /// The rank of the requested lock.
    rank: u8,
    liveness: Option<LivenessCheck>,
}

/// The state of a wait for a lock that another process holds.
struct Contention {
    /// When to continue without the lock. `None` while no leader of this process waits
    /// for this computation.
    until: Option<Instant>,
    detector: Option<DeadlockDetector>,
    _wait: Option<wait_graph::RecordedWait>,
}

/// The outcome of one poll.
pub(super) enum PollOutcome<V, L> {
    /// The result is available.
    Found(V),
    /// Compute, with the lock if there is one.
    Compute(Option<L>),
    /// Poll again after this time.
    Pause(Duration),
}

impl LockPoller {
    pub(super) fn new(call: ActiveCall) -> Self {
        Self {
            call,
            outer: Vec::new(),
            pause: FIRST_PAUSE,
            contention: None,
            rank: 0,
            liveness: None,
        }
    }

    pub(super) fn poll<G: ResultSource>(&mut self, source: &G) -> PollOutcome<G::Value, G::Lock> {
        // The lock comes before the look: a holder that releases it has stored the
        // result before that.
        let uncounted = self.contention.is_some().then(UncountedCpu::start);
        let attempt = match self.rank {
            0 => source.try_lock(),
            rank => source.try_lock_ranked(rank),
        };
        let found = source.find();
        drop(uncounted);
        if let Some(value) = found {
            return PollOutcome::Found(value);
        }
        match attempt {
            TryLock::Acquired(lock) => PollOutcome::Compute(Some(lock)),
            TryLock::Unavailable => PollOutcome::Compute(None),
            TryLock::Busy => self.wait(source),
        }
    }

    fn wait<G: ResultSource>(&mut self, source: &G) -> PollOutcome<G::Value, G::Lock> {
        if self.contention.is_none() {
            self.start_waiting();
        }
        if self.should_give_up() {
            return PollOutcome::Compute(None);
        }
        let rank = self.rank;
        let liveness = self
            .liveness
            .get_or_insert_with(|| LivenessCheck::new(rank));
        if liveness.should_give_up(|| source.holder(rank)) {
            self.rank += 1;
            self.liveness = None;
            return PollOutcome::Pause(Duration::ZERO);
        }
        let pause = self.pause;
        self.pause = (pause * 3 / 2).min(LAST_PAUSE);
        PollOutcome::Pause(pause)
    }

    fn start_waiting(&mut self) {
        self.outer = call_stack::leads();
        let mut waiting = self.outer.clone();
        waiting.push(self.call);
        self.contention = Some(Contention {
            until: None,
            detector: DeadlockDetector::for_this_thread(self.call.since),
            _wait: wait_graph::wait(&waiting, WaitTarget::Process).ok(),
        });
    }

    fn should_give_up(&mut self) -> bool {
        let Some(contention) = &mut self.contention else {
            return false;
        };
        let outermost = self.outer.iter().map(|call| call.since).min();
        if contention.until.is_none() {
            let waits = wait_graph::oldest_waiting_for(self.call.id);
            contention.until = outermost.into_iter().chain(waits).min().map(give_up_at);
        }
        contention
            .until
            .is_some_and(|until| Instant::now() >= until)
            || contention
                .detector
                .as_mut()
                .is_some_and(DeadlockDetector::should_give_up_on_process)
    }
}

/// Returns when to stop waiting on behalf of a computation that began at `since`. The
/// time lost is proportional to the time already spent.
fn give_up_at(since: Instant) -> Instant {
    Instant::now() + MIN_NESTED_WAIT.max(2 * since.elapsed())
}
