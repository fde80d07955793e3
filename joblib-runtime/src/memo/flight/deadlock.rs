//! Detects waits that will not end.
//!
//! A rayon worker that waits may have a job suspended below on its stack, and the
//! thread that it waits for may wait for that job inside rayon, which does not report
//! it. So the waiting worker checks at intervals, and gives up when the thread that it
//! waits for is blocked in a futex and nothing else in the process runs. Giving up too
//! early costs one duplicate computation; not giving up hangs.
//!
//! `#[memoize]` below rayon must not deadlock, and callers must share a computation however
//! long it takes, so a limit on the time alone is not enough. `docs/reliability.md` has the
//! figures ("memoized functions below rayon").

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::thread_state::{self, ThreadState};
use super::wait_graph::{self, BlockedOn};
use super::waiters::Waiters;
use super::{Tid, call_stack, in_flight, inherited};
use crate::unpoisoned::lock;

/// How long nothing may run before a blocked owner counts as deadlocked. With the other
/// limits alone a deadlock would end too, but only after seconds.
const IDLE_LIMIT: Duration = Duration::from_millis(50);

/// How long an owner may be blocked while other threads run, in addition to the age of
/// its computation when the wait began.
const BLOCKED_LIMIT: Duration = Duration::from_secs(2);

/// How long an owner may be blocked in total. Rayon may wake it for other work again
/// and again, which hides that its own work makes no progress.
const TOTAL_LIMIT: Duration = Duration::from_secs(600);

/// How long to wait where the kernel does not report thread states.
const UNKNOWN_LIMIT: Duration = Duration::from_secs(1);

const FIRST_INTERVAL: Duration = Duration::from_millis(1);
const LAST_INTERVAL: Duration = Duration::from_millis(50);

/// Processor time below this does not count as work. Otherwise threads that wake up
/// only to check a clock would hide a deadlock.
const NOISE: Duration = Duration::from_millis(1);

/// Looks for a deadlock during one wait.
#[derive(Debug)]
pub(super) struct DeadlockDetector {
    arrived: Instant,
    /// The age of the awaited computation when the wait began.
    age: Duration,
    interval: Duration,
    checked_at: Instant,
    blocked: Vec<BlockedThread>,
    idle: IdleSince,
}

/// An owner that was seen in a futex.
#[derive(Debug)]
struct BlockedThread {
    owner: Tid,
    used: Duration,
    since: Instant,
    total: Duration,
}

/// The time since which the process has done no work.
#[derive(Clone, Copy, Debug)]
struct IdleSince {
    since: Instant,
    used: Duration,
}

impl DeadlockDetector {
    /// Starts watching a wait for a computation that began at `since`. Returns `None`
    /// if this thread cannot be part of a deadlock through rayon.
    pub(super) fn for_this_thread(since: Instant) -> Option<Self> {
        if !inherited::may_have_suspended_jobs() {
            return None;
        }
        let arrived = Instant::now();
        Some(Self {
            arrived,
            age: arrived.saturating_duration_since(since),
            interval: FIRST_INTERVAL,
            checked_at: arrived,
            blocked: Vec::new(),
            idle: IdleSince {
                since: arrived,
                used: useful_time(),
            },
        })
    }

    /// Returns how long to wait before the next check.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// Returns whether a wait for the flight of `waiters` has to be given up.
    pub(super) fn should_give_up_on(&mut self, waiters: &Waiters) -> bool {
        let _uncounted = UncountedCpu::start();
        let mut suspects = Vec::new();
        for end in wait_graph::blocked_on(waiters) {
            match end {
                BlockedOn::Owner(owner) => suspects.push(owner),
                BlockedOn::Process => suspects.extend(other_leaders()),
            }
        }
        self.check(&suspects)
    }

    /// Returns whether a wait for another process has to be given up. That process may
    /// in turn wait for a leader of this one.
    pub(super) fn should_give_up_on_process(&mut self) -> bool {
        if self.checked_at.elapsed() < self.interval {
            return false;
        }
        let _uncounted = UncountedCpu::start();
        self.check(&other_leaders().collect::<Vec<_>>())
    }

