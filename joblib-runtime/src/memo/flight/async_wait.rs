//! Single flight for tasks: waits that wake a task and never block a thread.

use std::future::{self, Future};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::call_stack::{self, ActiveCall};
use super::deadlock::DeadlockDetector;
use super::in_flight::{self, InFlightEntry, Leadership};
use super::lock_poll::{LockPoller, PollOutcome};
use super::poll_progress::{BEAT, NotingWaker, PollProgress};
use super::timer::Sleep;
use super::wait_graph::{self, WaitTarget};
use super::waiters::{FlightOutcome, Waiters};
use super::{ResultSource, Role, WaitOutcome, aside, shortest};
use crate::memo::self_time::ExcludedTime;
use crate::store;

/// The role of a task.
pub type TaskTurn<G> =
    Role<<G as ResultSource>::Value, AsyncLeader<<G as ResultSource>::Lock>, AsyncDuplicate>;

/// Like [`join`](super::join), for a task: awaits any running computation of the
/// missing result `id`.
pub async fn join_async<G: ResultSource>(id: u128, gate: &G) -> TaskTurn<G> {
    let mut waited = false;
    loop {
        if call_stack::holds(id) || store::is_forked() {
            return Role::Duplicate(AsyncDuplicate(aside(id)));
        }
        let room = match in_flight::ask(id, None) {
            InFlightEntry::Led(claim) => return lead(claim, gate, waited).await,
            InFlightEntry::Taken(room) => room,
        };
        match wait(&room).await {
            WaitOutcome::Over(FlightOutcome::Published) => {
                waited = true;
                if let Some(value) = gate.look() {
                    return Role::Ready { value, waited };
                }
            }
            WaitOutcome::Over(FlightOutcome::Abandoned) => {}
            WaitOutcome::StandsStill => {
                if let Some(claim) = in_flight::take_over(&room, None) {
                    return lead(claim, gate, waited).await;
                }
            }
            WaitOutcome::Over(FlightOutcome::Withheld) | WaitOutcome::InVain => {
                return Role::Duplicate(AsyncDuplicate(aside(id)));
            }
        }
    }
}

async fn wait(room: &Arc<Waiters>) -> WaitOutcome {
    let leads = call_stack::leads();
    let Ok(_wait) = wait_graph::wait(&leads, WaitTarget::Flight(room.clone())) else {
        return WaitOutcome::InVain;
    };
    let _elsewhere = ExcludedTime::begin();
    // A task that others wait for has to show that it makes progress.
    let beat = (!leads.is_empty()).then_some(BEAT);
    let mut watch = DeadlockDetector::on_worker(room.since);
    let seat = room.seat();
    loop {
        let slices = [
            watch.as_ref().map(DeadlockDetector::slice),
            room.slice(),
            beat,
        ];
        let mut sleep = pin!(shortest(slices).map(Sleep::new));
        let outcome = future::poll_fn(|context| match seat.poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => match sleep.as_mut().as_pin_mut() {
                Some(sleep) => sleep.poll(context).map(|()| None),
                None => Poll::Pending,
            },
        });
        if let Some(outcome) = outcome.await {
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

/// Takes the leadership among processes as well.
async fn lead<G: ResultSource>(claim: Leadership, gate: &G, waited: bool) -> TaskTurn<G> {
    let progress = claim.progress().cloned();
    let mut asking = pin!(ask(claim, gate, waited));
    let mut waker = None;
    future::poll_fn(|context| follow(progress.as_ref(), &mut waker, context, asking.as_mut())).await
}

/// Polls a part of a task and records that the task makes progress.
fn follow<F: Future>(
    progress: Option<&Arc<PollProgress>>,
    waker: &mut Option<NotingWaker>,
    context: &mut Context<'_>,
    part: Pin<&mut F>,
) -> Poll<F::Output> {
    match progress {
        Some(progress) => progress.poll(waker, context, |context| part.poll(context)),
        None => part.poll(context),
    }
}

async fn ask<G: ResultSource>(claim: Leadership, gate: &G, mut waited: bool) -> TaskTurn<G> {
    let mut knock = LockPoller::new(claim.call());
    loop {
        // Bound to a variable first, so that no lock is held during the pause.
        let time = match knock.ask(gate) {
            PollOutcome::Found(value) => {
                claim.land(FlightOutcome::Published);
                return Role::Ready { value, waited };
            }
            PollOutcome::Go(lock) => {
                if let (Some(progress), Some(lock)) = (claim.progress(), &lock) {
                    progress.show(G::sign(lock));
                }
                return Role::Lead(AsyncLeader { lock, claim });
            }
            PollOutcome::Pause(time) => time,
        };
        waited = true;
        let _elsewhere = ExcludedTime::begin();
        Sleep::new(time).await;
    }
}

/// The right and duty of a task to compute a result.
///
/// Dropping it unfinished passes the leadership on.
#[derive(Debug)]
pub struct AsyncLeader<L> {
    // Released before the leadership ends, as in `Leader`.
    lock: Option<L>,
    claim: Leadership,
}

impl<L> AsyncLeader<L> {
    /// Wraps the computation, so that requests for its own id from inside it are
    /// recognized.
    pub fn scope<F: Future>(&self, computation: F) -> OnStack<F> {
        OnStack::new(
            self.claim.call(),
            self.claim.progress().cloned(),
            computation,
        )
    }

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
        self.claim.land(outcome);
    }
}

/// A computation in a task that no other caller waits for.
#[derive(Clone, Copy, Debug)]
pub struct AsyncDuplicate(ActiveCall);

impl AsyncDuplicate {
    /// Wraps the computation, so that requests for its own id from inside it are
    /// recognized.
    pub fn scope<F: Future>(&self, computation: F) -> OnStack<F> {
        OnStack::new(self.0, None, computation)
    }
}

/// A future whose call is on the stack of the thread that polls it, during the poll.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct OnStack<F> {
    call: ActiveCall,
    progress: Option<Arc<PollProgress>>,
    waker: Option<NotingWaker>,
    computation: Pin<Box<F>>,
}

impl<F> OnStack<F> {
    fn new(call: ActiveCall, progress: Option<Arc<PollProgress>>, computation: F) -> Self {
        Self {
            call,
            progress,
            waker: None,
            computation: Box::pin(computation),
        }
    }
}

impl<F: Future> Future for OnStack<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _entered = call_stack::enter(self.call);
        let Self {
            progress,
            waker,
            computation,
            ..
        } = &mut *self;
        follow(progress.as_ref(), waker, context, computation.as_mut())
    }
}
