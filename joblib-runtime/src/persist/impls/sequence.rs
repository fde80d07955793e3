//! Slices and what owns many values in order: of numbers, arrays.

use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;

use super::super::derived::{Reader, Schemas, Viewer, Writer};
use super::super::error::Error;
use super::super::mode::Mode;
use super::super::order::in_order;
use super::super::save::{Persist, Save};
use super::map::in_runs;

impl<T: Save> Save for [T] {
    fn schema(schemas: &mut Schemas) -> u32 {
        T::schema_of_many(schemas)
    }

    fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        T::save_many(self, writer)
    }
}

impl<T: Save, const N: usize> Save for [T; N] {
    fn schema(schemas: &mut Schemas) -> u32 {
        T::schema_of_many(schemas)
    }

    fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        T::save_many(self, writer)
    }
}

impl<T: Persist, const N: usize> Persist for [T; N] {
    type View<'m, M: Mode> = T::Views<'m, M>;
    type Views<'m, M: Mode> = Vec<T::Views<'m, M>>;

    fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let values = load_as_many::<T, N>(reader)?;
        values.try_into().map_err(|_| not_as_many())
    }

    // Values are read one by one, into what becomes the box.
    const ON_STACK: usize = 0;

    fn load_boxed(reader: &mut Reader<'_>) -> Result<Box<Self>, Error> {
        let values = load_as_many::<T, N>(reader)?.into_boxed_slice();
        values.try_into().map_err(|_| not_as_many())
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        viewer.reader().expects(N as u64)?;
        T::view_many(viewer)
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        viewer.many::<Self>()
    }
}

fn load_as_many<T: Persist, const N: usize>(reader: &mut Reader<'_>) -> Result<Vec<T>, Error> {
    reader.expects(N as u64)?;
    T::load_many(reader)
}

fn not_as_many() -> Error {
    Error::small("it has another count than it says")
}

/// What owns values that lie one after another.
macro_rules! contiguous {
    ($($ty:ty)*) => {$(
        impl<T: Persist> Persist for $ty {
            type View<'m, M: Mode> = T::Views<'m, M>;
            type Views<'m, M: Mode> = Vec<T::Views<'m, M>>;

            fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
                T::load_many(reader).map(Into::into)
            }

            fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
                T::view_many(viewer)
            }

            fn view_many<'m, M: Mode>(
                viewer: &mut Viewer<'m, M>,
            ) -> Result<Self::Views<'m, M>, Error> {
                viewer.many::<Self>()
            }
        }
    )*};
}

contiguous!(Vec<T> Box<[T]> Arc<[T]> Rc<[T]> VecDeque<T>);

impl<T: Save> Save for Vec<T> {
    fn schema(schemas: &mut Schemas) -> u32 {
        T::schema_of_many(schemas)
    }

    fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        T::save_many(self, writer)
    }

    fn contents(&self) -> *const u8 {
        self.as_ptr().cast()
    }
}

impl<T: Save> Save for VecDeque<T> {
    fn schema(schemas: &mut Schemas) -> u32 {
        T::schema_of_many(schemas)
    }

    fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        match self.as_slices() {
            (all, []) => T::save_many(all, writer),
            (front, back) => T::save_pieces(front, back, writer),
        }
    }
}

impl<T: Save> Save for LinkedList<T> {
    fn schema(schemas: &mut Schemas) -> u32 {
        schemas.seq::<T>()
    }

    fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        writer.length(self.len());
        writer.with_room(|writer| self.iter().try_for_each(|value| writer.element(value)))
    }
}

impl<T: Persist> Persist for LinkedList<T> {
    type View<'m, M: Mode> = LinkedList<T::View<'m, M>>;
    type Views<'m, M: Mode> = Vec<Self::View<'m, M>>;

    fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        reader.room_for::<T>(count)?;
        reader.with_room::<T, _>(|reader| (0..count).map(|_| reader.element(T::load)).collect())
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        Ok(viewer.many::<T>()?.into_iter().collect())
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        viewer.many::<Self>()
    }
}

/// Sets: written in the order of their encoded values, so that equal sets are
/// equal bytes.
macro_rules! sets {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<T: Save, $($generics)*> Save for $ty {
            fn schema(schemas: &mut Schemas) -> u32 {
                schemas.set::<T>()
            }

            fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
                writer.length(self.len());
                let values = || self.iter().map(|value| (value, ()));
                writer.with_room(|writer| in_order(values, |value, ()| writer.element(value)))
            }
        }
    )*};
}

sets! {
    [S] HashSet<T, S>;
    [] BTreeSet<T>;
}

impl<T: Persist + Eq + Hash, S: BuildHasher + Default> Persist for HashSet<T, S> {
    type View<'m, M: Mode> = HashSet<T, S>;
    type Views<'m, M: Mode> = Vec<HashSet<T, S>>;

    fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        let room = reader.room_for::<T>(count)?;
        let mut set = HashSet::with_capacity_and_hasher(room, S::default());
        each(reader, count, |value| set.insert(value))?;
        Ok(set)
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Self>, Error> {
        viewer.many::<Self>()
    }
}

impl<T: Persist + Ord> Persist for BTreeSet<T> {
    type View<'m, M: Mode> = BTreeSet<T>;
    type Views<'m, M: Mode> = Vec<BTreeSet<T>>;

    fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        reader.room_for::<T>(count)?;
        let mut set = BTreeSet::new();
        each(reader, count, |value| set.insert(value))?;
        Ok(set)
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Self>, Error> {
        viewer.many::<Self>()
    }
}

/// Hands each of `count` values of a set to `insert`, which says whether it is
/// a new one.
fn each<T: Persist>(
    reader: &mut Reader<'_>,
    count: usize,
    mut insert: impl FnMut(T) -> bool,
) -> Result<(), Error> {
    let mut ascent = reader.ascent();
    reader.with_room::<T, _>(|reader| {
        let read = || {
            let value = reader.element(T::load)?;
            ascent.note(&value)?;
            Ok(value)
        };
        in_runs(count, read, |value| match insert(value) {
            true => Ok(()),
            false => Err(Error::small("a set has a value twice")),
        })
    })?;
    ascent.check()
}

/// A heap is what lies in it, in the order in which it lies: that decides which
/// of equal values it gives first. Values that lie as in a heap stay where they
/// are when they become one.
impl<T: Save + Ord> Save for BinaryHeap<T> {
    fn schema(schemas: &mut Schemas) -> u32 {
        schemas.seq::<T>()
    }

    fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
        writer.length(self.len());
        writer.with_room(|writer| self.iter().try_for_each(|value| writer.element(value)))
    }
}

impl<T: Persist + Ord> Persist for BinaryHeap<T> {
    type View<'m, M: Mode> = BinaryHeap<T>;
    type Views<'m, M: Mode> = Vec<BinaryHeap<T>>;

    fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        let mut values = reader.reserve(count)?;
        reader.with_room::<T, _>(|reader| {
            for _ in 0..count {
                values.push(reader.element(T::load)?);
            }
            Ok(())
        })?;
        Ok(values.into())
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Self>, Error> {
        viewer.many::<Self>()
    }
}
