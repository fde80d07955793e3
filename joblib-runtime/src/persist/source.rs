//! The input of a reader: the body, in chunks or as a whole, and the arrays after it.

use std::mem::MaybeUninit;

use super::error::Error;
use super::number::NumberKind;
use super::owner::Owner;

/// A source of the body and the arrays of a value.
pub(super) trait BodySource {
    /// Appends the next bytes of the body, at least one.
    fn more(&mut self, window: &mut Vec<u8>) -> Result<(), Error>;

    /// Whether the segment with this index has `len` bytes of this kind.
    fn is_segment(&mut self, index: u64, kind: NumberKind, len: u64) -> bool;

    /// Whether there is a segment with this index.
    fn has(&self, index: u64) -> bool;

    /// Fills `out` with all bytes of a segment, or fails.
    fn fill(&mut self, index: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error>;

    /// Returns the offset of a segment in the file, if it has the same layout as in
    /// memory; otherwise the reason why not.
    fn offset(&self, index: u64) -> Result<usize, &'static str>;

    /// Returns the `len` bytes of a segment without a copy, if their memory stays valid.
    /// The segment is consumed then, as by `fill`.
    fn keep(&mut self, _index: u64, _len: usize) -> Result<Option<(*const u8, Owner)>, Error> {
        Ok(None)
    }
}

impl<S: BodySource + ?Sized> BodySource for &mut S {
    fn more(&mut self, window: &mut Vec<u8>) -> Result<(), Error> {
        (**self).more(window)
    }

    fn is_segment(&mut self, index: u64, kind: NumberKind, len: u64) -> bool {
        (**self).is_segment(index, kind, len)
    }

    fn has(&self, index: u64) -> bool {
        (**self).has(index)
    }

    fn fill(&mut self, index: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        (**self).fill(index, out)
    }

    fn offset(&self, index: u64) -> Result<usize, &'static str> {
        (**self).offset(index)
    }
}

/// The part of the body that is in memory.
pub(super) enum BodyWindow<'s> {
    Whole(&'s [u8]),
    Streamed(Vec<u8>),
}

impl BodyWindow<'_> {
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            BodyWindow::Whole(bytes) => bytes,
            BodyWindow::Streamed(bytes) => bytes,
        }
    }
}

/// A source that a reader owns or borrows.
pub(super) enum SourceRef<'s> {
    Boxed(Box<dyn BodySource + 's>),
    Lent(&'s mut (dyn BodySource + 's)),
}

impl<'s> SourceRef<'s> {
    pub(super) fn get(&self) -> &(dyn BodySource + 's) {
        match self {
            SourceRef::Boxed(source) => &**source,
            SourceRef::Lent(source) => &**source,
        }
    }

    pub(super) fn get_mut(&mut self) -> &mut (dyn BodySource + 's) {
        match self {
            SourceRef::Boxed(source) => &mut **source,
            SourceRef::Lent(source) => &mut **source,
        }
    }
}
