//! Slices and other ordered collections. Those of numbers are arrays.

use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::rc::Rc;
use std::sync::Arc;

use super::map::in_runs;
use crate::persist::body_encoding::SEGMENT_MIN_LEN;
use crate::persist::derive_support::{
    AsInner, BodyReader, BodyWriter, RecordView, SchemaBuilder, Viewer,
};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::record::{self, InvalidRecord, RecordLayout};
use crate::persist::row::{IsElement, NoRow, RowStorage, lengths_of, one_by_one};
use crate::persist::sorted_keys::{KeyOrder, in_order, in_order_of_ranks};
use crate::persist::traits::{Persist, Save};

impl<T: Save> Save for [T] {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        T::schema_of_many(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        T::save_many(self, writer)
    }
}

impl<T: Save, const N: usize> Save for [T; N] {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        T::schema_of_many(schemas)
    }

    fn schema_of_many(schemas: &mut SchemaBuilder) -> u32 {
        match Self::cells() {
            Some(cells) => schemas.grid(cells.kind, Some(1 + lengths_of::<Self>().len())),
            None if RecordLayout::many::<Self>().is_some() => schemas.records::<Self>(),
            None => schemas.seq::<Self>(),
        }
    }

    #[inline]
    fn cells() -> Option<IsElement<Self>> {
        T::cells().map(IsElement::rows)
    }

    fn lengths(each: &mut dyn FnMut(usize)) {
        each(N);
        T::lengths(each);
    }

    const RECORD: Option<RecordLayout> = match T::RECORD {
        Some(record) => record.rows(N),
        None => None,
    };

    #[inline]
    fn store(&self, out: &mut [u8]) {
        record::store_all(self, T::RECORD.map_or(0, |record| record.size), out);
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        T::save_many(self, writer)
    }

    fn save_many<'v>(values: &'v [Self], writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        match Self::cells() {
            Some(cells) => {
                writer.shape::<Self>(values.len());
                writer.cells_of(cells, values)
            }
            None => match RecordLayout::many::<Self>() {
                Some(record) => writer.records(record, values),
                None => writer.many(values.len(), values),
            },
        }
    }

    fn save_each<'v, I>(values: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        T: 'v,
        I: ExactSizeIterator<Item = &'v Self> + Clone + 'v,
    {
        match Self::cells() {
            Some(cells) => {
                writer.shape::<Self>(values.len());
                writer.cells_of_each(cells, values)
            }
            None => writer.each(values.len(), values),
        }
    }

    fn save_pieces<'v>(
        front: &'v [Self],
        back: &'v [Self],
        writer: &mut BodyWriter<'v, '_>,
    ) -> Result<(), Error> {
        let count = front.len() + back.len();
        match Self::cells() {
            Some(cells) => {
                writer.shape::<Self>(count);
                writer.cells_of_pieces(cells, front, back)
            }
            None => writer.each(count, front.iter().chain(back)),
        }
    }
}

impl<T: Persist, const N: usize> Persist for [T; N] {
    type View<'m, M: MapMode> = T::Views<'m, M>;
    type Views<'m, M: MapMode> = <AsInner as RowStorage<Self>>::Views<'m, M, NoRow>;
    type Rows = AsInner;

    #[inline]
    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        if let Some(cells) = T::cells()
            && cells.is_number()
            && cells.is_bare
            && (size_of::<Self>() as u64) < SEGMENT_MIN_LEN
        {
            return reader.short_array(cells);
        }
        let values = load_as_many::<T, N>(reader)?;
        values.try_into().map_err(|_| wrong_length())
    }

    // Values are read one by one into the memory that becomes the box.
    const ON_STACK: usize = 0;

    fn load_boxed(reader: &mut BodyReader<'_>) -> Result<Box<Self>, Error> {
        let values = load_as_many::<T, N>(reader)?.into_boxed_slice();
        values.try_into().map_err(|_| wrong_length())
    }

    fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<Self>, Error> {
        match Self::cells().filter(|_| reader.has_rows()) {
            Some(cells) => reader.rows(cells),
            // Cache entries in an older encoding store rows one by one.
            None if Self::cells().is_some() => reader.many(Self::load),
            None => reader.many_or_records(),
        }
    }

    #[inline]
    fn fetch(bytes: &[u8]) -> Result<Self, InvalidRecord> {
        record::fetch_all(bytes, T::RECORD.map_or(0, |record| record.size))
    }

    fn view_record<'m, M: MapMode>(
        sight: &mut RecordView<'m, M>,
    ) -> Result<Self::View<'m, M>, Error> {
        sight.align(T::RECORD)?;
        T::view_records(sight, N)
    }

    fn view_records<'m, M: MapMode>(
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M>, Error> {
        <AsInner as RowStorage<Self>>::view_in_record::<M, NoRow>(sight, count)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        viewer.reader().peek_expected_length(N as u64)?;
        T::view_many(viewer)
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        match RecordLayout::many::<Self>() {
            Some(record) => viewer.records::<Self, _>(record, Self::view_records),
            None => <AsInner as RowStorage<Self>>::view::<M, NoRow>(viewer),
        }
    }
}

