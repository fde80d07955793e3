//! The input of a call: pulled lazily, a batch at a time, and no further
//! ahead of what is consumed than the call allows.

use std::collections::VecDeque;
use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::lane::Tasks;
use crate::parallel::error::Error;

/// The input and how far it was taken.
pub(super) struct Feed<I: Iterator> {
    inputs: Fuse<I>,
    next: usize,
    is_over: bool,
    /// The batch that a runner waits to have room for.
    pub(super) wanted: Option<usize>,
    /// Why the input ended early.
    failure: Option<Error>,
}

impl<I: Iterator> Feed<I> {
    pub(super) fn new(inputs: I) -> Self {
        Feed {
            inputs: inputs.fuse(),
            next: 0,
            is_over: false,
            wanted: None,
            failure: None,
        }
    }

    /// How many tasks were taken.
    pub(super) fn taken(&self) -> usize {
        self.next
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many tasks there are yet, at least.
    pub(super) fn remaining(&self) -> usize {
        if self.is_over {
            return 0;
        }
        self.inputs.size_hint().0
    }

    /// Takes up to `count` tasks, none only if there are no more. An input
    /// that panics is over.
    pub(super) fn pull(&mut self, count: usize) -> Option<Tasks<I::Item>> {
        if self.is_over {
            return None;
        }
        let first = self.next;
        let mut arguments = VecDeque::with_capacity(count.min(self.remaining().max(1)));
        let inputs = &mut self.inputs;
        let pulled = catch_unwind(AssertUnwindSafe(|| {
            arguments.extend(inputs.by_ref().take(count));
        }));
        if let Err(panic) = pulled {
            self.fail(Error::input(panic));
        }
        self.next += arguments.len();
        self.is_over |= arguments.len() < count;
        (!arguments.is_empty()).then_some(Tasks {
            first,
            arguments,
            is_last_choice: false,
        })
    }

    /// As [`pull`](Feed::pull), until `goes_on` says of a task that it is the
    /// last one.
    pub(super) fn pull_while(
        &mut self,
        count: usize,
        mut goes_on: impl FnMut(&I::Item) -> bool,
    ) -> Option<Tasks<I::Item>> {
        let mut tasks = self.pull(1)?;
        while tasks.arguments.back().is_some_and(&mut goes_on) && tasks.arguments.len() < count {
            match self.pull(1) {
                Some(more) => tasks.arguments.extend(more.arguments),
                None => break,
            }
        }
        Some(tasks)
    }

    /// Takes no more.
    pub(super) fn close(&mut self) {
        self.is_over = true;
    }

    /// Takes no more, because of `failure`.
    pub(super) fn fail(&mut self, failure: Error) {
        self.failure.get_or_insert(failure);
        self.is_over = true;
    }

    pub(super) fn take_failure(&mut self) -> Option<Error> {
        self.failure.take()
    }
}
