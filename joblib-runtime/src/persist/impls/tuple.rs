//! Tuples, the unit type, and `Result`.

use crate::persist::derive_support::{BodyReader, BodyWriter, OneByOne, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

macro_rules! tuples {
    ($(($($T:ident $place:tt),+))*) => {$(
        impl<$($T: Save),+> Save for ($($T,)+) {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                schemas.tuple(&[$($T::schema),+])
            }

            #[inline]
            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                $(self.$place.save(writer)?;)+
                Ok(())
            }
        }

        impl<$($T: Persist),+> Persist for ($($T,)+) {
            type View<'m, M: MapMode> = ($($T::View<'m, M>,)+);
            one_by_one!();

            #[inline]
            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                Ok(($($T::load(reader)?,)+))
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
                Ok(($($T::view(viewer)?,)+))
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12, O 13)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12, O 13, P 14)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, N 12, O 13, P 14, Q 15)
}

impl Save for () {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.unit()
    }

    fn save<'v>(&'v self, _: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Persist for () {
    type View<'m, M: MapMode> = ();
    type Views<'m, M: MapMode> = Vec<()>;
    type Rows = OneByOne;

    fn load(_: &mut BodyReader<'_>) -> Result<Self, Error> {
        Ok(())
    }

    fn view<'m, M: MapMode>(_: &mut Viewer<'m, M>) -> Result<(), Error> {
        Ok(())
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<()>, Error> {
        viewer.many::<()>()
    }
}

impl<T: Save, E: Save> Save for Result<T, E> {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.result::<T, E>()
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.enter()?;
        match self {
            Ok(value) => {
                writer.varint(0);
                value.save(writer)?;
            }
            Err(value) => {
                writer.varint(1);
                value.save(writer)?;
            }
        }
        writer.leave();
        Ok(())
    }
}

impl<T: Persist, E: Persist> Persist for Result<T, E> {
    type View<'m, M: MapMode> = Result<T::View<'m, M>, E::View<'m, M>>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let value = match reader.varint()? {
            0 => Ok(T::load(reader)?),
            1 => Err(E::load(reader)?),
            other => return reader.no_variant(other),
        };
        reader.leave();
        Ok(value)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        viewer.reader().enter()?;
        let view = match viewer.reader().varint()? {
            0 => Ok(T::view(viewer)?),
            1 => Err(E::view(viewer)?),
            other => return viewer.reader().no_variant(other),
        };
        viewer.reader().leave();
        Ok(view)
    }
}