    fn check(&mut self, suspects: &[Option<Tid>]) -> bool {
        let now = Instant::now();
        let step = now.duration_since(self.checked_at);
        self.checked_at = now;
        self.interval = (self.interval * 2).min(LAST_INTERVAL);
        self.idle.update(now);
        self.blocked
            .retain(|blocked| suspects.contains(&Some(blocked.owner)));
        let mut gives_up = false;
        for suspect in suspects {
            gives_up |= match suspect.map(|owner| (owner, thread_state::state_of(owner))) {
                Some((owner, ThreadState::InFutex(used))) => {
                    let blocked = self.record_blocked(owner, used, now, step);
                    self.is_deadlock(blocked, now)
                }
                Some((owner, ThreadState::Other)) => {
                    self.release(owner, now);
                    false
                }
                Some((_, ThreadState::Unknown)) | None => {
                    now.duration_since(self.arrived) > UNKNOWN_LIMIT.max(self.age)
                }
            };
        }
        gives_up
    }

    /// Records that `owner` is in a futex. Returns for how long, without a break and in
    /// total.
    fn record_blocked(
        &mut self,
        owner: Tid,
        used: Duration,
        now: Instant,
        step: Duration,
    ) -> BlockedTime {
        let blocked = match self
            .blocked
            .iter_mut()
            .position(|blocked| blocked.owner == owner)
        {
            Some(at) => &mut self.blocked[at],
            None => {
                self.blocked.push(BlockedThread {
                    owner,
                    used,
                    since: now,
                    total: Duration::ZERO,
                });
                self.blocked.last_mut().expect("an entry was just pushed")
            }
        };
        if blocked.used != used {
            (blocked.used, blocked.since) = (used, now);
        }
        blocked.total += step;
        BlockedTime {
            without_break: now.duration_since(blocked.since),
            total: blocked.total,
        }
    }

    fn release(&mut self, owner: Tid, now: Instant) {
        if let Some(blocked) = self
            .blocked
            .iter_mut()
            .find(|blocked| blocked.owner == owner)
        {
            blocked.since = now;
        }
    }

    fn is_deadlock(&self, blocked: BlockedTime, now: Instant) -> bool {
        let is_idle = blocked.without_break >= IDLE_LIMIT
            && now.duration_since(self.idle.since) >= IDLE_LIMIT
            && all_in_futex_since(self.idle.since);
        is_idle
            || blocked.without_break > BLOCKED_LIMIT + self.age
            || blocked.total > TOTAL_LIMIT + 2 * self.age
    }
}

#[derive(Clone, Copy)]
struct BlockedTime {
    without_break: Duration,
    total: Duration,
}

impl IdleSince {
    fn update(&mut self, now: Instant) {
        let used = useful_time();
        let used_since = used.saturating_sub(self.used);
        if used_since > NOISE.max(now.duration_since(self.since) / 50) {
            *self = Self { since: now, used };
        }
    }
}

/// Returns the owners of flights that neither sleep in a recorded wait nor are on this
/// thread's stack.
fn other_leaders() -> impl Iterator<Item = Option<Tid>> {
    let own = thread_state::current();
    in_flight::owners()
        .into_iter()
        .filter(move |&(id, owner)| {
            owner != own && !call_stack::holds(id) && !wait_graph::is_waiting(id)
        })
        .map(|(_, owner)| Some(owner))
}

/// Returns whether all other threads were seen in a futex at some time after `since`.
///
/// Reading the state of many threads is slow, so the waiters share one answer.
fn all_in_futex_since(since: Instant) -> bool {
    static SEEN: Mutex<Option<(Instant, bool)>> = Mutex::new(None);
    let mut seen = lock(&SEEN);
    match *seen {
        Some((at, locked)) if at >= since && at.elapsed() < IDLE_LIMIT => locked,
        _ => {
            let locked = thread_state::all_in_futex();
            *seen = Some((Instant::now(), locked));
            locked
        }
    }
}

/// Nanoseconds of processor time that this module spent on waiting.
static UNCOUNTED_NANOS: AtomicU64 = AtomicU64::new(0);

/// Returns the processor time that this process has used, without the time spent on
/// waiting.
fn useful_time() -> Duration {
    thread_state::process_time().saturating_sub(Duration::from_nanos(
        UNCOUNTED_NANOS.load(Ordering::Relaxed),
    ))
}

/// Measures work that only serves waiting and so does not count as work.
pub(super) struct UncountedCpu(Duration);

impl UncountedCpu {
    pub(super) fn start() -> Self {
        Self(thread_state::thread_time())
    }
}

impl Drop for UncountedCpu {
    fn drop(&mut self) {
        let spent = thread_state::thread_time().saturating_sub(self.0);
        UNCOUNTED_NANOS.fetch_add(spent.as_nanos() as u64, Ordering::Relaxed);
    }
}
