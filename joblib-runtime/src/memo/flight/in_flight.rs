//! The table of ids that are being computed in this process, and their owners.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::Tid;
use super::call_stack::ActiveCall;
use super::poll_progress::PollProgress;
use super::waiters::{FlightOutcome, Waiters};
use crate::identity_hasher::BuildIdentityHasher;
use crate::store;
use crate::unpoisoned::lock;

const SHARDS: usize = 64;

static TABLE: [InFlightShard; SHARDS] =
    [const { InFlightShard(Mutex::new(HashMap::with_hasher(BuildIdentityHasher::new()))) }; SHARDS];

/// Aligned so that threads with different ids do not share a cache line.
#[repr(align(128))]
struct InFlightShard(Mutex<HashMap<u128, InFlight, BuildIdentityHasher>>);

/// A computation in flight.
struct InFlight {
    /// The thread that it runs on. `None` for a task.
    owner: Option<Tid>,
    since: Instant,
    waiters: Option<Arc<Waiters>>,
    /// Present if the computation is a task.
    progress: Option<Arc<PollProgress>>,
}

impl InFlight {
    fn new(owner: Option<Tid>, rank: u32) -> Self {
        let since = Instant::now();
        Self {
            owner,
            since,
            waiters: None,
            progress: owner.is_none().then(|| PollProgress::new(since, rank)),
        }
    }

    fn leadership(&self, id: u128) -> Leadership {
        Leadership {
            id,
            since: self.since,
            outcome: FlightOutcome::Abandoned,
            progress: self.progress.clone(),
        }
    }
}

/// The number of computations in flight.
static FLIGHTS: AtomicUsize = AtomicUsize::new(0);

/// Returns the approximate number of computations in flight in this process.
pub(super) fn count() -> usize {
    FLIGHTS.load(Relaxed)
}

/// Returns whether `id` is being computed.
pub(super) fn holds(id: u128) -> bool {
    lock(&shard(id).0).contains_key(&id)
}

/// The outcome of a request to compute an id.
pub(super) enum InFlightEntry {
    /// The id was not being computed. The caller leads.
    Leader(Leadership),
    /// The id is being computed. The caller waits.
    Follower(Arc<Waiters>),
}

/// Starts computing `id` on the thread `owner`, or in a task, unless it is already in
/// flight.
pub(super) fn begin_or_join(id: u128, owner: Option<Tid>) -> InFlightEntry {
    match lock(&shard(id).0).entry(id) {
        Entry::Vacant(vacant) => {
            FLIGHTS.fetch_add(1, Relaxed);
            InFlightEntry::Leader(vacant.insert(InFlight::new(owner, 0)).leadership(id))
        }
        Entry::Occupied(mut taken) => {
            let flight = taken.get_mut();
            let (owner, since) = (flight.owner, flight.since);
            let progress = &flight.progress;
            let waiters = flight
                .waiters
                .get_or_insert_with(|| Waiters::new(id, owner, since, progress.clone()));
            InFlightEntry::Follower(Arc::clone(waiters))
        }
    }
}

/// Takes over the leadership of the flight of `waiters`. Returns `None` if the flight
/// has ended or another caller took it over. The other followers wait for the new
/// leader.
pub(super) fn take_over(waiters: &Waiters, owner: Option<Tid>) -> Option<Leadership> {
    let stalled = waiters.progress.as_ref()?;
    let mut flights = lock(&shard(waiters.id).0);
    let flight = flights.get_mut(&waiters.id)?;
    let progress = flight.progress.as_ref();
    if !progress.is_some_and(|progress| Arc::ptr_eq(progress, stalled)) {
        return None;
    }
    stalled.take_over();
    *flight = InFlight::new(owner, stalled.rank() + 1);
    let leadership = flight.leadership(waiters.id);
    drop(flights);
    waiters.finish(FlightOutcome::Abandoned);
    Some(leadership)
}

/// Returns the ids in flight on threads, with those threads.
pub(super) fn owners() -> Vec<(u128, Tid)> {
    TABLE
        .iter()
        .flat_map(|shard| {
            let flights = lock(&shard.0);
            let owned = |(id, flight): (&u128, &InFlight)| flight.owner.map(|owner| (*id, owner));
            flights.iter().filter_map(owned).collect::<Vec<_>>()
        })
        .collect()
}

fn shard(id: u128) -> &'static InFlightShard {
    // The map uses the lowest and the highest bits of the folded id, so the shard is
    // chosen by others.
    &TABLE[(id >> 32) as usize % SHARDS]
}

/// The right to compute an id. Dropping it ends the flight.
#[derive(Debug)]
pub(super) struct Leadership {
    id: u128,
    since: Instant,
    outcome: FlightOutcome,
    progress: Option<Arc<PollProgress>>,
}

impl Leadership {
    /// Returns the progress of the computation, if it is a task.
    pub(super) fn progress(&self) -> Option<&Arc<PollProgress>> {
        self.progress.as_ref()
    }

    pub(super) fn call(&self) -> ActiveCall {
        ActiveCall {
            id: self.id,
            since: self.since,
            leads: true,
        }
    }

    /// Ends the flight with `outcome`.
    pub(super) fn finish(mut self, outcome: FlightOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Leadership {
    fn drop(&mut self) {
        if store::is_forked() {
            return;
        }
        let mut flights = lock(&shard(self.id).0);
        let is_taken_over = self
            .progress
            .as_ref()
            .is_some_and(|own| own.is_taken_over());
        let waiters = if !is_taken_over {
            FLIGHTS.fetch_sub(1, Relaxed);
            flights.remove(&self.id).and_then(|flight| flight.waiters)
        } else if self.outcome == FlightOutcome::Published {
            // The result is available, so the followers need not wait for the caller
            // that took over, which continues.
            let flight = flights.get_mut(&self.id);
            flight.and_then(|flight| flight.waiters.take())
        } else {
            None
        };
        drop(flights);
        if let Some(waiters) = waiters {
            waiters.finish(self.outcome);
        }
    }
}
