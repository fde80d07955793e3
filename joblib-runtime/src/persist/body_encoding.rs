//! Where the bytes of an array stand: rules that writer and readers share.

/// An array of fewer bytes lies in the small part, others in a segment of
/// their own.
pub(super) const SEGMENT_MIN_LEN: u64 = 1024;

/// How values are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyEncoding {
    /// As in a file: where an array stands follows from its size, and
    /// segments come in the order of the arrays.
    File,
    /// As what was made of a file of another type: each array says where it
    /// stands.
    Adapted,
    /// Without segments and gaps, which is what keys are ordered by.
    Flat,
}

/// How the parts are written that serde describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SerdeEncoding {
    /// With a description of themselves, as in files.
    Described,
    /// By places, as in files of version 1.
    Compact,
    /// As the byte before each says: [`COMPACT`] or [`DESCRIBED`].
    Told,
}

/// In [`SerdeEncoding::Told`]: what follows is known by its place.
pub(super) const COMPACT: u8 = 0;

/// In [`SerdeEncoding::Told`]: what follows describes itself.
pub(super) const DESCRIBED: u8 = 1;

/// In [`BodyEncoding::Adapted`]: the array follows.
pub(super) const INLINE: u8 = 0;

/// In [`BodyEncoding::Adapted`]: the number of a segment and its kind follow.
pub(super) const SEGMENT: u8 = 1;

/// How many bytes bring `position` to a multiple of `size`, a power of two.
#[inline]
pub(super) fn gap(position: u64, size: usize) -> usize {
    position.wrapping_neg() as usize & (size - 1)
}
