//! Where the tasks of a call on processes come from: an input that the thread
//! pulls which drives the workers, or one with a thread of its own.

use std::iter::Fuse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::pulled_items::{ItemBatch, PullResult, PulledItems};
use super::waker::Waker;
use crate::outcome::Error;

pub(super) enum InputSource<I: Iterator> {
    Here(Fuse<I>),
    Apart {
        queue: Arc<PulledItems<I::Item>>,
        /// What was taken from it.
        taken: ItemBatch<I::Item>,
    },
}

/// What came of asking for an item.
pub(super) enum NextInput<A> {
    Item(A),
    /// None yet. It is worth asking again after so long, if nobody rings before.
    Later(Option<Duration>),
    /// There are no more, for the reason that is given if it is none of the
    /// input's.
    Over(Option<Error>),
}

impl<I: Iterator> InputSource<I> {
    pub(super) fn here(inputs: I) -> Self {
        InputSource::Here(inputs.fuse())
    }

    pub(super) fn apart(queue: Arc<PulledItems<I::Item>>) -> Self {
        let taken = queue.nothing();
        InputSource::Apart { queue, taken }
    }

    /// What is rung when there is an item to be taken, of a thread.
    pub(super) fn bell(&self) -> Option<Arc<Waker>> {
        match self {
            InputSource::Here(_) => None,
            InputSource::Apart { queue, .. } => Some(queue.bell()),
        }
    }

    /// Whether the next item is not to be asked of another thread.
    pub(super) fn is_at_hand(&self) -> bool {
        match self {
            InputSource::Here(_) => true,
            InputSource::Apart { taken, .. } => taken.len() > 0,
        }
    }

    /// How many there are yet, at least.
    pub(super) fn remaining(&self) -> usize {
        match self {
            InputSource::Here(inputs) => inputs.size_hint().0,
            InputSource::Apart { taken, .. } => taken.len(),
        }
    }

    /// The next item of `wanted`; up to `limit` may be pulled beforehand.
    pub(super) fn next(&mut self, limit: usize, wanted: usize) -> NextInput<I::Item> {
        self.take(|queue| queue.take(limit, wanted))
    }

    /// The next item, after waiting up to `limit` for it.
    pub(super) fn next_within(&mut self, limit: Duration) -> NextInput<I::Item> {
        self.take(|queue| queue.take_within(limit))
    }

    fn take(
        &mut self,
        find: impl FnOnce(&PulledItems<I::Item>) -> PullResult<I::Item>,
    ) -> NextInput<I::Item> {
        match self {
            InputSource::Here(inputs) => match catch_unwind(AssertUnwindSafe(|| inputs.next())) {
                Ok(Some(item)) => NextInput::Item(item),
                Ok(None) => NextInput::Over(None),
                Err(payload) => NextInput::Over(Some(Error::input(payload))),
            },
            InputSource::Apart { queue, taken } => {
                if let Some(item) = taken.next() {
                    return NextInput::Item(item);
                }
                match find(queue) {
                    PullResult::Items(items) => {
                        *taken = items;
                        taken.next().map_or(NextInput::Later(None), NextInput::Item)
                    }
                    PullResult::Later(patience) => NextInput::Later(patience),
                    PullResult::Over(failure) => NextInput::Over(failure),
                }
            }
        }
    }
}

impl<I: Iterator> Drop for InputSource<I> {
    fn drop(&mut self) {
        if let InputSource::Apart { queue, .. } = self {
            queue.close();
        }
    }
}
