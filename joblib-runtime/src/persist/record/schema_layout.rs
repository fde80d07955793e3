//! The layout of records whose type is only known from the schema of a file.

use super::aligned;
use crate::persist::error::Error;
use crate::persist::number::NumberKind;
use crate::persist::reader::{ArrayLocation, BodyReader};
use crate::persist::schema::{Id, Node, Rank, Schema};

/// The maximum number of nodes in a record.
pub(in crate::persist) const MOST_PARTS: u64 = 1 << 12;

/// The maximum nesting depth of a record.
pub(in crate::persist) const MOST_DEPTH: u64 = 64;

/// The layout of a record, or of a node in it. The lengths of its rows are stored
/// separately: `lengths` of them, outermost first.
#[derive(Clone, Debug)]
pub(in crate::persist) struct SchemaLayout {
    pub(in crate::persist) cell: LayoutCell,
    /// Its alignment.
    pub(in crate::persist) align: usize,
    pub(in crate::persist) lengths: usize,
}

#[derive(Clone, Debug)]
pub(in crate::persist) enum LayoutCell {
    Nothing,
    Number(NumberKind),
    /// Rows of numbers, with one dimension for each length.
    Array(NumberKind, Rank),
    /// Rows of records.
    Records(Box<SchemaLayout>),
    Struct(Vec<SchemaLayout>),
}

impl SchemaLayout {
    /// Returns the layout of the node at `id` in a record. The schema has been checked.
    ///
    /// # Errors
    ///
    /// Fails if nodes of its kind are not allowed in records.
    pub(in crate::persist) fn new(schema: &Schema, id: Id) -> Result<SchemaLayout, Error> {
        let part = |id: Id| SchemaLayout::new(schema, id);
        Ok(match schema.node(id) {
            Node::Unit => SchemaLayout::leaf(LayoutCell::Nothing, 1, 0),
            Node::Number(kind) | Node::Fixed(kind) => {
                SchemaLayout::leaf(LayoutCell::Number(*kind), kind.part(), 0)
            }
            Node::Array(kind, rank) => {
                let count = rank.count().unwrap_or(0) as usize;
                SchemaLayout::leaf(LayoutCell::Array(*kind, *rank), kind.part(), count)
            }
            Node::Records(item) => {
                let item = part(*item)?;
                let (align, lengths) = (item.align, 1 + item.lengths);
                SchemaLayout::leaf(LayoutCell::Records(Box::new(item)), align, lengths)
            }
            Node::Struct(it) => {
                let fields = it.fields.all().iter().map(|field| part(field.node));
                let fields: Vec<_> = fields.collect::<Result<_, _>>()?;
                let align = fields.iter().map(|it| it.align).max().unwrap_or(1);
                let lengths = fields.iter().map(|it| it.lengths).sum();
                SchemaLayout::leaf(LayoutCell::Struct(fields), align, lengths)
            }
            _ => {
                return Err(Error::damaged(
                    "the schema",
                    "it has records with fields that are not numbers",
                ));
            }
        })
    }

    fn leaf(cell: LayoutCell, align: usize, lengths: usize) -> SchemaLayout {
        SchemaLayout {
            cell,
            align,
            lengths,
        }
    }

    /// Returns the number of nodes.
    pub(in crate::persist) fn parts(&self) -> u64 {
        match &self.cell {
            LayoutCell::Nothing | LayoutCell::Number(_) | LayoutCell::Array(..) => 1,
            LayoutCell::Records(item) => 1 + item.parts(),
            LayoutCell::Struct(fields) => 1 + fields.iter().map(SchemaLayout::parts).sum::<u64>(),
        }
    }

