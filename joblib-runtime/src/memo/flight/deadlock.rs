//! Notices that a wait will not end.
//!
//! A rayon worker that waits may have a job suspended below on its stack, and
//! the thread it waits for may wait for that job inside rayon, where nothing
//! tells us. So it looks up now and then, and gives up when whoever it waits
//! for is stuck in a lock and nothing else in the process moves. Giving up too
//! early costs a computation; not giving up hangs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::thread_state::{self, ThreadState};
use super::wait_graph::{self, BlockedOn};
use super::waiters::Waiters;
use super::{Tid, call_stack, hold, in_flight, inherited};

/// How long nothing may move before a stuck owner counts as a deadlock.
const STILL: Duration = Duration::from_millis(50);

/// How long an owner may be stuck while other threads move, beside the age
/// its computation had.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long an owner may be stuck in total. Rayon may wake it for other work
/// time and again, and so hide that its own does not go on.
const TOTAL: Duration = Duration::from_secs(600);

/// How long to wait where the kernel does not say what threads do.
const BLIND: Duration = Duration::from_secs(1);

const FIRST_SLICE: Duration = Duration::from_millis(1);
const LAST_SLICE: Duration = Duration::from_millis(50);

/// Processor time below this does not count as movement, or threads that
/// wake to look at a clock would hide a deadlock.
const NOISE: Duration = Duration::from_millis(1);

/// A watched wait.
#[derive(Debug)]
pub(super) struct DeadlockDetector {
    arrived: Instant,
    /// How old the computation was that the wait is for.
    age: Duration,
    slice: Duration,
    looked: Instant,
    stuck: Vec<BlockedThread>,
    quiet: IdleSince,
}

/// An owner seen in a lock.
#[derive(Debug)]
struct BlockedThread {
    owner: Tid,
    used: Duration,
    since: Instant,
    total: Duration,
}

/// Since when the process has not moved.
#[derive(Clone, Copy, Debug)]
struct IdleSince {
    since: Instant,
    used: Duration,
}

impl DeadlockDetector {
    /// Watches a wait for a computation begun at `since`, if this thread is
    /// one that needs it.
    pub(super) fn on_worker(since: Instant) -> Option<Self> {
        if !inherited::has_suspended() {
            return None;
        }
        let arrived = Instant::now();
        Some(Self {
            arrived,
            age: arrived.saturating_duration_since(since),
            slice: FIRST_SLICE,
            looked: arrived,
            stuck: Vec::new(),
            quiet: IdleSince {
                since: arrived,
                used: useful_time(),
            },
        })
    }

    /// How long to wait before looking up.
    pub(super) fn slice(&self) -> Duration {
        self.slice
    }

    /// Whether a wait for the flight of `room` has to be given up.
    pub(super) fn gives_up_on(&mut self, room: &Waiters) -> bool {
        let _unpaid = UncountedCpu::start();
        let mut suspects = Vec::new();
        for end in wait_graph::ends(room) {
            match end {
                BlockedOn::Owner(owner) => suspects.push(owner),
                BlockedOn::Process => suspects.extend(other_leaders()),
            }
        }
        self.look_at(&suspects)
    }

    /// Whether a wait for another process has to be given up: it may wait for
    /// a leader of this one.
    pub(super) fn gives_up_on_process(&mut self) -> bool {
        if self.looked.elapsed() < self.slice {
            return false;
        }
        let _unpaid = UncountedCpu::start();
        self.look_at(&other_leaders().collect::<Vec<_>>())
    }

