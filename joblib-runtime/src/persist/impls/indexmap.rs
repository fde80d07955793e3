//! Maps and sets of `indexmap`: encoded in their order, a map as a `Vec<(K, V)>` and a set
//! as a `Vec<T>`.

use std::hash::{BuildHasher, Hash};

use indexmap::{IndexMap, IndexSet};

use super::map::duplicate_key;
use super::sequence::duplicate_value;
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

impl<K: Save, V: Save, S> Save for IndexMap<K, V, S> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.seq::<(K, V)>()
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.length(self.len());
        writer.with_room(|writer| {
            self.iter().try_for_each(|(key, value)| {
                writer.element_by(key, |key, writer| {
                    key.save(writer)?;
                    value.save(writer)
                })
            })
        })
    }
}

impl<K, V, S> Persist for IndexMap<K, V, S>
where
    K: Persist + Eq + Hash,
    V: Persist,
    S: BuildHasher + Default,
{
    type View<'m, M: MapMode> = IndexMap<K, V::View<'m, M>, S>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        in_order(reader.many(<(K, V)>::load)?)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        in_order(viewer.many_by(|viewer| {
            let key = K::load(viewer.reader())?;
            Ok((key, V::view(viewer)?))
        })?)
    }
}

fn in_order<K: Eq + Hash, V, S: BuildHasher + Default>(
    entries: Vec<(K, V)>,
) -> Result<IndexMap<K, V, S>, Error> {
    let mut map = IndexMap::with_capacity_and_hasher(entries.len(), S::default());
    for (key, value) in entries {
        if map.insert(key, value).is_some() {
            return Err(duplicate_key());
        }
    }
    Ok(map)
}

impl<T: Save, S> Save for IndexSet<T, S> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        <[T]>::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        T::save_each(self.iter(), writer)
    }
}

impl<T: Persist + Eq + Hash, S: BuildHasher + Default> Persist for IndexSet<T, S> {
    type View<'m, M: MapMode> = IndexSet<T, S>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let values = T::load_many(reader)?;
        let mut set = IndexSet::with_capacity_and_hasher(values.len(), S::default());
        for value in values {
            if !set.insert(value) {
                return Err(duplicate_value());
            }
        }
        Ok(set)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}
