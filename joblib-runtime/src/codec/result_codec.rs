//! Selects how a memoized function stores its return value: only the `Ok` of a `Result`,
//! and any other value whole. A type that cannot be stored is a readable compile error.
//!
//! Generated code writes, for a function that returns `R`,
//!
//! ```text
//! use result_codec::*;
//! (&&Probe::<R>::NEW).storable_codec()       // an expression of a type `impl ResultCodec<R>`
//! (&ProbeWhole::<R>::NEW).storable_codec()   // with `cache_if`, which may accept an `Err`
//! ```
//!
//! or `codec()` where something else already requires `impl ResultCodec<R>`, so that a type
//! that cannot be stored causes one error and not two.
//!
//! Method lookup tries the impl for the most references first (autoref
//! specialization), so aliases of `Result` are seen through.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    DecodeError, EncodeError, Purpose, ShapeObserver, decode, decode_described, describe,
    encode_watched,
};

/// Encodes and decodes results of type `R`.
pub trait ResultCodec<R> {
    /// The tag of the encoding, which is stored next to the bytes.
    const ENCODING: u8 = 0;

    /// Whether a value can use the self-describing encoding if the compact one cannot be
    /// decoded.
    const DESCRIBES: bool = true;

    /// Returns whether `value` is stored at all.
    #[inline]
    fn accepts(&self, _value: &R) -> bool {
        true
    }

    /// Appends the encoding of `value`, which is accepted, to `out`, and records in
    /// `watch` the shapes that the value shows.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn encode(
        &self,
        value: &R,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;

    /// Decodes a result from its stored bytes.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not the encoding of a result.
    fn decode(bytes: &[u8]) -> Result<R, DecodeError>;

    /// Encodes like [`encode`](ResultCodec::encode), in the self-describing encoding.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Decodes a result from the self-describing encoding.
    ///
    /// # Errors
    ///
    /// Fails if the bytes are not such an encoding of a result.
    fn decode_described(bytes: &[u8]) -> Result<R, DecodeError>;

    /// Returns whether values contain data that a [`ShapeObserver`] does not see.
    fn has_unobserved_data() -> bool {
        false
    }

    /// Compares two results with their own `PartialEq`, if they have one.
    fn are_equal(&self, _one: &R, _other: &R) -> Option<bool> {
        None
    }
}

/// Returns the error for an `Err` that was not accepted.
pub(crate) fn not_stored() -> EncodeError {
    EncodeError::Other("an `Err` is not stored".to_owned())
}

/// A value that can be stored: one with serde's `Serialize` and
/// `Deserialize` that borrows nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as the result of a memoized function",
    label = "`{Self}`, or a type in it, borrows or lacks `Persist` (or `Serialize` and `Deserialize`)",
    note = "derive `joblib::Persist` (or `serde::Serialize` and `serde::Deserialize`) for the type that lacks it, and return an owned value",
    note = "for a `Result<T, E>` only `T` is stored; with `cache_if` both are"
)]
pub trait Storable: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Storable for T {}

/// A stand-in for the return type of a function, for which the codec is selected.
#[derive(Debug)]
pub struct Probe<R>(PhantomData<fn() -> R>);

impl<R> Probe<R> {
    /// The only value.
    pub const NEW: Self = Probe(PhantomData);
}

/// A stand-in for a return type that is stored whole.
#[derive(Debug)]
pub struct ProbeWhole<R>(PhantomData<fn() -> R>);

impl<R> ProbeWhole<R> {
    /// The only value.
    pub const NEW: Self = ProbeWhole(PhantomData);
}

/// First choice: stores the `Ok` of a `Result`.
pub trait SelectOk {
    /// The type in the `Ok`.
    type Value;

    /// Returns the codec.
    fn storable_codec(&self) -> EncodeOk
    where
        Self::Value: Storable;

    /// Returns the codec, without a requirement on the type in the `Ok`.
    #[inline]
    fn codec(&self) -> EncodeOk {
        EncodeOk
    }
}

impl<T, E> SelectOk for &Probe<Result<T, E>> {
    type Value = T;

    #[inline]
    fn storable_codec(&self) -> EncodeOk
    where
        T: Storable,
    {
        EncodeOk
    }
}

/// Second choice: stores the whole value, which must be [`Storable`].
pub trait SelectWhole<R> {
    /// Returns the codec.
    fn storable_codec(&self) -> EncodeAll
    where
        R: Storable;

    /// Returns the codec, without a requirement on the type.
    #[inline]
    fn codec(&self) -> EncodeAll {
        EncodeAll
    }
}

impl<R> SelectWhole<R> for Probe<R> {
    #[inline]
    fn storable_codec(&self) -> EncodeAll
    where
        R: Storable,
    {
        EncodeAll
    }
}

impl<R> SelectWhole<R> for ProbeWhole<R> {
    #[inline]
    fn storable_codec(&self) -> EncodeAll
    where
        R: Storable,
    {
        EncodeAll
    }
}

/// The codec that stores the value in an `Ok`.
#[derive(Clone, Copy, Debug)]
pub struct EncodeOk;

impl<T: Storable, E> ResultCodec<Result<T, E>> for EncodeOk {
    #[inline]
    fn accepts(&self, value: &Result<T, E>) -> bool {
        value.is_ok()
    }

    #[inline]
    fn encode(
        &self,
        value: &Result<T, E>,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let value = value.as_ref().map_err(|_| not_stored())?;
        EncodeAll.encode(value, watch, out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Result<T, E>, DecodeError> {
        decode(bytes).map(Result::Ok)
    }

    fn describe(
        &self,
        value: &Result<T, E>,
        purpose: Purpose,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let value = value.as_ref().map_err(|_| not_stored())?;
        EncodeAll.describe(value, purpose, out)
    }

    fn decode_described(bytes: &[u8]) -> Result<Result<T, E>, DecodeError> {
        decode_described(bytes).map(Result::Ok)
    }
}

/// The codec that stores the whole value.
#[derive(Clone, Copy, Debug)]
pub struct EncodeAll;

impl<R: Storable> ResultCodec<R> for EncodeAll {
    #[inline]
    fn encode(
        &self,
        value: &R,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        encode_watched(value, watch, out)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<R, DecodeError> {
        decode(bytes)
    }

    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        describe(value, purpose, out)
    }

    fn decode_described(bytes: &[u8]) -> Result<R, DecodeError> {
        decode_described(bytes)
    }
}

/// The codec that stores a value only if the user's condition accepts it.
#[derive(Clone, Copy, Debug)]
pub struct EncodeIf<S, C>(pub S, pub C);

impl<R, S: ResultCodec<R>, C: Fn(&R) -> bool> ResultCodec<R> for EncodeIf<S, C> {
    const ENCODING: u8 = S::ENCODING;
    const DESCRIBES: bool = S::DESCRIBES;

    fn accepts(&self, value: &R) -> bool {
        (self.1)(value)
    }

    fn encode(
        &self,
        value: &R,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        self.0.encode(value, watch, out)
    }

    fn decode(bytes: &[u8]) -> Result<R, DecodeError> {
        S::decode(bytes)
    }

    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.0.describe(value, purpose, out)
    }

    fn decode_described(bytes: &[u8]) -> Result<R, DecodeError> {
        S::decode_described(bytes)
    }

    fn has_unobserved_data() -> bool {
        S::has_unobserved_data()
    }

    fn are_equal(&self, one: &R, other: &R) -> Option<bool> {
        self.0.are_equal(one, other)
    }
}
