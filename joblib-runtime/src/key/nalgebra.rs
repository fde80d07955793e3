//! Keys of `nalgebra` matrices and vectors with any storage: the number of rows and
//! columns, then the elements column by column. Both major lines have the same keys.

/// Implements the keys for one major line of the crate.
macro_rules! line {
    ($feature:literal, $nalgebra:ident) => {
        #[cfg(feature = $feature)]
        mod $nalgebra {
            use ::$nalgebra::{Dim, Matrix, RawStorage, Scalar};

            use crate::key::{Key, KeyHasher, tag};

            impl<T, R, C, S> Key for Matrix<T, R, C, S>
            where
                T: Key + Scalar,
                R: Dim,
                C: Dim,
                S: RawStorage<T, R, C>,
            {
                fn feed_type(hasher: &mut KeyHasher) {
                    hasher.write_u8(tag::MATRIX);
                    T::feed_type(hasher);
                }

                fn feed(&self, hasher: &mut KeyHasher) {
                    let (rows, columns) = self.shape();
                    hasher.write_len(rows);
                    hasher.write_len(columns);
                    if self.data.is_contiguous() {
                        // SAFETY: contiguous storage is a slice of all elements.
                        T::feed_slice(unsafe { self.data.as_slice_unchecked() }, hasher);
                    } else {
                        self.iter().for_each(|element| element.feed(hasher));
                    }
                }
            }
        }
    };
}

line!("nalgebra", nalgebra);
line!("nalgebra034", nalgebra034);
