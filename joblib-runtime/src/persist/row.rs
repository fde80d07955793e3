//! Rows: fixed-size arrays of numbers. A sequence of rows is one multidimensional
//! array, in files and in memory.

use std::fmt::Debug;
use std::marker::PhantomData;

use super::derive_support::PersistField;
use super::error::Error;
use super::mode::MapMode;
use super::number::{Number, NumberKind, are_valid};
use super::traits::{Persist, Save};
use super::viewer::{RecordView, Viewer};

/// An element of an array in memory: a number, or a row of numbers, as in `[f32; 3]`
/// and `[[f64; 3]; 4]`.
///
/// # Safety
///
/// The type consists only of numbers of the type `Number`, contiguously.
pub unsafe trait Element: Copy + Debug + Send + Sync + 'static {
    /// The innermost element type.
    type Number: Number;

    /// The nesting depth of rows.
    #[doc(hidden)]
    const DEPTH: usize;

    /// Passes the lengths of the rows to `each`, outermost first.
    #[doc(hidden)]
    fn lengths(each: &mut dyn FnMut(usize));
}

// SAFETY: it is one number.
unsafe impl<N: Number> Element for N {
    type Number = N;

    const DEPTH: usize = 0;

    fn lengths(_: &mut dyn FnMut(usize)) {}
}

// SAFETY: the elements of an array are contiguous, without padding.
unsafe impl<E: Element, const LEN: usize> Element for [E; LEN] {
    type Number = E::Number;

    const DEPTH: usize = E::DEPTH + 1;

    fn lengths(each: &mut dyn FnMut(usize)) {
        each(LEN);
        E::lengths(each);
    }
}

/// A runtime proof that a type is an [`Element`], for code that cannot require the
/// trait.
pub struct IsElement<T> {
    pub(super) kind: NumberKind,
    pub(super) are_valid: fn(&[u8]) -> bool,
    /// The nesting depth of rows.
    depth: usize,
    /// Whether the type has the same layout as these numbers. If not, each value is
    /// copied to and from a record.
    pub(super) is_bare: bool,
    ty: PhantomData<fn() -> T>,
}

impl<T> Clone for IsElement<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for IsElement<T> {}

impl<T> Debug for IsElement<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("IsElement").field(&self.kind).finish()
    }
}

impl<E: Element> IsElement<E> {
    /// Returns the proof for a number, or for rows of numbers.
    #[inline]
    pub(super) const fn new() -> Self {
        IsElement {
            kind: const { kind_of::<E::Number>() },
            are_valid: are_valid::<E::Number>,
            depth: E::DEPTH,
            is_bare: true,
            ty: PhantomData,
        }
    }
}

/// Returns the kind of a number. Lengths in files count numbers of this size, so a type of
/// another size does not compile.
const fn kind_of<N: Number>() -> NumberKind {
    assert!(
        size_of::<N>() == N::KIND.size(),
        "the type has another size than `Number::KIND`"
    );
    N::KIND
}

impl<T> IsElement<T> {
    /// Returns the proof for rows of `LEN` of these elements.
    #[inline]
    pub(super) const fn rows<const LEN: usize>(self) -> IsElement<[T; LEN]> {
        IsElement {
            kind: self.kind,
            are_valid: self.are_valid,
            depth: self.depth + 1,
            is_bare: self.is_bare,
            ty: PhantomData,
        }
    }

    /// Returns the proof for a type that is written as its only field, which is such an
    /// element. `is_alone` means that all other fields are markers.
    pub(super) const fn only<U>(self, is_alone: bool) -> IsElement<U> {
        IsElement {
            kind: self.kind,
            are_valid: self.are_valid,
            depth: self.depth,
            is_bare: self.is_bare && is_alone && size_of::<T>() == size_of::<U>(),
            ty: PhantomData,
        }
    }

    /// Whether it is a number and not a row.
    #[inline]
    pub(super) const fn is_number(self) -> bool {
        self.depth == 0
    }

    /// Returns the bytes of these values in memory.
    #[inline]
    pub(super) fn bytes_of(self, cells: &[T]) -> &[u8] {
        assert!(
            self.is_bare,
            "the type does not have the layout of its numbers"
        );
        // SAFETY: since `is_bare` is set, the type consists only of numbers, which have
        // no padding: all bytes are initialized. `u8` has no alignment, and the length is
        // the size of the slice in bytes.
        unsafe { std::slice::from_raw_parts(cells.as_ptr().cast(), size_of_val(cells)) }
    }
}

/// Nested rows as a type-level list, outermost first: `Row<Row<NoRow, 4>, 3>` of `f64`
/// is `[[f64; 3]; 4]`.
pub trait Nest {
    /// The nested rows of numbers.
    type Of<E: Element>: Element;

    /// The view of many such rows that are read one by one, if `V` is the view of many
    /// innermost values.
    type Views<V>;

    /// Creates views of many rows one by one. `innermost` creates the view of the
    /// contents of a row.
    ///
    /// # Errors
    ///
    /// The errors of `innermost`; also fails if a row has another length.
    fn find<'m, M: MapMode, V>(
        viewer: &mut Viewer<'m, M>,
        innermost: impl Fn(&mut Viewer<'m, M>) -> Result<V, Error>,
    ) -> Result<Self::Views<V>, Error>;

    /// Creates views of `count` rows in a record. `innermost` creates the view of the
    /// given number of innermost values.
    ///
    /// # Errors
    ///
    /// The errors of `innermost`.
    fn find_in_record<'m, M: MapMode, V>(
        records: &mut RecordView<'m, M>,
        count: usize,
        innermost: impl Fn(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<Self::Views<V>, Error>;
}

/// The end of the list: the innermost values.
#[derive(Debug)]
pub enum NoRow {}

/// Rows of `LEN` values within `S`.
#[derive(Debug)]
pub struct Row<S, const LEN: usize>(PhantomData<S>);

impl Nest for NoRow {
    type Of<E: Element> = E;
    type Views<V> = V;

