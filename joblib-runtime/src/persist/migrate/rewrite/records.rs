//! Records and arrays one by one, and what is one by one as those: a part of each is
//! written in the form that it has alone, and becomes what the type asks for as any
//! other.

use super::Rewriter;
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::{Error, ErrorKind};
use crate::persist::migrate::plan::{LengthEncoding, RepackedRecords};
use crate::persist::number::NumberKind;
use crate::persist::reader::{ArrayLocation, BodyReader};
use crate::persist::record::{InvalidRecord, LayoutCell, RecordShape, SchemaLayout, gap};
use crate::persist::schema::{Id, Rank};
use crate::persist::untyped::{AnyNumber, ArrayShape, place};
use crate::persist::widen;
use crate::persist::writer::BodyWriter;

/// So many bytes of values are between the two forms at once, if one is not longer.
const CHUNK: usize = 1 << 16;

/// Records of the file, or elements of an array.
struct UnpackedRecords<'a> {
    laid: &'a SchemaLayout,
    shape: RecordShape,
    bytes: Vec<u8>,
    /// Whether each is a number that stays as it lies.
    are_fixed: bool,
}

impl Rewriter<'_, '_> {
    /// Writes records as they are.
    pub(super) fn records(&mut self, item: Id) -> Result<(), Error> {
        let shape = RecordShape::read(&SchemaLayout::new(self.found, item)?, &mut self.reader)?;
        self.writer.varint(shape.count);
        shape
            .lengths
            .iter()
            .for_each(|len| self.writer.varint(*len));
        let len = shape.bytes()?;
        match self.reader.place_at(NumberKind::U8, shape.align, len)? {
            ArrayLocation::Here => {
                let bytes = self.reader.take(in_memory(len)?)?;
                self.writer.inline_at(shape.align, bytes);
            }
            ArrayLocation::Segment(index, kind) => self.writer.elsewhere(index, kind),
        }
        Ok(())
    }

    pub(super) fn skip_records(&mut self, item: Id) -> Result<(), Error> {
        let shape = RecordShape::read(&SchemaLayout::new(self.found, item)?, &mut self.reader)?;
        shape.pass(&mut self.reader).map(drop)
    }

    /// Writes many values of which each becomes another.
    pub(super) fn repacked(&mut self, how: &RepackedRecords) -> Result<(), Error> {
        let from = match &how.from {
            LengthEncoding::Apart => None,
            LengthEncoding::Records(laid) => Some(self.unpacked(laid)?),
            LengthEncoding::Array(kind, rank, laid) => Some(self.elements(*kind, *rank, laid)?),
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

    /// Takes all elements of an array.
    fn elements<'l>(
        &mut self,
        kind: NumberKind,
        rank: Rank,
        laid: &'l SchemaLayout,
    ) -> Result<UnpackedRecords<'l>, Error> {
        let (grid, bytes) = self.array_of(kind, rank)?;
        grid.numbers()?;
        let [count, lengths @ ..] = &grid.dimensions[..] else {
            return Err(Error::small("an array has no dimensions"));
        };
        let shape = RecordShape::new(laid, *count, lengths.to_vec())?;
        self.allow(&shape, laid);
        let are_fixed = matches!(laid.cell, LayoutCell::Number(_));
        Ok(UnpackedRecords {
            laid,
            shape,
            bytes,
            are_fixed,
        })
    }

    /// Parts that have bytes are no more than these are.
    fn allow(&mut self, shape: &RecordShape, laid: &SchemaLayout) {
        let visits = shape.count.saturating_mul(1 + laid.parts());
        self.visits = self.visits.saturating_add(visits);
    }

