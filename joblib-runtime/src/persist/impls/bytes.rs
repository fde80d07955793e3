//! `Bytes` and `BytesMut` of `bytes`: encoded and mapped as a `Vec<u8>`.

use bytes::{Bytes, BytesMut};

use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

macro_rules! owners {
    ($($ty:ty)*) => {$(
        impl Save for $ty {
            fn schema(schemas: &mut SchemaBuilder) -> u32 {
                <[u8]>::schema(schemas)
            }

            fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
                <[u8]>::save(self, writer)
            }
        }

        impl Persist for $ty {
            type View<'m, M: MapMode> = M::Slice<'m, u8>;
            one_by_one!();

            fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
                Vec::<u8>::load(reader).map(|bytes| Bytes::from(bytes).into())
            }

            fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
                Vec::<u8>::view(viewer)
            }
        }
    )*};
}

owners!(Bytes BytesMut);
