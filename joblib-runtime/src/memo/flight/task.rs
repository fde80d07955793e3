//! Single flight for tasks: waits that wake a task and never block a thread.

use std::future::{self, Future};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::edge::{self, Target};
use super::knock::{Answer, Knock};
use super::room::{Outcome, Room};
use super::stack::{self, Call};
use super::table::{self, Asked, Claim};
use super::timer::Sleep;
use super::watch::Watch;
use super::{Gate, Turn, aside};
use crate::memo::own::Elsewhere;
use crate::store;

/// The turn of a task.
pub type TaskTurn<G> = Turn<<G as Gate>::Value, Lease<<G as Gate>::Lock>, Detour>;

/// Says what to do about the missing result `id`, having awaited whoever
/// computes it; see [`join`](super::join).
pub async fn join_async<G: Gate>(id: u128, gate: &G) -> TaskTurn<G> {
    let mut waited = false;
    loop {
        if stack::holds(id) || store::is_forked() {
            return Turn::Duplicate(Detour(aside(id)));
        }
        let room = match table::ask(id, None) {
            Asked::Led(claim) => return lead(claim, gate, waited).await,
            Asked::Taken(room) => room,
        };
        match wait(&room).await {
            Some(Outcome::Published) => {
                waited = true;
                if let Some(value) = gate.look() {
                    return Turn::Ready { value, waited };
                }
            }
            Some(Outcome::Abandoned) => {}
            Some(Outcome::Withheld) | None => return Turn::Duplicate(Detour(aside(id))),
        }
    }
}

async fn wait(room: &Arc<Room>) -> Option<Outcome> {
    let _wait = edge::wait(&stack::leads(), Target::Flight(room.clone())).ok()?;
    let _elsewhere = Elsewhere::begin();
    let seat = room.seat();
    let Some(mut watch) = Watch::on_worker(room.since) else {
        return Some(future::poll_fn(|context| seat.poll(context)).await);
    };
    loop {
        let mut sleep = pin!(Sleep::new(watch.slice()));
        let outcome = future::poll_fn(|context| match seat.poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => sleep.as_mut().poll(context).map(|()| None),
        });
        let outcome = outcome.await;
        if outcome.is_some() {
            return outcome;
        }
        if watch.gives_up_on(room) {
            return None;
        }
    }
}

async fn lead<G: Gate>(claim: Claim, gate: &G, mut waited: bool) -> TaskTurn<G> {
    let mut knock = Knock::new(claim.call());
    loop {
        // Taken apart first, so that no lock is held over the pause.
        let time = match knock.ask(gate) {
            Answer::Found(value) => {
                claim.land(Outcome::Published);
                return Turn::Ready { value, waited };
            }
            Answer::Go(lock) => return Turn::Lead(Lease { lock, claim }),
            Answer::Pause(time) => time,
        };
        waited = true;
        let _elsewhere = Elsewhere::begin();
        Sleep::new(time).await;
    }
}

/// The right and duty of a task to compute a result.
///
/// Dropping it unfinished passes the lead on.
#[derive(Debug)]
pub struct Lease<L> {
    // Released before the claim, as in `Guard`.
    lock: Option<L>,
    claim: Claim,
}

impl<L> Lease<L> {
    /// Wraps the computation, so that requests it makes for its own id are
    /// known as such.
    pub fn scope<F: Future>(&self, computation: F) -> Scope<F> {
        Scope::new(self.claim.call(), computation)
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

/// A computation in a task that nobody waits for.
#[derive(Clone, Copy, Debug)]
pub struct Detour(Call);

impl Detour {
    /// Wraps the computation, so that requests it makes for its own id are
    /// known as such.
    pub fn scope<F: Future>(&self, computation: F) -> Scope<F> {
        Scope::new(self.0, computation)
    }
}

/// A computation that is on the stack of the thread that polls it.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Scope<F> {
    call: Call,
    computation: Pin<Box<F>>,
}

impl<F> Scope<F> {
    fn new(call: Call, computation: F) -> Self {
        Self {
            call,
            computation: Box::pin(computation),
        }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = stack::enter(self.call);
        self.computation.as_mut().poll(context)
    }
}
