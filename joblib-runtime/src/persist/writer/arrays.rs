//! Arrays as a writer appends them: in the small part where they are short, and
//! noted where they lie, to be written after it, where they are not.

use super::{Array, Data, Writer};
use crate::persist::compress::Compress;
use crate::persist::error::Error;
use crate::persist::form::{Form, HERE, INLINE, SEGMENT, gap};
use crate::persist::number::{Kind, Number, swap};
use crate::persist::row::Cells;
use crate::persist::save::Save;
use crate::persist::strided::{Pieces, Strided};

impl<'v> Writer<'v, '_> {
    /// Appends numbers, whose count is known already.
    pub fn numbers<N: Number>(&mut self, numbers: &'v [N]) {
        self.cells(Cells::new(), numbers);
    }

    /// As [`numbers`](Writer::numbers), of numbers or of rows of them.
    pub(in crate::persist) fn cells<T>(&mut self, cells: Cells<T>, values: &'v [T]) {
        let (kind, bytes) = (cells.kind, cells.bytes_of(values));
        if cfg!(target_endian = "big") {
            let mut swapped = bytes.to_owned();
            swap(kind, &mut swapped);
            self.owned_array(kind, Data::Owned(swapped));
        } else {
            self.lent(kind, kind.size(), bytes);
        }
    }

    /// Appends the bytes of an array, which starts at a multiple of `align`.
    pub(super) fn lent(&mut self, kind: Kind, align: usize, bytes: &'v [u8]) {
        match self.is_inline(bytes.len() as u64) {
            true => self.inline_at(align, bytes),
            false => self.segment(kind, Data::Lent(bytes)),
        }
    }

    /// Appends the dimensions of `count` rows of numbers, and that those of the
    /// last lie together.
    pub(in crate::persist) fn shape<T: Save>(&mut self, count: usize) {
        self.length(count);
        T::lengths(&mut |len| self.length(len));
        self.raw(&[0]);
        self.note_later();
    }

    /// Appends numbers that do not lie one after another, in the order of
    /// bytes of files.
    ///
    /// # Errors
    ///
    /// Those of `strided`.
    pub fn strided(&mut self, kind: Kind, strided: impl Strided + 'v) -> Result<(), Error> {
        let data = Data::Strided(Box::new(strided));
        if self.is_inline(data.len()) {
            self.owned_array(kind, Data::Owned(data.into_owned()?));
        } else {
            self.segment(kind, data);
        }
        Ok(())
    }

    /// As [`cells`](Writer::cells), of what is in two pieces.
    ///
    /// # Errors
    ///
    /// None; that of [`strided`](Writer::strided) is none of these pieces'.
    pub(in crate::persist) fn pieces<T>(
        &mut self,
        cells: Cells<T>,
        front: &'v [T],
        back: &'v [T],
    ) -> Result<(), Error> {
        let pieces = [front, back];
        self.strided(cells.kind, Pieces { cells, pieces })
    }

    pub(super) fn owned_array(&mut self, kind: Kind, data: Data<'v>) {
        match data {
            Data::Owned(bytes) if self.is_inline(bytes.len() as u64) => self.inline(kind, &bytes),
            data => self.segment(kind, data),
        }
    }

    pub(super) fn is_inline(&self, len: u64) -> bool {
        self.form != Form::File || len < INLINE
    }

    pub(in crate::persist) fn inline(&mut self, kind: Kind, bytes: &[u8]) {
        self.inline_at(kind.size(), bytes);
    }

    /// Appends the bytes of an array here, at a multiple of `align`.
    pub(in crate::persist) fn inline_at(&mut self, align: usize, bytes: &[u8]) {
        if self.form == Form::Adapted {
            self.small.push(HERE);
        }
        if self.form != Form::Flat && !bytes.is_empty() {
            let gap = gap(self.position(), align);
            self.small.resize(self.small.len() + gap, 0);
        }
        self.raw(bytes);
    }

    /// In [`Form::Adapted`]: the array is a segment of another file.
    pub(in crate::persist) fn elsewhere(&mut self, index: u64, kind: Kind) {
        self.small.push(SEGMENT);
        self.varint(index);
        self.small.push(kind as u8);
    }

    pub(super) fn segment(&mut self, kind: Kind, data: Data<'v>) {
        self.arrays.push(Array {
            kind,
            data,
            compress: self.compress,
        });
    }

    /// Arrays that `save` appends are compressed in that way.
    ///
    /// # Errors
    ///
    /// Those of `save`.
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
