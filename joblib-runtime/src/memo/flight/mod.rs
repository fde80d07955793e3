//! Single flight: concurrent callers of one missing result compute it once, across the
//! threads and tasks of a process and across processes.
//!
//! Single flight is an optimization that must never hang. Results are equal by
//! contract, so whenever a wait might never end, the caller computes a duplicate
//! instead. The rules, each with the hang that it prevents:
//!
//! 1. *One caller leads, the others wait.* A leader that panics or is dropped gives up
//!    its leadership, and its followers compete for it. Otherwise they would wait for a
//!    computation that nothing runs.
//! 2. *Each thread records what it computes* (`call_stack`). A request for an id that
//!    is on the thread's own stack computes a duplicate: a recursive call, or a job
//!    that rayon let the leader steal while it waits for its own jobs, would wait for
//!    itself. A task has no thread of its own, so its ids are on the stack of the
//!    thread that polls it, during the poll. A thread that runs tasks of another
//!    thread's parallel call has the caller's ids on its stack too (`inherited`): the
//!    caller waits for that thread, and so do those that wait for the caller.
//! 3. *Each waiting leader records what it waits for* (`wait_graph`). Two leaders that
//!    want each other's ids close a cycle. The leader whose wait would close it
//!    computes a duplicate.
//! 4. *A rayon worker looks for a deadlock while it waits* (`deadlock`). A job may be
//!    suspended below on its stack, and the leader that it waits for may wait for that
//!    job in a latch of rayon, which rule 3 cannot see. The kernel can: the leader
//!    sleeps in a futex. If every other thread does so too and no processor time is
//!    spent, nothing will ever wake the leader. If other threads do run, a leader that
//!    is blocked for two seconds plus the age of the computation counts as deadlocked.
//!    A thread that runs tasks for a rayon worker looks for deadlocks like the worker.
//! 5. *A wait for another process is bounded if a leader waits with it* (`lock_poll`).
//!    Processes do not see each other's wait graphs. So a leader that holds one lock,
//!    or that such a leader waits for, waits for another lock only in proportion to the
//!    work already spent. A worker process counts as waited for by what its caller
//!    computes (`inherited`). The kernel releases the locks of dead processes.
//! 6. *Callers wait only for computations that make progress.* A task makes progress
//!    only while it is polled. A task that was woken and is not polled for one second,
//!    or that is neither woken nor polled for ten, loses its leadership to one of its
//!    followers (`poll_progress`). Another process may be stopped, and it publishes the
//!    progress of its tasks. A follower that sees no progress continues with a lock of
//!    the next rank (`liveness_check`). The time limits grow with the work already
//!    spent and with each takeover. A thread of a process that is not stopped is waited
//!    for without a limit.
//!
//! Why these rules suffice: if callers waited for ever, each for one that itself waits,
//! some of them would form a cycle. A cycle through flights alone has a last edge,
//! which rule 2 or 3 refuses. A cycle through rayon enters a suspended job. The worker
//! of that job sits above it either in a wait of this module, where it looks for
//! deadlocks, or in a parallel call, where the threads that run its tasks do. The
//! flight that it waits for ends in a thread that sleeps for ever, which rule 4
//! detects. A cycle through other processes has a waiting leader in each of them, and
//! rule 5 ends that wait (together with rule 4 where rayon hides the leader). A cycle
//! through a task that cannot be polled, such as a thread that blocks in [`join`] while
//! only that thread can poll the leader, ends by rule 6. What remains is a thread that
//! never returns.
//!
//! A forked process never waits for a thread: nothing in it finishes what the parent's
//! threads were computing or releases the locks that they held. Its calls compute.
//!
//! Times are measured by a clock that stops while the machine is suspended, because
//! everything that is measured stops then too.

mod async_wait;
mod call_stack;
mod deadlock;
mod in_flight;
mod inherited;
mod liveness;
mod liveness_check;
mod lock_poll;
mod poll_progress;
mod thread_state;
mod timer;
mod wait_graph;
mod waiters;

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use self::call_stack::{ActiveCall, CallGuard};
use self::deadlock::DeadlockDetector;
use self::in_flight::{InFlightEntry, Leadership};
pub(crate) use self::inherited::{CallStackSnapshot, RemoteCaller, oldest_age};
use self::lock_poll::{LockPoller, PollOutcome};
use self::wait_graph::WaitTarget;
use self::waiters::{FlightOutcome, Waiters};
use super::self_time::ExcludedTime;
use crate::store::{self, HolderRecord, HolderStatus};
use crate::unpoisoned::lock;

