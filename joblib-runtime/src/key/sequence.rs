//! Keys of slices, arrays, vectors, deques and lists: their elements in order.

use std::collections::{LinkedList, VecDeque};

use super::{Key, KeyHasher, tag};

impl<T: Key> Key for [T] {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::SLICE);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.len());
        T::feed_slice(self, hasher);
    }
}

impl<T: Key> Key for Vec<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        <[T]>::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.as_slice().feed(hasher);
    }
}

impl<T: Key, const N: usize> Key for [T; N] {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::ARRAY);
        hasher.write_len(N);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        T::feed_slice(self, hasher);
    }

    fn feed_slice(slice: &[Self], hasher: &mut KeyHasher) {
        T::feed_slice(slice.as_flattened(), hasher);
    }
}

impl<T: Key> Key for VecDeque<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::DEQUE);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        let (front, back) = self.as_slices();
        hasher.write_len(self.len());
        T::feed_slice(front, hasher);
        T::feed_slice(back, hasher);
    }
}

impl<T: Key> Key for LinkedList<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::LIST);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.len());
        self.iter().for_each(|element| element.feed(hasher));
    }
}
