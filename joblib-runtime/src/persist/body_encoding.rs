//! The rules for the position of array bytes, shared by the writer and the readers.

/// The minimum size in bytes of an array that gets its own segment. Smaller arrays are
/// inline in the body.
pub(super) const SEGMENT_MIN_LEN: u64 = 1024;

/// How the body of a value is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyEncoding {
    /// As in a file: the size of an array determines where it is, and segments are in the
    /// order of the arrays.
    File,
    /// A body that was migrated from a file of another type: each array states its
    /// position.
    Adapted,
    /// Without segments and padding, for comparing keys.
    Flat,
}

/// How fields that use serde are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SerdeEncoding {
    /// Self-describing, as in files.
    Described,
    /// By position, as in files of version 1.
    Compact,
    /// As the byte before each field states: [`COMPACT`] or [`DESCRIBED`].
    Tagged,
}

/// In [`SerdeEncoding::Tagged`]: the field is encoded by position.
pub(super) const COMPACT: u8 = 0;

/// In [`SerdeEncoding::Tagged`]: the field is self-describing.
pub(super) const DESCRIBED: u8 = 1;

/// In [`BodyEncoding::Adapted`]: the bytes of the array follow.
pub(super) const INLINE: u8 = 0;

/// In [`BodyEncoding::Adapted`]: the index of a segment and its element type follow.
pub(super) const SEGMENT: u8 = 1;

/// Returns the padding from `position` to the next multiple of `size`, a power of two.
#[inline]
pub(super) fn gap(position: u64, size: usize) -> usize {
    position.wrapping_neg() as usize & (size - 1)
}
