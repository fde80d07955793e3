//! Keys of the maps and sets of `indexmap`: their elements in order, which a function can
//! see. The hasher is not part of the key.

use indexmap::{IndexMap, IndexSet};

use super::{Key, KeyHasher};

impl<K: Key, V: Key, S> Key for IndexMap<K, V, S> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("indexmap", "IndexMap", 0);
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

impl<T: Key, S> Key for IndexSet<T, S> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("indexmap", "IndexSet", 0);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write_len(self.len());
        self.iter().for_each(|element| element.feed(hasher));
    }
}
