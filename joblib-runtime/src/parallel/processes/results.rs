//! The outcomes of a call on worker processes, one by one: whoever asks for
//! the next drives the pool until it is there.

use std::time::Instant;

use super::desk::Desk;
use crate::parallel::ends::Outcome;
use crate::parallel::error::{Death, Failure};
use crate::parallel::plan::Plan;
use crate::parallel::summary::{Summary, Worker};
use crate::process::{Session, Step};

/// The outcomes, in the order of the call.
pub(in crate::parallel) struct Results<I: Iterator, R> {
    desk: Desk<I, R>,
    /// Nothing once the time is up, or the call cannot go on.
    session: Option<Session>,
    limit: Option<Instant>,
    /// What becomes of the tasks when the call ends early.
    late: Failure,
    begun: Instant,
    verbose: u8,
    failed: usize,
}

impl<I: Iterator, R> Results<I, R> {
    pub(super) fn new(desk: Desk<I, R>, session: Session, plan: &Plan, begun: Instant) -> Self {
        Results {
            desk,
            session: Some(session),
            limit: plan.deadline.map(|limit| begun + limit),
            late: Failure::DeadlinePassed(plan.deadline.unwrap_or_default()),
            begun,
            verbose: plan.verbose,
            failed: 0,
        }
    }

    /// Waits for outcomes, or ends the waiting.
    fn drive(&mut self) {
        let Some(session) = &mut self.session else {
            return self.desk.skip(&self.late);
        };
        let failure = match session.step(&mut self.desk, self.limit) {
            Step::Progress => return,
            Step::Idle if self.desk.shelf.len() == 0 => return,
            // Somebody waits for a task that nobody has.
            Step::Idle => Failure::WorkerDied(Death::Garbled),
            Step::TimedOut => self.late.clone(),
            Step::Failed(failure) => {
                self.late = failure.clone();
                failure
            }
        };
        self.session = None;
        self.desk.give_up(&failure);
    }
}

impl<I: Iterator, R> Iterator for Results<I, R> {
    type Item = Outcome<R>;

    #[inline]
    fn next(&mut self) -> Option<Outcome<R>> {
        loop {
            if let Some(outcome) = self.desk.shelf.take() {
                self.failed += usize::from(outcome.1.is_err());
                return Some(outcome);
            }
            if self.desk.is_over() && self.desk.shelf.len() == 0 {
                return None;
            }
            self.drive();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.desk.remaining(), None)
    }
}

impl<I: Iterator, R> Drop for Results<I, R> {
    fn drop(&mut self) {
        if self.verbose == 0 {
            return;
        }
        let shares = self.session.iter().flat_map(Session::statistics);
        let workers = shares.map(|share| Worker {
            tasks: share.tasks as usize,
            busy: share.busy,
        });
        let summary = Summary {
            backend: "processes",
            wall: self.begun.elapsed(),
            failed: self.failed,
            workers: workers.collect(),
        };
        summary.tell(self.verbose);
    }
}
