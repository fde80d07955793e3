//! Maps: encoded as a sequence of entries, in the order of the keys.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::sorted_keys::{KeyOrder, in_order, in_order_of_ranks};
use crate::persist::traits::{Persist, Save};

macro_rules! maps {
    ($([$($generics:tt)*] $ty:ty, $is_sorted:literal;)*) => {$(
        impl<K: Save, V: Save, $($generics)*> Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.map::<K, V>()
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                let is_sorted = $is_sorted && K::ASCENDS;
                writer.length(self.len());
                writer.with_room(|writer| match K::ORDER {
                    KeyOrder::OfEncoding => in_order(is_sorted, writer.is_read(), || self.iter(), |key, value| {
                        writer.element(key)?;
                        writer.element(value)
                    }),
                    KeyOrder::OfRank if !is_sorted => save_ranked(|| self.iter(), writer),
                    KeyOrder::OfBytes | KeyOrder::OfRank => {
                        writer.note_differs_from_version_1();
                        in_order(is_sorted, writer.is_read(), || self.iter(), |key, value| {
                            writer.element_by(key, K::save_within)?;
                            writer.element_by(value, V::save_within)
                        })
                    }
                })
            }
        }
    )*};
}

maps! {
    [S] HashMap<K, V, S>, false;
    [] BTreeMap<K, V>, true;
}

/// Writes entries in the order of the numbers that rank their keys.
fn save_ranked<'v, K, V, I>(
    entries: impl Fn() -> I,
    writer: &mut BodyWriter<'v, '_>,
) -> Result<(), Error>
where
    K: Save + 'v,
    V: Save + 'v,
    I: ExactSizeIterator<Item = (&'v K, &'v V)>,
{
    writer.note_differs_from_version_1();
    match V::IS_RANKED {
        true => {
            let ranks = || entries().map(|(key, value)| (key.rank(), value.rank()));
            in_order_of_ranks(ranks, |key, value| {
                writer.rank::<K>(key)?;
                writer.rank::<V>(value)
            })
        }
        false => {
            let ranks = || entries().map(|(key, value)| (key.rank(), value));
            in_order_of_ranks(ranks, |key, value| {
                writer.rank::<K>(key)?;
                writer.element_by(value, V::save_within)
            })
        }
    }
}

impl<K, V, S> Persist for HashMap<K, V, S>
where
    K: Persist + Eq + Hash,
    V: Persist,
    S: BuildHasher + Default,
{
    type View<'m, M: MapMode> = HashMap<K, V::View<'m, M>, S>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        let room = reader.room_for::<(K, V)>(count)?;
        let mut map = HashMap::with_capacity_and_hasher(room, S::default());
        read_entries(reader, count, |key, value| map.insert(key, value))?;
        Ok(map)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let count = viewer.reader().length()?;
        let room = viewer.reader().room_for::<(K, V)>(count)?;
        let mut map = HashMap::with_capacity_and_hasher(room, S::default());
        view_entries::<K, V, M>(viewer, count, |key, value| map.insert(key, value))?;
        Ok(map)
    }
}

impl<K: Persist + Ord, V: Persist> Persist for BTreeMap<K, V> {
    type View<'m, M: MapMode> = BTreeMap<K, V::View<'m, M>>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        let mut entries = reader.reserve(count)?;
        read_entries(reader, count, |key, value| {
            entries.push((key, value));
            None
        })?;
        build(entries)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let count = viewer.reader().length()?;
        let mut entries = viewer.reader().reserve(count)?;
        view_entries::<K, V, M>(viewer, count, |key, value| {
            entries.push((key, value));
            None
        })?;
        build(entries)
    }
}

/// Builds a map from entries with unique keys in one step, which is fast since they are
/// usually sorted.
fn build<K: Ord, V>(entries: Vec<(K, V)>) -> Result<BTreeMap<K, V>, Error> {
    let count = entries.len();
    let map: BTreeMap<K, V> = entries.into_iter().collect();
    match map.len() == count {
        true => Ok(map),
        false => Err(duplicate_key()),
    }
}

