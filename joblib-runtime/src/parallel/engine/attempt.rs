//! One task in the lane of a runner: once, or again while it fails and the call says
//! so, and given up where another runner tries it meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::super::execute::Again;
use super::runner::Runner;
use super::{Attempt, Engine, lock, mood};
use crate::outcome::{Error, ErrorKind};
use crate::task::{Task, current};

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Does one task in the lane of `runner`, again if it fails and the call
    /// says so; nothing if it is given up meanwhile.
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
        let is_watched = self.retries_late();
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
                Err(error) if !matches!(error.failure(), ErrorKind::DeadlinePassed(_)) => {}
                outcome => return Some(outcome),
            }
            arguments = spare;
            if is_watched {
                self.count_failure(index);
            }
        }
        if is_watched {
            let now = self.now();
            self.hands_of(runner)?.begin(now);
        }
        Some(self.attempt_once(index, arguments))
    }

    /// Tries a task with `spare` where it is found if that takes too long;
    /// nothing if it did.
    fn attempt_watched(
        &self,
        runner: &Runner,
        index: usize,
        arguments: I::Item,
        spare: I::Item,
    ) -> Option<(Attempt<I, T>, I::Item)> {
        let now = self.now();
        self.hands_of(runner)?.begin_with(spare, now);
        let outcome = self.attempt_once(index, arguments);
        let spare = self.hands_of(runner)?.end_attempt()?;
        Some((outcome, spare))
    }

    #[inline]
    fn attempt_once(&self, index: usize, arguments: I::Item) -> Attempt<I, T> {
        if self.is(mood::LATE) {
            let limit = self.plan.deadline.unwrap_or_default();
            return Err(Error::task(index, ErrorKind::DeadlinePassed(limit)));
        }
        if let Some(limit) = self.plan.timeout.filter(Duration::is_zero) {
            return Err(Error::task(index, ErrorKind::TimedOut(limit)));
        }
        let seed = self.plan.seed;
        let _task = seed.map(|seed| current::enter(Some(seed), index));
        catch_unwind(AssertUnwindSafe(|| self.task.run(arguments)))
            .map_err(|payload| Error::panic(index, payload))
    }
}
