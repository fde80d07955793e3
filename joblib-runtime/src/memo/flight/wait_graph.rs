//! The wait graph: the edges between flights whose leaders wait.
//!
//! A leader that waits makes every call on its stack wait. Edges are added and searched
//! under one lock, so if several callers together would close a cycle, the last one
//! sees it. A waiter that has not yet woken up leaves an edge to a flight that has
//! ended. That edge closes no cycle, because the ended flight is on no stack.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::Tid;
use super::call_stack::ActiveCall;
use super::waiters::Waiters;
use crate::identity_hasher::BuildIdentityHasher;
use crate::unpoisoned::lock;

static EDGES: Mutex<WaitGraph> = Mutex::new(WaitGraph {
    last: 0,
    waits: BTreeMap::new(),
    from: HashMap::with_hasher(BuildIdentityHasher::new()),
});

struct WaitGraph {
    last: u64,
    /// The waits by number.
    waits: BTreeMap<u64, WaitEdges>,
    /// The numbers of the waits of each id.
    from: HashMap<u128, Vec<u64>, BuildIdentityHasher>,
}

/// The edges from all calls of one stack to their common target.
struct WaitEdges {
    ids: Vec<u128>,
    /// When the outermost call of the waiting stack began.
    since: Instant,
    to: WaitTarget,
}

/// What a leader waits for.
pub(super) enum WaitTarget {
    /// A flight of this process.
    Flight(Arc<Waiters>),
    /// The lock of an id that another process holds.
    Process,
}

/// The end of a chain of waits: the chain makes progress when this does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockedOn {
    /// The computation on this thread, or in a task.
    Owner(Option<Tid>),
    /// Another process.
    Process,
}

/// A recorded wait. Dropping it removes its edges.
#[derive(Debug)]
pub(super) struct RecordedWait(Option<u64>);

/// The error of a wait that would close a cycle.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cycle;

/// Records that the computations `leads` wait for `to`.
pub(super) fn wait(leads: &[ActiveCall], to: WaitTarget) -> Result<RecordedWait, Cycle> {
    let Some(outermost) = leads.iter().map(|call| call.since).min() else {
        return Ok(RecordedWait(None));
    };
    let mut graph = lock(&EDGES);
    if let WaitTarget::Flight(waiters) = &to {
        let reached = graph.reach(waiters.id);
        if leads.iter().any(|call| reached.contains(&call.id)) {
            return Err(Cycle);
        }
    }
    let edges = WaitEdges {
        ids: leads.iter().map(|call| call.id).collect(),
        since: outermost,
        to,
    };
    Ok(RecordedWait(Some(graph.add(edges))))
}

impl Drop for RecordedWait {
    fn drop(&mut self) {
        if let Some(wait) = self.0 {
            lock(&EDGES).remove(wait);
        }
    }
}

/// Returns what the flight of `waiters` is finally blocked on. This is its own owner if
/// it does not wait.
pub(super) fn blocked_on(waiters: &Waiters) -> Vec<BlockedOn> {
    let graph = lock(&EDGES);
    let mut blocked_on = Vec::new();
    for id in graph.reach(waiters.id) {
        let mut waits = false;
        for to in graph.from(id) {
            waits = true;
            match to {
                WaitTarget::Process => blocked_on.push(BlockedOn::Process),
                WaitTarget::Flight(next) if graph.from(next.id).next().is_none() => {
                    blocked_on.push(BlockedOn::Owner(next.owner));
                }
                WaitTarget::Flight(_) => {}
            }
        }
        if id == waiters.id && !waits {
            blocked_on.push(BlockedOn::Owner(waiters.owner));
        }
    }
    blocked_on
}

/// Returns when the oldest leader that waits for the flight of `id` began.
pub(super) fn oldest_waiting_for(id: u128) -> Option<Instant> {
    lock(&EDGES)
        .waits
        .values()
        .filter(|edges| edges.targets(id))
        .map(|edges| edges.since)
        .min()
}

/// Returns whether the leader of `id` sleeps in a recorded wait.
pub(super) fn is_waiting(id: u128) -> bool {
    lock(&EDGES).from(id).next().is_some()
}

impl WaitGraph {
    fn add(&mut self, edges: WaitEdges) -> u64 {
        self.last += 1;
        for id in &edges.ids {
            self.from.entry(*id).or_default().push(self.last);
        }
        self.waits.insert(self.last, edges);
        self.last
    }

    fn remove(&mut self, wait: u64) {
        let Some(edges) = self.waits.remove(&wait) else {
            return;
        };
        for id in edges.ids {
            if let Entry::Occupied(mut waits) = self.from.entry(id) {
                waits.get_mut().retain(|other| *other != wait);
                if waits.get().is_empty() {
                    waits.remove();
                }
            }
        }
        if self.from.is_empty() {
            self.from = HashMap::with_hasher(BuildIdentityHasher::new());
        }
    }

    fn from(&self, id: u128) -> impl Iterator<Item = &WaitTarget> {
        let waits = self.from.get(&id).into_iter().flatten();
        waits.filter_map(|wait| Some(&self.waits.get(wait)?.to))
    }

    /// Returns `id` and every flight that its leader waits for, directly or indirectly.
    fn reach(&self, id: u128) -> HashSet<u128, BuildIdentityHasher> {
        let mut reached = HashSet::with_hasher(BuildIdentityHasher::new());
        let mut next = vec![id];
        while let Some(id) = next.pop() {
            if reached.insert(id) {
                next.extend(self.from(id).filter_map(WaitTarget::id));
            }
        }
        reached
    }
}

impl WaitEdges {
    fn targets(&self, id: u128) -> bool {
        self.to.id() == Some(id)
    }
}

impl WaitTarget {
    fn id(&self) -> Option<u128> {
        match self {
            WaitTarget::Flight(waiters) => Some(waiters.id),
            WaitTarget::Process => None,
        }
    }
}
