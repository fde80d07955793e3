//! The thread of an input that may block. It pulls one item at a time and queues it for the
//! runners, so that neither they nor the consumer block on the input while there is other
//! work.

use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use super::input::InputQueue;
use super::{Engine, lock, mood, wait};
use crate::parallel::error::{Error, ErrorKind};
use crate::parallel::{config, core_budget, panic_location};
use crate::task::Task;

/// How long an input may take for each further item after the deadline of the call. Items that
/// arrive in time get outcomes of their own.
const GRACE: Duration = Duration::from_millis(100);

impl<I: Iterator, T: Task<I::Item>> Engine<I, T> {
    /// Pulls the input until it ends or no more items are needed.
    pub(in crate::parallel) fn pull_ahead(&self) {
        let Some(inputs) = lock(&self.feed).take_inputs() else {
            return;
        };
        // The input runs in the scopes and with the cores of the thread that made the call.
        let _share = core_budget::lend(self.cores);
        let _scopes = config::adopt(self.scopes.clone());
        let _watched = panic_location::watch();
        let pulled = catch_unwind(AssertUnwindSafe(|| self.pull_all(inputs)));
        self.end_input(pulled.err().map(Error::input));
    }

    fn pull_all(&self, mut inputs: Fuse<I>) {
        let mut feed = lock(&self.feed);
        loop {
            feed = self.wait_for_demand(feed);
            if feed.is_over() {
                return;
            }
            drop(feed);
            let Some(arguments) = inputs.next() else {
                return;
            };
            if let Some(load) = &self.load {
                load.add(load.of_arguments(&arguments));
            }
            // If `size_hint` panics, no item is lost.
            let least = catch_unwind(AssertUnwindSafe(|| inputs.size_hint().0));
            feed = lock(&self.feed);
            if feed.is_over() {
                drop(feed);
                return drop(arguments);
            }
            feed.pulled_at = self.plan.deadline.map(|_| Instant::now());
            feed.offer(arguments, least.unwrap_or_default());
            feed = self.tell_runners(feed);
        }
    }

    /// Waits until one more item is needed or the input is closed.
    fn wait_for_demand<'e>(
        &'e self,
        mut feed: MutexGuard<'e, InputQueue<I>>,
    ) -> MutexGuard<'e, InputQueue<I>> {
        while !feed.is_over() && !self.is_wanting(&feed) {
            // The runners cannot get a whole batch, because no more items will be pulled now.
            if feed.ready() > 0 && feed.waiting > feed.told {
                feed.told += 1;
                self.came.notify_one();
            }
            feed.wanted = Some(feed.batch);
            feed = wait(&self.room, feed);
        }
        feed.wanted = None;
        feed
    }

    /// Whether one more item is to be pulled. At most a batch for each runner is queued, within
    /// the limit of tasks ahead of the consumer.
    fn is_wanting(&self, feed: &InputQueue<I>) -> bool {
        feed.ready() < self.enough(feed) && self.free(feed.pulled(), feed.batch) > 0
    }

    fn enough(&self, feed: &InputQueue<I>) -> usize {
        feed.batch.saturating_mul(self.lanes.len())
    }

    /// Wakes the thread of the input if there is room for a batch. For less it is not worth it:
    /// waking the thread costs more than pulling an item.
    pub(super) fn tell_puller(&self, feed: &mut InputQueue<I>) {
        if feed.wanted.is_none() || feed.ready() > self.enough(feed) / 2 {
            return;
        }
        let limit = self.limit(feed.batch).unwrap_or(usize::MAX);
        let worth = feed.batch.min(limit / 8).max(1);
        if self.free(feed.pulled(), feed.batch) >= worth {
            feed.wanted = None;
            self.room.notify_one();
        }
    }

    /// Notifies one more runner, or starts one, if enough items are queued.
    fn tell_runners<'e>(
        &'e self,
        mut feed: MutexGuard<'e, InputQueue<I>>,
    ) -> MutexGuard<'e, InputQueue<I>> {
        if feed.is_enough_to_tell() {
            feed.told += 1;
            self.came.notify_one();
        } else if feed.waiting == 0 && self.may_grow() {
            drop(feed);
            self.grow();
            return lock(&self.feed);
        }
        feed
    }

    /// Ends the input, because of `failure` if there is one.
    pub(super) fn end_input(&self, failure: Option<Error>) {
        let mut feed = lock(&self.feed);
        let was_over = feed.is_over();
        match failure {
            Some(failure) => feed.fail(failure),
            None => feed.end(),
        }
        if !was_over {
            self.exchange.end(feed.pulled());
        }
        drop(feed);
        self.stir();
    }

    /// Returns until when to wait for the next item of the input, once the deadline of the call
    /// has passed.
    pub(super) fn input_limit(&self) -> Option<Instant> {
        if !self.is(mood::LATE) {
            return None;
        }
        let feed = lock(&self.feed);
        let is_pulled = feed.is_apart() && !feed.is_over();
        let since = feed.pulled_at.max(self.deadline());
        since.filter(|_| is_pulled)?.checked_add(GRACE)
    }

    /// Ends an input that blocks after the deadline of the call.
    pub(super) fn give_up_input(&self, now: Instant) {
        if self.input_limit().is_some_and(|limit| now >= limit) {
            let limit = self.plan.deadline.unwrap_or_default();
            self.end_input(Some(Error::call(ErrorKind::DeadlinePassed(limit))));
        }
    }
}
