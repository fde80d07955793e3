//! Converts records, arrays, and separately encoded values into one another. Each
//! record or element is first written in its own encoding and then converted like any
//! other value.

use super::Rewriter;
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::{Error, ErrorKind};
use crate::persist::migrate::plan::{LengthEncoding, RepackedRecords};
use crate::persist::number::NumberKind;
use crate::persist::reader::{ArrayLocation, BodyReader};
use crate::persist::record::{InvalidRecord, LayoutCell, RecordShape, SchemaLayout, gap};
use crate::persist::schema::{Id, Rank};
use crate::persist::untyped::{AnyNumber, ArrayShape, message_prefix};
use crate::persist::widen;
use crate::persist::writer::BodyWriter;

/// The maximum number of bytes of values that are buffered between the two encodings,
/// unless a single value is longer.
const CHUNK: usize = 1 << 16;

/// Records of the file or elements of an array.
struct UnpackedRecords<'a> {
    layout: &'a SchemaLayout,
    shape: RecordShape,
    bytes: Vec<u8>,
    /// Whether each value is a single number, whose bytes are copied.
    are_fixed: bool,
}

impl Rewriter<'_, '_> {
    /// Copies records unchanged.
    pub(super) fn records(&mut self, item: Id) -> Result<(), Error> {
        let shape = RecordShape::read(&SchemaLayout::new(self.found, item)?, &mut self.reader)?;
        self.writer.varint(shape.count);
        shape
            .lengths
            .iter()
            .for_each(|len| self.writer.varint(*len));
        let len = shape.bytes()?;
        match self
            .reader
            .array_location_aligned(NumberKind::U8, shape.align, len)?
        {
            ArrayLocation::Here => {
                let bytes = self.reader.take(in_memory(len)?)?;
                self.writer.inline_at(shape.align, bytes);
            }
            ArrayLocation::Segment(index, kind) => self.writer.segment_reference(index, kind),
        }
        Ok(())
    }

    pub(super) fn skip_records(&mut self, item: Id) -> Result<(), Error> {
        let shape = RecordShape::read(&SchemaLayout::new(self.found, item)?, &mut self.reader)?;
        shape.pass(&mut self.reader).map(drop)
    }

    /// Writes a group of values in another encoding.
    pub(super) fn repacked(&mut self, how: &RepackedRecords) -> Result<(), Error> {
        let from = match &how.from {
            LengthEncoding::Apart => None,
            LengthEncoding::Records(layout) => Some(self.unpacked(layout)?),
            LengthEncoding::Array(kind, rank, layout) => Some(self.elements(*kind, *rank, layout)?),
        };
        let count = match &from {
            Some(from) => from.shape.count,
            None => self.reader.length()? as u64,
        };
        let Some(packed) = PackedRecords::new(&how.into, &how.field) else {
            self.writer.varint(count);
            return self.each(how, count, from, &mut None);
        };
        let outer = std::mem::replace(&mut self.writer, BodyWriter::new(BodyEncoding::Adapted));
        let mut packed = Some(packed);
        self.each(how, count, from, &mut packed)?;
        self.pack(&mut packed, true)?;
        self.writer = outer;
        match packed {
            Some(packed) => packed.write(count, &mut self.writer),
            None => Ok(()),
        }
    }

