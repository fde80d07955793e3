//! The input of a call: pulled lazily, and no further ahead of what is
//! consumed than the call allows. Where it is known to give its items at once,
//! runners pull it, a batch at a time; any other has a thread of its own, which
//! leaves its items here one by one.

use std::collections::VecDeque;
use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::local_queue::TaskRun;
use crate::outcome::Error;

/// Room for so many items is made beforehand at most, whatever an input says
/// of its length.
const MOST: usize = 4096;

/// The input and how far it was taken.
pub(super) struct InputQueue<I: Iterator> {
    /// Nothing while the thread of the input has it.
    inputs: Option<Fuse<I>>,
    /// Whether the input has a thread of its own.
    is_apart: bool,
    /// What that thread pulled and nobody took.
    ready: VecDeque<I::Item>,
    /// What the input said last of how much it has yet.
    least: usize,
    /// Tasks taken.
    next: usize,
    is_over: bool,
    /// The batch that somebody waits to have room for.
    pub(super) wanted: Option<usize>,
    /// How many tasks runners take at a time.
    pub(super) batch: usize,
    /// Runners that wait for a task.
    pub(super) waiting: usize,
    /// Those of them that wait for a single one, not for a batch.
    pub(super) starving: usize,
    /// Those of them that were told to look.
    pub(super) told: usize,
    /// When the thread of the input pulled last, where the call has a
    /// deadline.
    pub(super) pulled_at: Option<Instant>,
    /// Why the input ended early.
    failure: Option<Error>,
}

impl<I: Iterator> InputQueue<I> {
    pub(super) fn new(inputs: I, is_apart: bool) -> Self {
        InputQueue {
            least: inputs.size_hint().0,
            inputs: Some(inputs.fuse()),
            is_apart,
            ready: VecDeque::new(),
            next: 0,
            is_over: false,
            wanted: None,
            batch: 1,
            waiting: 0,
            starving: 0,
            told: 0,
            pulled_at: None,
            failure: None,
        }
    }

    /// Whether a thread of its own pulls the input.
    pub(super) fn is_apart(&self) -> bool {
        self.is_apart
    }

    /// Has runners pull the input, since it has no thread.
    pub(super) fn join(&mut self) {
        self.is_apart = false;
    }

    /// The input, for the thread that pulls it.
    pub(super) fn take_inputs(&mut self) -> Option<Fuse<I>> {
        self.inputs.take()
    }

    /// How many tasks were taken.
    pub(super) fn taken(&self) -> usize {
        self.next
    }

    /// How many items were pulled.
    pub(super) fn pulled(&self) -> usize {
        self.next + self.ready.len()
    }

    /// Whether no more items are pulled.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many tasks nobody took yet, at least.
    pub(super) fn remaining(&self) -> usize {
        let unknown = match &self.inputs {
            _ if self.is_over => 0,
            Some(inputs) => inputs.size_hint().0,
            None => self.least,
        };
        unknown.saturating_add(self.ready.len())
    }

    /// Items that wait for a runner.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Leaves an item for the runners, of an input that has `least` more.
    pub(super) fn offer(&mut self, arguments: I::Item, least: usize) {
        self.least = least;
        self.ready.push_back(arguments);
    }

    /// Whether one more of those that wait is to be told of what is there: a batch for
    /// each that was told, and one item where somebody starves.
    pub(super) fn is_enough_to_tell(&self) -> bool {
        let batches = self.batch.saturating_mul(self.told + 1);
        self.waiting > self.told && (self.starving > 0 || self.ready.len() >= batches)
    }

    /// Takes up to `count` of the items that wait.
    pub(super) fn take_ready(&mut self, count: usize) -> Option<TaskRun<I::Item>> {
        let count = count.min(self.ready.len());
        let arguments: VecDeque<_> = self.ready.drain(..count).collect();
        self.tasks(arguments)
    }

    /// Pulls up to `count` tasks, none only if there are no more. An input
    /// that panics is over.
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

    /// As [`pull`](InputQueue::pull), until `goes_on` says of a task that it is the
    /// last one.
    pub(super) fn pull_while(
        &mut self,
        count: usize,
        mut goes_on: impl FnMut(&I::Item) -> bool,
    ) -> Option<TaskRun<I::Item>> {
        let mut tasks = self.pull(1)?;
        while tasks.arguments.back().is_some_and(&mut goes_on) && tasks.arguments.len() < count {
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
            is_last_choice: false,
        })
    }

    /// Pulls no more.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Pulls no more and gives nothing more; what was pulled, to be dropped
    /// by the caller.
    pub(super) fn close(&mut self) -> VecDeque<I::Item> {
        self.is_over = true;
        std::mem::take(&mut self.ready)
    }

    /// Pulls no more, because of `failure`.
    pub(super) fn fail(&mut self, failure: Error) {
        self.failure.get_or_insert(failure);
        self.is_over = true;
    }

    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }
}