    fn look_at(&mut self, suspects: &[Option<Tid>]) -> bool {
        let now = Instant::now();
        let step = now.duration_since(self.looked);
        self.looked = now;
        self.slice = (self.slice * 2).min(LAST_SLICE);
        self.quiet.update(now);
        self.stuck
            .retain(|stuck| suspects.contains(&Some(stuck.owner)));
        let mut gives_up = false;
        for suspect in suspects {
            gives_up |= match suspect.map(|owner| (owner, thread_state::doing(owner))) {
                Some((owner, ThreadState::Locked(used))) => {
                    let stuck = self.note(owner, used, now, step);
                    self.is_deadlock(stuck, now)
                }
                Some((owner, ThreadState::Other)) => {
                    self.release(owner, now);
                    false
                }
                Some((_, ThreadState::Unknown)) | None => {
                    now.duration_since(self.arrived) > BLIND.max(self.age)
                }
            };
        }
        gives_up
    }

    /// Notes that `owner` is in a lock; says for how long without a break and
    /// in total.
    fn note(&mut self, owner: Tid, used: Duration, now: Instant, step: Duration) -> BlockedTime {
        let stuck = match self.stuck.iter_mut().position(|stuck| stuck.owner == owner) {
            Some(at) => &mut self.stuck[at],
            None => {
                self.stuck.push(BlockedThread {
                    owner,
                    used,
                    since: now,
                    total: Duration::ZERO,
                });
                self.stuck.last_mut().expect("it was pushed")
            }
        };
        if stuck.used != used {
            (stuck.used, stuck.since) = (used, now);
        }
        stuck.total += step;
        BlockedTime {
            without_break: now.duration_since(stuck.since),
            total: stuck.total,
        }
    }

    fn release(&mut self, owner: Tid, now: Instant) {
        if let Some(stuck) = self.stuck.iter_mut().find(|stuck| stuck.owner == owner) {
            stuck.since = now;
        }
    }

    fn is_deadlock(&self, locked: BlockedTime, now: Instant) -> bool {
        let nothing_moves = locked.without_break >= STILL
            && now.duration_since(self.quiet.since) >= STILL
            && all_locked_since(self.quiet.since);
        nothing_moves
            || locked.without_break > PATIENCE + self.age
            || locked.total > TOTAL + 2 * self.age
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
        let moved = used.saturating_sub(self.used);
        if moved > NOISE.max(now.duration_since(self.since) / 50) {
            *self = Self { since: now, used };
        }
    }
}

/// The leaders of this process that neither sleep in a wait of ours nor run
/// below on this stack.
fn other_leaders() -> impl Iterator<Item = Option<Tid>> {
    let own = thread_state::current();
    in_flight::owners()
        .into_iter()
        .filter(move |&(id, owner)| {
            owner != own && !call_stack::holds(id) && !wait_graph::is_waiting(id)
        })
        .map(|(_, owner)| Some(owner))
}

/// Whether all other threads were seen in locks at some time after `since`.
///
/// Reading the state of every thread takes long where there are many, so the
/// waiters share what one of them saw.
fn all_locked_since(since: Instant) -> bool {
    static SEEN: Mutex<Option<(Instant, bool)>> = Mutex::new(None);
    let mut seen = hold(&SEEN);
    match *seen {
        Some((at, locked)) if at >= since && at.elapsed() < STILL => locked,
        _ => {
            let locked = thread_state::all_locked();
            *seen = Some((Instant::now(), locked));
            locked
        }
    }
}

/// The nanoseconds of processor time that went into waiting.
static UNPAID: AtomicU64 = AtomicU64::new(0);

/// The processor time this process has used, except for waiting.
fn useful_time() -> Duration {
    thread_state::process_time()
        .saturating_sub(Duration::from_nanos(UNPAID.load(Ordering::Relaxed)))
}

/// A piece of work that only serves waiting: it does not count as movement.
pub(super) struct UncountedCpu(Duration);

impl UncountedCpu {
    pub(super) fn start() -> Self {
        Self(thread_state::thread_time())
    }
}

impl Drop for UncountedCpu {
    fn drop(&mut self) {
        let spent = thread_state::thread_time().saturating_sub(self.0);
        UNPAID.fetch_add(spent.as_nanos() as u64, Ordering::Relaxed);
    }
}