    /// Reads all elements of an array.
    fn elements<'l>(
        &mut self,
        kind: NumberKind,
        rank: Rank,
        layout: &'l SchemaLayout,
    ) -> Result<UnpackedRecords<'l>, Error> {
        let (grid, bytes) = self.array_of(kind, rank)?;
        grid.numbers()?;
        let [count, lengths @ ..] = &grid.dimensions[..] else {
            return Err(Error::damaged_body("an array has no dimensions"));
        };
        let shape = RecordShape::new(layout, *count, lengths.to_vec())?;
        self.raise_visit_limit(&shape, layout);
        let are_fixed = matches!(layout.cell, LayoutCell::Number(_));
        Ok(UnpackedRecords {
            layout,
            shape,
            bytes,
            are_fixed,
        })
    }

    /// Raises the visit limit by the number of fields that the records have.
    fn raise_visit_limit(&mut self, shape: &RecordShape, layout: &SchemaLayout) {
        let visits = shape.count.saturating_mul(1 + layout.parts());
        self.visits = self.visits.saturating_add(visits);
    }

    /// Reads all records.
    fn unpacked<'l>(&mut self, layout: &'l SchemaLayout) -> Result<UnpackedRecords<'l>, Error> {
        let shape = RecordShape::read(layout, &mut self.reader)?;
        let len = in_memory(shape.bytes()?)?;
        let place = self
            .reader
            .array_location_aligned(NumberKind::U8, shape.align, len as u64)?;
        self.check_limit(len)?;
        let bytes = match place {
            ArrayLocation::Here => self.reader.take(len)?.to_vec(),
            ArrayLocation::Segment(index, _) => self.reader.segment(index, len)?,
        };
        self.raise_visit_limit(&shape, layout);
        Ok(UnpackedRecords {
            layout,
            shape,
            bytes,
            are_fixed: false,
        })
    }

    fn each(
        &mut self,
        how: &RepackedRecords,
        count: u64,
        from: Option<UnpackedRecords<'_>>,
        packed: &mut Option<PackedRecords<'_>>,
    ) -> Result<(), Error> {
        let Some(from) = from else {
            return self.each_here(how, count, packed);
        };
        let mut at = 0;
        while at < count {
            let start = at;
            let small = self.next(&from, &mut at)?;
            let mut inner = Rewriter {
                found: self.found,
                plan: self.plan,
                reader: self.reader.with_body(&small, BodyEncoding::Adapted),
                writer: std::mem::replace(&mut self.writer, BodyWriter::new(BodyEncoding::Adapted)),
                visits: self.visits,
                limit: self.limit,
            };
            let written = inner.each_here(how, at - start, packed);
            let Rewriter { writer, visits, .. } = inner;
            (self.writer, self.visits) = (writer, visits);
            written?;
        }
        Ok(())
    }

    fn each_here(
        &mut self,
        how: &RepackedRecords,
        count: u64,
        packed: &mut Option<PackedRecords<'_>>,
    ) -> Result<(), Error> {
        for _ in 0..count {
            self.element(how.found, how.item)?;
            self.pack(packed, false)?;
        }
        Ok(())
    }

    /// Encodes the next records, starting at `at`, each in its own encoding. Stops
    /// after about [`CHUNK`] bytes.
    fn next(&mut self, from: &UnpackedRecords<'_>, at: &mut u64) -> Result<Vec<u8>, Error> {
        let (size, mut small) = (
            from.shape.size as usize,
            BodyWriter::new(BodyEncoding::Adapted),
        );
        while *at < from.shape.count && small.body_len() < CHUNK {
            let start = *at as usize * size;
            let record = &from.bytes[start..start + size];
            match from.are_fixed {
                true => small.raw(record),
                false => {
                    let mut reader = self.reader.with_body(record, BodyEncoding::Flat);
                    unpack(from.layout, &from.shape.lengths, &mut reader, &mut small)?;
                }
            }
            *at += 1;
        }
        small.finish().map(|(small, _)| small)
    }

    /// Packs the values written so far, if they are to be packed and either `CHUNK`
    /// bytes have been written or `is_all` is set.
    fn pack(&mut self, packed: &mut Option<PackedRecords<'_>>, is_all: bool) -> Result<(), Error> {
        let Some(packed) = packed else {
            return Ok(());
        };
        if !is_all && self.writer.body_len() < CHUNK {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.writer, BodyWriter::new(BodyEncoding::Adapted));
        let (full, _) = full.finish()?;
        if packed.are_fixed() {
            packed.out.raw(&full);
        } else {
            let mut reader = self.reader.with_body(&full, BodyEncoding::Adapted);
            while reader.position() < full.len() as u64 {
                packed.add(&mut reader)?;
            }
        }
        self.check_limit(packed.out.body_len())
    }
}

