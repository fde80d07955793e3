//! The input of a call on processes. The thread that drives the workers pulls it, or a
//! thread of its own does.

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
        /// Items that were taken from the queue.
        taken: ItemBatch<I::Item>,
    },
}

/// The result of asking for an item.
pub(super) enum NextInput<A> {
    Item(A),
    /// No item yet. It is worth asking again after this time, even without a wake-up.
    Later(Option<Duration>),
    /// There are no more items, with the reason if the input did not end normally.
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

    /// Returns the waker that is woken for new items, if another thread pulls the input.
    pub(super) fn waker(&self) -> Option<Arc<Waker>> {
        match self {
            InputSource::Here(_) => None,
            InputSource::Apart { queue, .. } => Some(queue.waker()),
        }
    }

    /// Whether the next item can be taken without another thread.
    pub(super) fn is_available(&self) -> bool {
        match self {
            InputSource::Here(_) => true,
            InputSource::Apart { taken, .. } => taken.len() > 0,
        }
    }

    /// Returns the minimum number of remaining items.
    pub(super) fn remaining(&self) -> usize {
        match self {
            InputSource::Here(inputs) => inputs.size_hint().0,
            InputSource::Apart { taken, .. } => taken.len(),
        }
    }

    /// Returns the next of `wanted` items. Up to `limit` items may be pulled in advance.
    pub(super) fn next(&mut self, limit: usize, wanted: usize) -> NextInput<I::Item> {
        self.take(|queue| queue.take(limit, wanted))
    }

    /// Returns the next item, after waiting up to `limit` for it.
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
