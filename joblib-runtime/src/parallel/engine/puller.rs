//! The thread of an input that may block. It pulls one item at a time and queues it for
//! the runners, so that neither they nor the consumer block on the input while there is
//! other work.

use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use super::input::InputQueue;
use super::{Engine, flag, lock, wait};
use crate::outcome::panic_location;
use crate::outcome::{Error, ErrorKind};
use crate::parallel::config;
use crate::sched::core_budget;
use crate::task::Task;

/// How long an input may take for each further item after the deadline of the call. Items
/// that arrive in time get outcomes of their own.
const GRACE: Duration = Duration::from_millis(100);

/// How often the token of a call is checked while its input may block.
const CANCEL_POLL: Duration = Duration::from_millis(10);

/// How pulling ended, unless the input panicked.
enum PullEnd {
    Done,
    /// The call was cancelled and there was one more item.
    CutOff,
}

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Pulls the input until it ends or no more items are needed.
    pub(in crate::parallel) fn pull_ahead(&self) {
        let Some(inputs) = lock(&self.input).take_inputs() else {
            return;
        };
        // The input runs in the scopes and with the cores of the thread that made the
        // call.
        let _share = core_budget::adopt(self.cores);
        let _scopes = config::adopt(self.scopes.clone());
        let _recorder = panic_location::record();
        let pulled = catch_unwind(AssertUnwindSafe(|| self.pull_all(inputs)));
        self.end_input(match pulled {
            Ok(PullEnd::Done) => None,
            Ok(PullEnd::CutOff) => Some(Error::call(ErrorKind::Cancelled)),
            Err(payload) => Some(Error::input(payload)),
        });
    }

    fn pull_all(&self, mut inputs: Fuse<I>) -> PullEnd {
        let mut input = lock(&self.input);
        loop {
            input = self.wait_for_demand(input);
            if input.is_over() {
                return PullEnd::Done;
            }
            drop(input);
            let Some(arguments) = inputs.next() else {
                return PullEnd::Done;
            };
            if self.plan.is_cut_off() {
                return PullEnd::CutOff;
            }
            if let Some(budget) = &self.budget {
                budget.add(budget.size_of_arguments(&arguments));
            }
            // If `size_hint` panics, no item is lost.
            let least = catch_unwind(AssertUnwindSafe(|| inputs.size_hint().0));
            input = lock(&self.input);
            if input.is_over() {
                drop((input, arguments));
                return PullEnd::Done;
            }
            input.pulled_at = self.plan.deadline.map(|_| Instant::now());
            input.offer(arguments, least.unwrap_or_default());
            input = self.notify_runners(input);
        }
    }

    /// Waits until one more item is needed or the input is closed.
    fn wait_for_demand<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
    ) -> MutexGuard<'e, InputQueue<I>> {
        while !input.is_over() && !self.needs_item(&input) {
            // The runners cannot get a whole batch, because no more items will be pulled
            // now.
            if input.ready() > 0 && input.waiting > input.notified {
                input.notified += 1;
                self.arrived.notify_one();
            }
            if input.ready() > 0 {
                self.wake_jobs(1);
            }
            input.wanted = Some(input.batch);
            input = wait(&self.room, input);
        }
        input.wanted = None;
        input
    }

    /// Whether one more item is to be pulled. At most a batch for each runner is queued,
    /// within the limit of tasks ahead of the consumer.
    fn needs_item(&self, input: &InputQueue<I>) -> bool {
        input.ready() < self.enough(input) && self.free(input.pulled(), input.batch) > 0
    }

    fn enough(&self, input: &InputQueue<I>) -> usize {
        input.batch.saturating_mul(self.queues.len())
    }

    /// Wakes the thread of the input if there is room for a batch. For less it is not
    /// worth it: waking the thread costs more than pulling an item.
    pub(super) fn notify_puller(&self, input: &mut InputQueue<I>) {
        if input.wanted.is_none() || input.ready() > self.enough(input) / 2 {
            return;
        }
        let limit = self.limit(input.batch).unwrap_or(usize::MAX);
        let worth = input.batch.min(limit / 8).max(1);
        if self.free(input.pulled(), input.batch) >= worth {
            input.wanted = None;
            self.room.notify_one();
        }
    }

    /// Notifies one more runner, or starts one, if enough items are queued.
    fn notify_runners<'e>(
        &'e self,
        mut input: MutexGuard<'e, InputQueue<I>>,
    ) -> MutexGuard<'e, InputQueue<I>> {
        self.wake_jobs(1);
        if input.should_notify() {
            input.notified += 1;
            self.arrived.notify_one();
        } else if input.waiting == 0 && self.may_grow() {
            drop(input);
            self.grow();
            return lock(&self.input);
        }
        input
    }

    /// Ends the input, because of `failure` if there is one.
    pub(super) fn end_input(&self, failure: Option<Error>) {
        self.end_locked(lock(&self.input), failure);
    }

    fn end_locked(&self, mut input: MutexGuard<'_, InputQueue<I>>, failure: Option<Error>) {
        let was_over = input.is_over();
        match failure {
            Some(failure) => input.fail(failure),
            None => input.end(),
        }
        if !was_over {
            self.results.end(input.pulled());
        }
        drop(input);
        self.wake_all();
    }

    /// Returns until when to wait for the next item of the input, once the deadline of
    /// the call has passed or if the call may be cancelled.
    pub(super) fn input_limit(&self) -> Option<Instant> {
        let is_late = self.has(flag::LATE);
        if !is_late && self.plan.cancel.is_none() {
            return None;
        }
        let input = lock(&self.input);
        if !input.has_puller() || input.is_over() {
            return None;
        }
        let since = input.pulled_at.max(self.deadline());
        let late = since
            .filter(|_| is_late)
            .and_then(|since| since.checked_add(GRACE));
        let poll = self
            .plan
            .cancel
            .as_ref()
            .map(|_| Instant::now() + CANCEL_POLL);
        [late, poll].into_iter().flatten().min()
    }

    /// Ends an input that blocks after the deadline of the call or its cancellation.
    pub(super) fn give_up_input(&self, now: Instant) {
        if self.plan.is_cut_off() {
            let input = lock(&self.input);
            if input.has_puller() && !input.is_over() {
                self.end_locked(input, Some(Error::call(ErrorKind::Cancelled)));
            }
        } else if self.input_limit().is_some_and(|limit| now >= limit) {
            let limit = self.plan.deadline.unwrap_or_default();
            self.end_input(Some(Error::call(ErrorKind::DeadlinePassed(limit))));
        }
    }
}
