//! The local queues of a call. Some exist from its start, more are added with further
//! runners. A queue never moves in memory.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Acquire, Ordering::Release};

use super::local_queue::LocalQueue;

/// Queues in the first group that is added; each further group has twice as many.
const GROUP: usize = 64;

/// Enough groups for any number of runners.
const GROUPS: usize = usize::BITS as usize;

/// Queues that were allocated together.
type Group<A, O> = Box<[LocalQueue<A, O>]>;

pub(super) struct LocalQueues<A, O> {
    first: Group<A, O>,
    more: [OnceLock<Group<A, O>>; GROUPS],
    len: AtomicUsize,
}

impl<A, O> LocalQueues<A, O> {
    /// Creates `count` queues.
    pub(super) fn new(count: usize) -> Self {
        LocalQueues {
            first: (0..count).map(|_| LocalQueue::new()).collect(),
            more: [const { OnceLock::new() }; GROUPS],
            len: AtomicUsize::new(count),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Acquire)
    }

    /// Adds a queue and returns its index. Must not be called concurrently.
    pub(super) fn add(&self) -> usize {
        let index = self.len();
        let (group, _) = locate(index - self.first.len());
        self.more[group].get_or_init(|| (0..GROUP << group).map(|_| LocalQueue::new()).collect());
        self.len.store(index + 1, Release);
        index
    }

    /// Returns the queue with this index, which [`new`](LocalQueues::new) or
    /// [`add`](LocalQueues::add) created.
    pub(super) fn get(&self, index: usize) -> &LocalQueue<A, O> {
        match index.checked_sub(self.first.len()) {
            None => &self.first[index],
            Some(index) => {
                let (group, place) = locate(index);
                let group = self.more[group].get();
                &group.expect("the queue was added")[place]
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &LocalQueue<A, O>> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// Returns the group of a queue and its index within the group.
fn locate(index: usize) -> (usize, usize) {
    let group = (index / GROUP + 1).ilog2() as usize;
    (group, index - GROUP * ((1 << group) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_that_are_added_are_all_different_and_stay() {
        let queues = LocalQueues::<u8, u8>::new(3);
        let first = std::ptr::from_ref(queues.get(0));
        assert!((3..1_000).all(|index| queues.add() == index));
        let mut places: Vec<_> = queues.iter().map(std::ptr::from_ref).collect();
        assert_eq!((places.len(), places[0]), (1_000, first));
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 1_000);
    }
}