/// Reads `count` entries and passes each to `insert`, which returns the previous value
/// of the key.
fn read_entries<K: Persist, V: Persist>(
    reader: &mut BodyReader<'_>,
    count: usize,
    insert: impl FnMut(K, V) -> Option<V>,
) -> Result<(), Error> {
    match reader.is_ordered::<K>() {
        true => read_entries_with(reader, count, K::load_within, V::load_within, insert),
        false => read_entries_with(reader, count, K::load, V::load, insert),
    }
}

fn read_entries_with<K: Persist, V>(
    reader: &mut BodyReader<'_>,
    count: usize,
    key: impl Fn(&mut BodyReader<'_>) -> Result<K, Error>,
    value: impl Fn(&mut BodyReader<'_>) -> Result<V, Error>,
    mut insert: impl FnMut(K, V) -> Option<V>,
) -> Result<(), Error> {
    let mut ascent = reader.order_check::<K>();
    reader.with_room::<(K, V), _>(|reader| {
        let read = || {
            let key = reader.element(&key)?;
            ascent.note(&key)?;
            Ok((key, reader.element(&value)?))
        };
        in_runs(count, read, |(key, value)| check_new(&insert(key, value)))
    })?;
    ascent.check()
}

/// Like [`read_entries`], with a view of the value.
fn view_entries<'m, K: Persist, V: Persist, M: MapMode>(
    viewer: &mut Viewer<'m, M>,
    count: usize,
    insert: impl FnMut(K, V::View<'m, M>) -> Option<V::View<'m, M>>,
) -> Result<(), Error> {
    match viewer.reader().is_ordered::<K>() {
        true => view_entries_with(viewer, count, K::load_within, V::view_within, insert),
        false => view_entries_with(viewer, count, K::load, V::view, insert),
    }
}

fn view_entries_with<'m, K: Persist, V, M: MapMode>(
    viewer: &mut Viewer<'m, M>,
    count: usize,
    key: impl Fn(&mut BodyReader<'m>) -> Result<K, Error>,
    value: impl Fn(&mut Viewer<'m, M>) -> Result<V, Error>,
    mut insert: impl FnMut(K, V) -> Option<V>,
) -> Result<(), Error> {
    let mut ascent = viewer.reader().order_check::<K>();
    viewer.with_room::<(K, V), _>(|viewer| {
        let read = || {
            let key = viewer.reader().element(&key)?;
            ascent.note(&key)?;
            Ok((key, viewer.element(&value)?))
        };
        in_runs(count, read, |(key, value)| check_new(&insert(key, value)))
    })?;
    ascent.check()
}

/// The maximum number of entries in a run, and of bytes in a run of several entries.
const RUN: usize = 64;
const RUN_BYTES: usize = 1 << 14;

/// Reads `count` entries and inserts them in runs. Each insertion accesses another
/// memory location, and the processor can overlap the waits for several locations if
/// little else is done between them.
pub(super) fn in_runs<T>(
    count: usize,
    mut read: impl FnMut() -> Result<T, Error>,
    mut insert: impl FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    let most = (RUN_BYTES / size_of::<T>().max(1)).clamp(1, RUN);
    let mut run = Vec::with_capacity(most.min(count));
    let mut left = count;
    while left > 0 {
        let now = most.min(left);
        left -= now;
        for _ in 0..now {
            run.push(read()?);
        }
        run.drain(..).try_for_each(&mut insert)?;
    }
    Ok(())
}

/// Two keys may be equal according to their type although their bytes differ.
fn check_new<V>(previous: &Option<V>) -> Result<(), Error> {
    match previous {
        None => Ok(()),
        Some(_) => Err(duplicate_key()),
    }
}

pub(super) fn duplicate_key() -> Error {
    Error::damaged_body("duplicate key in a map")
}
