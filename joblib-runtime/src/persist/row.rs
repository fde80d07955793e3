//! Rows: arrays of as many numbers each, of which many are one array of several
//! dimensions, in files and in memory.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::derive_support::PersistField;
use super::error::Error;
use super::mode::MapMode;
use super::number::{Number, NumberKind};
use super::traits::{Persist, Save};
use super::viewer::{RecordView, Viewer};

/// What an array in memory consists of: numbers, or rows of as many numbers each,
/// as in `[f32; 3]` and `[[f64; 3]; 4]`.
///
/// # Safety
///
/// The type is nothing but numbers of the type `Number`, one after another.
pub unsafe trait Element: Copy + Debug + Send + Sync + 'static {
    /// What the rows consist of in the end.
    type Number: Number;

    /// How many rows are within one another.
    #[doc(hidden)]
    const DEPTH: usize;

    /// Hands on how long rows are, the outer ones first.
    #[doc(hidden)]
    fn lengths(each: &mut dyn FnMut(usize));
}

// SAFETY: it is one number.
unsafe impl<N: Number> Element for N {
    type Number = N;

    const DEPTH: usize = 0;

    fn lengths(_: &mut dyn FnMut(usize)) {}
}

// SAFETY: an array has its elements one after another, without gaps.
unsafe impl<E: Element, const LEN: usize> Element for [E; LEN] {
    type Number = E::Number;

    const DEPTH: usize = E::DEPTH + 1;

    fn lengths(each: &mut dyn FnMut(usize)) {
        each(LEN);
        E::lengths(each);
    }
}

/// That a type is an [`Element`], for code that cannot ask for the trait.
pub struct IsElement<T> {
    pub(super) kind: NumberKind,
    pub(super) are_valid: fn(&[u8]) -> bool,
    /// How many rows are within one another.
    depth: usize,
    /// Whether the type is nothing but these numbers, one after another. Of what is
    /// not, each is put into a record and taken out of one.
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
        f.debug_tuple("Cells").field(&self.kind).finish()
    }
}

impl<E: Element> IsElement<E> {
    /// Of a number, or of rows of them.
    #[inline]
    pub(super) const fn new() -> Self {
        IsElement {
            kind: <E::Number as Number>::KIND,
            are_valid: <E::Number as Number>::are_valid,
            depth: E::DEPTH,
            is_bare: true,
            ty: PhantomData,
        }
    }
}

impl<T> IsElement<T> {
    /// Of rows of so many of them.
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

    /// Of a type that is written as its only field, which is one of them. `is_alone`
    /// says that no other field is there but markers.
    pub(super) const fn only<U>(self, is_alone: bool) -> IsElement<U> {
        IsElement {
            kind: self.kind,
            are_valid: self.are_valid,
            depth: self.depth,
            is_bare: self.is_bare && is_alone && size_of::<T>() == size_of::<U>(),
            ty: PhantomData,
        }
    }

    /// Whether it is a number, and no row.
    #[inline]
    pub(super) const fn is_number(self) -> bool {
        self.depth == 0
    }

    /// The bytes of one, to be looked at and not dropped.
    #[inline]
    pub(super) fn copy(self, cell: &T) -> MaybeUninit<T> {
        // SAFETY: a value may be read as what may be none, which has no destructor.
        unsafe { std::ptr::from_ref(cell).cast::<MaybeUninit<T>>().read() }
    }

    /// As [`bytes_of`](IsElement::bytes_of), of copies.
    #[inline]
    pub(super) fn bytes_of_copies(self, copies: &[MaybeUninit<T>]) -> &[u8] {
        // SAFETY: each is a copy of a value.
        self.bytes_of(unsafe { std::slice::from_raw_parts(copies.as_ptr().cast(), copies.len()) })
    }

    /// The bytes of some of them, as they lie in memory.
    #[inline]
    pub(super) fn bytes_of(self, cells: &[T]) -> &[u8] {
        assert!(self.is_bare, "it is more than numbers in memory");
        // SAFETY: as the `Cells` of it are bare, the type is nothing but numbers,
        // which have no padding: all of the bytes are initialized. `u8` has no
        // alignment, and the length is that of the slice in bytes.
        unsafe { std::slice::from_raw_parts(cells.as_ptr().cast(), size_of_val(cells)) }
    }
}

