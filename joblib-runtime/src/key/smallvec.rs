//! Keys of `SmallVec` of `smallvec`: as of a `Vec`, wherever the elements are.

use smallvec::{Array, SmallVec};

use super::{Key, KeyHasher};

impl<A: Array<Item: Key>> Key for SmallVec<A> {
    fn feed_type(hasher: &mut KeyHasher) {
        <[A::Item]>::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.as_slice().feed(hasher);
    }
}
