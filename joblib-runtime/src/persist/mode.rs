//! The modes of mapping a file, as types: the representation of slices of numbers, and
//! of arrays of other crates behind features.

use std::fmt;

use super::number::Number;
use super::row::Element;

/// A mode of mapping a file: [`ReadOnly`] or [`CopyOnWrite`].
pub trait MapMode: sealed::SealedMapMode + Sized + 'static {
    /// A slice of numbers, or of rows of numbers, in the map.
    type Slice<'m, E: Element>: std::ops::Deref<Target = [E]> + fmt::Debug;

    /// Returns `len` elements at `start`.
    ///
    /// # Safety
    ///
    /// They are valid for `'m`, and if they are writable, there are no other references
    /// to them.
    #[doc(hidden)]
    unsafe fn slice<'m, E: Element>(start: *mut E, len: usize) -> Self::Slice<'m, E>;

    /// Returns the numbers as a shared slice.
    #[doc(hidden)]
    fn shared<'m, N: Number>(numbers: Self::Slice<'m, N>) -> &'m [N];

    /// The representation of an `ndarray` array in the map: that of a view.
    #[cfg(feature = "ndarray")]
    type Repr<'m, N: Number>: ndarray::Data<Elem = N>;

    /// Returns the numbers as an array of `shape`.
    #[cfg(feature = "ndarray")]
    #[doc(hidden)]
    fn array<'m, N: Number, D: ndarray::Dimension>(
        numbers: Self::Slice<'m, N>,
        shape: ndarray::StrideShape<D>,
    ) -> Result<ndarray::ArrayBase<Self::Repr<'m, N>, D>, ndarray::ShapeError>;

    /// The storage of a `nalgebra` matrix in the map: that of a view.
    #[cfg(feature = "nalgebra")]
    type Storage<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim>:
        nalgebra::RawStorage<N, R, C> + fmt::Debug;

    /// Returns the numbers, of which there are `rows` times `columns`, as a matrix in
    /// column-major order.
    #[cfg(feature = "nalgebra")]
    #[doc(hidden)]
    fn matrix<'m, N: Number + nalgebra::Scalar, R: nalgebra::Dim, C: nalgebra::Dim>(
        numbers: Self::Slice<'m, N>,
        rows: R,
        columns: C,
    ) -> nalgebra::Matrix<N, R, C, Self::Storage<'m, N, R, C>>;
}

/// Arrays are borrowed from the map and cannot be written.
#[derive(Clone, Copy, Debug)]
pub enum ReadOnly {}

/// Arrays can be written; changes stay in this process.
#[derive(Clone, Copy, Debug)]
pub enum CopyOnWrite {}

impl MapMode for ReadOnly {
    type Slice<'m, E: Element> = &'m [E];

    unsafe fn slice<'m, E: Element>(start: *mut E, len: usize) -> &'m [E] {
        // SAFETY: the caller guarantees it.
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
        // SAFETY: the caller guarantees it.
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
