//! Reads arrays of records: with one copy, if they have the same layout in files as in
//! memory, and one by one otherwise.

use super::arrays::{as_bytes, copy_to, vec_of};
use super::{ArrayLocation, BodyReader, bytes_for};
use crate::persist::body_encoding::BodyEncoding;
use crate::persist::error::Error;
use crate::persist::number::NumberKind;
use crate::persist::record::{InvalidRecord, RecordLayout, spread, start_of};
use crate::persist::row::IsElement;
use crate::persist::source::BodySource;
use crate::persist::traits::{Persist, Save};
use crate::persist::untyped::ArrayShape;
use crate::persist::{madvise, widen};
use crate::stack;

impl<'s> BodyReader<'s> {
    /// Sets whether records are stored as sequences, as in version 1.
    pub(in crate::persist) fn record_sequences(self, has_record_sequences: bool) -> Self {
        BodyReader {
            has_record_sequences,
            ..self
        }
    }

    /// Whether records were read.
    pub(in crate::persist) fn has_records(&self) -> bool {
        self.has_records
    }

    /// Reads many values: an array of records, or a sequence.
    ///
    /// # Errors
    ///
    /// Fails if they are missing or invalid.
    #[inline]
    pub(in crate::persist) fn many_or_records<T: Persist>(&mut self) -> Result<Vec<T>, Error> {
        match RecordLayout::many::<T>() {
            Some(record) if !self.has_record_sequences => self.records(record),
            _ => self.many(T::load),
        }
    }

    /// Reads the number of records, and verifies that their rows have the lengths of the
    /// type.
    pub(in crate::persist) fn record_shape<T: Save>(&mut self) -> Result<usize, Error> {
        self.has_records = true;
        let count = self.count()?;
        // The lengths of rows are unknown if there are no rows.
        let is_known = self.form != BodyEncoding::Adapted || count > 0;
        let mut result = Ok(());
        T::lengths(&mut |expected| {
            if result.is_ok() {
                result = self.row_of(expected as u64, is_known);
            }
        });
        result.map(|()| count)
    }

    fn row_of(&mut self, expected: u64, is_known: bool) -> Result<(), Error> {
        match self.varint()? {
            found if found != expected && is_known => Err(Error::type_mismatch(
                format!("rows of {found}"),
                format!("rows of {expected}"),
            )),
            _ => Ok(()),
        }
    }

    fn records<T: Persist>(&mut self, record: RecordLayout) -> Result<Vec<T>, Error> {
        let count = self.record_shape::<T>()?;
        let len = record.bytes(count)?;
        bytes_for::<T>(count)?;
        match self.array_location_aligned(NumberKind::U8, record.align, len as u64)? {
            ArrayLocation::Here => self.fetched_here(record, count, len),
            ArrayLocation::Segment(index, _) => self.fetched(record, count, index, len),
        }
    }

    /// Reads records that are inline in the body.
    fn fetched_here<T: Persist>(
        &mut self,
        record: RecordLayout,
        count: usize,
        len: usize,
    ) -> Result<Vec<T>, Error> {
        if len as u64 > self.left() {
            return Err(Error::damaged_body("unexpected end before an array"));
        }
        self.allowance.take((count * size_of::<T>()) as u64)?;
        from_bytes(record, count, self.take(len)?)
    }

    /// Reads records from a segment.
    fn fetched<T: Persist>(
        &mut self,
        record: RecordLayout,
        count: usize,
        index: u64,
        len: usize,
    ) -> Result<Vec<T>, Error> {
        // Records may be larger than values, and are converted to values in the same
        // memory.
        let max_count = count.max(len.div_ceil(size_of::<T>().max(1)));
        let bytes = bytes_for::<T>(max_count)?;
        self.allowance.take(bytes as u64)?;
        let mut values = vec_of::<T>(max_count)?;
        let room = as_bytes(&mut values.spare_capacity_mut()[..max_count]);
        madvise::request_huge_pages(room);
        let start = start_of::<T>(count, record);
        let room = room
            .get_mut(start..start + len)
            .ok_or(InvalidRecord::Length)?;
        self.source.get_mut().fill(index, room)?;
        if record.is_copied() {
            // SAFETY: any bytes are valid values, and all were filled.
            unsafe { values.set_len(count) };
            return Ok(values);
        }
        stack::with_room(stack::for_type::<T>(), || {
            spread(&mut values, count, record)
        })??;
        if max_count > count {
            values.shrink_to_fit();
        }
        Ok(values)
    }