    fn find<'m, M: MapMode, V>(
        viewer: &mut Viewer<'m, M>,
        innermost: impl Fn(&mut Viewer<'m, M>) -> Result<V, Error>,
    ) -> Result<V, Error> {
        innermost(viewer)
    }

    fn find_in_record<'m, M: MapMode, V>(
        records: &mut RecordView<'m, M>,
        count: usize,
        innermost: impl Fn(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<V, Error> {
        innermost(records, count)
    }
}

impl<S: Nest, const LEN: usize> Nest for Row<S, LEN> {
    type Of<E: Element> = S::Of<[E; LEN]>;
    type Views<V> = S::Views<Vec<V>>;

    fn find<'m, M: MapMode, V>(
        viewer: &mut Viewer<'m, M>,
        innermost: impl Fn(&mut Viewer<'m, M>) -> Result<V, Error>,
    ) -> Result<S::Views<Vec<V>>, Error> {
        S::find(viewer, |viewer| {
            viewer.many_by(|viewer| {
                viewer.reader().peek_expected_length(LEN as u64)?;
                innermost(viewer)
            })
        })
    }

    fn find_in_record<'m, M: MapMode, V>(
        records: &mut RecordView<'m, M>,
        count: usize,
        innermost: impl Fn(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<S::Views<Vec<V>>, Error> {
        S::find_in_record(records, count, |records, count| {
            records.many_by(count, |records| innermost(records, LEN))
        })
    }
}

/// How rows of `T` are stored and viewed in a map.
pub trait RowStorage<T> {
    /// The view of many rows.
    type Views<'m, M: MapMode, S: Nest>;

    /// Creates the view of many rows.
    ///
    /// # Errors
    ///
    /// Fails if they are missing, or do not have the same layout as in memory.
    fn view<'m, M: MapMode, S: Nest>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<Self::Views<'m, M, S>, Error>;

    /// Creates the view of `count` rows in a record.
    ///
    /// # Errors
    ///
    /// Fails if they are invalid, or do not have the same layout as in memory.
    fn view_in_record<'m, M: MapMode, S: Nest>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error>;
}

/// One by one, as everything but numbers.
#[derive(Debug)]
pub enum OneByOne {}

impl<T: Persist> RowStorage<T> for OneByOne {
    type Views<'m, M: MapMode, S: Nest> = S::Views<T::Views<'m, M>>;

    fn view<'m, M: MapMode, S: Nest>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        S::find(viewer, T::view_many)
    }

    fn view_in_record<'m, M: MapMode, S: Nest>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        S::find_in_record(records, count, T::view_records)
    }
}

/// The items of `Persist` for a type of which many values are viewed as a `Vec` of their
/// views.
macro_rules! one_by_one {
    () => {
        type Views<'m, M: $crate::persist::MapMode> = Vec<Self::View<'m, M>>;
        type Rows = $crate::persist::row::OneByOne;

        fn view_many<'m, M: $crate::persist::MapMode>(
            viewer: &mut $crate::persist::viewer::Viewer<'m, M>,
        ) -> Result<Self::Views<'m, M>, $crate::persist::Error> {
            viewer.many::<Self>()
        }
    };
}
pub(in crate::persist) use one_by_one;

/// As one array of numbers, or of rows of numbers.
#[derive(Debug)]
pub enum AsArray {}

impl<N: Element> RowStorage<N> for AsArray {
    type Views<'m, M: MapMode, S: Nest> = M::Slice<'m, S::Of<N>>;

    fn view<'m, M: MapMode, S: Nest>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<M::Slice<'m, S::Of<N>>, Error> {
        viewer.rows()
    }

    fn view_in_record<'m, M: MapMode, S: Nest>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<M::Slice<'m, S::Of<N>>, Error> {
        records.slice(count)
    }
}

/// As the values in the rows are stored.
#[derive(Debug)]
pub enum AsInner {}

impl<T: Persist, const LEN: usize> RowStorage<[T; LEN]> for AsInner {
    type Views<'m, M: MapMode, S: Nest> = <T::Rows as RowStorage<T>>::Views<'m, M, Row<S, LEN>>;

    fn view<'m, M: MapMode, S: Nest>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        <T::Rows as RowStorage<T>>::view::<M, Row<S, LEN>>(viewer)
    }

    fn view_in_record<'m, M: MapMode, S: Nest>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        <T::Rows as RowStorage<T>>::view_in_record::<M, Row<S, LEN>>(records, count)
    }
}

/// As the only field, of the type `F`, of a type that is written as that field. `C` is
/// [`Checked`](super::derive_support::Checked).
#[derive(Debug)]
pub struct AsOnlyField<F, C>(PhantomData<(F, C)>);

impl<T, F: PersistField<C>, C> RowStorage<T> for AsOnlyField<F, C> {
    type Views<'m, M: MapMode, S: Nest> = <F::Rows as RowStorage<F>>::Views<'m, M, S>;

    fn view<'m, M: MapMode, S: Nest>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        <F::Rows as RowStorage<F>>::view::<M, S>(viewer)
    }

    fn view_in_record<'m, M: MapMode, S: Nest>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        <F::Rows as RowStorage<F>>::view_in_record::<M, S>(records, count)
    }
}

/// Returns the lengths of the rows of a type, outermost first. Empty for types that are
/// not rows.
pub(super) fn lengths_of<T: Save>() -> Vec<u64> {
    let mut lengths = Vec::new();
    T::lengths(&mut |len| lengths.push(len as u64));
    lengths
}
