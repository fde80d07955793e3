//! Single flight for tasks: waits that wake a task and never block a thread.

use std::future::{self, Future};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::edge::{self, Target};
use super::knock::{Answer, Knock};
use super::progress::{BEAT, Noting, Progress};
use super::room::{Outcome, Room};
use super::stack::{self, Call};
use super::table::{self, Asked, Claim};
use super::timer::Sleep;
use super::watch::Watch;
use super::{Gate, Turn, Waited, aside, shortest};
use crate::memo::self_time::ExcludedTime;
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
            Waited::Over(Outcome::Published) => {
                waited = true;
                if let Some(value) = gate.look() {
                    return Turn::Ready { value, waited };
                }
            }
            Waited::Over(Outcome::Abandoned) => {}
            Waited::StandsStill => {
                if let Some(claim) = table::take_over(&room, None) {
                    return lead(claim, gate, waited).await;
                }
            }
            Waited::Over(Outcome::Withheld) | Waited::InVain => {
                return Turn::Duplicate(Detour(aside(id)));
            }
        }
    }
}

async fn wait(room: &Arc<Room>) -> Waited {
    let leads = stack::leads();
    let Ok(_wait) = edge::wait(&leads, Target::Flight(room.clone())) else {
        return Waited::InVain;
    };
    let _elsewhere = ExcludedTime::begin();
    // Who is waited for in turn shows that it goes on.
    let beat = (!leads.is_empty()).then_some(BEAT);
    let mut watch = Watch::on_worker(room.since);
    let seat = room.seat();
    loop {
        let slices = [watch.as_ref().map(Watch::slice), room.slice(), beat];
        let mut sleep = pin!(shortest(slices).map(Sleep::new));
        let outcome = future::poll_fn(|context| match seat.poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => match sleep.as_mut().as_pin_mut() {
                Some(sleep) => sleep.poll(context).map(|()| None),
                None => Poll::Pending,
            },
        });
        if let Some(outcome) = outcome.await {
            return Waited::Over(outcome);
        }
        if room.stands_still() {
            return Waited::StandsStill;
        }
        if watch.as_mut().is_some_and(|watch| watch.gives_up_on(room)) {
            return Waited::InVain;
        }
    }
}

/// Takes the lead among processes too.
async fn lead<G: Gate>(claim: Claim, gate: &G, waited: bool) -> TaskTurn<G> {
    let progress = claim.progress().cloned();
    let mut asking = pin!(ask(claim, gate, waited));
    let mut waker = None;
    future::poll_fn(|context| follow(progress.as_ref(), &mut waker, context, asking.as_mut())).await
}

/// Polls a part of a task, and notes that it goes on.
fn follow<F: Future>(
    progress: Option<&Arc<Progress>>,
    waker: &mut Option<Noting>,
    context: &mut Context<'_>,
    part: Pin<&mut F>,
) -> Poll<F::Output> {
    match progress {
        Some(progress) => progress.poll(waker, context, |context| part.poll(context)),
        None => part.poll(context),
    }
}

async fn ask<G: Gate>(claim: Claim, gate: &G, mut waited: bool) -> TaskTurn<G> {
    let mut knock = Knock::new(claim.call());
    loop {
        // Taken apart first, so that no lock is held over the pause.
        let time = match knock.ask(gate) {
            Answer::Found(value) => {
                claim.land(Outcome::Published);
                return Turn::Ready { value, waited };
            }
            Answer::Go(lock) => {
                if let (Some(progress), Some(lock)) = (claim.progress(), &lock) {
                    progress.show(G::sign(lock));
                }
                return Turn::Lead(Lease { lock, claim });
            }
            Answer::Pause(time) => time,
        };
        waited = true;
        let _elsewhere = ExcludedTime::begin();
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
        Scope::new(
            self.claim.call(),
            self.claim.progress().cloned(),
            computation,
        )
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
        Scope::new(self.0, None, computation)
    }
}

/// A computation that is on the stack of the thread that polls it.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Scope<F> {
    call: Call,
    progress: Option<Arc<Progress>>,
    waker: Option<Noting>,
    computation: Pin<Box<F>>,
}

impl<F> Scope<F> {
    fn new(call: Call, progress: Option<Arc<Progress>>, computation: F) -> Self {
        Self {
            call,
            progress,
            waker: None,
            computation: Box::pin(computation),
        }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = stack::enter(self.call);
        let Self {
            progress,
            waker,
            computation,
            ..
        } = &mut *self;
        follow(progress.as_ref(), waker, context, computation.as_mut())
    }
}