fn in_memory(len: u64) -> Result<usize, Error> {
    usize::try_from(len).map_err(|_| Error::damaged_body("an array longer than memory"))
}

/// Writes the next field of a record in its own encoding.
fn unpack(
    layout: &SchemaLayout,
    lengths: &[u64],
    reader: &mut BodyReader<'_>,
    writer: &mut BodyWriter<'_, '_>,
) -> Result<(), Error> {
    pass_gap(layout, reader)?;
    let size = || in_memory(layout.size(lengths).unwrap_or(u64::MAX));
    match &layout.cell {
        LayoutCell::Nothing => {}
        LayoutCell::Number(kind) => AnyNumber::read_fixed(*kind, reader)?.write(*kind, writer)?,
        LayoutCell::Array(kind, rank) => {
            let dimensions = lengths.to_vec();
            let grid = ArrayShape {
                dimensions,
                order: 0,
            };
            grid.write("", *rank, writer)?;
            writer.inline(*kind, reader.take(size()?)?);
        }
        LayoutCell::Records(item) => {
            lengths.iter().for_each(|len| writer.varint(*len));
            writer.inline_at(item.align, reader.take(size()?)?);
        }
        LayoutCell::Struct(fields) => {
            writer.enter()?;
            let mut rest = lengths;
            for field in fields {
                let (own, others) = rest.split_at(field.lengths);
                unpack(field, own, reader, writer)?;
                rest = others;
            }
            writer.leave();
            pass_gap(layout, reader)?;
        }
    }
    Ok(())
}

/// Skips the padding before a field or after the last one.
fn pass_gap(layout: &SchemaLayout, reader: &mut BodyReader<'_>) -> Result<(), Error> {
    let gap = gap(reader.position(), layout.align);
    match reader.take(gap)?.iter().all(|byte| *byte == 0) {
        true => Ok(()),
        false => Err(InvalidRecord::Gap.into()),
    }
}

/// Records or an array under construction.
struct PackedRecords<'a> {
    /// The layout of one record or element.
    layout: &'a SchemaLayout,
    /// The number kind and rank, for an array.
    array: Option<(NumberKind, Rank)>,
    /// The row lengths seen so far.
    lengths: Vec<Option<u64>>,
    out: BodyWriter<'a, 'a>,
    field: &'a str,
}

impl<'a> PackedRecords<'a> {
    /// Returns an empty collection, or `None` for separately encoded values.
    fn new(into: &'a LengthEncoding, field: &'a str) -> Option<Self> {
        let (layout, array) = match into {
            LengthEncoding::Apart => return None,
            LengthEncoding::Records(layout) => (layout, None),
            LengthEncoding::Array(kind, rank, layout) => (layout, Some((*kind, *rank))),
        };
        Some(PackedRecords {
            layout,
            array,
            lengths: vec![None; layout.lengths],
            out: BodyWriter::new(BodyEncoding::Flat),
            field,
        })
    }

    /// Whether each value is a single number, written in its array encoding.
    fn are_fixed(&self) -> bool {
        self.array.is_some() && matches!(self.layout.cell, LayoutCell::Number(_))
    }

    /// Adds the next value of `reader`.
    fn add(&mut self, reader: &mut BodyReader<'_>) -> Result<(), Error> {
        self.part(self.layout, 0, reader)
    }

