//! How records lie that a schema describes, where only the file says what they are.

use super::aligned;
use crate::persist::error::Error;
use crate::persist::number::NumberKind;
use crate::persist::reader::{ArrayLocation, BodyReader};
use crate::persist::schema::{Id, Node, Rank, Schema};

/// A record has no more parts than these.
pub(in crate::persist) const MOST_PARTS: u64 = 1 << 12;

/// Nor are more of them within one another.
pub(in crate::persist) const MOST_DEPTH: u64 = 64;

/// A part of a record, or all of it. How long its rows are is known beside it: as many
/// lengths as `lengths` says, the outer ones first.
#[derive(Clone, Debug)]
pub(in crate::persist) struct SchemaLayout {
    pub(in crate::persist) cell: LayoutCell,
    /// What its start is a multiple of.
    pub(in crate::persist) align: usize,
    pub(in crate::persist) lengths: usize,
}

#[derive(Clone, Debug)]
pub(in crate::persist) enum LayoutCell {
    Nothing,
    Number(NumberKind),
    /// Numbers in rows, of as many dimensions as it has lengths.
    Array(NumberKind, Rank),
    /// So many records.
    Records(Box<SchemaLayout>),
    Struct(Vec<SchemaLayout>),
}

impl SchemaLayout {
    /// What the node at `id` is in a record. The schema was checked, so that it is
    /// something.
    ///
    /// # Errors
    ///
    /// Nothing of it can be part of a record.
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
            _ => return Err(Error::damaged("the schema", "it has records of no numbers")),
        })
    }

    fn leaf(cell: LayoutCell, align: usize, lengths: usize) -> SchemaLayout {
        SchemaLayout {
            cell,
            align,
            lengths,
        }
    }

    /// Of how many parts it consists.
    pub(in crate::persist) fn parts(&self) -> u64 {
        match &self.cell {
            LayoutCell::Nothing | LayoutCell::Number(_) | LayoutCell::Array(..) => 1,
            LayoutCell::Records(item) => 1 + item.parts(),
            LayoutCell::Struct(fields) => 1 + fields.iter().map(SchemaLayout::parts).sum::<u64>(),
        }
    }

    /// Its bytes, if its rows are as long as `lengths` says, of which there are as
    /// many as it has.
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

/// The next multiple of `align`.
fn after(at: u64, align: usize) -> Option<u64> {
    at.checked_next_multiple_of(align as u64)
}

/// Many records, as a file says what they are.
#[derive(Debug)]
pub(in crate::persist) struct RecordShape {
    pub(in crate::persist) count: u64,
    /// How long the rows in a record are.
    pub(in crate::persist) lengths: Vec<u64>,
    /// The bytes of a record.
    pub(in crate::persist) size: u64,
    pub(in crate::persist) align: usize,
}

impl RecordShape {
    /// Takes the number of records, and the lengths of their rows.
    pub(in crate::persist) fn read(
        laid: &SchemaLayout,
        reader: &mut BodyReader<'_>,
    ) -> Result<RecordShape, Error> {
        let count = reader.varint()?;
        let lengths = (0..laid.lengths).map(|_| reader.varint());
        RecordShape::new(laid, count, lengths.collect::<Result<_, _>>()?)
    }

    /// So many records, with rows as long as that.
    pub(in crate::persist) fn new(
        laid: &SchemaLayout,
        count: u64,
        lengths: Vec<u64>,
    ) -> Result<RecordShape, Error> {
        let size = laid
            .size(&lengths)
            .filter(|size| isize::try_from(*size).is_ok());
        match size {
            Some(0) if count > 0 => Err(Error::small("records have no bytes")),
            Some(size) => Ok(RecordShape {
                count,
                lengths,
                size,
                align: laid.align,
            }),
            None => Err(Error::small("an array longer than memory")),
        }
    }

    /// The bytes of all of them.
    pub(in crate::persist) fn bytes(&self) -> Result<u64, Error> {
        let bytes = self.size.checked_mul(self.count);
        bytes
            .filter(|bytes| isize::try_from(*bytes).is_ok())
            .ok_or_else(|| Error::small("an array longer than memory"))
    }

    /// Passes over the records, and tells where they stand.
    pub(in crate::persist) fn pass(
        &self,
        reader: &mut BodyReader<'_>,
    ) -> Result<ArrayLocation, Error> {
        let len = self.bytes()?;
        let place = reader.place_at(NumberKind::U8, self.align, len)?;
        if let ArrayLocation::Here = place {
            reader.pass(len)?;
        }
        Ok(place)
    }

    /// Its dimensions, for people: how many, and how long what are rows themselves.
    pub(in crate::persist) fn dimensions(&self, laid: &SchemaLayout) -> Vec<u64> {
        let (mut dimensions, mut inner) = (vec![self.count], laid);
        let mut lengths = self.lengths.iter();
        while let LayoutCell::Records(item) = &inner.cell {
            dimensions.extend(lengths.next());
            inner = item;
        }
        dimensions
    }
}

/// How many bytes bring `at` to a multiple of `align` within a record.
pub(in crate::persist) fn gap(at: u64, align: usize) -> usize {
    aligned(at as usize, align) - at as usize
}
