//! The modes of mapping a file, as types: the representation of slices of numbers, and
//! of arrays of other crates behind features.

use std::fmt;

use super::number::Number;
use super::row::Element;

/// Declares, for one major line of `ndarray`, the items of [`MapMode`], or defines them:
/// `$view` is the view, which borrows its numbers, as `mut` if that is given.
macro_rules! ndarray_items {
    ($feature:literal, $ndarray:ident, $repr:ident, $array:ident) => {
        /// The representation of an `ndarray` array in the map: that of a view.
        #[cfg(feature = $feature)]
        type $repr<'m, N: Number>: $ndarray::Data<Elem = N>;

        /// Returns the numbers as an array of `shape`.
        #[cfg(feature = $feature)]
        #[doc(hidden)]
        fn $array<'m, N: Number, D: $ndarray::Dimension>(
            numbers: Self::Slice<'m, N>,
            shape: $ndarray::StrideShape<D>,
        ) -> Result<$ndarray::ArrayBase<Self::$repr<'m, N>, D>, $ndarray::ShapeError>;
    };
    ($feature:literal, $ndarray:ident, $repr:ident, $array:ident as $view:ident $(, $mut:tt)?) => {
        #[cfg(feature = $feature)]
        type $repr<'m, N: Number> = $ndarray::ViewRepr<&'m $($mut)? N>;

        #[cfg(feature = $feature)]
        fn $array<'m, N: Number, D: $ndarray::Dimension>(
            numbers: Self::Slice<'m, N>,
            shape: $ndarray::StrideShape<D>,
        ) -> Result<$ndarray::ArrayBase<Self::$repr<'m, N>, D>, $ndarray::ShapeError> {
            $ndarray::$view::from_shape(shape, numbers)
        }
    };
}

