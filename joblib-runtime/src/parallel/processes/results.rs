//! The outcomes of a call on worker processes. The consumer drives the workers until the
//! next outcome is available.

use std::time::{Duration, Instant};

use super::task_source::TaskSource;
use crate::outcome::{ErrorKind, Failure, WorkerExit};
use crate::parallel::cancel::CancelToken;
use crate::parallel::plan::{CallEnd, Plan};
use crate::parallel::summary::{Summary, WorkerSummary};
use crate::parallel::terminal::Outcome;
use crate::process::{Session, SessionStep, TaskProvider as _};

/// An iterator over the outcomes, in the order that the call requires.
pub(in crate::parallel) struct ProcessResults<I: Iterator, R> {
    tasks: TaskSource<I, R>,
    /// `None` after the deadline, after a failure of the session, or if no task may run.
    session: Option<Session>,
    limit: Option<Instant>,
    /// The failure of the remaining tasks if the call ends early.
    late: Failure,
    /// Cancels the call.
    cancel: Option<CancelToken>,
    /// Whether each remaining input of a cancelled call has an outcome of its own.
    is_listed: bool,
    end: CallEnd,
    begun: Instant,
    verbose: u8,
    failed: usize,
    consumed: usize,
}

impl<I: Iterator, R> ProcessResults<I, R> {
    pub(super) fn new(
        tasks: TaskSource<I, R>,
        session: Session,
        plan: &Plan,
        begun: Instant,
    ) -> Self {
        let never = plan.timeout.filter(Duration::is_zero);
        ProcessResults {
            tasks,
            session: never.is_none().then_some(session),
            limit: plan.deadline.and_then(|limit| begun.checked_add(limit)),
            late: match never {
                Some(limit) => ErrorKind::TimedOut(limit).into(),
                None => ErrorKind::DeadlinePassed(plan.deadline.unwrap_or_default()).into(),
            },
            cancel: plan.cancel.clone(),
            is_listed: plan.is_listed,
            end: plan.end(begun),
            begun,
            verbose: plan.verbose,
            failed: 0,
            consumed: 0,
        }
    }

    /// Runs one step of the session, or ends the call if it is late or has failed.
    fn drive(&mut self) {
        let is_cancelled = self.late.kind == ErrorKind::Cancelled;
        if !is_cancelled && self.cancel.as_ref().is_some_and(CancelToken::is_cancelled) {
            return self.cancel();
        }
        let Some(session) = &mut self.session else {
            return match is_cancelled && !self.is_listed {
                true => self.tasks.cut_off(&self.late),
                false => self.tasks.skip(&self.late),
            };
        };
        let is_late = self.limit.is_some_and(|limit| Instant::now() >= limit);
        let step = match is_late {
            true => {
                // These may have been done for a while, if the consumer was busy
                // elsewhere.
                session.gather(&mut self.tasks);
                SessionStep::TimedOut
            }
            false => session.step(&mut self.tasks, self.limit),
        };
        let failure = match step {
            SessionStep::Progress => return,
            SessionStep::Idle if self.tasks.buffer.len() == 0 || self.tasks.is_cancelled() => {
                return;
            }
            // The consumer waits for a task that no worker has.
            SessionStep::Idle => ErrorKind::WorkerDied(WorkerExit::ProtocolError).into(),
            SessionStep::TimedOut => self.late.clone(),
            SessionStep::Failed(failure)
                if matches!(failure.kind, ErrorKind::InitializerPanicked(_)) =>
            {
                self.session = None;
                return self.tasks.end(failure);
            }
            SessionStep::Failed(failure) => {
                self.late = failure.clone();
                failure
            }
        };
        self.session = None;
        self.tasks.give_up(&failure);
    }
}

impl<I: Iterator, R> ProcessResults<I, R> {
    /// Stops the workers. Results that have arrived count.
    #[cold]
    fn cancel(&mut self) {
        if let Some(session) = &mut self.session {
            session.gather(&mut self.tasks);
        }
        self.session = None;
        self.late = ErrorKind::Cancelled.into();
        self.tasks.give_up(&self.late);
    }

    /// Returns the next outcome and its size, if it has arrived.
    #[inline]
    pub(super) fn next_ready(&mut self) -> Option<(Outcome<R>, u64)> {
        loop {
            let (outcome, bytes) = self.tasks.buffer.take()?;
            if outcome.1.is_err()
                && let Some(failure) = self.end.with(&outcome.1)
            {
                self.session = None;
                self.tasks.end(failure.failure().clone().into());
                continue;
            }
            self.consumed += 1;
            self.failed += usize::from(outcome.1.is_err());
            return Some((outcome, bytes));
        }
    }

    /// Like [`next_ready`](ProcessResults::next_ready), but waits for the outcome.
    #[inline]
    pub(super) fn next_weighed(&mut self) -> Option<(Outcome<R>, u64)> {
        loop {
            if let Some(found) = self.next_ready() {
                return Some(found);
            }
            if self.tasks.is_off() {
                return None;
            }
            if self.tasks.is_over() && self.tasks.buffer.len() == 0 {
                let failure = self.tasks.take_failure()?;
                return Some(((self.consumed, Err(failure)), 0));
            }
            self.drive();
        }
    }
}

impl<I: Iterator, R> Iterator for ProcessResults<I, R> {
    type Item = Outcome<R>;

    #[inline]
    fn next(&mut self) -> Option<Outcome<R>> {
        self.next_weighed().map(|(outcome, _)| outcome)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.tasks.remaining(), None)
    }
}

impl<I: Iterator, R> Drop for ProcessResults<I, R> {
    fn drop(&mut self) {
        if self.verbose == 0 {
            return;
        }
        let shares = self.session.iter().flat_map(Session::statistics);
        let workers = shares.map(|share| WorkerSummary {
            tasks: share.tasks as usize,
            busy: share.busy,
        });
        let summary = Summary {
            backend: "processes",
            wall: self.begun.elapsed(),
            failed: self.failed,
            workers: workers.collect(),
        };
        summary.print(self.verbose);
    }
}
