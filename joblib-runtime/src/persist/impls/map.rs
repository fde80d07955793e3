//! Maps: their entries one after another, in the order of the keys.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::super::derived::{Reader, Schemas, Viewer, Writer};
use super::super::error::Error;
use super::super::mode::Mode;
use super::super::order::in_order;
use super::super::save::{Persist, Save};

macro_rules! maps {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<K: Save, V: Save, $($generics)*> Save for $ty {
            fn schema(schemas: &mut Schemas) -> u32 {
                schemas.map::<K, V>()
            }

            fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
                writer.length(self.len());
                writer.with_room(|writer| {
                    in_order(
                        || self.iter(),
                        |key, value| {
                            writer.element(key)?;
                            writer.element(value)
                        },
                    )
                })
            }
        }
    )*};
}

maps! {
    [S] HashMap<K, V, S>;
    [] BTreeMap<K, V>;
}

impl<K, V, S> Persist for HashMap<K, V, S>
where
    K: Persist + Eq + Hash,
    V: Persist,
    S: BuildHasher + Default,
{
    type View<'m, M: Mode> = HashMap<K, V::View<'m, M>, S>;
    type Views<'m, M: Mode> = Vec<Self::View<'m, M>>;

    fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        let room = reader.room_for::<(K, V)>(count)?;
        let mut map = HashMap::with_capacity_and_hasher(room, S::default());
        each(reader, count, |key, value| map.insert(key, value))?;
        Ok(map)
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let count = viewer.reader().length()?;
        let room = viewer.reader().room_for::<(K, V)>(count)?;
        let mut map = HashMap::with_capacity_and_hasher(room, S::default());
        each_view::<K, V, M>(viewer, count, |key, value| map.insert(key, value))?;
        Ok(map)
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        viewer.many::<Self>()
    }
}

impl<K: Persist + Ord, V: Persist> Persist for BTreeMap<K, V> {
    type View<'m, M: Mode> = BTreeMap<K, V::View<'m, M>>;
    type Views<'m, M: Mode> = Vec<Self::View<'m, M>>;

    fn load(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = reader.length()?;
        reader.room_for::<(K, V)>(count)?;
        let mut map = BTreeMap::new();
        each(reader, count, |key, value| map.insert(key, value))?;
        Ok(map)
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let count = viewer.reader().length()?;
        viewer.reader().room_for::<(K, V)>(count)?;
        let mut map = BTreeMap::new();
        each_view::<K, V, M>(viewer, count, |key, value| map.insert(key, value))?;
        Ok(map)
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        viewer.many::<Self>()
    }
}

/// Hands each of `count` entries to `insert`, which says what the key had.
fn each<K: Persist, V: Persist>(
    reader: &mut Reader<'_>,
    count: usize,
    mut insert: impl FnMut(K, V) -> Option<V>,
) -> Result<(), Error> {
    let mut ascent = reader.ascent();
    reader.with_room::<(K, V), _>(|reader| {
        let read = || {
            let key = reader.element(K::load)?;
            ascent.note(&key)?;
            Ok((key, reader.element(V::load)?))
        };
        in_runs(count, read, |(key, value)| is_new(&insert(key, value)))
    })?;
    ascent.check()
}

/// As [`each`], with a view of the value.
fn each_view<'m, K: Persist, V: Persist, M: Mode>(
    viewer: &mut Viewer<'m, M>,
    count: usize,
    mut insert: impl FnMut(K, V::View<'m, M>) -> Option<V::View<'m, M>>,
) -> Result<(), Error> {
    let mut ascent = viewer.reader().ascent();
    viewer.with_room::<(K, V::View<'m, M>), _>(|viewer| {
        let read = || {
            let key = viewer.reader().element(K::load)?;
            ascent.note(&key)?;
            Ok((key, viewer.element::<V>()?))
        };
        in_runs(count, read, |(key, value)| is_new(&insert(key, value)))
    })?;
    ascent.check()
}

/// A run has at most so many entries, and so many bytes if it has several.
const RUN: usize = 64;
const RUN_BYTES: usize = 1 << 14;

/// Reads `count` entries and inserts them, a run of them at a time: each goes
/// to a place of its own in memory, and the processor waits for several places
/// at once if little else is between them.
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

/// Two keys may be equal to their type and not to their bytes.
fn is_new<V>(had: &Option<V>) -> Result<(), Error> {
    match had {
        None => Ok(()),
        Some(_) => Err(Error::small("a map has a key twice")),
    }
}