    /// Adds a field. `first` is the index of its first row length.
    fn part(
        &mut self,
        layout: &SchemaLayout,
        first: usize,
        reader: &mut BodyReader<'_>,
    ) -> Result<(), Error> {
        self.fill_gap(layout);
        match &layout.cell {
            LayoutCell::Nothing => Ok(()),
            LayoutCell::Number(kind) => {
                AnyNumber::read(*kind, reader)?.write_fixed(*kind, &mut self.out)
            }
            LayoutCell::Array(kind, rank) => {
                let grid = ArrayShape::read(*rank, reader)?;
                for (at, len) in grid.dimensions.iter().enumerate() {
                    self.check_row_length(first + at, *len)?;
                }
                self.out.raw(&array(*kind, &grid, reader)?);
                Ok(())
            }
            LayoutCell::Records(item) => {
                let shape = RecordShape::read(item, reader)?;
                self.check_row_length(first, shape.count)?;
                for (at, len) in shape.lengths.iter().enumerate() {
                    self.check_row_length(first + 1 + at, *len)?;
                }
                self.out.raw(&records(&shape, reader)?);
                Ok(())
            }
            LayoutCell::Struct(fields) => self.structure(layout, fields, first, reader),
        }
    }

    fn structure(
        &mut self,
        layout: &SchemaLayout,
        fields: &[SchemaLayout],
        mut first: usize,
        reader: &mut BodyReader<'_>,
    ) -> Result<(), Error> {
        reader.enter_own()?;
        for field in fields {
            self.part(field, first, reader)?;
            first += field.lengths;
        }
        reader.leave();
        self.fill_gap(layout);
        Ok(())
    }

    fn fill_gap(&mut self, layout: &SchemaLayout) {
        let gap = gap(self.out.body_len() as u64, layout.align);
        self.out.raw(&[0; 16][..gap]);
    }

    /// Records the length of a row, which all other rows must share.
    fn check_row_length(&mut self, at: usize, len: u64) -> Result<(), Error> {
        match self.lengths[at].replace(len) {
            Some(other) if other != len => {
                let place = message_prefix(self.field);
                let message = match self.array {
                    Some(_) => format!(
                        "{place}rows have {other} and {len} values; all rows of an array must \
                         have the same length, use a `Vec` of `Vec`s for rows of different \
                         lengths"
                    ),
                    None => format!(
                        "{place}rows of a field have {other} values in one struct and {len} in \
                         another; an array of structs needs rows of one length, use a `Vec` for \
                         rows of different lengths"
                    ),
                };
                Err(ErrorKind::Value(message).into())
            }
            _ => Ok(()),
        }
    }

    fn write(self, count: u64, writer: &mut BodyWriter<'_, '_>) -> Result<(), Error> {
        let (bytes, _) = self.out.finish()?;
        let lengths = self.lengths.into_iter().map(|len| len.unwrap_or(0));
        match self.array {
            Some((kind, rank)) => {
                let dimensions = std::iter::once(count).chain(lengths).collect();
                let grid = ArrayShape {
                    dimensions,
                    order: 0,
                };
                grid.write(self.field, rank, writer)?;
                writer.inline(kind, &bytes);
            }
            None => {
                writer.varint(count);
                lengths.for_each(|len| writer.varint(len));
                writer.inline_at(self.layout.align, &bytes);
            }
        }
        Ok(())
    }
}

/// Returns the numbers of the next array as bytes of that kind, in index order.
fn array(
    kind: NumberKind,
    grid: &ArrayShape,
    reader: &mut BodyReader<'_>,
) -> Result<Vec<u8>, Error> {
    let len = in_memory(grid.bytes(kind)?)?;
    let bytes = match reader.array_location(kind, len as u64)? {
        ArrayLocation::Here => reader.take(len)?.to_vec(),
        ArrayLocation::Segment(index, stored) => {
            let bytes = reader.segment(index, len / kind.size() * stored.size())?;
            widen::widened(stored, kind, &bytes)?
        }
    };
    match grid.order {
        0 => Ok(bytes),
        _ => grid.to_row_major(kind.size(), &bytes),
    }
}

/// Returns the bytes of the next records.
fn records(shape: &RecordShape, reader: &mut BodyReader<'_>) -> Result<Vec<u8>, Error> {
    let len = in_memory(shape.bytes()?)?;
    match reader.array_location_aligned(NumberKind::U8, shape.align, len as u64)? {
        ArrayLocation::Here => reader.take(len).map(<[u8]>::to_vec),
        ArrayLocation::Segment(index, _) => reader.segment(index, len),
    }
}
