//! Whether results are equal by their own account, where they have one: what is
//! read back may lack what no encoding shows, such as a field that is skipped.
//!
//! Generated code writes `(&&Equal::<R>::NEW).equality()`, and method lookup
//! takes the first impl that fits, as in [`dispatch`](super::dispatch).

use std::marker::PhantomData;

use super::dispatch::Stored;
use super::{DecodeError, EncodeError, Purpose, Watch};

/// What compares two results.
pub type Equality<R> = Option<fn(&R, &R) -> bool>;

/// What a function returns, to be compared.
#[derive(Debug)]
pub struct Equal<R>(PhantomData<fn() -> R>);

impl<R> Equal<R> {
    /// The only value.
    pub const NEW: Self = Equal(PhantomData);
}

/// First choice: of two `Ok`s, what is in them.
pub trait EqualOk<R> {
    /// What compares two results.
    fn equality(&self) -> Equality<R>;
}

impl<T: PartialEq, E> EqualOk<Result<T, E>> for &&Equal<Result<T, E>> {
    #[inline]
    fn equality(&self) -> Equality<Result<T, E>> {
        Some(|one, other| match (one, other) {
            (Ok(one), Ok(other)) => one == other,
            _ => true,
        })
    }
}

/// Then: the results themselves.
pub trait EqualWhole<R> {
    /// What compares two results.
    fn equality(&self) -> Equality<R>;
}

impl<R: PartialEq> EqualWhole<R> for &Equal<R> {
    #[inline]
    fn equality(&self) -> Equality<R> {
        Some(|one, other| one == other)
    }
}

/// Last: nothing.
pub trait EqualNever<R> {
    /// What compares two results.
    #[inline]
    fn equality(&self) -> Equality<R> {
        None
    }
}

impl<R> EqualNever<R> for Equal<R> {}

/// Stores as `S` does what can be compared.
#[derive(Debug)]
pub struct Compared<S, R>(pub S, pub Equality<R>);

impl<R, S: Stored<R>> Stored<R> for Compared<S, R> {
    const ENCODING: u8 = S::ENCODING;
    const DESCRIBES: bool = S::DESCRIBES;

    #[inline]
    fn accepts(&self, value: &R) -> bool {
        self.0.accepts(value)
    }

    #[inline]
    fn encode(&self, value: &R, watch: &mut Watch, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.0.encode(value, watch, out)
    }

    #[inline]
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
        self.1.map(|equal| equal(one, other))
    }
}