/// As `ndarray_items`, for one major line of `nalgebra`: `$view` is a view of a matrix,
/// and `$view_storage` its storage.
macro_rules! nalgebra_items {
    ($feature:literal, $nalgebra:ident, $storage:ident, $matrix:ident) => {
        /// The storage of a `nalgebra` matrix in the map: that of a view.
        #[cfg(feature = $feature)]
        type $storage<'m, N: Number + $nalgebra::Scalar, R: $nalgebra::Dim, C: $nalgebra::Dim>:
                                                    $nalgebra::RawStorage<N, R, C> + fmt::Debug;

        /// Returns the numbers, of which there are `rows` times `columns`, as a matrix in
        /// column-major order.
        #[cfg(feature = $feature)]
        #[doc(hidden)]
        fn $matrix<'m, N: Number + $nalgebra::Scalar, R: $nalgebra::Dim, C: $nalgebra::Dim>(
            numbers: Self::Slice<'m, N>,
            rows: R,
            columns: C,
        ) -> $nalgebra::Matrix<N, R, C, Self::$storage<'m, N, R, C>>;
    };
    (
        $feature:literal, $nalgebra:ident, $storage:ident, $matrix:ident as $view:ident
        in $view_storage:ident
    ) => {
        #[cfg(feature = $feature)]
        type $storage<'m, N: Number + $nalgebra::Scalar, R: $nalgebra::Dim, C: $nalgebra::Dim> =
            $nalgebra::$view_storage<'m, N, R, C, $nalgebra::U1, R>;

        #[cfg(feature = $feature)]
        fn $matrix<'m, N: Number + $nalgebra::Scalar, R: $nalgebra::Dim, C: $nalgebra::Dim>(
            numbers: Self::Slice<'m, N>,
            rows: R,
            columns: C,
        ) -> $nalgebra::Matrix<N, R, C, Self::$storage<'m, N, R, C>> {
            $nalgebra::$view::from_slice_generic(numbers, rows, columns)
        }
    };
}

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

    ndarray_items!("ndarray", ndarray, Repr, array);
    ndarray_items!("ndarray016", ndarray016, Repr016, array016);
    nalgebra_items!("nalgebra", nalgebra, Storage, matrix);
    nalgebra_items!("nalgebra034", nalgebra034, Storage034, matrix034);

    /// A `faer` matrix in the map.
    #[cfg(feature = "faer")]
    type FaerMat<'m, N: Number>;

    /// A `faer` column in the map.
    #[cfg(feature = "faer")]
    type FaerCol<'m, N: Number>;

    /// A `faer` row in the map.
    #[cfg(feature = "faer")]
    type FaerRow<'m, N: Number>;

    /// A `faer` diagonal matrix in the map.
    #[cfg(feature = "faer")]
    type FaerDiag<'m, N: Number>;

    /// Returns the numbers as a matrix with these numbers of rows and columns, and these
    /// strides of rows and columns, which are those of a contiguous matrix.
    #[cfg(feature = "faer")]
    #[doc(hidden)]
    fn faer_mat<'m, N: Number>(
        numbers: Self::Slice<'m, N>,
        shape: (usize, usize),
        strides: (isize, isize),
    ) -> Self::FaerMat<'m, N>;

    /// Returns the numbers as a column.
    #[cfg(feature = "faer")]
    #[doc(hidden)]
    fn faer_col<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerCol<'m, N>;

    /// Returns the numbers as a row.
    #[cfg(feature = "faer")]
    #[doc(hidden)]
    fn faer_row<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerRow<'m, N>;

    /// Returns the numbers as a diagonal matrix.
    #[cfg(feature = "faer")]
    #[doc(hidden)]
    fn faer_diag<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerDiag<'m, N>;
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

    ndarray_items!("ndarray", ndarray, Repr, array as ArrayView);
    ndarray_items!("ndarray016", ndarray016, Repr016, array016 as ArrayView);
    nalgebra_items!("nalgebra", nalgebra, Storage, matrix as MatrixView in ViewStorage);
    nalgebra_items!("nalgebra034", nalgebra034, Storage034, matrix034 as MatrixView in ViewStorage);

    #[cfg(feature = "faer")]
    type FaerMat<'m, N: Number> = faer::MatRef<'m, N>;

    #[cfg(feature = "faer")]
    type FaerCol<'m, N: Number> = faer::ColRef<'m, N>;

    #[cfg(feature = "faer")]
    type FaerRow<'m, N: Number> = faer::RowRef<'m, N>;

    #[cfg(feature = "faer")]
    type FaerDiag<'m, N: Number> = faer::diag::DiagRef<'m, N>;

    #[cfg(feature = "faer")]
    fn faer_mat<'m, N: Number>(
        numbers: Self::Slice<'m, N>,
        shape: (usize, usize),
        strides: (isize, isize),
    ) -> Self::FaerMat<'m, N> {
        assert_eq!(numbers.len(), shape.0 * shape.1);
        // SAFETY: these are as many numbers as the shape has, and the strides are those of
        // a contiguous matrix.
        unsafe {
            faer::MatRef::from_raw_parts(numbers.as_ptr(), shape.0, shape.1, strides.0, strides.1)
        }
    }

    #[cfg(feature = "faer")]
    fn faer_col<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerCol<'m, N> {
        faer::ColRef::from_slice(numbers)
    }

    #[cfg(feature = "faer")]
    fn faer_row<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerRow<'m, N> {
        faer::RowRef::from_slice(numbers)
    }

    #[cfg(feature = "faer")]
    fn faer_diag<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerDiag<'m, N> {
        faer::diag::DiagRef::from_slice(numbers)
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

    ndarray_items!("ndarray", ndarray, Repr, array as ArrayViewMut, mut);
    ndarray_items!(
        "ndarray016",
        ndarray016,
        Repr016,
        array016 as ArrayViewMut,
        mut
    );
    nalgebra_items!("nalgebra", nalgebra, Storage, matrix as MatrixViewMut in ViewStorageMut);
    nalgebra_items!("nalgebra034", nalgebra034, Storage034, matrix034 as MatrixViewMut in ViewStorageMut);

    #[cfg(feature = "faer")]
    type FaerMat<'m, N: Number> = faer::MatMut<'m, N>;

    #[cfg(feature = "faer")]
    type FaerCol<'m, N: Number> = faer::ColMut<'m, N>;

    #[cfg(feature = "faer")]
    type FaerRow<'m, N: Number> = faer::RowMut<'m, N>;

    #[cfg(feature = "faer")]
    type FaerDiag<'m, N: Number> = faer::diag::DiagMut<'m, N>;

    #[cfg(feature = "faer")]
    fn faer_mat<'m, N: Number>(
        numbers: Self::Slice<'m, N>,
        shape: (usize, usize),
        strides: (isize, isize),
    ) -> Self::FaerMat<'m, N> {
        assert_eq!(numbers.len(), shape.0 * shape.1);
        // SAFETY: these are as many numbers as the shape has, and the strides are those of
        // a contiguous matrix.
        unsafe {
            faer::MatMut::from_raw_parts_mut(
                numbers.as_mut_ptr(),
                shape.0,
                shape.1,
                strides.0,
                strides.1,
            )
        }
    }

    #[cfg(feature = "faer")]
    fn faer_col<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerCol<'m, N> {
        faer::ColMut::from_slice_mut(numbers)
    }

    #[cfg(feature = "faer")]
    fn faer_row<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerRow<'m, N> {
        faer::RowMut::from_slice_mut(numbers)
    }

    #[cfg(feature = "faer")]
    fn faer_diag<'m, N: Number>(numbers: Self::Slice<'m, N>) -> Self::FaerDiag<'m, N> {
        faer::diag::DiagMut::from_slice_mut(numbers)
    }
}

mod sealed {
    pub trait SealedMapMode {}

    impl SealedMapMode for super::ReadOnly {}

    impl SealedMapMode for super::CopyOnWrite {}
}
