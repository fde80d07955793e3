//! Runs one task of a runner, including retries. A task that times out is given up here
//! and retried by another runner.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::runner::Runner;
use super::{Attempt, Engine, flag, lock};
use crate::outcome::{Error, ErrorKind};
use crate::parallel::execute::Again;
use crate::task::{Task, current};

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Runs one task of `runner`, with retries if the call allows them. Returns `None` if
    /// the task was given up meanwhile.
    #[inline]
    pub(super) fn attempt(
        &self,
        runner: &Runner,
        index: usize,
        arguments: I::Item,
    ) -> Option<Attempt<I, T>> {
        match self.again {
            None => Some(self.attempt_once(index, arguments)),
            Some(copy) => self.attempt_often(runner, index, arguments, copy),
        }
    }

    fn attempt_often(
        &self,
        runner: &Runner,
        index: usize,
        mut arguments: I::Item,
        copy: Again<I::Item>,
    ) -> Option<Attempt<I, T>> {
        let is_watched = self.retries_timeouts();
        let failures = match is_watched {
            true => lock(&self.retries).failures.get(&index).copied(),
            false => None,
        };
        for _ in failures.unwrap_or(0)..self.plan.retries {
            let copied = match catch_unwind(AssertUnwindSafe(|| copy(&arguments))) {
                Ok(copied) => copied,
                Err(payload) => return Some(Err(Error::panic(index, payload))),
            };
            let (outcome, spare) = match is_watched {
                true => self.attempt_watched(runner, index, copied, arguments)?,
                false => (self.attempt_once(index, copied), arguments),
            };
            match outcome {
                Err(error) if !error.is_of_ended_call() => {}
                outcome => return Some(outcome),
            }
            arguments = spare;
            if is_watched {
                self.count_failure(index);
            }
        }
        if is_watched {
            let now = self.now();
            self.lock_queue_of(runner)?.begin(now);
        }
        Some(self.attempt_once(index, arguments))
    }

    /// Runs one attempt at a task. `spare` is stored in the local queue, where another
    /// runner finds it if the attempt times out. Returns `None` if it did.
    fn attempt_watched(
        &self,
        runner: &Runner,
        index: usize,
        arguments: I::Item,
        spare: I::Item,
    ) -> Option<(Attempt<I, T>, I::Item)> {
        let now = self.now();
        self.lock_queue_of(runner)?.begin_with(spare, now);
        let outcome = self.attempt_once(index, arguments);
        let spare = self.lock_queue_of(runner)?.end_attempt()?;
        Some((outcome, spare))
    }

    #[inline]
    fn attempt_once(&self, index: usize, arguments: I::Item) -> Attempt<I, T> {
        if self.plan.is_cancelled() {
            return Err(Error::task(index, ErrorKind::Cancelled));
        }
        if self.has(flag::LATE) {
            let limit = self.plan.deadline.unwrap_or_default();
            return Err(Error::task(index, ErrorKind::DeadlinePassed(limit)));
        }
        if let Some(limit) = self.plan.timeout.filter(Duration::is_zero) {
            return Err(Error::task(index, ErrorKind::TimedOut(limit)));
        }
        let seed = self.plan.seed;
        let _task = seed.map(|seed| current::enter(Some(seed), index));
        let watched = self.is_in_rayon() && self.plan.is_timed();
        let since = watched.then(Instant::now);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.task.run(arguments)));
        if let Some(failure) = since.and_then(|since| self.missed_limit(since)) {
            return Err(Error::task(index, failure));
        }
        outcome.map_err(|payload| Error::panic(index, payload))
    }

    /// Returns the limit that a task exceeded which began at `since` and is done. In a pool
    /// of rayon the thread that watches the limits may run the task itself.
    #[cold]
    fn missed_limit(&self, since: Instant) -> Option<ErrorKind> {
        let now = self.now();
        if let Some(limit) = self.plan.timeout.filter(|limit| now - since >= *limit) {
            return Some(ErrorKind::TimedOut(limit));
        }
        let limit = self.plan.deadline.filter(|_| self.has(flag::LATE));
        limit.map(ErrorKind::DeadlinePassed)
    }
}
