//! Keys of maps, sets and heaps. The order of hashed collections is ignored. The order of
//! a heap is significant, because it determines which of several equal elements comes
//! first.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

use super::{Key, KeyHasher, tag};

/// Collects the hashes of elements whose order is ignored.
struct UnorderedHash<'a> {
    hasher: &'a mut KeyHasher,
    parts: Vec<u128>,
}

impl<'a> UnorderedHash<'a> {
    fn new(parts: usize, hasher: &'a mut KeyHasher) -> Self {
        Self {
            hasher,
            parts: Vec::with_capacity(parts),
        }
    }

    /// Adds the element that `feed` feeds.
    fn part(&mut self, feed: impl FnOnce(&mut KeyHasher)) {
        let mut part = KeyHasher::new();
        feed(&mut part);
        self.hasher.take_over(&part);
        self.parts.push(part.finish());
    }

    /// Feeds the number of elements, then their hashes in ascending order.
    fn feed(mut self) {
        self.parts.sort_unstable();
        self.parts.feed(self.hasher);
    }
}

impl<K: Key, V: Key, S> Key for HashMap<K, V, S> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::MAP);
        K::feed_type(hasher);
        V::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        let mut parts = UnorderedHash::new(self.len(), hasher);
        for (key, value) in self {
            parts.part(|hasher| {
                key.feed(hasher);
                value.feed(hasher);
            });
        }
        parts.feed();
    }
}

impl<T: Key, S> Key for HashSet<T, S> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::SET);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        let mut parts = UnorderedHash::new(self.len(), hasher);
        for element in self {
            parts.part(|hasher| element.feed(hasher));
        }
        parts.feed();
    }
}

impl<T: Key> Key for BinaryHeap<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::HEAP);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.len());
        self.iter().for_each(|element| element.feed(hasher));
    }
}

impl<K: Key, V: Key> Key for BTreeMap<K, V> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::ORDERED_MAP);
        K::feed_type(hasher);
        V::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.len());
        for (key, value) in self {
            key.feed(hasher);
            value.feed(hasher);
        }
    }
}

impl<T: Key> Key for BTreeSet<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::ORDERED_SET);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.len());
        self.iter().for_each(|element| element.feed(hasher));
    }
}
