//! Keys of text: strings by their UTF-8 bytes, paths and system strings by their encoded
//! bytes.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{Key, KeyHasher, tag};

macro_rules! texts {
    ($($type:ty, $owned:ty = $tag:ident, $bytes:expr);* $(;)?) => {$(
        impl Key for $type {
            #[inline]
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::$tag);
            }

            #[inline]
            fn feed(&self, hasher: &mut KeyHasher) {
                let bytes: fn(&$type) -> &[u8] = $bytes;
                hasher.write_bytes(bytes(self));
            }
        }

        impl Key for $owned {
            #[inline]
            fn feed_type(hasher: &mut KeyHasher) {
                <$type>::feed_type(hasher);
            }

            #[inline]
            fn feed(&self, hasher: &mut KeyHasher) {
                <$type>::feed(self, hasher);
            }
        }
    )*};
}

texts! {
    str, String = STR, str::as_bytes;
    Path, PathBuf = PATH, |path| path.as_os_str().as_encoded_bytes();
    OsStr, OsString = OS_STR, OsStr::as_encoded_bytes;
    CStr, CString = C_STR, CStr::to_bytes;
}
