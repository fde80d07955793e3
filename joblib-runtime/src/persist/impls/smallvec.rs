//! `SmallVec` of `smallvec`: encoded and mapped as a `Vec`.

use smallvec::{Array, SmallVec};

use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

impl<A: Array<Item: Save>> Save for SmallVec<A> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        <[A::Item]>::schema(schemas)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        self.as_slice().save(writer)
    }
}

impl<A: Array<Item: Persist>> Persist for SmallVec<A> {
    type View<'m, M: MapMode> = <A::Item as Persist>::Views<'m, M>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let values = A::Item::load_many(reader)?;
        if values.len() > A::size() {
            return Ok(SmallVec::from_vec(values));
        }
        Ok(values.into_iter().collect())
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        A::Item::view_many(viewer)
    }
}
