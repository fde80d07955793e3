//! How a memoized function stores a result that has `Persist`: its arrays as
//! they lie in memory, and the rest as in a file of its own. What has none is
//! stored as [`codec`](crate::codec) does it.
//!
//! Generated code writes, for a function that returns `R`,
//!
//! ```text
//! use stored::*;
//! (&&&&Output::<R>::NEW).stored()       // an expression of a type `impl Stored<R>`
//! (&&Whole::<R>::NEW).stored()          // with `cache_if`, which may keep an `Err`
//! ```
//!
//! and method lookup takes the first of these that fits, as it does in
//! [`result_codec`](crate::codec::result_codec).

pub use crate::codec::equality::*;
pub use crate::codec::result_codec::*;

use crate::codec::result_codec::not_stored;
use crate::codec::{DESCRIBED, DecodeError, EncodeError, Purpose, ShapeObserver};
use crate::persist::{Persist, embedded, owner};
use crate::store::Payload;

/// First choice: of a `Result`, an `Ok` with `Persist`.
pub trait SelectPersistOk {
    /// The way it is stored.
    fn stored(&self) -> EncodeOkPersist {
        EncodeOkPersist
    }

    /// As `stored`.
    fn way(&self) -> EncodeOkPersist {
        EncodeOkPersist
    }
}

impl<T: Persist, E> SelectPersistOk for &&&Probe<Result<T, E>> {}

/// Third, after any other `Result`: a value with `Persist`.
pub trait SelectPersistWhole {
    /// The way it is stored.
    fn stored(&self) -> EncodePersist {
        EncodePersist
    }

    /// As `stored`.
    fn way(&self) -> EncodePersist {
        EncodePersist
    }
}

impl<R: Persist> SelectPersistWhole for &Probe<R> {}

impl<R: Persist> SelectPersistWhole for &ProbeWhole<R> {}

/// What bytes of this kind are told from those of serde by.
const ENCODING: u8 = 0x10;

/// Whether bytes in `encoding` are read.
pub(crate) fn is_read<R, S: ResultCodec<R>>(encoding: u8) -> bool {
    encoding == S::ENCODING || S::DESCRIBES && encoding == DESCRIBED
}

/// The result whose stored bytes these are, in `encoding`.
#[inline]
pub(crate) fn decode<R, S: ResultCodec<R>>(encoding: u8, bytes: &[u8]) -> Result<R, DecodeError> {
    match encoding {
        it if it == S::ENCODING => S::decode(bytes),
        DESCRIBED if S::DESCRIBES => S::decode_described(bytes),
        _ => Err(DecodeError::Encoding),
    }
}

/// Bytes of a stored result.
pub(crate) struct EncodedResult<'a> {
    encoding: u8,
    bytes: &'a [u8],
    /// What keeps the bytes, if arrays may stay there.
    owner: Option<owner::Owner>,
}

impl<'a> EncodedResult<'a> {
    /// Bytes that are read and left.
    pub(crate) fn new(encoding: u8, bytes: &'a [u8]) -> Self {
        EncodedResult {
            encoding,
            bytes,
            owner: None,
        }
    }

    /// Bytes which may be those of `payload` itself; if it is `mapped`, arrays may
    /// stay there.
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

    /// The result whose bytes these are.
    pub(crate) fn decode<R, S: ResultCodec<R>>(self) -> Result<R, DecodeError> {
        // SAFETY: payloads are parts of files that are never changed, and stay
        // as long as their map; the bytes are those of the payload.
        let _keeping = self.owner.map(|owner| unsafe { owner::keep(owner) });
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

    fn is_veiled() -> bool {
        <EncodePersist as ResultCodec<T>>::is_veiled()
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

    /// Its bytes are a description: a value has one encoding. What differs by
    /// the order of parts that only their own `Serialize` knows cannot be told
    /// from what is equal.
    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match purpose {
            Purpose::CompareUnordered => Result::Ok(()),
            _ => self.encode(value, &mut ShapeObserver::default(), out),
        }
    }

    fn decode_described(bytes: &[u8]) -> Result<R, DecodeError> {
        Self::decode(bytes)
    }

    fn is_veiled() -> bool {
        embedded::has_serde::<R>()
    }
}
