//! `Shared`: an array that is used in place if its memory can be retained, as for the
//! result of a memoized function with `mmap`. Otherwise it is copied to memory that
//! workers can map.

use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::number::Number;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};
use crate::wire::{self, Shared};

impl<N: Number + wire::Pod> Save for Shared<N> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.array(N::KIND)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.length(self.len());
        writer.numbers(self);
        Ok(())
    }
}

impl<N: Number + wire::Pod> Persist for Shared<N> {
    type View<'m, M: MapMode> = M::Slice<'m, N>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let count = reader.count()?;
        if let Some((start, owner)) = reader.borrowed_numbers::<N>(count)? {
            // SAFETY: the numbers are aligned, and they are valid as long as the owner
            // lives.
            return Ok(unsafe { Shared::from_owner(start, count, owner) });
        }
        let numbers = reader.numbers::<N>(count)?;
        Shared::from_slice(&numbers).map_err(ErrorKind::io("sharing an array"))
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        let count = viewer.reader().count()?;
        viewer.numbers(count)
    }
}
