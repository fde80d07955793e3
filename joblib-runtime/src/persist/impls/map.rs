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
                in_order(
                    || self.iter(),
                    |key, value| {
                        writer.element(key)?;
                        writer.element(value)
                    },
                )
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
    for _ in 0..count {
        let key = reader.element(K::load)?;
        ascent.note(&key)?;
        is_new(&insert(key, reader.element(V::load)?))?;
    }
    ascent.check()
}

/// As [`each`], with a view of the value.
fn each_view<'m, K: Persist, V: Persist, M: Mode>(
    viewer: &mut Viewer<'m, M>,
    count: usize,
    mut insert: impl FnMut(K, V::View<'m, M>) -> Option<V::View<'m, M>>,
) -> Result<(), Error> {
    let mut ascent = viewer.reader().ascent();
    for _ in 0..count {
        let key = viewer.reader().element(K::load)?;
        ascent.note(&key)?;
        is_new(&insert(key, viewer.element::<V>()?))?;
    }
    ascent.check()
}

/// Two keys may be equal to their type and not to their bytes.
fn is_new<V>(had: &Option<V>) -> Result<(), Error> {
    match had {
        None => Ok(()),
        Some(_) => Err(Error::small("a map has a key twice")),
    }
}
