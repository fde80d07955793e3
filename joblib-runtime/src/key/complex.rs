//! Keys of complex numbers.

use num_complex::Complex;

use super::{Key, KeyHasher, tag};

impl<T: Key> Key for Complex<T> {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.write_u8(tag::COMPLEX);
        T::feed_type(hasher);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        self.re.feed(hasher);
        self.im.feed(hasher);
    }

    fn feed_slice(slice: &[Self], hasher: &mut KeyHasher) {
        // SAFETY: `Complex<T>` is documented to have the layout of `[T; 2]`.
        let parts = unsafe { std::slice::from_raw_parts(slice.as_ptr().cast(), slice.len()) };
        <[T; 2]>::feed_slice(parts, hasher);
    }
}
