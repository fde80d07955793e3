//! Number types that are sent with the same layout as in memory.

/// A number that is sent with the same layout as in memory.
pub trait Pod: bytemuck::Pod + Send + Sync {}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Pod for $ty {}
    )*};
}

numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);
