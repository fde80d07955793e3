//! Writes arrays: short ones inline in the body, others as segments, which are borrowed
//! until the body is written.

use super::{ArrayData, BodyWriter, PendingArray};
use crate::persist::body_encoding::{BodyEncoding, INLINE, SEGMENT, SEGMENT_MIN_LEN, gap};
use crate::persist::compress::Compress;
use crate::persist::error::Error;
use crate::persist::number::{Number, NumberKind, swap};
use crate::persist::row::IsElement;
use crate::persist::strided::{Strided, TwoSlices};
use crate::persist::traits::Save;

impl<'v> BodyWriter<'v, '_> {
    /// Appends numbers. The reader knows their count.
    pub fn numbers<N: Number>(&mut self, numbers: &'v [N]) {
        self.cells(IsElement::new(), numbers);
    }

    /// As [`numbers`](BodyWriter::numbers), for numbers or rows of numbers.
    pub(in crate::persist) fn cells<T>(&mut self, cells: IsElement<T>, values: &'v [T]) {
        let (kind, bytes) = (cells.kind, cells.bytes_of(values));
        if cfg!(target_endian = "big") {
            let mut swapped = bytes.to_owned();
            swap(kind, &mut swapped);
            self.owned_array(kind, ArrayData::Owned(swapped));
        } else {
            self.borrowed_array(kind, kind.size(), bytes);
        }
    }

    /// Appends the bytes of an array with this alignment.
    pub(super) fn borrowed_array(&mut self, kind: NumberKind, align: usize, bytes: &'v [u8]) {
        match self.is_inline(bytes.len() as u64) {
            true => self.inline_at(align, bytes),
            false => self.segment(kind, ArrayData::Lent(bytes)),
        }
    }

    /// Appends the shape of `count` rows of numbers in row-major order.
    pub(in crate::persist) fn shape<T: Save>(&mut self, count: usize) {
        self.length(count);
        T::lengths(&mut |len| self.length(len));
        self.raw(&[0]);
        self.note_differs_from_version_1();
    }

    /// Appends non-contiguous numbers.
    ///
    /// # Errors
    ///
    /// The errors of `strided`.
    pub fn strided(&mut self, kind: NumberKind, strided: impl Strided + 'v) -> Result<(), Error> {
        let data = ArrayData::Strided(Box::new(strided));
        if self.is_inline(data.len()) {
            self.owned_array(kind, ArrayData::Owned(data.into_owned()?));
        } else {
            self.segment(kind, data);
        }
        Ok(())
    }

    /// As [`cells`](BodyWriter::cells), for two slices.
    ///
    /// # Errors
    ///
    /// Never fails, because slices have no errors.
    pub(in crate::persist) fn pieces<T>(
        &mut self,
        cells: IsElement<T>,
        front: &'v [T],
        back: &'v [T],
    ) -> Result<(), Error> {
        let pieces = [front, back];
        self.strided(cells.kind, TwoSlices { cells, pieces })
    }

    fn owned_array(&mut self, kind: NumberKind, data: ArrayData<'v>) {
        match data {
            ArrayData::Owned(bytes) if self.is_inline(bytes.len() as u64) => {
                self.inline(kind, &bytes)
            }
            data => self.segment(kind, data),
        }
    }

    pub(super) fn is_inline(&self, len: u64) -> bool {
        self.form != BodyEncoding::File || len < SEGMENT_MIN_LEN
    }

    pub(in crate::persist) fn inline(&mut self, kind: NumberKind, bytes: &[u8]) {
        self.inline_at(kind.size(), bytes);
    }

    /// Appends the bytes of an array inline, with this alignment.
    pub(in crate::persist) fn inline_at(&mut self, align: usize, bytes: &[u8]) {
        if self.form == BodyEncoding::Adapted {
            self.small.push(INLINE);
        }
        if self.form != BodyEncoding::Flat && !bytes.is_empty() {
            let gap = gap(self.position(), align);
            self.small.resize(self.small.len() + gap, 0);
        }
        self.raw(bytes);
    }

    /// In [`BodyEncoding::Adapted`]: appends a reference to a segment of another file.
    pub(in crate::persist) fn segment_reference(&mut self, index: u64, kind: NumberKind) {
        self.small.push(SEGMENT);
        self.varint(index);
        self.small.push(kind as u8);
    }

    pub(super) fn segment(&mut self, kind: NumberKind, data: ArrayData<'v>) {
        self.arrays.push(PendingArray {
            kind,
            data,
            compress: self.compress,
        });
    }

    /// Sets the compression of the arrays that `save` appends.
    ///
    /// # Errors
    ///
    /// The errors of `save`.
    pub fn compressing(
        &mut self,
        compress: Compress,
        save: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let outer = self.compress.replace(compress);
        let saved = save(self);
        self.compress = outer;
        saved
    }
}