    /// Reads rows of numbers of a type with another layout in memory.
    ///
    /// # Errors
    ///
    /// Fails if they are missing or invalid.
    pub(super) fn fetched_rows<T: Persist>(
        &mut self,
        cells: IsElement<T>,
        grid: &ArrayShape,
    ) -> Result<Vec<T>, Error> {
        let count = grid.rows()?;
        let mut bytes = self.bytes_of_cells(cells, count)?;
        if grid.order != 0 {
            self.allowance.take(bytes.len() as u64)?;
            bytes = grid.to_row_major(cells.kind.size(), &bytes)?;
        }
        self.allowance.take((count * size_of::<T>()) as u64)?;
        from_bytes(record_of::<T>()?, count, &bytes)
    }

    /// Reads the bytes of numbers as in files, whatever the layout of the type in memory.
    fn bytes_of_cells<T: Persist>(
        &mut self,
        cells: IsElement<T>,
        count: usize,
    ) -> Result<Vec<u8>, Error> {
        let len = record_of::<T>()?.bytes(count)?;
        bytes_for::<T>(count)?;
        match self.array_location(cells.kind, len as u64)? {
            ArrayLocation::Here if len as u64 > self.left() => {
                Err(Error::damaged_body("unexpected end before an array"))
            }
            ArrayLocation::Here => {
                self.allowance.take(len as u64)?;
                Ok(self.take(len)?.to_vec())
            }
            ArrayLocation::Segment(index, kind) => {
                let stored = len / cells.kind.size() * kind.size();
                self.allowance
                    .take((len as u64).saturating_add(stored as u64))?;
                let bytes = self.segment(index, stored)?;
                match kind == cells.kind {
                    true => Ok(bytes),
                    false => widen::widened(kind, cells.kind, &bytes),
                }
            }
        }
    }

    /// Creates a reader of another body, with the same arrays.
    pub(in crate::persist) fn with_body<'b>(
        &'b mut self,
        small: &'b [u8],
        form: BodyEncoding,
    ) -> BodyReader<'b> {
        let (depth, nested, max_depth) = (self.depth, self.nested, self.max_depth);
        let (allowance, encoding) = (self.allowance, self.encoding);
        let source: &'b mut (dyn BodySource + 'b) = self.source.get_mut();
        BodyReader {
            depth,
            nested,
            max_depth,
            allowance,
            encoding,
            ..BodyReader::lent(small, form, source)
        }
    }
}

/// Returns the layout of the type in a record.
fn record_of<T: Save>() -> Result<RecordLayout, Error> {
    T::RECORD.ok_or_else(|| InvalidRecord::Type.into())
}

/// Converts the records in `bytes` to `count` values.
fn from_bytes<T: Persist>(
    record: RecordLayout,
    count: usize,
    bytes: &[u8],
) -> Result<Vec<T>, Error> {
    let mut values = vec_of::<T>(count)?;
    if record.is_copied() {
        let room = &mut values.spare_capacity_mut()[..count];
        copy_to(as_bytes(room), bytes)?;
        // SAFETY: all bytes of the values are set, and any bytes are valid values.
        unsafe { values.set_len(count) };
        return Ok(values);
    }
    stack::with_room(stack::for_type::<T>(), || {
        for at in 0..count {
            let start = at * record.size;
            values.push(T::fetch(&bytes[start..start + record.size])?);
        }
        Ok(values)
    })?
}
