//! How a file is mapped, as types: what that means for a slice of numbers.

use super::number::Number;

/// How a file is mapped: [`ReadOnly`] or [`CopyOnWrite`].
pub trait Mode: sealed::Sealed + Sized + 'static {
    /// Numbers in the map.
    type Slice<'m, N: Number>: std::ops::Deref<Target = [N]>;

    /// The numbers at `start`.
    ///
    /// # Safety
    ///
    /// They are valid for `'m`, and where they can be written, nothing else
    /// refers to them.
    #[doc(hidden)]
    unsafe fn slice<'m, N: Number>(start: *mut N, len: usize) -> Self::Slice<'m, N>;
}

/// Arrays are read where they lie in the file.
#[derive(Clone, Copy, Debug)]
pub enum ReadOnly {}

/// Arrays can be written; what is written stays in this process.
#[derive(Clone, Copy, Debug)]
pub enum CopyOnWrite {}

impl Mode for ReadOnly {
    type Slice<'m, N: Number> = &'m [N];

    unsafe fn slice<'m, N: Number>(start: *mut N, len: usize) -> &'m [N] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts(start, len) }
    }
}

impl Mode for CopyOnWrite {
    type Slice<'m, N: Number> = &'m mut [N];

    unsafe fn slice<'m, N: Number>(start: *mut N, len: usize) -> &'m mut [N] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(start, len) }
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::ReadOnly {}

    impl Sealed for super::CopyOnWrite {}
}
