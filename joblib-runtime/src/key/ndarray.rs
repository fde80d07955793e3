//! Keys of `ndarray` arrays: the lengths of the axes, then the elements in logical order,
//! whatever their memory layout is. Both major lines have the same keys.

/// Implements the keys for one major line of the crate.
macro_rules! line {
    ($feature:literal, $ndarray:ident) => {
        #[cfg(feature = $feature)]
        mod $ndarray {
            use ::$ndarray::{ArrayBase, ArrayView, Data, Dimension, RawData};

            use crate::key::{Key, KeyHasher, tag};

            /// The number of axes is part of the value, so an array of dynamic dimension
            /// equals the array of static dimension with the same axes.
            impl<A: Key, S: Data + RawData<Elem = A>, D: Dimension> Key for ArrayBase<S, D> {
                fn feed_type(hasher: &mut KeyHasher) {
                    feed_type::<A>(hasher);
                }

                fn feed(&self, hasher: &mut KeyHasher) {
                    feed(&self.view(), hasher);
                }
            }

            pub(super) fn feed_type<A: Key>(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::ND_ARRAY);
                A::feed_type(hasher);
            }

            pub(super) fn feed<A: Key, D: Dimension>(
                array: &ArrayView<'_, A, D>,
                hasher: &mut KeyHasher,
            ) {
                array.shape().feed(hasher);
                match array.as_slice() {
                    Some(elements) => A::feed_slice(elements, hasher),
                    None => array
                        .rows()
                        .into_iter()
                        .for_each(|row| match row.as_slice() {
                            Some(elements) => A::feed_slice(elements, hasher),
                            None => row.iter().for_each(|element| element.feed(hasher)),
                        }),
                }
            }
        }
    };
}

line!("ndarray", ndarray);
line!("ndarray016", ndarray016);

// Line 0.16 has no such type.
#[cfg(feature = "ndarray")]
impl<A: super::Key, D: ::ndarray::Dimension> super::Key for ::ndarray::ArrayRef<A, D> {
    fn feed_type(hasher: &mut super::KeyHasher) {
        ndarray::feed_type::<A>(hasher);
    }

    fn feed(&self, hasher: &mut super::KeyHasher) {
        ndarray::feed(&self.view(), hasher);
    }
}
