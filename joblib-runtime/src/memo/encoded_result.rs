//! Decodes stored results in the encoding that the store recorded, and lets arrays keep
//! pointing into the mapped bytes.

use crate::codec::DecodeError;
use crate::persist::owner;
use crate::store::Payload;
use crate::transport::Decoder;

/// The encoded bytes of a stored result.
pub(crate) struct EncodedResult<'a> {
    encoding: u8,
    bytes: &'a [u8],
    /// The owner of the bytes, if arrays may keep pointing into them.
    owner: Option<owner::Owner>,
}

impl<'a> EncodedResult<'a> {
    /// Wraps bytes that are copied when they are decoded.
    pub(crate) fn new(encoding: u8, bytes: &'a [u8]) -> Self {
        EncodedResult {
            encoding,
            bytes,
            owner: None,
        }
    }

    /// Wraps bytes that may be those of `payload` itself. In that case, and if it is
    /// `mapped`, arrays may keep pointing into them.
    pub(crate) fn of(encoding: u8, bytes: &'a [u8], payload: &Payload, mapped: bool) -> Self {
        let owner = match mapped && std::ptr::eq(bytes, &**payload) {
            true => payload.owner().map(|owner| owner as owner::Owner),
            false => None,
        };
        EncodedResult {
            encoding,
            bytes,
            owner,
        }
    }

    /// Decodes the result.
    pub(crate) fn decode<R>(self, decoder: Decoder<R>) -> Result<R, DecodeError> {
        // SAFETY: a payload with an owner is a range of a file that is never modified,
        // and it stays valid as long as its memory map, which the owner keeps. The
        // bytes are those of that payload, as `of` checks.
        let set_owner = |owner| unsafe { owner::set_owner(owner, self.bytes) };
        let _keeping = self.owner.map(set_owner);
        decoder.decode(self.encoding, self.bytes)
    }
}
