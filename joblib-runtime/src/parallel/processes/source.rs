//! Where the tasks of a call on processes come from: an input that the thread
//! pulls which drives the workers, or one with a thread of its own.

use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::bell::Bell;
use super::queue::{Found, Items, Queue};
use crate::parallel::error::Error;

pub(super) enum Source<I: Iterator> {
    Here(Fuse<I>),
    Apart {
        queue: Arc<Queue<I::Item>>,
        /// What was taken from it.
        taken: Items<I::Item>,
    },
}

/// What came of asking for an item.
pub(super) enum Given<A> {
    Item(A),
    /// None yet. It is worth asking again after so long, if nobody rings before.
    Later(Option<Duration>),
    /// There are no more, for the reason that is given if it is none of the
    /// input's.
    Over(Option<Error>),
}

impl<I: Iterator> Source<I> {
    pub(super) fn here(inputs: I) -> Self {
        Source::Here(inputs.fuse())
    }

    pub(super) fn apart(queue: Arc<Queue<I::Item>>) -> Self {
        let taken = queue.nothing();
        Source::Apart { queue, taken }
    }

    /// What is rung when there is an item to be taken, of a thread.
    pub(super) fn bell(&self) -> Option<Arc<Bell>> {
        match self {
            Source::Here(_) => None,
            Source::Apart { queue, .. } => Some(queue.bell()),
        }
    }

    /// Whether the next item is not to be asked of another thread.
    pub(super) fn is_at_hand(&self) -> bool {
        match self {
            Source::Here(_) => true,
            Source::Apart { taken, .. } => taken.len() > 0,
        }
    }

    /// How many there are yet, at least.
    pub(super) fn remaining(&self) -> usize {
        match self {
            Source::Here(inputs) => inputs.size_hint().0,
            Source::Apart { taken, .. } => taken.len(),
        }
    }

    /// The next item of `wanted`; up to `limit` may be pulled beforehand.
    pub(super) fn next(&mut self, limit: usize, wanted: usize) -> Given<I::Item> {
        self.take(|queue| queue.take(limit, wanted))
    }

    /// The next item, after waiting up to `limit` for it.
    pub(super) fn next_within(&mut self, limit: Duration) -> Given<I::Item> {
        self.take(|queue| queue.take_within(limit))
    }

    fn take(&mut self, find: impl FnOnce(&Queue<I::Item>) -> Found<I::Item>) -> Given<I::Item> {
        match self {
            Source::Here(inputs) => match catch_unwind(AssertUnwindSafe(|| inputs.next())) {
                Ok(Some(item)) => Given::Item(item),
                Ok(None) => Given::Over(None),
                Err(payload) => Given::Over(Some(Error::input(payload))),
            },
            Source::Apart { queue, taken } => {
                if let Some(item) = taken.next() {
                    return Given::Item(item);
                }
                match find(queue) {
                    Found::Items(items) => {
                        *taken = items;
                        taken.next().map_or(Given::Later(None), Given::Item)
                    }
                    Found::Later(patience) => Given::Later(patience),
                    Found::Over(failure) => Given::Over(failure),
                }
            }
        }
    }
}

impl<I: Iterator> Drop for Source<I> {
    fn drop(&mut self) {
        if let Source::Apart { queue, .. } = self {
            queue.close();
        }
    }
}
