//! Who waits for whom: the edges between flights whose leaders sleep.
//!
//! A leader that waits makes every call on its stack wait. Edges are added and
//! searched under one lock, so of several callers that would close a cycle
//! together the last one sees it. A waiter that has yet to wake leaves an edge
//! to a flight that is over; it closes no cycle, for whoever led that flight
//! has it on no stack any more.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::room::Room;
use super::stack::Call;
use super::{Tid, hold};

static EDGES: Mutex<Graph> = Mutex::new(Graph {
    last: 0,
    edges: Vec::new(),
});

struct Graph {
    last: u64,
    edges: Vec<Edge>,
}

struct Edge {
    /// The wait that this edge is a part of.
    wait: u64,
    from: u128,
    /// When the outermost call of the waiting stack began.
    since: Instant,
    to: Target,
}

/// What a leader waits for.
#[derive(Clone)]
pub(super) enum Target {
    /// A flight of this process.
    Flight(Arc<Room>),
    /// The lock of an id that another process holds.
    Process,
}

/// The end of a chain of waits: what has to move for the chain to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A computation on this thread, or in a task.
    Owner(Option<Tid>),
    /// Another process.
    Process,
}

/// A recorded wait; dropping it removes its edges.
#[derive(Debug)]
pub(super) struct Wait(Option<u64>);

/// Waiting would close a cycle.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cycle;

/// Records that the computations `leads` wait for `to`.
pub(super) fn wait(leads: &[Call], to: Target) -> Result<Wait, Cycle> {
    let Some(outermost) = leads.iter().map(|call| call.since).min() else {
        return Ok(Wait(None));
    };
    let mut graph = hold(&EDGES);
    if let Target::Flight(room) = &to {
        let reached = graph.reach(room.id);
        if leads.iter().any(|call| reached.contains(&call.id)) {
            return Err(Cycle);
        }
    }
    graph.last += 1;
    let wait = graph.last;
    let edge = |call: &Call| Edge {
        wait,
        from: call.id,
        since: outermost,
        to: to.clone(),
    };
    graph.edges.extend(leads.iter().map(edge));
    Ok(Wait(Some(wait)))
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(wait) = self.0 {
            hold(&EDGES).edges.retain(|edge| edge.wait != wait);
        }
    }
}

/// What the flight of `room` waits for in the end, itself if for nothing.
pub(super) fn ends(room: &Room) -> Vec<End> {
    let graph = hold(&EDGES);
    let mut ends = Vec::new();
    for id in graph.reach(room.id) {
        let mut waits = false;
        for edge in graph.from(id) {
            waits = true;
            match &edge.to {
                Target::Process => ends.push(End::Process),
                Target::Flight(next) if graph.from(next.id).next().is_none() => {
                    ends.push(End::Owner(next.owner));
                }
                Target::Flight(_) => {}
            }
        }
        if id == room.id && !waits {
            ends.push(End::Owner(room.owner));
        }
    }
    ends
}

/// When the oldest leader that waits for the flight of `id` began.
pub(super) fn oldest_waiting_for(id: u128) -> Option<Instant> {
    hold(&EDGES)
        .edges
        .iter()
        .filter(|edge| edge.leads_to(id))
        .map(|edge| edge.since)
        .min()
}

/// Whether the leader of `id` sleeps in a wait recorded here.
pub(super) fn is_waiting(id: u128) -> bool {
    hold(&EDGES).from(id).next().is_some()
}

impl Graph {
    fn from(&self, id: u128) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(move |edge| edge.from == id)
    }

    /// `id` and every flight that its leader waits for, directly or not.
    fn reach(&self, id: u128) -> Vec<u128> {
        let mut reached = vec![id];
        let mut next = 0;
        while let Some(&from) = reached.get(next) {
            next += 1;
            for edge in self.from(from) {
                if let Target::Flight(room) = &edge.to
                    && !reached.contains(&room.id)
                {
                    reached.push(room.id);
                }
            }
        }
        reached
    }
}

impl Edge {
    fn leads_to(&self, id: u128) -> bool {
        matches!(&self.to, Target::Flight(room) if room.id == id)
    }
}
