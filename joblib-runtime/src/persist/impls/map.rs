//! Maps: written in the order of their encoded keys, so that equal maps are
//! equal bytes.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::super::derived::{Reader, Schemas, Viewer, Writer};
use super::super::error::Error;
use super::super::mode::Mode;
use super::super::reader::Order;
use super::super::save::{Persist, Save};

/// A key with what it is ordered by: the first bytes of its encoding, as a
/// number, and where the rest of it is.
struct Entry<'v, K, V> {
    prefix: u64,
    start: usize,
    end: usize,
    key: &'v K,
    value: V,
}

/// The entries in the order of their encoded keys.
pub(super) fn sorted<'v, K: Save + 'v, V>(
    entries: impl Iterator<Item = (&'v K, V)>,
) -> Result<impl Iterator<Item = (&'v K, V)>, Error> {
    let mut encoded = Vec::new();
    let mut sorted = Vec::with_capacity(entries.size_hint().0);
    for (key, value) in entries {
        let start = encoded.len();
        Writer::key(key, &mut encoded)?;
        let bytes = &encoded[start..];
        let mut first = [0; 8];
        let len = bytes.len().min(8);
        first[..len].copy_from_slice(&bytes[..len]);
        sorted.push(Entry {
            prefix: u64::from_be_bytes(first),
            start,
            end: encoded.len(),
            key,
            value,
        });
    }
    sorted.sort_unstable_by(|one, other| {
        let by_prefix = one.prefix.cmp(&other.prefix);
        by_prefix.then_with(|| encoded[one.start..one.end].cmp(&encoded[other.start..other.end]))
    });
    Ok(sorted.into_iter().map(|entry| (entry.key, entry.value)))
}

macro_rules! maps {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<K: Save, V: Save, $($generics)*> Save for $ty {
            fn schema(schemas: &mut Schemas) -> u32 {
                schemas.map::<K, V>()
            }

            fn save<'v>(&'v self, writer: &mut Writer<'v, '_>) -> Result<(), Error> {
                writer.length(self.len());
                for (key, value) in sorted(self.iter())? {
                    writer.element(key)?;
                    writer.element(value)?;
                }
                Ok(())
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
        let mut order = Order::new();
        for _ in 0..count {
            let key = key(reader, &mut order)?;
            is_new(map.insert(key, reader.element(V::load)?).is_none())?;
        }
        Ok(map)
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let count = viewer.reader().length()?;
        let room = viewer.reader().room_for::<(K, V)>(count)?;
        let mut map = HashMap::with_capacity_and_hasher(room, S::default());
        let mut order = Order::new();
        for _ in 0..count {
            let key = key(viewer.reader(), &mut order)?;
            is_new(map.insert(key, viewer.element::<V>()?).is_none())?;
        }
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
        let mut order = Order::new();
        for _ in 0..count {
            let key = key(reader, &mut order)?;
            is_new(map.insert(key, reader.element(V::load)?).is_none())?;
        }
        Ok(map)
    }

    fn view<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let count = viewer.reader().length()?;
        viewer.reader().room_for::<(K, V)>(count)?;
        let mut map = BTreeMap::new();
        let mut order = Order::new();
        for _ in 0..count {
            let key = key(viewer.reader(), &mut order)?;
            is_new(map.insert(key, viewer.element::<V>()?).is_none())?;
        }
        Ok(map)
    }

    fn view_many<'m, M: Mode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        viewer.many::<Self>()
    }
}

/// The next key, after those that `order` knows.
fn key<K: Persist>(reader: &mut Reader<'_>, order: &mut Order) -> Result<K, Error> {
    let key = reader.element(K::load)?;
    reader.ascends(&key, order)?;
    Ok(key)
}

/// Two keys may be equal to their type and not to their bytes.
fn is_new(is_new: bool) -> Result<(), Error> {
    match is_new {
        true => Ok(()),
        false => Err(Error::small("a map has a key twice")),
    }
}
