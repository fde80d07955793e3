//! The lanes of a call: some from its beginning, more as runners are called
//! for. A lane stays where it is.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Acquire, Ordering::Release};

use super::local_queue::LocalQueue;

/// Lanes of the first group after those of the beginning; each group after it
/// has twice as many.
const GROUP: usize = 64;

/// As many groups as any number of runners needs.
const GROUPS: usize = usize::BITS as usize;

/// Lanes that were made together.
type Group<A, O> = Box<[LocalQueue<A, O>]>;

pub(super) struct LocalQueues<A, O> {
    first: Group<A, O>,
    more: [OnceLock<Group<A, O>>; GROUPS],
    len: AtomicUsize,
}

impl<A, O> LocalQueues<A, O> {
    /// So many lanes, to begin with.
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

    /// Adds a lane, for one caller at a time; which it is.
    pub(super) fn add(&self) -> usize {
        let index = self.len();
        let (group, _) = place(index - self.first.len());
        self.more[group].get_or_init(|| (0..GROUP << group).map(|_| LocalQueue::new()).collect());
        self.len.store(index + 1, Release);
        index
    }

    /// The lane of that number, which [`new`](LocalQueues::new) or
    /// [`add`](LocalQueues::add) gave.
    pub(super) fn get(&self, index: usize) -> &LocalQueue<A, O> {
        match index.checked_sub(self.first.len()) {
            None => &self.first[index],
            Some(index) => {
                let (group, place) = place(index);
                let group = self.more[group].get();
                &group.expect("the lane was added")[place]
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &LocalQueue<A, O>> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// The group that a lane is in, and its place there.
fn place(index: usize) -> (usize, usize) {
    let group = (index / GROUP + 1).ilog2() as usize;
    (group, index - GROUP * ((1 << group) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_that_are_added_are_all_different_and_stay() {
        let lanes = LocalQueues::<u8, u8>::new(3);
        let first = std::ptr::from_ref(lanes.get(0));
        assert!((3..1_000).all(|index| lanes.add() == index));
        let mut places: Vec<_> = lanes.iter().map(std::ptr::from_ref).collect();
        assert_eq!((places.len(), places[0]), (1_000, first));
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 1_000);
    }
}