    /// Returns its size, with the lengths of its rows in `lengths`, which has as many
    /// elements as the field `lengths` states. Returns `None` on overflow.
    pub(in crate::persist) fn size(&self, lengths: &[u64]) -> Option<u64> {
        match &self.cell {
            LayoutCell::Nothing => Some(0),
            LayoutCell::Number(kind) => Some(kind.size() as u64),
            LayoutCell::Array(kind, _) => product(kind.size() as u64, lengths),
            LayoutCell::Records(item) => product(item.size(&lengths[1..])?, &lengths[..1]),
            LayoutCell::Struct(fields) => {
                let (mut end, mut rest) = (0, lengths);
                for field in fields {
                    let (own, others) = rest.split_at(field.lengths);
                    end = after(end, field.align)?.checked_add(field.size(own)?)?;
                    rest = others;
                }
                after(end, self.align)
            }
        }
    }
}

fn product(size: u64, lengths: &[u64]) -> Option<u64> {
    lengths
        .iter()
        .try_fold(size, |size, len| size.checked_mul(*len))
}

/// Returns the next multiple of `align`.
fn after(at: u64, align: usize) -> Option<u64> {
    at.checked_next_multiple_of(align as u64)
}

/// The shape of an array of records in a file.
#[derive(Debug)]
pub(in crate::persist) struct RecordShape {
    pub(in crate::persist) count: u64,
    /// The lengths of the rows in each record.
    pub(in crate::persist) lengths: Vec<u64>,
    /// The size of a record.
    pub(in crate::persist) size: u64,
    pub(in crate::persist) align: usize,
}

impl RecordShape {
    /// Reads the number of records and the lengths of their rows.
    pub(in crate::persist) fn read(
        layout: &SchemaLayout,
        reader: &mut BodyReader<'_>,
    ) -> Result<RecordShape, Error> {
        let count = reader.varint()?;
        let lengths = (0..layout.lengths).map(|_| reader.varint());
        RecordShape::new(layout, count, lengths.collect::<Result<_, _>>()?)
    }

    /// Creates the shape of `count` records with rows of these lengths.
    pub(in crate::persist) fn new(
        layout: &SchemaLayout,
        count: u64,
        lengths: Vec<u64>,
    ) -> Result<RecordShape, Error> {
        let size = layout
            .size(&lengths)
            .filter(|size| isize::try_from(*size).is_ok());
        match size {
            Some(0) if count > 0 => Err(Error::damaged_body("records have a size of zero")),
            Some(size) => Ok(RecordShape {
                count,
                lengths,
                size,
                align: layout.align,
            }),
            None => Err(Error::damaged_body("an array exceeds the address space")),
        }
    }

    /// Returns the size of all records.
    pub(in crate::persist) fn bytes(&self) -> Result<u64, Error> {
        let bytes = self.size.checked_mul(self.count);
        bytes
            .filter(|bytes| isize::try_from(*bytes).is_ok())
            .ok_or_else(|| Error::damaged_body("an array exceeds the address space"))
    }

    /// Skips the records, and returns their location.
    pub(in crate::persist) fn pass(
        &self,
        reader: &mut BodyReader<'_>,
    ) -> Result<ArrayLocation, Error> {
        let len = self.bytes()?;
        let place = reader.array_location_aligned(NumberKind::U8, self.align, len)?;
        if let ArrayLocation::Here = place {
            reader.skip(len)?;
        }
        Ok(place)
    }

    /// Returns its dimensions for display: the number of records and, if these are rows
    /// of records, the lengths of the rows.
    pub(in crate::persist) fn dimensions(&self, layout: &SchemaLayout) -> Vec<u64> {
        let (mut dimensions, mut inner) = (vec![self.count], layout);
        let mut lengths = self.lengths.iter();
        while let LayoutCell::Records(item) = &inner.cell {
            dimensions.extend(lengths.next());
            inner = item;
        }
        dimensions
    }
}

/// Returns the padding from `at` to the next multiple of `align` within a record.
pub(in crate::persist) fn gap(at: u64, align: usize) -> usize {
    aligned(at as usize, align) - at as usize
}