pub use self::async_wait::{AsyncDuplicate, AsyncLeader, OnStack, TaskTurn, join_async};

/// A place to look for results, and to compete with other processes for the right to
/// compute them.
pub trait ResultSource {
    /// The type of a result.
    type Value;
    /// The right to compute a result, among processes. Dropping it releases the lock.
    type Lock;

    /// Looks for the result.
    fn find(&self) -> Option<Self::Value>;

    /// Tries to take the lock without blocking.
    fn try_lock(&self) -> TryLock<Self::Lock>;

    /// Tries to take the lock of a rank above zero.
    ///
    /// Callers that see no progress by the holder of one rank compete for the next one.
    /// The lock of [`try_lock`](Self::try_lock) has rank zero.
    fn try_lock_ranked(&self, rank: u8) -> TryLock<Self::Lock> {
        let _ = rank;
        TryLock::Unavailable
    }

    /// Returns what is known about the holder of the lock of this rank.
    fn holder(&self, rank: u8) -> Option<HolderStatus> {
        let _ = rank;
        None
    }

    /// Returns the record in which the holder of `lock` publishes its progress.
    fn holder_record(lock: &Self::Lock) -> Option<&HolderRecord> {
        let _ = lock;
        None
    }
}

/// The outcome of an attempt to take a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryLock<L> {
    /// The caller has the lock.
    Acquired(L),
    /// Another process holds it.
    Busy,
    /// There are no locks here. Each process computes for itself.
    Unavailable,
}

/// What a caller that misses a result has to do.
#[derive(Debug)]
pub enum Role<V, L, D> {
    /// Compute. Other callers wait for the result.
    Lead(L),
    /// Compute a duplicate. Waiting might never end, or would not help.
    Duplicate(D),
    /// Nothing. The result is available.
    Ready {
        /// The result.
        value: V,
        /// Whether the caller waited for it.
        waited: bool,
    },
}

/// The role of a caller that blocks its thread.
pub type ThreadTurn<G> =
    Role<<G as ResultSource>::Value, Leader<<G as ResultSource>::Lock>, Duplicate>;

/// Waits for any running computation of the missing result `id`, then returns what the
/// caller has to do.
///
/// Ids are unique in the process: where several stores hold results of the same key,
/// the id must include the store.
pub fn join<G: ResultSource>(id: u128, source: &G) -> ThreadTurn<G> {
    let mut waited = false;
    loop {
        if call_stack::holds(id) || store::is_forked() {
            return Role::Duplicate(Duplicate::new(id));
        }
        let waiters = match in_flight::begin_or_join(id, Some(thread_state::current())) {
            InFlightEntry::Leader(leadership) => return lead(leadership, source, waited),
            InFlightEntry::Follower(waiters) => waiters,
        };
        match wait(&waiters) {
            WaitOutcome::Ended(FlightOutcome::Published) => {
                waited = true;
                if let Some(value) = source.find() {
                    return Role::Ready { value, waited };
                }
            }
            WaitOutcome::Ended(FlightOutcome::Abandoned) => {}
            WaitOutcome::Stalled => {
                if let Some(leadership) =
                    in_flight::take_over(&waiters, Some(thread_state::current()))
                {
                    return lead(leadership, source, waited);
                }
            }
            WaitOutcome::Ended(FlightOutcome::Withheld) | WaitOutcome::GiveUp => {
                return Role::Duplicate(Duplicate::new(id));
            }
        }
    }
}

/// The outcome of waiting for a flight.
enum WaitOutcome {
    Ended(FlightOutcome),
    /// The leader has made no progress for too long.
    Stalled,
    /// The wait might never end.
    GiveUp,
}

/// Returns the kernel's id of this thread.
pub(crate) fn current_thread_id() -> i32 {
    thread_state::current().0
}

/// Returns whether other threads or tasks are computing anything.
pub(crate) fn has_others() -> bool {
    in_flight::count() != call_stack::lead_count()
}

