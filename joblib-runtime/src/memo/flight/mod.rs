//! Single flight: concurrent callers of one missing result compute it once,
//! across the threads and tasks of a process and across processes.
//!
//! It is an optimisation that must never hang. Results are equal by contract,
//! so whenever a wait could be one too many the answer is to compute a
//! duplicate. The rules, each with what would hang without it:
//!
//! 1. *One leads, the others wait.* A leader that panics or is dropped leaves
//!    its claim, and the waiters contend for it; else they would wait for
//!    nobody.
//! 2. *Each thread knows what it computes* (`stack`). A request for an id on
//!    the own stack is a duplicate: recursion, or a job that rayon let the
//!    leader steal while it waits for its own jobs, would wait for itself. A
//!    task has no thread of its own, so its ids are on the stack of whichever
//!    thread polls it, while it does. A thread that runs tasks of another's
//!    parallel call has the caller's ids on its stack too (`held`): the caller
//!    waits for it, and so does whoever waits for the caller.
//! 3. *Each waiting leader says what it waits for* (`edge`). Two leaders
//!    that want each other's ids close a cycle; the one that would close it
//!    computes a duplicate.
//! 4. *A rayon worker keeps watch while it waits* (`watch`). A job may be
//!    suspended below on its stack, and the leader it waits for may wait for
//!    that job in a latch of rayon's, which rule 3 cannot see. The kernel
//!    can: the leader sleeps in a futex. If so does every other thread and
//!    no processor time is spent, nothing will ever wake it; if others do
//!    move, being stuck for longer than two seconds and the age of the
//!    computation has to do as proof. Who runs tasks for a rayon worker keeps
//!    watch like it.
//! 5. *A wait for another process is bounded when a leader waits with it*
//!    (`knock`). Processes see no edges of each other, so whoever holds one
//!    lock, or is waited for by one who does, waits for another lock only in
//!    proportion to the work already spent. A worker process is waited for by
//!    what its caller computes (`held`). The kernel releases the locks of the
//!    dead.
//! 6. *Only what goes on is waited for.* A task is polled by somebody or is
//!    not: one that was woken and is not polled for a second, or is neither for
//!    ten, loses the lead to one of those who wait (`progress`). Another
//!    process is stopped or is not, and tells how its tasks go on: who finds
//!    that it does not, goes on with a lock of the next rank (`doubt`). The
//!    times grow with the work already spent and each time that the lead is
//!    taken over. A thread of a process that is not stopped is waited for
//!    however long it takes.
//!
//! Why that suffices: were callers to wait for ever, each for one that waits
//! itself, some of them would form a cycle. One through flights alone has a
//! last edge, refused by rule 2 or 3. One through rayon enters a suspended
//! job, whose worker sits above it in a wait of ours and so keeps watch, or in
//! a parallel call, and then those who run its tasks do; the flight it waits
//! for ends in a thread that sleeps for ever, which rule 4 notices. One through
//! other processes has a leader of each that waits, and rule 5 ends that wait
//! (with rule 4, where rayon hides the leader). One through a task that cannot
//! be polled, such as a thread that blocks in [`join`] while it alone can poll
//! the leader, ends by rule 6. What remains is a thread that never returns.
//!
//! A process that was forked off waits for no thread: what its parent's were
//! computing nobody here will finish, and a lock one of them held nobody here
//! will release. Its calls compute.
//!
//! Times are those of a clock that stands still while the machine is suspended,
//! as everything it is measured by does then.

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

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use self::call_stack::{ActiveCall, CallGuard};
use self::deadlock::DeadlockDetector;
use self::in_flight::{InFlightEntry, Leadership};
pub(crate) use self::inherited::{CallStackSnapshot, RemoteCaller, age};
use self::lock_poll::{LockPoller, PollOutcome};
use self::wait_graph::WaitTarget;
use self::waiters::{FlightOutcome, Waiters};

use super::self_time::ExcludedTime;
use crate::store::{self, HolderRecord, HolderStatus};

