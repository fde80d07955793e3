//! Keys of `ndarray` arrays: the lengths of the axes, then the elements in logical order,
//! whatever their memory layout is.

use ndarray::{ArrayBase, ArrayRef, Data, Dimension, RawData};

use super::{Key, KeyHasher, tag};

impl<A: Key, S: Data + RawData<Elem = A>, D: Dimension> Key for ArrayBase<S, D> {
    fn feed_type(hasher: &mut KeyHasher) {
        ArrayRef::<A, D>::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        ArrayRef::feed(self, hasher);
    }
}

/// The number of axes is part of the value, so an array of dynamic dimension equals the
/// array of static dimension with the same axes.
impl<A: Key, D: Dimension> Key for ArrayRef<A, D> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::ND_ARRAY);
        A::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.shape().feed(hasher);
        match self.as_slice() {
            Some(elements) => A::feed_slice(elements, hasher),
            None => self
                .rows()
                .into_iter()
                .for_each(|row| match row.as_slice() {
                    Some(elements) => A::feed_slice(elements, hasher),
                    None => row.iter().for_each(|element| element.feed(hasher)),
                }),
        }
    }
}
