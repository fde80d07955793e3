//! Where a reader takes bytes from: the small part, piece by piece or at once,
//! and the arrays after it.

use std::mem::MaybeUninit;

use super::error::Error;
use super::number::NumberKind;
use super::owner::Owner;

/// Where the small part and the arrays come from.
pub(super) trait BodySource {
    /// Appends the next bytes of the small part, at least one of those that
    /// are left.
    fn more(&mut self, window: &mut Vec<u8>) -> Result<(), Error>;

    /// Whether the segment with that number is so many bytes of that kind.
    fn is_segment(&mut self, index: u64, kind: NumberKind, len: u64) -> bool;

    /// Whether there is a segment with that number.
    fn has(&self, index: u64) -> bool;

    /// Fills `out` with all bytes of a segment, and does so whole or fails.
    fn fill(&mut self, index: u64, out: &mut [MaybeUninit<u8>]) -> Result<(), Error>;

    /// Where in the file a segment lies, if it lies there as in memory; why
    /// not, if it does not.
    fn offset(&self, index: u64) -> Result<usize, &'static str>;

    /// The `len` bytes of a segment, if they stay where they are. They are
    /// taken then, as by `fill`.
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

/// The part of the small part that is at hand.
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

/// A source, which a reader has or was lent.
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
