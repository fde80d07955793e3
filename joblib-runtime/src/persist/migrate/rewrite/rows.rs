//! Converts between nested sequences of arrays and one array.

use super::Rewriter;
use crate::persist::error::{Error, ErrorKind};
use crate::persist::migrate::plan::NestedArray;
use crate::persist::number::NumberKind;
use crate::persist::reader::ArrayLocation;
use crate::persist::schema::Rank;
use crate::persist::untyped::{ArrayShape, message_prefix};
use crate::persist::widen;

impl Rewriter<'_, '_> {
    /// Writes nested sequences of arrays as one array.
    pub(super) fn gathered(&mut self, nested: &NestedArray) -> Result<(), Error> {
        let mut gathered = GatheredRows::new(nested);
        self.gather(nested, 0, &mut gathered)?;
        let grid = ArrayShape {
            dimensions: gathered.dimensions(),
            order: 0,
        };
        grid.numbers()?;
        grid.write(&nested.field, nested.outer, &mut self.writer)?;
        let bytes = widen::widened(nested.kinds.0, nested.kinds.1, &gathered.bytes)?;
        self.check_limit(bytes.len())?;
        self.writer.inline(nested.kinds.1, &bytes);
        Ok(())
    }

    /// Collects the values at the nesting depth `level`.
    fn gather(
        &mut self,
        nested: &NestedArray,
        level: usize,
        gathered: &mut GatheredRows,
    ) -> Result<(), Error> {
        if level == nested.depth {
            let (grid, bytes) = self.array_of(nested.kinds.0, nested.inner)?;
            for (axis, len) in grid.dimensions.iter().enumerate() {
                gathered.check_row_length(level + axis, *len, &nested.field)?;
            }
            self.check_limit(gathered.bytes.len().saturating_add(bytes.len()))?;
            gathered.bytes.extend_from_slice(&bytes);
            return Ok(());
        }
        let count = self.reader.length()?;
        gathered.check_row_length(level, count as u64, &nested.field)?;
        for _ in 0..count {
            self.visit()?;
            self.gather(nested, level + 1, gathered)?;
        }
        Ok(())
    }

    /// Writes one array as nested sequences of arrays.
    pub(super) fn scattered(&mut self, nested: &NestedArray) -> Result<(), Error> {
        let (grid, bytes) = self.array_of(nested.kinds.0, nested.outer)?;
        let wanted = nested.depth + nested.inner.count().unwrap_or(0) as usize;
        if grid.dimensions.len() != wanted {
            let has = grid.dimensions.len();
            let place = message_prefix(&nested.field);
            let message = format!("{place}the array has {has} dimensions, {wanted} were expected");
            return Err(ErrorKind::Value(message).into());
        }
        grid.numbers()?;
        // Raises the visit limit by the number of rows that hold numbers.
        let rows = (bytes.len() as u64).saturating_mul(1 + nested.depth as u64);
        self.visits = self.visits.saturating_add(rows);
        let bytes = widen::widened(nested.kinds.0, nested.kinds.1, &bytes)?;
        self.scatter(nested, &grid.dimensions, nested.depth, &bytes)
    }

    /// Writes `bytes` as `depth` nested sequences.
    fn scatter(
        &mut self,
        nested: &NestedArray,
        dimensions: &[u64],
        depth: usize,
        bytes: &[u8],
    ) -> Result<(), Error> {
        self.visit()?;
        if depth == 0 {
            let grid = ArrayShape {
                dimensions: dimensions.to_vec(),
                order: 0,
            };
            grid.write(&nested.field, nested.inner, &mut self.writer)?;
            self.writer.inline(nested.kinds.1, bytes);
            return Ok(());
        }
        let (count, within) = (dimensions[0] as usize, &dimensions[1..]);
        self.writer.length(count);
        let size = bytes.len() / count.max(1);
        for row in 0..count {
            let bytes = &bytes[row * size..(row + 1) * size];
            self.scatter(nested, within, depth - 1, bytes)?;
        }
        Ok(())
    }

    /// Reads the next array. Returns its dimensions and its numbers as bytes in index
    /// order.
    pub(super) fn array_of(
        &mut self,
        kind: NumberKind,
        rank: Rank,
    ) -> Result<(ArrayShape, Vec<u8>), Error> {
        let grid = ArrayShape::read(rank, &mut self.reader)?;
        let len = grid.bytes(kind)?;
        let no_room = |_| Error::damaged_body("an array longer than memory");
        let len = usize::try_from(len).map_err(no_room)?;
        let place = self.reader.array_location(kind, len as u64)?;
        self.check_limit(len)?;
        let bytes = match place {
            ArrayLocation::Here => self.reader.take(len)?.to_vec(),
            ArrayLocation::Segment(index, _) => self.reader.segment(index, len)?,
        };
        match grid.order {
            0 => Ok((grid, bytes)),
            _ => {
                let transposed = grid.to_row_major(kind.size(), &bytes)?;
                Ok((grid, transposed))
            }
        }
    }

    pub(super) fn check_limit(&self, more: usize) -> Result<(), Error> {
        let limit = self.limit;
        match (self.writer.body_len() as u64).saturating_add(more as u64) > limit {
            true => Err(ErrorKind::Limit { limit }.into()),
            false => Ok(()),
        }
    }
}

/// Arrays that are joined into one.
struct GatheredRows {
    /// The length seen for each dimension.
    lengths: Vec<Option<u64>>,
    bytes: Vec<u8>,
}

impl GatheredRows {
    fn new(nested: &NestedArray) -> Self {
        let count = nested.depth + nested.inner.count().unwrap_or(0) as usize;
        GatheredRows {
            lengths: vec![None; count],
            bytes: Vec::new(),
        }
    }

    /// Records the length of a row along a dimension, which all other rows must share.
    fn check_row_length(&mut self, axis: usize, len: u64, field: &str) -> Result<(), Error> {
        match self.lengths[axis].replace(len) {
            Some(other) if other != len => {
                let place = message_prefix(field);
                let message = format!(
                    "{place}rows have {other} and {len} values; all rows of an array must have \
                     the same length, use a `Vec` of `Vec`s for rows of different lengths"
                );
                Err(ErrorKind::Value(message).into())
            }
            _ => Ok(()),
        }
    }

    /// Returns the length along each dimension.
    fn dimensions(&self) -> Vec<u64> {
        self.lengths.iter().map(|len| len.unwrap_or(0)).collect()
    }
}
