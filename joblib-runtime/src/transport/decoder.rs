//! Decodes stored results of a type. It outlives the codec, so that a shelved result needs
//! none.

use std::fmt;

use crate::codec::{DESCRIBED, DecodeError};

/// Decodes results of type `R`.
pub struct Decoder<R> {
    /// The tag of the encoding.
    pub(super) tag: u8,
    /// Whether a stored result may be in the self-describing encoding.
    pub(super) describes: bool,
    pub(super) compact: fn(&[u8]) -> Result<R, DecodeError>,
    pub(super) described: fn(&[u8]) -> Result<R, DecodeError>,
}

impl<R> Decoder<R> {
    /// Returns whether it reads `encoding`.
    pub(crate) fn reads(self, encoding: u8) -> bool {
        encoding == self.tag || self.describes && encoding == DESCRIBED
    }

    /// Decodes the bytes of a stored result in `encoding`.
    #[inline]
    pub(crate) fn decode(self, encoding: u8, bytes: &[u8]) -> Result<R, DecodeError> {
        match encoding {
            it if it == self.tag => (self.compact)(bytes),
            DESCRIBED if self.describes => (self.described)(bytes),
            _ => Err(DecodeError::Encoding),
        }
    }

    /// Decodes a description that [`ResultCodec::describe`](super::ResultCodec::describe)
    /// wrote.
    pub(crate) fn decode_described(self, bytes: &[u8]) -> Result<R, DecodeError> {
        (self.described)(bytes)
    }
}

impl<R> Clone for Decoder<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Decoder<R> {}

impl<R> fmt::Debug for Decoder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}
