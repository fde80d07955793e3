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
//!
//! Why that suffices: were callers to wait for ever, each for one that waits
//! itself, some of them would form a cycle. One through flights alone has a
//! last edge, refused by rule 2 or 3. One through rayon enters a suspended
//! job, whose worker sits above it in a wait of ours and so keeps watch, or in
//! a parallel call, and then those who run its tasks do; the flight it waits
//! for ends in a thread that sleeps for ever, which rule 4 notices. One through
//! other processes has a leader of each that waits, and rule 5 ends that wait
//! (with rule 4, where rayon hides the leader).
//!
//! A process that was forked off waits for no thread: what its parent's were
//! computing nobody here will finish, and a lock one of them held nobody here
//! will release. Its calls compute.
//!
//! What is not covered is a thread that blocks in [`join`] while tasks it
//! alone can poll lead something that others wait for: asynchronous code that
//! calls blocking functions needs threads set aside for them, with this crate
//! as without.

mod edge;
mod held;
mod knock;
mod probe;
mod room;
mod stack;
mod table;
mod task;
mod timer;
mod watch;

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use self::edge::Target;
pub(crate) use self::held::{Abroad, Held, age};
use self::knock::{Answer, Knock};
use self::room::{Outcome, Room};
use self::stack::{Call, Entered};
use self::table::{Asked, Claim};
use self::watch::Watch;

use super::own::Elsewhere;
use crate::store;

pub use self::task::{Detour, Lease, Scope, TaskTurn, join_async};

/// Where results are looked for, and where other processes are met.
pub trait Gate {
    /// A result.
    type Value;
    /// The right to compute a result, among processes; released when dropped.
    type Lock;

    /// Looks for the result.
    fn look(&self) -> Option<Self::Value>;

    /// Asks for the lock without waiting for it.
    fn try_lock(&self) -> Attempt<Self::Lock>;
}

/// What came of asking for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt<L> {
    /// The lock is the caller's.
    Acquired(L),
    /// Another process holds it.
    Busy,
    /// There are no locks here: processes compute for themselves.
    Unavailable,
}

/// What a caller that misses a result has to do.
#[derive(Debug)]
pub enum Turn<V, L, D> {
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
pub type ThreadTurn<G> = Turn<<G as Gate>::Value, Guard<<G as Gate>::Lock>, Aside>;

/// Says what to do about the missing result `id`, having waited for whoever
/// computes it.
///
/// Ids are of the process: where several stores hold results of the same key,
/// the id has to tell them apart.
pub fn join<G: Gate>(id: u128, gate: &G) -> ThreadTurn<G> {
    let mut waited = false;
    loop {
        if stack::holds(id) || store::is_forked() {
            return Turn::Duplicate(Aside::new(id));
        }
        let room = match table::ask(id, Some(probe::current())) {
            Asked::Led(claim) => return lead(claim, gate, waited),
            Asked::Taken(room) => room,
        };
        match wait(&room) {
            Some(Outcome::Published) => {
                waited = true;
                if let Some(value) = gate.look() {
                    return Turn::Ready { value, waited };
                }
            }
            Some(Outcome::Abandoned) => {}
            Some(Outcome::Withheld) | None => return Turn::Duplicate(Aside::new(id)),
        }
    }
}

/// Whether other threads compute anything.
pub(crate) fn has_others() -> bool {
    table::count() != stack::lead_count()
}

/// Whether this thread would wait for the result `id` if it had to: it is in a
/// process that waits, and below no computation of the id.
pub(crate) fn may_wait(id: u128) -> bool {
    !store::is_forked() && !stack::holds(id)
}

/// Whether a thread or task of this process computes `id`.
pub(crate) fn is_led(id: u128) -> bool {
    table::holds(id)
}

/// Waits for the end of a flight, or until that would be a mistake.
fn wait(room: &std::sync::Arc<Room>) -> Option<Outcome> {
    let _wait = edge::wait(&stack::leads(), Target::Flight(room.clone())).ok()?;
    let _elsewhere = Elsewhere::begin();
    let Some(mut watch) = Watch::on_worker(room.since) else {
        return Some(room.wait());
    };
    loop {
        let outcome = room.wait_for(watch.slice());
        if outcome.is_some() {
            return outcome;
        }
        if watch.gives_up_on(room) {
            return None;
        }
    }
}

/// Takes the lead among processes too.
fn lead<G: Gate>(claim: Claim, gate: &G, mut waited: bool) -> ThreadTurn<G> {
    let mut knock = Knock::new(claim.call());
    loop {
        match knock.ask(gate) {
            Answer::Found(value) => {
                claim.land(Outcome::Published);
                return Turn::Ready { value, waited };
            }
            Answer::Go(lock) => return Turn::Lead(Guard::new(claim, lock)),
            Answer::Pause(time) => {
                waited = true;
                let _elsewhere = Elsewhere::begin();
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
pub struct Guard<L> {
    // In this order: a successor in this process asks for the same lock, and
    // would be given it while it is still to be released.
    _entered: Entered,
    lock: Option<L>,
    claim: Claim,
}

impl<L> Guard<L> {
    fn new(claim: Claim, lock: Option<L>) -> Self {
        Self {
            _entered: stack::enter(claim.call()),
            lock,
            claim,
        }
    }

    /// Says that the result is where the gate looks. If it could not be
    /// stored, [`withhold`](Self::withhold) it instead.
    pub fn publish(self) {
        self.finish(Outcome::Published);
    }

    /// Says that there is a result but that it is not kept: who waits for it
    /// computes for himself, and not one after the other.
    pub fn withhold(self) {
        self.finish(Outcome::Withheld);
    }

    fn finish(self, outcome: Outcome) {
        drop(self.lock);
        self.claim.land(outcome);
    }
}

/// A computation on this thread that nobody waits for.
///
/// Holding it makes requests for the same id from below duplicates at once.
#[derive(Debug)]
pub struct Aside {
    _entered: Entered,
}

impl Aside {
    fn new(id: u128) -> Self {
        Self {
            _entered: stack::enter(aside(id)),
        }
    }
}

/// A computation of `id` that nobody waits for.
fn aside(id: u128) -> Call {
    Call {
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
