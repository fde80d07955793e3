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

use super::{DecodeError, EncodeError, decode, encode};

/// The way a result of type `R` is stored.
pub trait Stored<R> {
    /// What its bytes are told from others by; stored beside them.
    const ENCODING: u8 = 0;

    /// Appends what is to be stored of `value` to `out`; whether it is to be
    /// stored at all.
    ///
    /// # Errors
    ///
    /// The value cannot be encoded.
    fn encode(&self, value: &R, out: &mut Vec<u8>) -> Result<bool, EncodeError>;

    /// The result whose stored bytes these are.
    ///
    /// # Errors
    ///
    /// They are not the bytes of one.
    fn decode(bytes: &[u8]) -> Result<R, DecodeError>;
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
pub struct Output<R>(PhantomData<fn() -> R>);

impl<R> Output<R> {
    /// The only value.
    pub const NEW: Self = Output(PhantomData);
}

/// What a function returns, to be stored whole.
#[derive(Debug)]
pub struct Whole<R>(PhantomData<fn() -> R>);

impl<R> Whole<R> {
    /// The only value.
    pub const NEW: Self = Whole(PhantomData);
}

/// First choice: of a `Result`, the `Ok`.
pub trait StoreOk {
    /// The type in the `Ok`.
    type Value;

    /// The way it is stored.
    fn stored(&self) -> Ok
    where
        Self::Value: Storable;

    /// As `stored`, for whatever is in the `Ok`.
    #[inline]
    fn way(&self) -> Ok {
        Ok
    }
}

impl<T, E> StoreOk for &Output<Result<T, E>> {
    type Value = T;

    #[inline]
    fn stored(&self) -> Ok
    where
        T: Storable,
    {
        Ok
    }
}

/// Then: the whole value, which must be [`Storable`].
pub trait StoreWhole<R> {
    /// The way it is stored.
    fn stored(&self) -> All
    where
        R: Storable;

    /// As `stored`, for whatever value.
    #[inline]
    fn way(&self) -> All {
        All
    }
}

impl<R> StoreWhole<R> for Output<R> {
    #[inline]
    fn stored(&self) -> All
    where
        R: Storable,
    {
        All
    }
}

impl<R> StoreWhole<R> for Whole<R> {
    #[inline]
    fn stored(&self) -> All
    where
        R: Storable,
    {
        All
    }
}

/// Stores the value of an `Ok`.
#[derive(Clone, Copy, Debug)]
pub struct Ok;

impl<T: Storable, E> Stored<Result<T, E>> for Ok {
    #[inline]
    fn encode(&self, value: &Result<T, E>, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
        match value {
            Result::Ok(value) => encode(value, out).map(|()| true),
            Err(_) => Result::Ok(false),
        }
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Result<T, E>, DecodeError> {
        decode(bytes).map(Result::Ok)
    }
}

/// Stores the value as it is.
#[derive(Clone, Copy, Debug)]
pub struct All;

impl<R: Storable> Stored<R> for All {
    #[inline]
    fn encode(&self, value: &R, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
        encode(value, out).map(|()| true)
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<R, DecodeError> {
        decode(bytes)
    }
}

/// Stores a value that a condition of the user's accepts.
#[derive(Clone, Copy, Debug)]
pub struct If<S, C>(pub S, pub C);

impl<R, S: Stored<R>, C: Fn(&R) -> bool> Stored<R> for If<S, C> {
    const ENCODING: u8 = S::ENCODING;

    fn encode(&self, value: &R, out: &mut Vec<u8>) -> Result<bool, EncodeError> {
        if (self.1)(value) {
            self.0.encode(value, out)
        } else {
            Result::Ok(false)
        }
    }

    fn decode(bytes: &[u8]) -> Result<R, DecodeError> {
        S::decode(bytes)
    }
}