fn load_as_many<T: Persist, const N: usize>(reader: &mut BodyReader<'_>) -> Result<Vec<T>, Error> {
    reader.peek_expected_length(N as u64)?;
    T::load_many(reader)
}

fn wrong_length() -> Error {
    Error::damaged_body("its number of elements differs from the stored length")
}

/// Implements `Persist` for types that own contiguous values.
macro_rules! contiguous {
    ($($ty:ty)*) => {$(
        impl<T: Persist> Persist for $ty {
            type View<'m, M: MapMode> = T::Views<'m, M>;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                T::load_many(reader).map(Into::into)
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
                T::view_many(viewer)
            }
        }
    )*};
}

contiguous!(Vec<T> Box<[T]> Arc<[T]> Rc<[T]> VecDeque<T>);

impl<T: Save> Save for Vec<T> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        T::schema_of_many(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        T::save_many(self, writer)
    }
}

impl<T: Save> Save for VecDeque<T> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        T::schema_of_many(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        match self.as_slices() {
            (all, []) => T::save_many(all, writer),
            (front, back) => T::save_pieces(front, back, writer),
        }
    }
}

impl<T: Save> Save for LinkedList<T> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.seq::<T>()
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.many(self.len(), self)
    }
}

impl<T: Persist> Persist for LinkedList<T> {
    type View<'m, M: MapMode> = LinkedList<T::View<'m, M>>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        reader.room_for::<T>(count)?;
        reader.with_room::<T, _>(|reader| (0..count).map(|_| reader.element(T::load)).collect())
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        Ok(viewer.many::<T>()?.into_iter().collect())
    }
}

/// Sets: written in the order of their encoded values, so that equal sets have equal
/// bytes.
macro_rules! sets {
    ($([$($generics:tt)*] $ty:ty, $is_sorted:literal;)*) => {$(
        impl<T: Save, $($generics)*> Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.set::<T>()
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let is_sorted = $is_sorted && T::ASCENDS;
                writer.length(self.len());
                let values = || self.iter().map(|value| (value, ()));
                writer.with_room(|writer| match T::ORDER {
                    KeyOrder::OfEncoding => {
                        in_order(is_sorted, writer.is_read(), values, |value, ()| writer.element(value))
                    }
                    KeyOrder::OfRank if !is_sorted => {
                        writer.note_differs_from_version_1();
                        let ranks = || self.iter().map(|value| (value.rank(), ()));
                        in_order_of_ranks(ranks, |rank, ()| writer.rank::<T>(rank))
                    }
                    KeyOrder::OfBytes | KeyOrder::OfRank => {
                        writer.note_differs_from_version_1();
                        in_order(is_sorted, writer.is_read(), values, |value, ()| {
                            writer.element_by(value, T::save_within)
                        })
                    }
                })
            }
        }
    )*};
}

sets! {
    [S] HashSet<T, S>, false;
    [] BTreeSet<T>, true;
}

impl<T: Persist + Eq + Hash, S: BuildHasher + Default> Persist for HashSet<T, S> {
    type View<'m, M: MapMode> = HashSet<T, S>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        let room = reader.room_for::<T>(count)?;
        let mut set = HashSet::with_capacity_and_hasher(room, S::default());
        read_values(reader, count, |value| set.insert(value))?;
        Ok(set)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}

impl<T: Persist + Ord> Persist for BTreeSet<T> {
    type View<'m, M: MapMode> = BTreeSet<T>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        let mut values = reader.reserve(count)?;
        read_values(reader, count, |value| {
            values.push(value);
            true
        })?;
        let set: BTreeSet<T> = values.into_iter().collect();
        match set.len() == count {
            true => Ok(set),
            false => Err(duplicate_value()),
        }
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}

/// Reads `count` values of a set and passes each to `insert`, which returns whether it
/// is new.
fn read_values<T: Persist>(
    reader: &mut BodyReader<'_>,
    count: usize,
    insert: impl FnMut(T) -> bool,
) -> Result<(), Error> {
    match reader.is_ordered::<T>() {
        true => read_values_with(reader, count, T::load_within, insert),
        false => read_values_with(reader, count, T::load, insert),
    }
}

fn read_values_with<T: Persist>(
    reader: &mut BodyReader<'_>,
    count: usize,
    load: impl Fn(&mut BodyReader<'_>) -> Result<T, Error>,
    mut insert: impl FnMut(T) -> bool,
) -> Result<(), Error> {
    let mut ascent = reader.order_check::<T>();
    reader.with_room::<T, _>(|reader| {
        let read = || {
            let value = reader.element(&load)?;
            ascent.note(&value)?;
            Ok(value)
        };
        in_runs(count, read, |value| match insert(value) {
            true => Ok(()),
            false => Err(duplicate_value()),
        })
    })?;
    ascent.check()
}

pub(super) fn duplicate_value() -> Error {
    Error::damaged_body("duplicate value in a set")
}

/// A heap is written in its internal order, which decides which of several equal values
/// is popped first. Reading does not change the order, since the values already form a
/// heap.
impl<T: Save + Ord> Save for BinaryHeap<T> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.seq::<T>()
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.many(self.len(), self)
    }
}

impl<T: Persist + Ord> Persist for BinaryHeap<T> {
    type View<'m, M: MapMode> = BinaryHeap<T>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.many(T::load).map(Into::into)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}
