//! How a file is mapped, as types: what that means for a slice of numbers, and
//! for arrays of crates that are features.

use std::fmt;

use super::number::Number;
use super::row::Element;

/// How a file is mapped: [`ReadOnly`] or [`CopyOnWrite`].
pub trait MapMode: sealed::SealedMapMode + Sized + 'static {
    /// Numbers in the map, or rows of numbers.
    type Slice<'m, E: Element>: std::ops::Deref<Target = [E]> + fmt::Debug;

    /// The numbers at `start`.
    ///
    /// # Safety
    ///
    /// They are valid for `'m`, and where they can be written, nothing else
    /// refers to them.
    #[doc(hidden)]
    unsafe fn slice<'m, E: Element>(start: *mut E, len: usize) -> Self::Slice<'m, E>;

    /// Numbers that are read only in either mode.
    #[doc(hidden)]
    fn shared<'m, N: Number>(numbers: Self::Slice<'m, N>) -> &'m [N];

    /// What an array of `ndarray` in the map consists of: a view's parts.
    #[cfg(feature = "ndarray")]
    type Repr<'m, N: Number>: ndarray::Data<Elem = N>;

    /// Numbers as an array of that shape.
    #[cfg(feature = "ndarray")]
    #[doc(hidden)]
    fn array<'m, N: Number, D: ndarray::Dimension>(
        numbers: Self::Slice<'m, N>,
        shape: ndarray::StrideShape<D>,
    ) -> Result<ndarray::ArrayBase<Self::Repr<'m, N>, D>, ndarray::ShapeError>;

    /// What a matrix of `nalgebra` in the map consists of: a view's parts.
    #[cfg(feature = "nalgebra")]
    type Storage<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim>:
        nalgebra::RawStorage<N, R, C> + fmt::Debug;

    /// Numbers, as many as it takes, as a matrix whose columns lie one after
    /// another.
    #[cfg(feature = "nalgebra")]
    #[doc(hidden)]
    fn matrix<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim>(
        numbers: Self::Slice<'m, N>,
        rows: R,
        columns: C,
    ) -> nalgebra::Matrix<N, R, C, Self::Storage<'m, N, R, C>>;
}

/// Arrays are read where they lie in the file.
#[derive(Clone, Copy, Debug)]
pub enum ReadOnly {}

/// Arrays can be written; what is written stays in this process.
#[derive(Clone, Copy, Debug)]
pub enum CopyOnWrite {}

impl MapMode for ReadOnly {
    type Slice<'m, E: Element> = &'m [E];

    unsafe fn slice<'m, E: Element>(start: *mut E, len: usize) -> &'m [E] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts(start, len) }
    }

    fn shared<'m, N: Number>(numbers: Self::Slice<'m, N>) -> &'m [N] {
        numbers
    }

    #[cfg(feature = "ndarray")]
    type Repr<'m, N: Number> = ndarray::ViewRepr<&'m N>;

    #[cfg(feature = "ndarray")]
    fn array<'m, N: Number, D: ndarray::Dimension>(
        numbers: Self::Slice<'m, N>,
        shape: ndarray::StrideShape<D>,
    ) -> Result<ndarray::ArrayBase<Self::Repr<'m, N>, D>, ndarray::ShapeError> {
        ndarray::ArrayView::from_shape(shape, numbers)
    }

    #[cfg(feature = "nalgebra")]
    type Storage<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim> =
        nalgebra::ViewStorage<'m, N, R, C, nalgebra::U1, R>;

    #[cfg(feature = "nalgebra")]
    fn matrix<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim>(
        numbers: Self::Slice<'m, N>,
        rows: R,
        columns: C,
    ) -> nalgebra::Matrix<N, R, C, Self::Storage<'m, N, R, C>> {
        nalgebra::MatrixView::from_slice_generic(numbers, rows, columns)
    }
}

impl MapMode for CopyOnWrite {
    type Slice<'m, E: Element> = &'m mut [E];

    unsafe fn slice<'m, E: Element>(start: *mut E, len: usize) -> &'m mut [E] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(start, len) }
    }

    fn shared<'m, N: Number>(numbers: Self::Slice<'m, N>) -> &'m [N] {
        numbers
    }

    #[cfg(feature = "ndarray")]
    type Repr<'m, N: Number> = ndarray::ViewRepr<&'m mut N>;

    #[cfg(feature = "ndarray")]
    fn array<'m, N: Number, D: ndarray::Dimension>(
        numbers: Self::Slice<'m, N>,
        shape: ndarray::StrideShape<D>,
    ) -> Result<ndarray::ArrayBase<Self::Repr<'m, N>, D>, ndarray::ShapeError> {
        ndarray::ArrayViewMut::from_shape(shape, numbers)
    }

    #[cfg(feature = "nalgebra")]
    type Storage<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim> =
        nalgebra::ViewStorageMut<'m, N, R, C, nalgebra::U1, R>;

    #[cfg(feature = "nalgebra")]
    fn matrix<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim>(
        numbers: Self::Slice<'m, N>,
        rows: R,
        columns: C,
    ) -> nalgebra::Matrix<N, R, C, Self::Storage<'m, N, R, C>> {
        nalgebra::MatrixViewMut::from_slice_generic(numbers, rows, columns)
    }
}

mod sealed {
    pub trait SealedMapMode {}

    impl SealedMapMode for super::ReadOnly {}

    impl SealedMapMode for super::CopyOnWrite {}
}
