//! Identifiers of `uuid`: encoded as a `[u8; 16]`, so that many of them are one array, which
//! is borrowed from a map.

use uuid::Uuid;

use crate::persist::derive_support::{
    AsArray, BodyReader, BodyWriter, IsElement, RecordView, SchemaBuilder, Viewer,
};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::record::{InvalidRecord, RecordLayout};
use crate::persist::row::Element;
use crate::persist::traits::{Persist, Save};

type Bytes = [u8; 16];

// SAFETY: `Uuid` is documented to have the same ABI as `[u8; 16]`.
unsafe impl Element for Uuid {
    type Number = u8;

    const DEPTH: usize = 1;

    fn lengths(each: &mut dyn FnMut(usize)) {
        <Bytes as Save>::lengths(each);
    }
}

fn as_bytes(values: &[Uuid]) -> &[Bytes] {
    // SAFETY: `Uuid` is documented to have the same ABI as `[u8; 16]`.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), values.len()) }
}

impl Save for Uuid {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        Bytes::schema(schemas)
    }

    fn schema_of_many(schemas: &mut SchemaBuilder) -> u32 {
        Bytes::schema_of_many(schemas)
    }

    #[inline]
    fn cells() -> Option<IsElement<Self>> {
        Some(IsElement::new())
    }

    fn lengths(each: &mut dyn FnMut(usize)) {
        <Bytes as Save>::lengths(each);
    }

    const RECORD: Option<RecordLayout> = Bytes::RECORD;

    #[inline]
    fn store(&self, out: &mut [u8]) {
        out.copy_from_slice(self.as_bytes());
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        self.as_bytes().save(writer)
    }

    fn save_many<'v>(values: &'v [Self], writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        Bytes::save_many(as_bytes(values), writer)
    }

    fn save_each<'v, I>(values: I, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error>
    where
        I: ExactSizeIterator<Item = &'v Self> + Clone + 'v,
    {
        Bytes::save_each(values.map(Uuid::as_bytes), writer)
    }

    fn save_pieces<'v>(
        front: &'v [Self],
        back: &'v [Self],
        writer: &mut BodyWriter<'v, '_>,
    ) -> Result<(), Error> {
        Bytes::save_pieces(as_bytes(front), as_bytes(back), writer)
    }
}

impl Persist for Uuid {
    type View<'m, M: MapMode> = Uuid;
    type Views<'m, M: MapMode> = M::Slice<'m, Uuid>;
    type Rows = AsArray;

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        Bytes::load(reader).map(Uuid::from_bytes)
    }

    fn load_many(reader: &mut BodyReader<'_>) -> Result<Vec<Self>, Error> {
        let values = Bytes::load_many(reader)?;
        Ok(values.into_iter().map(Uuid::from_bytes).collect())
    }

    #[inline]
    fn fetch(bytes: &[u8]) -> Result<Self, InvalidRecord> {
        Bytes::fetch(bytes).map(Uuid::from_bytes)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::Views<'m, M>, Error> {
        viewer.rows()
    }

    #[inline]
    fn view_record<'m, M: MapMode>(sight: &mut RecordView<'m, M>) -> Result<Self, Error> {
        sight.value()
    }

    fn view_records<'m, M: MapMode>(
        sight: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Self::Views<'m, M>, Error> {
        sight.slice(count)
    }
}