pub use self::async_wait::{AsyncDuplicate, AsyncLeader, OnStack, TaskTurn, join_async};

/// Where results are looked for, and where other processes are met.
pub trait ResultSource {
    /// A result.
    type Value;
    /// The right to compute a result, among processes; released when dropped.
    type Lock;

    /// Looks for the result.
    fn look(&self) -> Option<Self::Value>;

    /// Asks for the lock without waiting for it.
    fn try_lock(&self) -> TryLock<Self::Lock>;

    /// Asks for the lock of those who do not believe any more that the holder
    /// of the one before goes on: that of [`try_lock`](Self::try_lock) has rank
    /// zero.
    fn try_lock_beside(&self, rank: u8) -> TryLock<Self::Lock> {
        let _ = rank;
        TryLock::Unavailable
    }

    /// What is known of whoever holds the lock of this rank.
    fn holder(&self, rank: u8) -> Option<HolderStatus> {
        let _ = rank;
        None
    }

    /// Where the holder of a lock says how it goes on.
    fn sign(lock: &Self::Lock) -> Option<&HolderRecord> {
        let _ = lock;
        None
    }
}

/// What came of asking for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryLock<L> {
    /// The lock is the caller's.
    Acquired(L),
    /// Another process holds it.
    Busy,
    /// There are no locks here: processes compute for themselves.
    Unavailable,
}

/// What a caller that misses a result has to do.
#[derive(Debug)]
pub enum Role<V, L, D> {
    /// Compute: others wait for it.
    Lead(L),
    /// Compute as well: waiting might never end, or would not help.
    Duplicate(D),
    /// Nothing: the result is there.
    Ready {
        /// The result.
        value: V,
        /// Whether it was waited for.
        waited: bool,
    },
}

/// The turn of a caller that blocks its thread.
pub type ThreadTurn<G> =
    Role<<G as ResultSource>::Value, Leader<<G as ResultSource>::Lock>, Duplicate>;

/// Says what to do about the missing result `id`, having waited for whoever
/// computes it.
///
/// Ids are of the process: where several stores hold results of the same key,
/// the id has to tell them apart.
pub fn join<G: ResultSource>(id: u128, gate: &G) -> ThreadTurn<G> {
    let mut waited = false;
    loop {
        if call_stack::holds(id) || store::is_forked() {
            return Role::Duplicate(Duplicate::new(id));
        }
        let room = match in_flight::ask(id, Some(thread_state::current())) {
            InFlightEntry::Led(claim) => return lead(claim, gate, waited),
            InFlightEntry::Taken(room) => room,
        };
        match wait(&room) {
            WaitOutcome::Over(FlightOutcome::Published) => {
                waited = true;
                if let Some(value) = gate.look() {
                    return Role::Ready { value, waited };
                }
            }
            WaitOutcome::Over(FlightOutcome::Abandoned) => {}
            WaitOutcome::StandsStill => {
                if let Some(claim) = in_flight::take_over(&room, Some(thread_state::current())) {
                    return lead(claim, gate, waited);
                }
            }
            WaitOutcome::Over(FlightOutcome::Withheld) | WaitOutcome::InVain => {
                return Role::Duplicate(Duplicate::new(id));
            }
        }
    }
}

/// What came of waiting for a flight.
enum WaitOutcome {
    Over(FlightOutcome),
    /// The leader should have gone on by now.
    StandsStill,
    /// The wait would be a mistake.
    InVain,
}

/// The number of this thread, as the kernel gives it.
pub(crate) fn thread() -> i32 {
    thread_state::current().0
}

/// Whether other threads compute anything.
pub(crate) fn has_others() -> bool {
    in_flight::count() != call_stack::lead_count()
}

/// Whether this thread would wait for the result `id` if it had to: it is in a
/// process that waits, and below no computation of the id.
pub(crate) fn may_wait(id: u128) -> bool {
    !store::is_forked() && !call_stack::holds(id)
}

