//! Which ids are being computed in this process, and by whom.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::call_stack::ActiveCall;
use super::poll_progress::PollProgress;
use super::waiters::{FlightOutcome, Waiters};
use super::{Tid, hold};
use crate::memo::identity_hasher::BuildIdentityHasher;
use crate::store;

const SHARDS: usize = 64;

static TABLE: [InFlightShard; SHARDS] =
    [const { InFlightShard(Mutex::new(HashMap::with_hasher(BuildIdentityHasher))) }; SHARDS];

/// Shards stand apart so that threads with different ids share no cache line.
#[repr(align(128))]
struct InFlightShard(Mutex<HashMap<u128, InFlight, BuildIdentityHasher>>);

/// A computation that goes on.
struct InFlight {
    /// The thread it runs on; a task has none of its own.
    owner: Option<Tid>,
    since: Instant,
    room: Option<Arc<Waiters>>,
    /// Of a task.
    progress: Option<Arc<PollProgress>>,
}

impl InFlight {
    fn new(owner: Option<Tid>, rank: u32) -> Self {
        let since = Instant::now();
        Self {
            owner,
            since,
            room: None,
            progress: owner.is_none().then(|| PollProgress::new(since, rank)),
        }
    }

    fn claim(&self, id: u128) -> Leadership {
        Leadership {
            id,
            since: self.since,
            outcome: FlightOutcome::Abandoned,
            progress: self.progress.clone(),
        }
    }
}

/// How many computations go on.
static FLIGHTS: AtomicUsize = AtomicUsize::new(0);

/// How many computations go on in this process, about now.
pub(super) fn count() -> usize {
    FLIGHTS.load(Relaxed)
}

/// Whether `id` is being computed.
pub(super) fn holds(id: u128) -> bool {
    hold(&shard(id).0).contains_key(&id)
}

/// What came of asking for an id.
pub(super) enum InFlightEntry {
    /// Nobody was computing it; the caller does.
    Led(Leadership),
    /// Someone is.
    Taken(Arc<Waiters>),
}

/// Asks to compute `id` on the thread `owner`, or in a task.
pub(super) fn ask(id: u128, owner: Option<Tid>) -> InFlightEntry {
    match hold(&shard(id).0).entry(id) {
        Entry::Vacant(vacant) => {
            FLIGHTS.fetch_add(1, Relaxed);
            InFlightEntry::Led(vacant.insert(InFlight::new(owner, 0)).claim(id))
        }
        Entry::Occupied(mut taken) => {
            let flight = taken.get_mut();
            let (owner, since) = (flight.owner, flight.since);
            let progress = &flight.progress;
            let room = flight
                .room
                .get_or_insert_with(|| Waiters::new(id, owner, since, progress.clone()));
            InFlightEntry::Taken(Arc::clone(room))
        }
    }
}

/// Takes the lead of the flight of `room` over, unless it is over or another
/// did. The other waiters wait for whoever did.
pub(super) fn take_over(room: &Waiters, owner: Option<Tid>) -> Option<Leadership> {
    let still = room.progress.as_ref()?;
    let mut flights = hold(&shard(room.id).0);
    let flight = flights.get_mut(&room.id)?;
    let progress = flight.progress.as_ref();
    if !progress.is_some_and(|progress| Arc::ptr_eq(progress, still)) {
        return None;
    }
    still.take_over();
    *flight = InFlight::new(owner, still.rank() + 1);
    let claim = flight.claim(room.id);
    drop(flights);
    room.open(FlightOutcome::Abandoned);
    Some(claim)
}

/// The ids in flight on threads, with those threads.
pub(super) fn owners() -> Vec<(u128, Tid)> {
    TABLE
        .iter()
        .flat_map(|shard| {
            let flights = hold(&shard.0);
            let owned = |(id, flight): (&u128, &InFlight)| flight.owner.map(|owner| (*id, owner));
            flights.iter().filter_map(owned).collect::<Vec<_>>()
        })
        .collect()
}

fn shard(id: u128) -> &'static InFlightShard {
    // The map uses the lowest and the highest bits of the folded id.
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
    /// How it goes on, if it is a task's.
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
    pub(super) fn land(mut self, outcome: FlightOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Leadership {
    fn drop(&mut self) {
        if store::is_forked() {
            return;
        }
        let mut flights = hold(&shard(self.id).0);
        let is_taken_over = self
            .progress
            .as_ref()
            .is_some_and(|own| own.is_taken_over());
        let room = if !is_taken_over {
            FLIGHTS.fetch_sub(1, Relaxed);
            flights.remove(&self.id).and_then(|flight| flight.room)
        } else if self.outcome == FlightOutcome::Published {
            // Nobody has to wait for whoever took over; he goes on.
            let flight = flights.get_mut(&self.id);
            flight.and_then(|flight| flight.room.take())
        } else {
            None
        };
        drop(flights);
        if let Some(room) = room {
            room.open(self.outcome);
        }
    }
}