    /// Takes all records.
    fn unpacked<'l>(&mut self, laid: &'l SchemaLayout) -> Result<UnpackedRecords<'l>, Error> {
        let shape = RecordShape::read(laid, &mut self.reader)?;
        let len = in_memory(shape.bytes()?)?;
        let place = self
            .reader
            .place_at(NumberKind::U8, shape.align, len as u64)?;
        self.within_limit(len)?;
        let bytes = match place {
            ArrayLocation::Here => self.reader.take(len)?.to_vec(),
            ArrayLocation::Segment(index, _) => self.reader.segment(index, len)?,
        };
        self.allow(&shape, laid);
        Ok(UnpackedRecords {
            laid,
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
                reader: self.reader.beside(&small, BodyEncoding::Adapted),
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

    /// The records from `at` on, some of them, each in the form that it has alone.
    fn next(&mut self, from: &UnpackedRecords<'_>, at: &mut u64) -> Result<Vec<u8>, Error> {
        let (size, mut small) = (
            from.shape.size as usize,
            BodyWriter::new(BodyEncoding::Adapted),
        );
        while *at < from.shape.count && small.small_len() < CHUNK {
            let start = *at as usize * size;
            let record = &from.bytes[start..start + size];
            match from.are_fixed {
                true => small.raw(record),
                false => {
                    let mut reader = self.reader.beside(record, BodyEncoding::Flat);
                    unpack(from.laid, &from.shape.lengths, &mut reader, &mut small)?;
                }
            }
            *at += 1;
        }
        small.finish().map(|(small, _)| small)
    }

    /// Packs what was written, if it is to be packed, and enough or all of it.
    fn pack(&mut self, packed: &mut Option<PackedRecords<'_>>, is_all: bool) -> Result<(), Error> {
        let Some(packed) = packed else {
            return Ok(());
        };
        if !is_all && self.writer.small_len() < CHUNK {
            return Ok(());
        }
        let full = std::mem::replace(&mut self.writer, BodyWriter::new(BodyEncoding::Adapted));
        let (full, _) = full.finish()?;
        if packed.are_fixed() {
            packed.out.raw(&full);
        } else {
            let mut reader = self.reader.beside(&full, BodyEncoding::Adapted);
            while reader.position() < full.len() as u64 {
                packed.add(&mut reader)?;
            }
        }
        self.within_limit(packed.out.small_len())
    }
}

fn in_memory(len: u64) -> Result<usize, Error> {
    usize::try_from(len).map_err(|_| Error::small("an array longer than memory"))
}

/// Writes what `reader` has next of a record in the form that it has alone.
fn unpack(
    laid: &SchemaLayout,
    lengths: &[u64],
    reader: &mut BodyReader<'_>,
    writer: &mut BodyWriter<'_, '_>,
) -> Result<(), Error> {
    pass_gap(laid, reader)?;
    let size = || in_memory(laid.size(lengths).unwrap_or(u64::MAX));
    match &laid.cell {
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
            pass_gap(laid, reader)?;
        }
    }
    Ok(())
}

/// Passes over what is before a part, or after its fields.
fn pass_gap(laid: &SchemaLayout, reader: &mut BodyReader<'_>) -> Result<(), Error> {
    let gap = gap(reader.position(), laid.align);
    match reader.take(gap)?.iter().all(|byte| *byte == 0) {
        true => Ok(()),
        false => Err(InvalidRecord::Gap.into()),
    }
}

/// Records, or an array, being put together.
struct PackedRecords<'a> {
    /// One of them.
    laid: &'a SchemaLayout,
    /// What the array is of, if it is one.
    array: Option<(NumberKind, Rank)>,
    /// How long rows were found to be.
    lengths: Vec<Option<u64>>,
    out: BodyWriter<'a, 'a>,
    field: &'a str,
}

impl<'a> PackedRecords<'a> {
    /// Nothing of what is to be one by one.
    fn new(into: &'a LengthEncoding, field: &'a str) -> Option<Self> {
        let (laid, array) = match into {
            LengthEncoding::Apart => return None,
            LengthEncoding::Records(laid) => (laid, None),
            LengthEncoding::Array(kind, rank, laid) => (laid, Some((*kind, *rank))),
        };
        Some(PackedRecords {
            laid,
            array,
            lengths: vec![None; laid.lengths],
            out: BodyWriter::new(BodyEncoding::Flat),
            field,
        })
    }

