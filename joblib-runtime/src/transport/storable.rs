//! How each encoding stores a value in the cache.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::encoding::{PERSIST, SERDE, UNBOUNDED};
use crate::codec::{
    DecodeError, EncodeError, Purpose, ShapeObserver, decode, decode_described, describe,
    encode_watched,
};
use crate::persist::{Persist, embedded};

/// A value that can be stored in the encoding `E`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as the result of a memoized function",
    label = "`{Self}`, or a type in it, borrows or lacks `Persist` (or `Serialize` and `Deserialize`)",
    note = "derive `joblib::Persist` (or `serde::Serialize` and `serde::Deserialize`) for the type that lacks it, and return an owned value",
    note = "for a type of another crate, enable the feature of joblib with the name of that crate, if there is one, or name functions that convert it with `store(to = …, from = …)`",
    note = "for a `Result<T, E>` only `T` is stored; with `cache_if` both are"
)]
pub trait Storable<const E: u8 = SERDE>: Sized {
    /// The tag of the encoding, which is stored next to the bytes.
    const TAG: u8;

    /// Whether a value can use the self-describing encoding if this one cannot be decoded.
    const DESCRIBES: bool;

    /// Appends the encoding to `out`, and records in `watch` the shapes that the value
    /// shows.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn encode(&self, watch: &mut ShapeObserver, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Decodes a value from its stored bytes.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not the encoding of a value.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Encodes like [`encode`](Storable::encode), in the self-describing encoding.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn describe(&self, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Decodes a value from the self-describing encoding.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not such an encoding of a value.
    fn decode_described(bytes: &[u8]) -> Result<Self, DecodeError>;

    /// Returns whether values contain data that a [`ShapeObserver`] does not see.
    fn has_unobserved_data() -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Storable<SERDE> for T {
    const TAG: u8 = 0;
    const DESCRIBES: bool = true;

    #[inline]
    fn encode(&self, watch: &mut ShapeObserver, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        encode_watched(self, watch, out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        decode(bytes)
    }

    fn describe(&self, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        describe(self, purpose, out)
    }

    fn decode_described(bytes: &[u8]) -> Result<T, DecodeError> {
        decode_described(bytes)
    }

    fn has_unobserved_data() -> bool {
        false
    }
}

/// Never used: [`Stores`](super::output::Stores) rejects the function. It prevents that the
/// compiler reports the same type again.
#[diagnostic::do_not_recommend]
impl<T> Storable<UNBOUNDED> for T {
    const TAG: u8 = 0;
    const DESCRIBES: bool = false;

    fn encode(&self, _: &mut ShapeObserver, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::Other(NO_ENCODING.to_owned()))
    }

    fn decode(_: &[u8]) -> Result<T, DecodeError> {
        Err(DecodeError::Other(NO_ENCODING.to_owned()))
    }

    fn describe(&self, _: Purpose, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::Other(NO_ENCODING.to_owned()))
    }

    fn decode_described(_: &[u8]) -> Result<T, DecodeError> {
        Err(DecodeError::Other(NO_ENCODING.to_owned()))
    }

    fn has_unobserved_data() -> bool {
        true
    }
}

const NO_ENCODING: &str = "the type has no encoding";

#[diagnostic::do_not_recommend]
impl<T: Persist> Storable<PERSIST> for T {
    const TAG: u8 = 0x10;
    const DESCRIBES: bool = false;

    fn encode(&self, _: &mut ShapeObserver, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        embedded::encode(self, out).map_err(|error| EncodeError::Other(error.to_string()))
    }

    fn decode(bytes: &[u8]) -> Result<T, DecodeError> {
        embedded::decode(bytes).map_err(|error| DecodeError::Other(error.to_string()))
    }

    /// Writes the normal encoding, which is unique for each value. Values that differ
    /// only in an order known to their `Serialize` alone cannot be recognized as equal.
    fn describe(&self, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match purpose {
            Purpose::CompareUnordered => Ok(()),
            _ => Storable::<PERSIST>::encode(self, &mut ShapeObserver::default(), out),
        }
    }

    fn decode_described(bytes: &[u8]) -> Result<T, DecodeError> {
        <T as Storable<PERSIST>>::decode(bytes)
    }

    fn has_unobserved_data() -> bool {
        embedded::has_serde::<T>()
    }
}