/// Rows of rows, the outermost first: `Row<Row<Whole, 4>, 3>` of `f64` is
/// `[[f64; 3]; 4]`.
pub trait Nest {
    /// What they are of numbers.
    type Of<E: Element>: Element;

    /// What shows many of them that are read one by one, if `V` shows many of what
    /// the innermost rows consist of.
    type Views<V>;

    /// Finds many of them one by one; `innermost` finds what is in a row.
    ///
    /// # Errors
    ///
    /// Those of `innermost`, or a row has another length.
    fn find<'m, M: MapMode, V>(
        viewer: &mut Viewer<'m, M>,
        innermost: impl Fn(&mut Viewer<'m, M>) -> Result<V, Error>,
    ) -> Result<Self::Views<V>, Error>;

    /// Finds many of them in a record; `innermost` finds so many of what is in a row.
    ///
    /// # Errors
    ///
    /// Those of `innermost`.
    fn find_in_record<'m, M: MapMode, V>(
        sight: &mut RecordView<'m, M>,
        count: usize,
        innermost: impl Fn(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<Self::Views<V>, Error>;
}

/// No row: what it would consist of.
#[derive(Debug)]
pub enum NoRow {}

/// Of what `S` is, rows of so many.
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
        sight: &mut RecordView<'m, M>,
        count: usize,
        innermost: impl Fn(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<V, Error> {
        innermost(sight, count)
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
                viewer.reader().expects(LEN as u64)?;
                innermost(viewer)
            })
        })
    }

    fn find_in_record<'m, M: MapMode, V>(
        sight: &mut RecordView<'m, M>,
        count: usize,
        innermost: impl Fn(&mut RecordView<'m, M>, usize) -> Result<V, Error>,
    ) -> Result<S::Views<Vec<V>>, Error> {
        S::find_in_record(sight, count, |sight, count| {
            sight.many_by(count, |sight| innermost(sight, LEN))
        })
    }
}

/// How rows of `T` lie in a map.
pub trait RowStorage<T> {
    /// What shows many of them.
    type Views<'m, M: MapMode, S: Nest>;

    /// Finds many of them.
    ///
    /// # Errors
    ///
    /// They are not there, or not as in memory.
    fn view<'m, M: MapMode, S: Nest>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<Self::Views<'m, M, S>, Error>;

    /// Finds many of them in a record.
    ///
    /// # Errors
    ///
    /// They are no such values, or do not lie as in memory.
    fn view_in_record<'m, M: MapMode, S: Nest>(
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error>;
}

/// Each by itself, as is anything but numbers.
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
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        S::find_in_record(sight, count, T::view_records)
    }
}

/// As one array of numbers.
#[derive(Debug)]
pub enum AsArray {}

impl<N: Number> RowStorage<N> for AsArray {
    type Views<'m, M: MapMode, S: Nest> = M::Slice<'m, S::Of<N>>;

    fn view<'m, M: MapMode, S: Nest>(
        viewer: &mut Viewer<'m, M>,
    ) -> Result<M::Slice<'m, S::Of<N>>, Error> {
        viewer.rows()
    }

    fn view_in_record<'m, M: MapMode, S: Nest>(
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<M::Slice<'m, S::Of<N>>, Error> {
        sight.slice(count)
    }
}

/// As what is in the rows.
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
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        <T::Rows as RowStorage<T>>::view_in_record::<M, Row<S, LEN>>(sight, count)
    }
}

/// As the only field, of the type `F`, that the type is written as. `C` is
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
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M, S>, Error> {
        <F::Rows as RowStorage<F>>::view_in_record::<M, S>(sight, count)
    }
}

/// How long rows of a type are, the outer ones first; nothing of what is no row.
pub(super) fn lengths_of<T: Save>() -> Vec<u64> {
    let mut lengths = Vec::new();
    T::lengths(&mut |len| lengths.push(len as u64));
    lengths
}
