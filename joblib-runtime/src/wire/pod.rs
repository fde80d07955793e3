//! Number types that are sent with the same layout as in memory.

/// A number without padding for which every bit pattern is valid.
///
/// # Safety
///
/// The type must have no padding and no invalid bit pattern.
pub unsafe trait Pod: Copy + Send + Sync + 'static {}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        // SAFETY: primitive integers and floats have no padding, and every bit pattern is
        // valid.
        unsafe impl Pod for $ty {}
    )*};
}

numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

/// Returns the bytes of `numbers`.
pub(crate) fn bytes_of<N: Pod>(numbers: &[N]) -> &[u8] {
    // SAFETY: a `Pod` has no padding, so all of its bytes are initialized. `u8` needs no
    // alignment, and the length is that of the slice in bytes.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) }
}

/// Returns `bytes` as numbers, if they are aligned and a whole number of elements.
pub(super) fn numbers_of<N: Pod>(bytes: &[u8]) -> Option<&[N]> {
    // SAFETY: every bit pattern of a `Pod` is valid.
    let (before, numbers, after) = unsafe { bytes.align_to::<N>() };
    (before.is_empty() && after.is_empty()).then_some(numbers)
}

/// Returns a copy of `bytes` as numbers. An incomplete number at the end is ignored.
pub(super) fn copied<N: Pod>(bytes: &[u8]) -> Vec<N> {
    let count = bytes.len() / size_of::<N>();
    let mut numbers = Vec::<N>::with_capacity(count);
    // SAFETY: there is room for `count` numbers, which are not longer than `bytes`. Every
    // bit pattern of a `Pod` is valid.
    unsafe {
        let start = numbers.as_mut_ptr().cast::<u8>();
        start.copy_from_nonoverlapping(bytes.as_ptr(), count * size_of::<N>());
        numbers.set_len(count);
    }
    numbers
}
