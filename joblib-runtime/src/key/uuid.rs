//! Keys of the identifiers of `uuid`. Slices of them are hashed at once.

use uuid::Uuid;

use super::{Key, KeyHasher};

impl Key for Uuid {
    fn feed_type(hasher: &mut KeyHasher) {
        hasher.nominal("uuid", "Uuid", 0);
    }

    fn feed(&self, hasher: &mut KeyHasher) {
        hasher.write(self.as_bytes());
    }

    fn feed_slice(slice: &[Self], hasher: &mut KeyHasher) {
        // SAFETY: `Uuid` is documented to have the same ABI as `[u8; 16]`.
        let bytes = unsafe { std::slice::from_raw_parts(slice.as_ptr().cast(), slice.len()) };
        <[u8; 16]>::feed_slice(bytes, hasher);
    }
}
