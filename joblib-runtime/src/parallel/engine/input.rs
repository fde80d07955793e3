//! The input of a call, pulled lazily and no further ahead of the consumer than the call
//! allows. If it is known not to block, runners pull it, a batch at a time. Any other
//! input is pulled by a thread of its own (see `puller`), which queues its items here one
//! by one.

use std::collections::VecDeque;
use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::local_queue::TaskRun;
use crate::outcome::Error;

/// The maximum number of items for which memory is reserved, since the length that an
/// input reports may be wrong.
const MOST: usize = 4096;

/// The input, its queued items and how far it was consumed.
pub(super) struct InputQueue<I: Iterator> {
    /// `None` while the thread of the input has it.
    inputs: Option<Fuse<I>>,
    /// Whether a separate thread pulls the input.
    has_puller: bool,
    /// Items that this thread pulled and no runner has taken.
    ready: VecDeque<I::Item>,
    /// The minimum number of remaining items that the input reported last.
    least: usize,
    /// The number of tasks taken.
    next: usize,
    is_over: bool,
    /// The batch size that a thread waits to have room for.
    pub(super) wanted: Option<usize>,
    /// How many tasks runners take at a time.
    pub(super) batch: usize,
    /// Runners that wait for a task.
    pub(super) waiting: usize,
    /// Those of them that wait for a single task, not for a batch.
    pub(super) starving: usize,
    /// Those of them that were notified and have not woken up yet.
    pub(super) notified: usize,
    /// When the thread of the input last pulled an item, if the call has a deadline.
    pub(super) pulled_at: Option<Instant>,
    /// Why the input ended early.
    failure: Option<Error>,
}

impl<I: Iterator> InputQueue<I> {
    pub(super) fn new(inputs: I, has_puller: bool) -> Self {
        InputQueue {
            least: inputs.size_hint().0,
            inputs: Some(inputs.fuse()),
            has_puller,
            ready: VecDeque::new(),
            next: 0,
            is_over: false,
            wanted: None,
            batch: 1,
            waiting: 0,
            starving: 0,
            notified: 0,
            pulled_at: None,
            failure: None,
        }
    }

    /// Whether a separate thread pulls the input.
    pub(super) fn has_puller(&self) -> bool {
        self.has_puller
    }

    /// Makes the runners pull the input, because it has no thread.
    pub(super) fn join(&mut self) {
        self.has_puller = false;
    }

    /// Takes the input, for the thread that pulls it.
    pub(super) fn take_inputs(&mut self) -> Option<Fuse<I>> {
        self.inputs.take()
    }

    /// Returns how many tasks were taken.
    pub(super) fn taken(&self) -> usize {
        self.next
    }

    /// Returns how many items were pulled.
    pub(super) fn pulled(&self) -> usize {
        self.next + self.ready.len()
    }

    /// Whether no more items will be pulled.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns the minimum number of tasks that are not taken yet.
    pub(super) fn remaining(&self) -> usize {
        let unknown = match &self.inputs {
            _ if self.is_over => 0,
            Some(inputs) => inputs.size_hint().0,
            None => self.least,
        };
        unknown.saturating_add(self.ready.len())
    }

    /// Returns the number of items that wait for a runner.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Queues an item for the runners. The input has at least `least` more.
    pub(super) fn offer(&mut self, arguments: I::Item, least: usize) {
        self.least = least;
        self.ready.push_back(arguments);
    }

    /// Whether one more waiting runner should be notified: if there is a batch for each
    /// runner notified before, or if a runner waits for a single item.
    pub(super) fn should_notify(&self) -> bool {
        let batches = self.batch.saturating_mul(self.notified + 1);
        self.waiting > self.notified && (self.starving > 0 || self.ready.len() >= batches)
    }

    /// Takes up to `count` of the queued items.
    pub(super) fn take_ready(&mut self, count: usize) -> Option<TaskRun<I::Item>> {
        let count = count.min(self.ready.len());
        let arguments: VecDeque<_> = self.ready.drain(..count).collect();
        self.tasks(arguments)
    }

    /// Pulls up to `count` tasks. Returns `None` only if there are no more. If the input
    /// panics, it has ended.
    pub(super) fn pull(&mut self, count: usize) -> Option<TaskRun<I::Item>> {
        if self.is_over {
            return None;
        }
        let room = count.min(self.remaining().max(1)).min(MOST);
        let mut arguments = VecDeque::with_capacity(room);
        let inputs = self.inputs.iter_mut().flatten();
        let pulled = catch_unwind(AssertUnwindSafe(|| arguments.extend(inputs.take(count))));
        if let Err(panic) = pulled {
            self.fail(Error::input(panic));
        }
        self.is_over |= arguments.len() < count;
        self.tasks(arguments)
    }

    /// Like [`pull`](InputQueue::pull), but stops after the first task for which
    /// `wants_more` returns `false`.
    pub(super) fn pull_while(
        &mut self,
        count: usize,
        mut wants_more: impl FnMut(&I::Item) -> bool,
    ) -> Option<TaskRun<I::Item>> {
        let mut tasks = self.pull(1)?;
        while tasks.arguments.back().is_some_and(&mut wants_more) && tasks.arguments.len() < count {
            match self.pull(1) {
                Some(more) => tasks.arguments.extend(more.arguments),
                None => break,
            }
        }
        Some(tasks)
    }

    fn tasks(&mut self, arguments: VecDeque<I::Item>) -> Option<TaskRun<I::Item>> {
        let first = self.next;
        self.next += arguments.len();
        (!arguments.is_empty()).then_some(TaskRun {
            first,
            arguments,
            must_run: false,
        })
    }

    /// Ends pulling.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Ends pulling and removes the queued items. Returns them, so that the caller can
    /// drop them without holding the lock.
    pub(super) fn close(&mut self) -> VecDeque<I::Item> {
        self.is_over = true;
        std::mem::take(&mut self.ready)
    }

    /// Ends pulling because of `failure`.
    pub(super) fn fail(&mut self, failure: Error) {
        self.failure.get_or_insert(failure);
        self.is_over = true;
    }

    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }
}
