//! How a memoized function stores what it returns: the `Ok` of a `Result`
//! alone, anything else whole, and what cannot be stored not at all, which is
//! a compile error in words.
//!
//! Generated code writes, for a function that returns `R`,
//!
//! ```text
//! use dispatch::*;
//! (&&Output::<R>::NEW).stored()         // an expression of a type `impl Stored<R>`
//! (&Whole::<R>::NEW).stored()           // with `cache_if`, which may keep an `Err`
//! ```
//!
//! or `way()` where something else already asks for `impl Stored<R>`, so that
//! what cannot be stored is one error and not two.
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

/// The way a result of type `R` is stored.
pub trait ResultCodec<R> {
    /// What its bytes are told from others by; stored beside them.
    const ENCODING: u8 = 0;

    /// Whether a value can be described where its bytes cannot be read back.
    const DESCRIBES: bool = true;

    /// Whether `value` is to be stored at all.
    #[inline]
    fn accepts(&self, _value: &R) -> bool {
        true
    }

    /// Appends what is to be stored of `value`, which is accepted, to `out`, and
    /// notes in `watch` what the value shows.
    ///
    /// # Errors
    ///
    /// The value cannot be encoded.
    fn encode(
        &self,
        value: &R,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;

    /// The result whose stored bytes these are.
    ///
    /// # Errors
    ///
    /// They are not the bytes of one.
    fn decode(bytes: &[u8]) -> Result<R, DecodeError>;

    /// As [`encode`](ResultCodec::encode), in the encoding that describes itself.
    ///
    /// # Errors
    ///
    /// The value cannot be encoded.
    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// The result of which these bytes are a description to be kept.
    ///
    /// # Errors
    ///
    /// They are no such description.
    fn decode_described(bytes: &[u8]) -> Result<R, DecodeError>;

    /// Whether values have parts that no watch sees.
    fn is_veiled() -> bool {
        false
    }

    /// Whether two results are equal by their own account, if they have one.
    fn are_equal(&self, _one: &R, _other: &R) -> Option<bool> {
        None
    }
}

/// The error of an `Err` that nobody accepted.
pub(crate) fn not_stored() -> EncodeError {
    EncodeError::Other("an `Err` is not stored".to_owned())
}

/// A value that can be stored: one with serde's `Serialize` and
/// `Deserialize` that borrows nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as the result of a memoized function",
    label = "`{Self}`, or a part of it, lacks `Persist`, or `Serialize` and `Deserialize`, or borrows",
    note = "derive `joblib::Persist`, or `serde::Serialize` and `serde::Deserialize`, for what lacks them, and return an owned value",
    note = "of a `Result<T, E>` only `T` is stored, but with `cache_if` both"
)]
pub trait Storable: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Storable for T {}

/// What a function returns.
#[derive(Debug)]
pub struct Probe<R>(PhantomData<fn() -> R>);

impl<R> Probe<R> {
    /// The only value.
    pub const NEW: Self = Probe(PhantomData);
}

/// What a function returns, to be stored whole.
#[derive(Debug)]
pub struct ProbeWhole<R>(PhantomData<fn() -> R>);

impl<R> ProbeWhole<R> {
    /// The only value.
    pub const NEW: Self = ProbeWhole(PhantomData);
}

/// First choice: of a `Result`, the `Ok`.
pub trait SelectOk {
    /// The type in the `Ok`.
    type Value;

    /// The way it is stored.
    fn stored(&self) -> EncodeOk
    where
        Self::Value: Storable;

    /// As `stored`, for whatever is in the `Ok`.
    #[inline]
    fn way(&self) -> EncodeOk {
        EncodeOk
    }
}

impl<T, E> SelectOk for &Probe<Result<T, E>> {
    type Value = T;

    #[inline]
    fn stored(&self) -> EncodeOk
    where
        T: Storable,
    {
        EncodeOk
    }
}

/// Then: the whole value, which must be [`Storable`].
pub trait SelectWhole<R> {
    /// The way it is stored.
    fn stored(&self) -> EncodeAll
    where
        R: Storable;

    /// As `stored`, for whatever value.
    #[inline]
    fn way(&self) -> EncodeAll {
        EncodeAll
    }
}

impl<R> SelectWhole<R> for Probe<R> {
    #[inline]
    fn stored(&self) -> EncodeAll
    where
        R: Storable,
    {
        EncodeAll
    }
}

impl<R> SelectWhole<R> for ProbeWhole<R> {
    #[inline]
    fn stored(&self) -> EncodeAll
    where
        R: Storable,
    {
        EncodeAll
    }
}

/// Stores the value of an `Ok`.
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

/// Stores the value as it is.
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

/// Stores a value that a condition of the user's accepts.
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

    fn is_veiled() -> bool {
        S::is_veiled()
    }

    fn are_equal(&self, one: &R, other: &R) -> Option<bool> {
        self.0.are_equal(one, other)
    }
}