/// Whether a thread or task of this process computes `id`.
pub(crate) fn is_led(id: u128) -> bool {
    in_flight::holds(id)
}

/// Waits for the end of a flight, or until that would be a mistake.
fn wait(room: &std::sync::Arc<Waiters>) -> WaitOutcome {
    let Ok(_wait) = wait_graph::wait(&call_stack::leads(), WaitTarget::Flight(room.clone())) else {
        return WaitOutcome::InVain;
    };
    let _elsewhere = ExcludedTime::begin();
    let mut watch = DeadlockDetector::on_worker(room.since);
    loop {
        let outcome = match shortest([watch.as_ref().map(DeadlockDetector::slice), room.slice()]) {
            Some(slice) => room.wait_for(slice),
            None => Some(room.wait()),
        };
        if let Some(outcome) = outcome {
            return WaitOutcome::Over(outcome);
        }
        if room.stands_still() {
            return WaitOutcome::StandsStill;
        }
        if watch.as_mut().is_some_and(|watch| watch.gives_up_on(room)) {
            return WaitOutcome::InVain;
        }
    }
}

/// How long to wait before looking up; nothing if there is nothing to see.
fn shortest<const N: usize>(slices: [Option<Duration>; N]) -> Option<Duration> {
    slices.into_iter().flatten().min()
}

/// Takes the lead among processes too.
fn lead<G: ResultSource>(claim: Leadership, gate: &G, mut waited: bool) -> ThreadTurn<G> {
    let mut knock = LockPoller::new(claim.call());
    loop {
        match knock.ask(gate) {
            PollOutcome::Found(value) => {
                claim.land(FlightOutcome::Published);
                return Role::Ready { value, waited };
            }
            PollOutcome::Go(lock) => return Role::Lead(Leader::new(claim, lock)),
            PollOutcome::Pause(time) => {
                waited = true;
                let _elsewhere = ExcludedTime::begin();
                pause(time);
            }
        }
    }
}

/// Sleeps in a futex, where threads that watch do not mistake it for work.
fn pause(time: Duration) {
    let lock = Mutex::new(());
    drop(Condvar::new().wait_timeout(hold(&lock), time));
}

/// The right and duty to compute a result on this thread.
///
/// Dropping it unfinished, by a panic for one, passes the lead on.
#[derive(Debug)]
pub struct Leader<L> {
    // In this order: a successor in this process asks for the same lock, and
    // would be given it while it is still to be released.
    _entered: CallGuard,
    lock: Option<L>,
    claim: Leadership,
}

impl<L> Leader<L> {
    fn new(claim: Leadership, lock: Option<L>) -> Self {
        Self {
            _entered: call_stack::enter(claim.call()),
            lock,
            claim,
        }
    }

    /// Says that the result is where the gate looks. If it could not be
    /// stored, [`withhold`](Self::withhold) it instead.
    pub fn publish(self) {
        self.finish(FlightOutcome::Published);
    }

    /// Says that there is a result but that it is not kept: who waits for it
    /// computes for himself, and not one after the other.
    pub fn withhold(self) {
        self.finish(FlightOutcome::Withheld);
    }

    fn finish(self, outcome: FlightOutcome) {
        drop(self.lock);
        self.claim.land(outcome);
    }
}

/// A computation on this thread that nobody waits for.
///
/// Holding it makes requests for the same id from below duplicates at once.
#[derive(Debug)]
pub struct Duplicate {
    _entered: CallGuard,
}

impl Duplicate {
    fn new(id: u128) -> Self {
        Self {
            _entered: call_stack::enter(aside(id)),
        }
    }
}

/// A computation of `id` that nobody waits for.
fn aside(id: u128) -> ActiveCall {
    ActiveCall {
        id,
        since: std::time::Instant::now(),
        leads: false,
    }
}

/// A thread, as the kernel numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tid(i32);

/// Locks `mutex`. What it guards here is whole between any two statements, so
/// a panic elsewhere does not spoil it.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}
