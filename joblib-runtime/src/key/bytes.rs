//! Keys of `Bytes` and `BytesMut` of `bytes`: as of `[u8]`, which they own.

use bytes::{Bytes, BytesMut};

use super::{Key, KeyHasher};

macro_rules! owners {
    ($($ty:ty)*) => {$(
        impl Key for $ty {
            fn feed_type(hasher: &mut KeyHasher) {
                <[u8]>::feed_type(hasher);
            }

            fn feed(&self, hasher: &mut KeyHasher) {
                <[u8]>::feed(self, hasher);
            }
        }
    )*};
}

owners!(Bytes BytesMut);
