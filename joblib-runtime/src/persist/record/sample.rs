//! A struct of numbers with the implementations that deriving generates, for tests and
//! fuzzing. In files it has a flag, one byte of padding, two numbers, two bytes of
//! padding, and a number.

use std::any::TypeId;
use std::fmt;

use super::{InvalidRecord, RecordLayout, RecordReader, RecordWriter};
use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldDecl, FieldsDecl, RecordView, SchemaBuilder, TypeDecl, Viewer,
};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

/// Three numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::persist) struct Sample {
    pub(in crate::persist) flag: bool,
    pub(in crate::persist) at: [u16; 2],
    pub(in crate::persist) id: u32,
}

impl Sample {
    /// Creates the sample with index `at`.
    pub(in crate::persist) fn new(at: usize) -> Sample {
        Sample {
            flag: at.is_multiple_of(3),
            at: [at as u16, 7],
            id: !(at as u32),
        }
    }
}

fn part(name: &'static str, schema: fn(&mut SchemaBuilder) -> u32) -> FieldDecl {
    FieldDecl {
        name,
        schema,
        aliases: &[],
        default: None,
    }
}

impl Save for Sample {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        let head = TypeDecl {
            ty: TypeId::of::<Sample>(),
            name: "Sample",
            older_types: &[],
        };
        let parts = [
            part("flag", bool::schema),
            part("at", <[u16; 2]>::schema),
            part("id", u32::schema),
        ];
        schemas.structure(head, FieldsDecl::Named(&parts))
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.enter()?;
        self.flag.save(writer)?;
        self.at.save(writer)?;
        self.id.save(writer)?;
        writer.leave();
        Ok(())
    }

    const RECORD: Option<RecordLayout> = RecordLayout::of(
        &[
            (bool::RECORD, std::mem::offset_of!(Sample, flag)),
            (<[u16; 2]>::RECORD, std::mem::offset_of!(Sample, at)),
            (u32::RECORD, std::mem::offset_of!(Sample, id)),
        ],
        size_of::<Sample>(),
    );

    fn lengths(each: &mut dyn FnMut(usize)) {
        <[u16; 2]>::lengths(each);
    }

    fn store(&self, out: &mut [u8]) {
        let mut record = RecordWriter::new(out);
        record.field(bool::RECORD, &self.flag, bool::store);
        record.field(<[u16; 2]>::RECORD, &self.at, <[u16; 2]>::store);
        record.field(u32::RECORD, &self.id, u32::store);
    }
}

/// The view of a sample in a map.
pub(in crate::persist) struct Shown<'m, M: MapMode> {
    flag: bool,
    pub(in crate::persist) at: M::Slice<'m, u16>,
    id: u32,
}

/// Formats the view like the value itself.
impl<M: MapMode> fmt::Debug for Shown<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sample")
            .field("flag", &self.flag)
            .field("at", &self.at)
            .field("id", &self.id)
            .finish()
    }
}

impl Persist for Sample {
    type View<'m, M: MapMode> = Shown<'m, M>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter_own()?;
        let (flag, at) = (bool::load(reader)?, <[u16; 2]>::load(reader)?);
        let id = u32::load(reader)?;
        reader.leave();
        Ok(Sample { flag, at, id })
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Shown<'m, M>, Error> {
        viewer.enter()?;
        let (flag, at) = (bool::view(viewer)?, <[u16; 2]>::view(viewer)?);
        let id = u32::view(viewer)?;
        viewer.leave();
        Ok(Shown { flag, at, id })
    }

    fn fetch(bytes: &[u8]) -> Result<Self, InvalidRecord> {
        let record = &mut RecordReader::new(bytes);
        let flag = record.field(bool::RECORD, bool::fetch)?;
        let at = record.field(<[u16; 2]>::RECORD, <[u16; 2]>::fetch)?;
        let id = record.field(u32::RECORD, u32::fetch)?;
        record.end()?;
        Ok(Sample { flag, at, id })
    }

    fn view_record<'m, M: MapMode>(records: &mut RecordView<'m, M>) -> Result<Shown<'m, M>, Error> {
        records.align(Self::RECORD)?;
        let (flag, at) = (
            bool::view_record(records)?,
            <[u16; 2]>::view_record(records)?,
        );
        let id = u32::view_record(records)?;
        records.align(Self::RECORD)?;
        Ok(Shown { flag, at, id })
    }

    fn view_records<'m, M: MapMode>(
        records: &mut RecordView<'m, M>,
        count: usize,
    ) -> Result<Vec<Shown<'m, M>>, Error> {
        records.many::<Self>(count)
    }
}