    /// Whether each is a number, which was written as it lies.
    fn are_fixed(&self) -> bool {
        self.array.is_some() && matches!(self.laid.cell, LayoutCell::Number(_))
    }

    /// Adds the value that `reader` has next.
    fn add(&mut self, reader: &mut BodyReader<'_>) -> Result<(), Error> {
        self.part(self.laid, 0, reader)
    }

    /// Adds a part, of which `first` is the first of the lengths of its rows.
    fn part(
        &mut self,
        laid: &SchemaLayout,
        first: usize,
        reader: &mut BodyReader<'_>,
    ) -> Result<(), Error> {
        self.fill_gap(laid);
        match &laid.cell {
            LayoutCell::Nothing => Ok(()),
            LayoutCell::Number(kind) => {
                AnyNumber::read(*kind, reader)?.write_fixed(*kind, &mut self.out)
            }
            LayoutCell::Array(kind, rank) => {
                let grid = ArrayShape::read(*rank, reader)?;
                for (at, len) in grid.dimensions.iter().enumerate() {
                    self.note(first + at, *len)?;
                }
                self.out.raw(&array(*kind, &grid, reader)?);
                Ok(())
            }
            LayoutCell::Records(item) => {
                let shape = RecordShape::read(item, reader)?;
                self.note(first, shape.count)?;
                for (at, len) in shape.lengths.iter().enumerate() {
                    self.note(first + 1 + at, *len)?;
                }
                self.out.raw(&records(&shape, reader)?);
                Ok(())
            }
            LayoutCell::Struct(fields) => self.structure(laid, fields, first, reader),
        }
    }

    fn structure(
        &mut self,
        laid: &SchemaLayout,
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
        self.fill_gap(laid);
        Ok(())
    }

    fn fill_gap(&mut self, laid: &SchemaLayout) {
        let gap = gap(self.out.small_len() as u64, laid.align);
        self.out.raw(&[0; 16][..gap]);
    }

    /// Notes how long a row is, which is as long in all others.
    fn note(&mut self, at: usize, len: u64) -> Result<(), Error> {
        match self.lengths[at].replace(len) {
            Some(other) if other != len => {
                let place = place(self.field);
                let message = match self.array {
                    Some(_) => format!(
                        "{place}rows have {other} and {len} values; an array has rows of one \
                         length, a `Vec` of `Vec`s takes any"
                    ),
                    None => format!(
                        "{place}rows of a field have {other} and {len} values, in one struct and \
                         in another; an array of structs has rows of one length, a `Vec` takes any"
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
                writer.inline_at(self.laid.align, &bytes);
            }
        }
        Ok(())
    }
}

/// The bytes of the next array, as those of numbers of that kind in the order of
/// their indices.
fn array(
    kind: NumberKind,
    grid: &ArrayShape,
    reader: &mut BodyReader<'_>,
) -> Result<Vec<u8>, Error> {
    let len = in_memory(grid.bytes(kind)?)?;
    let bytes = match reader.place(kind, len as u64)? {
        ArrayLocation::Here => reader.take(len)?.to_vec(),
        ArrayLocation::Segment(index, stored) => {
            let bytes = reader.segment(index, len / kind.size() * stored.size())?;
            widen::widened(stored, kind, &bytes)?
        }
    };
    match grid.order {
        0 => Ok(bytes),
        _ => grid.turned(kind.size(), &bytes),
    }
}

/// The bytes of the next records.
fn records(shape: &RecordShape, reader: &mut BodyReader<'_>) -> Result<Vec<u8>, Error> {
    let len = in_memory(shape.bytes()?)?;
    match reader.place_at(NumberKind::U8, shape.align, len as u64)? {
        ArrayLocation::Here => reader.take(len).map(<[u8]>::to_vec),
        ArrayLocation::Segment(index, _) => reader.segment(index, len),
    }
}
