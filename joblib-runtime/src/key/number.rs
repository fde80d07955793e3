//! Keys of numbers, `bool` and `char`. Slices of them are hashed at once.

use std::num::{NonZero, Saturating, Wrapping};

use super::{Key, KeyHasher, tag};

macro_rules! numbers {
    ($($type:ty = $tag:ident as $stored:ty),* $(,)?) => {$(
        impl Key for $type {
            #[inline]
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::$tag);
            }

            #[inline]
            fn feed(&self, hasher: &mut KeyHasher) {
                hasher.write(&(*self as $stored).to_le_bytes());
            }

            fn feed_slice(slice: &[Self], hasher: &mut KeyHasher) {
                if cfg!(target_endian = "little") && size_of::<Self>() == size_of::<$stored>() {
                    hasher.write(bytemuck::must_cast_slice(slice));
                } else {
                    slice.iter().for_each(|number| number.feed(hasher));
                }
            }
        }
    )*};
}

numbers! {
    u8 = U8 as u8,
    u16 = U16 as u16,
    u32 = U32 as u32,
    u64 = U64 as u64,
    u128 = U128 as u128,
    usize = USIZE as u64,
    i8 = I8 as i8,
    i16 = I16 as i16,
    i32 = I32 as i32,
    i64 = I64 as i64,
    i128 = I128 as i128,
    isize = ISIZE as i64,
    f32 = F32 as f32,
    f64 = F64 as f64,
    bool = BOOL as u8,
    char = CHAR as u32,
}

macro_rules! non_zero {
    ($($type:ty),*) => {$(
        impl Key for NonZero<$type> {
            #[inline]
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::NON_ZERO);
                <$type>::feed_type(hasher);
            }

            #[inline]
            fn feed(&self, hasher: &mut KeyHasher) {
                self.get().feed(hasher);
            }
        }
    )*};
}

non_zero!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
);

macro_rules! wrappers {
    ($($type:ident = $tag:ident),*) => {$(
        impl<T: Key> Key for $type<T> {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::$tag);
                T::feed_type(hasher);
            }

            #[inline]
            fn feed(&self, hasher: &mut KeyHasher) {
                self.0.feed(hasher);
            }
        }
    )*};
}

wrappers!(Wrapping = WRAPPING, Saturating = SATURATING);
