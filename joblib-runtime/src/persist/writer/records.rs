//! Writes arrays of records: without a copy, if they have the same layout in memory as
//! in files, and converted in runs otherwise.

use super::{ArrayData, BodyWriter};
use crate::persist::error::Error;
use crate::persist::number::NumberKind;
use crate::persist::record::{RecordLayout, bytes_of};
use crate::persist::row::IsElement;
use crate::persist::strided::{PackedValues, StridedIter};
use crate::persist::traits::Save;

/// The element type of record arrays in the directory, as records contain numbers of
/// many kinds.
const BYTES: NumberKind = NumberKind::U8;

impl<'v> BodyWriter<'v, '_> {
    /// Appends a length-prefixed array of records.
    ///
    /// # Errors
    ///
    /// Never fails, because records have no errors.
    pub(in crate::persist) fn records<T: Save>(
        &mut self,
        record: RecordLayout,
        values: &'v [T],
    ) -> Result<(), Error> {
        self.record_shape::<T>(values.len());
        match bytes_of(values) {
            Some(bytes) => {
                self.borrowed_array(BYTES, record.align, bytes);
                Ok(())
            }
            None => self.stored(BYTES, record.align, values.len(), values),
        }
    }

    /// Appends values that are not contiguous, as an array of records or a sequence.
    ///
    /// # Errors
    ///
    /// The errors of the values.
    pub(in crate::persist) fn each<T: Save + 'v, I>(
        &mut self,
        count: usize,
        values: I,
    ) -> Result<(), Error>
    where
        I: IntoIterator<Item = &'v T, IntoIter: Clone + 'v>,
    {
        match RecordLayout::many::<T>() {
            Some(record) => {
                self.record_shape::<T>(count);
                self.stored(BYTES, record.align, count, values)
            }
            None => self.many(count, values),
        }
    }

    /// Appends numbers, or rows of numbers, with any layout in memory. The reader knows
    /// their count.
    ///
    /// # Errors
    ///
    /// As [`records`](BodyWriter::records).
    pub(in crate::persist) fn cells_of<T: Save>(
        &mut self,
        cells: IsElement<T>,
        values: &'v [T],
    ) -> Result<(), Error> {
        if cells.is_bare {
            self.cells(cells, values);
            return Ok(());
        }
        self.stored(cells.kind, cells.kind.size(), values.len(), values)
    }

    /// As [`cells_of`](BodyWriter::cells_of), for values that are not contiguous.
    ///
    /// # Errors
    ///
    /// As [`records`](BodyWriter::records).
    pub(in crate::persist) fn cells_of_each<T: Save + 'v, I>(
        &mut self,
        cells: IsElement<T>,
        values: I,
    ) -> Result<(), Error>
    where
        I: ExactSizeIterator<Item = &'v T> + Clone + 'v,
    {
        match cells.is_bare {
            true => self.strided(cells.kind, StridedIter(values, cells)),
            false => self.stored(cells.kind, cells.kind.size(), values.len(), values),
        }
    }

    /// As [`cells_of`](BodyWriter::cells_of), for two slices.
    ///
    /// # Errors
    ///
    /// As [`records`](BodyWriter::records).
    pub(in crate::persist) fn cells_of_pieces<T: Save>(
        &mut self,
        cells: IsElement<T>,
        front: &'v [T],
        back: &'v [T],
    ) -> Result<(), Error> {
        if cells.is_bare {
            return self.pieces(cells, front, back);
        }
        let (count, values) = (front.len() + back.len(), front.iter().chain(back));
        self.stored(cells.kind, cells.kind.size(), count, values)
    }

    /// Appends the number of records and the lengths of their rows.
    fn record_shape<T: Save>(&mut self, count: usize) {
        self.length(count);
        T::lengths(&mut |len| self.length(len));
        self.has_records = true;
    }

    /// Appends values as an array of records.
    pub(in crate::persist) fn stored<T: Save + 'v, I>(
        &mut self,
        kind: NumberKind,
        align: usize,
        count: usize,
        values: I,
    ) -> Result<(), Error>
    where
        I: IntoIterator<Item = &'v T, IntoIter: Clone + 'v>,
    {
        let values = values.into_iter();
        let data = ArrayData::Strided(Box::new(PackedValues { values, count }));
        match self.is_inline(data.len()) {
            true => self.inline_at(align, &data.into_owned()?),
            false => self.segment(kind, data),
        }
        Ok(())
    }

    /// Whether records were written, which version 1 stores as sequences.
    pub(in crate::persist) fn has_records(&self) -> bool {
        self.has_records
    }
}
