//! Stores results that implement `Persist`: arrays with the same layout as in memory,
//! and the rest as in a file of its own. Other results are stored by
//! [`codec`](crate::codec).
//!
//! For a function that returns `R`, generated code contains
//!
//! ```text
//! use persist_codec::*;
//! (&&&&Probe::<R>::NEW).storable_codec()     // an expression of a type `impl ResultCodec<R>`
//! (&&ProbeWhole::<R>::NEW).storable_codec()  // with `cache_if`, which may keep an `Err`
//! ```
//!
//! and method resolution selects the first of these that applies, as in
//! [`result_codec`](crate::codec::result_codec).

pub use crate::codec::equality::*;
pub use crate::codec::result_codec::*;

use crate::codec::result_codec::not_stored;
use crate::codec::{DESCRIBED, DecodeError, EncodeError, Purpose, ShapeObserver};
use crate::persist::{Persist, embedded, owner};
use crate::store::Payload;

/// First choice: a `Result` whose `Ok` type implements `Persist`.
pub trait SelectPersistOk {
    /// Returns the codec.
    fn storable_codec(&self) -> EncodeOkPersist {
        EncodeOkPersist
    }

    /// Returns the codec.
    fn codec(&self) -> EncodeOkPersist {
        EncodeOkPersist
    }
}

impl<T: Persist, E> SelectPersistOk for &&&Probe<Result<T, E>> {}

/// Third choice, after any other `Result`: a value that implements `Persist`.
pub trait SelectPersistWhole {
    /// Returns the codec.
    fn storable_codec(&self) -> EncodePersist {
        EncodePersist
    }

    /// Returns the codec.
    fn codec(&self) -> EncodePersist {
        EncodePersist
    }
}

impl<R: Persist> SelectPersistWhole for &Probe<R> {}

impl<R: Persist> SelectPersistWhole for &ProbeWhole<R> {}

/// The encoding number, which distinguishes these bytes from those of serde.
const ENCODING: u8 = 0x10;

/// Returns whether the codec `S` reads `encoding`.
pub(crate) fn is_read<R, S: ResultCodec<R>>(encoding: u8) -> bool {
    encoding == S::ENCODING || S::DESCRIBES && encoding == DESCRIBED
}

/// Decodes the bytes of a stored result in `encoding`.
#[inline]
pub(crate) fn decode<R, S: ResultCodec<R>>(encoding: u8, bytes: &[u8]) -> Result<R, DecodeError> {
    match encoding {
        it if it == S::ENCODING => S::decode(bytes),
        DESCRIBED if S::DESCRIBES => S::decode_described(bytes),
        _ => Err(DecodeError::Encoding),
    }
}

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
    pub(crate) fn decode<R, S: ResultCodec<R>>(self) -> Result<R, DecodeError> {
        // SAFETY: a payload with an owner is a range of a file that is never modified,
        // and it stays valid as long as its memory map, which the owner keeps. The
        // bytes are those of that payload, as `of` checks.
        let _keeping = self.owner.map(|owner| unsafe { owner::set_owner(owner) });
        decode::<R, S>(self.encoding, self.bytes)
    }
}

/// Stores the value of an `Ok`.
#[derive(Clone, Copy, Debug)]
pub struct EncodeOkPersist;

impl<T: Persist, E> ResultCodec<Result<T, E>> for EncodeOkPersist {
    const ENCODING: u8 = ENCODING;

    const DESCRIBES: bool = false;

    fn accepts(&self, value: &Result<T, E>) -> bool {
        value.is_ok()
    }

    fn encode(
        &self,
        value: &Result<T, E>,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let value = value.as_ref().map_err(|_| not_stored())?;
        EncodePersist.encode(value, watch, out)
    }

    fn decode(bytes: &[u8]) -> Result<Result<T, E>, DecodeError> {
        EncodePersist::decode(bytes).map(Result::Ok)
    }

    fn describe(
        &self,
        value: &Result<T, E>,
        purpose: Purpose,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let value = value.as_ref().map_err(|_| not_stored())?;
        EncodePersist.describe(value, purpose, out)
    }

    fn decode_described(bytes: &[u8]) -> Result<Result<T, E>, DecodeError> {
        EncodePersist::decode(bytes).map(Result::Ok)
    }

    fn has_unobserved_data() -> bool {
        <EncodePersist as ResultCodec<T>>::has_unobserved_data()
    }
}

/// Stores the value as it is.
#[derive(Clone, Copy, Debug)]
pub struct EncodePersist;

impl<R: Persist> ResultCodec<R> for EncodePersist {
    const ENCODING: u8 = ENCODING;

    const DESCRIBES: bool = false;

    fn encode(
        &self,
        value: &R,
        _: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let encoded = embedded::encode(value, out);
        encoded.map_err(|error| EncodeError::Other(error.to_string()))
    }

    fn decode(bytes: &[u8]) -> Result<R, DecodeError> {
        embedded::decode(bytes).map_err(|error| DecodeError::Other(error.to_string()))
    }

    /// Writes the normal encoding, which is unique for each value. Values that differ
    /// only in an order known to their `Serialize` alone cannot be recognized as equal.
    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match purpose {
            Purpose::CompareUnordered => Result::Ok(()),
            _ => self.encode(value, &mut ShapeObserver::default(), out),
        }
    }

    fn decode_described(bytes: &[u8]) -> Result<R, DecodeError> {
        Self::decode(bytes)
    }

    fn has_unobserved_data() -> bool {
        embedded::has_serde::<R>()
    }
}
