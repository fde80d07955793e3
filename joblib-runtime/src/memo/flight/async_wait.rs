//! Single flight for tasks: waits that wake a task and never block a thread.

use std::future::{self, Future};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::call_stack::{self, ActiveCall};
use super::deadlock::DeadlockDetector;
use super::in_flight::{self, InFlightEntry, Leadership};
use super::lock_poll::{LockPoller, PollOutcome};
use super::poll_progress::{NotingWaker, POLL_INTERVAL, PollProgress};
use super::timer::Sleep;
use super::wait_graph::{self, WaitTarget};
use super::waiters::{FlightOutcome, Waiters};
use super::{Leader, ResultSource, Role, WaitOutcome, duplicate_call, shortest_interval};
use crate::memo::self_time::ExcludedTime;
use crate::store;

/// The role of a task.
pub type TaskTurn<G> =
    Role<<G as ResultSource>::Value, AsyncLeader<<G as ResultSource>::Lock>, AsyncDuplicate>;

/// Like [`join`](super::join), for a task: awaits any running computation of the
/// missing result `id`.
pub async fn join_async<G: ResultSource>(id: u128, source: &G) -> TaskTurn<G> {
    let mut waited = false;
    loop {
        if call_stack::holds(id) || store::is_forked() {
            return Role::Duplicate(AsyncDuplicate(duplicate_call(id)));
        }
        let waiters = match in_flight::begin_or_join(id, None) {
            InFlightEntry::Leader(leadership) => return lead(leadership, source, waited).await,
            InFlightEntry::Follower(waiters) => waiters,
        };
        match wait(&waiters).await {
            WaitOutcome::Ended(FlightOutcome::Published) => {
                waited = true;
                if let Some(value) = source.find() {
                    return Role::Ready { value, waited };
                }
            }
            WaitOutcome::Ended(FlightOutcome::Abandoned) => {}
            WaitOutcome::Stalled => {
                if let Some(leadership) = in_flight::take_over(&waiters, None) {
                    return lead(leadership, source, waited).await;
                }
            }
            WaitOutcome::Ended(FlightOutcome::Withheld) | WaitOutcome::GiveUp => {
                return Role::Duplicate(AsyncDuplicate(duplicate_call(id)));
            }
        }
    }
}

async fn wait(waiters: &Arc<Waiters>) -> WaitOutcome {
    let leads = call_stack::leads();
    let Ok(_wait) = wait_graph::wait(&leads, WaitTarget::Flight(waiters.clone())) else {
        return WaitOutcome::GiveUp;
    };
    let _excluded = ExcludedTime::begin();
    // A task that others wait for has to show that it makes progress.
    let poll_interval = (!leads.is_empty()).then_some(POLL_INTERVAL);
    let mut detector = DeadlockDetector::for_this_thread(waiters.since);
    let slot = waiters.slot();
    loop {
        let intervals = [
            detector.as_ref().map(DeadlockDetector::interval),
            waiters.interval(),
            poll_interval,
        ];
        let mut sleep = pin!(shortest_interval(intervals).map(Sleep::new));
        let outcome = future::poll_fn(|context| match slot.poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => match sleep.as_mut().as_pin_mut() {
                Some(sleep) => sleep.poll(context).map(|()| None),
                None => Poll::Pending,
            },
        });
        if let Some(outcome) = outcome.await {
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

/// Takes the leadership among processes as well.
async fn lead<G: ResultSource>(leadership: Leadership, source: &G, waited: bool) -> TaskTurn<G> {
    let progress = leadership.progress().cloned();
    let mut acquiring = pin!(acquire(leadership, source, waited));
    let mut waker = None;
    future::poll_fn(|context| {
        poll_noting_progress(progress.as_ref(), &mut waker, context, acquiring.as_mut())
    })
    .await
}

/// Polls a part of a task and records that the task makes progress.
fn poll_noting_progress<F: Future>(
    progress: Option<&Arc<PollProgress>>,
    waker: &mut Option<NotingWaker>,
    context: &mut Context<'_>,
    future_part: Pin<&mut F>,
) -> Poll<F::Output> {
    match progress {
        Some(progress) => progress.poll(waker, context, |context| future_part.poll(context)),
        None => future_part.poll(context),
    }
}

async fn acquire<G: ResultSource>(
    leadership: Leadership,
    source: &G,
    mut waited: bool,
) -> TaskTurn<G> {
    let mut poller = LockPoller::new(leadership.call());
    loop {
        // Bound to a variable first, so that no lock is held during the pause.
        let time = match poller.poll(source) {
            PollOutcome::Found(value) => {
                leadership.finish(FlightOutcome::Published);
                return Role::Ready { value, waited };
            }
            PollOutcome::Compute(lock) => {
                if let (Some(progress), Some(lock)) = (leadership.progress(), &lock) {
                    progress.publish_to(G::holder_record(lock));
                }
                return Role::Lead(Leader {
                    _entered: (),
                    lock,
                    leadership,
                });
            }
            PollOutcome::Pause(time) => time,
        };
        waited = true;
        let _excluded = ExcludedTime::begin();
        Sleep::new(time).await;
    }
}

/// The right and duty of a task to compute a result.
pub type AsyncLeader<L> = Leader<L, ()>;

impl<L> AsyncLeader<L> {
    /// Wraps the computation, so that requests for its own id from inside it are
    /// recognized.
    pub fn scope<F: Future>(&self, computation: F) -> OnStack<F> {
        OnStack::new(
            self.leadership.call(),
            self.leadership.progress().cloned(),
            computation,
        )
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
        poll_noting_progress(progress.as_ref(), waker, context, computation.as_mut())
    }
}