/// Returns whether this thread would wait for the result `id`: the process may wait,
/// and the thread is not already computing the id.
pub(crate) fn may_wait(id: u128) -> bool {
    !store::is_forked() && !call_stack::holds(id)
}

/// Returns whether a thread or task of this process computes `id`.
pub(crate) fn is_led(id: u128) -> bool {
    in_flight::holds(id)
}

/// Waits until the flight ends, or until the wait has to be given up.
fn wait(waiters: &std::sync::Arc<Waiters>) -> WaitOutcome {
    let Ok(_wait) = wait_graph::wait(&call_stack::leads(), WaitTarget::Flight(waiters.clone()))
    else {
        return WaitOutcome::GiveUp;
    };
    let _excluded = ExcludedTime::begin();
    let mut detector = DeadlockDetector::for_this_thread(waiters.since);
    loop {
        let outcome = match shortest_interval([
            detector.as_ref().map(DeadlockDetector::interval),
            waiters.interval(),
        ]) {
            Some(interval) => waiters.wait_for(interval),
            None => Some(waiters.wait()),
        };
        if let Some(outcome) = outcome {
            return WaitOutcome::Ended(outcome);
        }
        if waiters.is_stalled() {
            return WaitOutcome::Stalled;
        }
        if detector
            .as_mut()
            .is_some_and(|detector| detector.should_give_up_on(waiters))
        {
            return WaitOutcome::GiveUp;
        }
    }
}

/// Returns the shortest of the intervals after which to check again, if there is any.
fn shortest_interval<const N: usize>(intervals: [Option<Duration>; N]) -> Option<Duration> {
    intervals.into_iter().flatten().min()
}

/// Takes the leadership among processes as well.
fn lead<G: ResultSource>(leadership: Leadership, source: &G, mut waited: bool) -> ThreadTurn<G> {
    let mut poller = LockPoller::new(leadership.call());
    loop {
        match poller.poll(source) {
            PollOutcome::Found(value) => {
                leadership.finish(FlightOutcome::Published);
                return Role::Ready { value, waited };
            }
            PollOutcome::Compute(lock) => return Role::Lead(Leader::new(leadership, lock)),
            PollOutcome::Pause(time) => {
                waited = true;
                let _excluded = ExcludedTime::begin();
                pause(time);
            }
        }
    }
}

/// Sleeps in a futex, which deadlock detectors of other threads do not count as work.
fn pause(time: Duration) {
    let nothing = Mutex::new(());
    drop(Condvar::new().wait_timeout(lock(&nothing), time));
}

/// The right and duty to compute a result: on this thread, unless `E` is `()`.
///
/// Dropping it unfinished, for example by a panic, passes the leadership on.
#[derive(Debug)]
pub struct Leader<L, E = CallGuard> {
    // The order of the fields matters: the lock is released before the leadership ends.
    // Otherwise a successor in this process would ask for a lock that is still held.
    _entered: E,
    lock: Option<L>,
    leadership: Leadership,
}

impl<L> Leader<L> {
    fn new(leadership: Leadership, lock: Option<L>) -> Self {
        Self {
            _entered: call_stack::enter(leadership.call()),
            lock,
            leadership,
        }
    }
}

impl<L, E> Leader<L, E> {
    /// Ends the flight with a result that the source can find. If the result could not
    /// be stored, call [`withhold`](Self::withhold) instead.
    pub fn publish(self) {
        self.finish(FlightOutcome::Published);
    }

    /// Ends the flight with a result that is not stored. Followers compute for
    /// themselves, all at the same time.
    pub fn withhold(self) {
        self.finish(FlightOutcome::Withheld);
    }

    fn finish(self, outcome: FlightOutcome) {
        drop(self.lock);
        self.leadership.finish(outcome);
    }
}

/// A computation on this thread that no other caller waits for.
///
/// While it exists, requests for the same id from inside the computation are duplicates
/// too.
#[derive(Debug)]
pub struct Duplicate {
    _entered: CallGuard,
}

impl Duplicate {
    fn new(id: u128) -> Self {
        Self {
            _entered: call_stack::enter(duplicate_call(id)),
        }
    }
}

/// Returns a call of `id` that no other caller waits for.
fn duplicate_call(id: u128) -> ActiveCall {
    ActiveCall {
        id,
        since: std::time::Instant::now(),
        leads: false,
    }
}

/// A thread id of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tid(i32);
