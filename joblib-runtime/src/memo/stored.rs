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
//! [`dispatch`](crate::codec::dispatch).

pub use crate::codec::dispatch::*;

use crate::codec::{DecodeError, EncodeError};
use crate::persist::{Persist, bare, kept};
use crate::store::Payload;

/// First choice: of a `Result`, an `Ok` with `Persist`.
pub trait PersistOk {
    /// The way it is stored.
    fn stored(&self) -> OkPersisted {
        OkPersisted
    }

    /// As `stored`.
    fn way(&self) -> OkPersisted {
        OkPersisted
    }
}

impl<T: Persist, E> PersistOk for &&&Output<Result<T, E>> {}

/// Third, after any other `Result`: a value with `Persist`.
pub trait PersistWhole {
    /// The way it is stored.
    fn stored(&self) -> Persisted {
        Persisted
    }

    /// As `stored`.
    fn way(&self) -> Persisted {
        Persisted
    }
}

impl<R: Persist> PersistWhole for &Output<R> {}

impl<R: Persist> PersistWhole for &Whole<R> {}

/// What bytes of this kind are told from those of serde by.
const ENCODING: u8 = 0x10;

/// The result whose stored bytes these are, which may be those of `payload`
/// itself; if it is `mapped`, arrays may stay there.
pub(crate) fn decode<R, S: Stored<R>>(
    bytes: &[u8],
    payload: &Payload,
    mapped: bool,
) -> Result<R, DecodeError> {
    match payload.owner() {
        // SAFETY: payloads are parts of files that are never changed, and stay
        // as long as their map.
        Some(owner) if mapped && std::ptr::eq(bytes, &**payload) => unsafe {
            kept::keeping(owner, || S::decode(bytes))
        },
        _ => S::decode(bytes),
    }
}

/// Stores the value of an `Ok`.
#[derive(Clone, Copy, Debug)]
pub struct OkPersisted;

impl<T: Persist, E> Stored<Result<T, E>> for OkPersisted {
    const ENCODING: u8 = ENCODING;

    fn encode(&self, value: &Result<T, E>, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
        match value {
            Result::Ok(value) => Persisted.encode(value, out),
            Err(_) => Result::Ok(false),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Result<T, E>, DecodeError> {
        Persisted::decode(bytes).map(Result::Ok)
    }
}

/// Stores the value as it is.
#[derive(Clone, Copy, Debug)]
pub struct Persisted;

impl<R: Persist> Stored<R> for Persisted {
    const ENCODING: u8 = ENCODING;

    fn encode(&self, value: &R, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
        let encoded = bare::encode(value, out);
        encoded.map_err(|error| EncodeError::Other(error.to_string()))?;
        Result::Ok(true)
    }

    fn decode(bytes: &[u8]) -> Result<R, DecodeError> {
        bare::decode(bytes).map_err(|error| DecodeError::Other(error.to_string()))
    }
}
