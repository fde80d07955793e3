//! Numbers whose bytes in memory can be sent as they are.

/// A number without padding, of which every bit pattern is one.
///
/// # Safety
///
/// The type has no padding and no invalid bit pattern.
pub unsafe trait Pod: Copy + Send + Sync + 'static {}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        // SAFETY: primitive integers and floats have no padding, and every
        // bit pattern is a value.
        unsafe impl Pod for $ty {}
    )*};
}

numbers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64);

/// The bytes of `numbers`.
pub(super) fn bytes_of<N: Pod>(numbers: &[N]) -> &[u8] {
    // SAFETY: a `Number` has no padding, so all of its bytes are initialized;
    // `u8` has no alignment, and the length is that of the slice in bytes.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) }
}

/// The numbers that `bytes` are, where they lie as such: aligned, and a whole
/// count of them.
pub(super) fn numbers_of<N: Pod>(bytes: &[u8]) -> Option<&[N]> {
    // SAFETY: every bit pattern is a `Number`.
    let (before, numbers, after) = unsafe { bytes.align_to::<N>() };
    (before.is_empty() && after.is_empty()).then_some(numbers)
}

/// A copy of the numbers that `bytes` are; bytes at the end that are no whole
/// number are left out.
pub(super) fn copied<N: Pod>(bytes: &[u8]) -> Vec<N> {
    let count = bytes.len() / size_of::<N>();
    let mut numbers = Vec::<N>::with_capacity(count);
    // SAFETY: there is room for `count` numbers, which take no more bytes than
    // there are; every bit pattern is a `Number`.
    unsafe {
        let start = numbers.as_mut_ptr().cast::<u8>();
        start.copy_from_nonoverlapping(bytes.as_ptr(), count * size_of::<N>());
        numbers.set_len(count);
    }
    numbers
}
