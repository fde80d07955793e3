//! Compares results with their own `PartialEq` if they have one. A decoded value may lack
//! data that no encoding shows, such as a field that is skipped.
//!
//! Generated code writes `(&&CompareProbe::<R>::NEW).equality()`. Method lookup takes the
//! first impl that fits, as in [`result_codec`](super::result_codec).

use std::marker::PhantomData;

use super::result_codec::ResultCodec;
use super::{DecodeError, EncodeError, Purpose, ShapeObserver};

/// A function that compares two results, if there is one.
pub type Equality<R> = Option<fn(&R, &R) -> bool>;

/// A stand-in for the return type of a function, for which the comparison is selected.
#[derive(Debug)]
pub struct CompareProbe<R>(PhantomData<fn() -> R>);

impl<R> CompareProbe<R> {
    /// The only value.
    pub const NEW: Self = CompareProbe(PhantomData);
}

/// First choice: for two `Ok`s, compares the values in them.
pub trait CompareOk<R> {
    /// Returns the comparison of two results.
    fn equality(&self) -> Equality<R>;
}

impl<T: PartialEq, E> CompareOk<Result<T, E>> for &&CompareProbe<Result<T, E>> {
    #[inline]
    fn equality(&self) -> Equality<Result<T, E>> {
        Some(|one, other| match (one, other) {
            (Ok(one), Ok(other)) => one == other,
            _ => true,
        })
    }
}

/// Second choice: compares the results themselves.
pub trait CompareWhole<R> {
    /// Returns the comparison of two results.
    fn equality(&self) -> Equality<R>;
}

impl<R: PartialEq> CompareWhole<R> for &CompareProbe<R> {
    #[inline]
    fn equality(&self) -> Equality<R> {
        Some(|one, other| one == other)
    }
}

/// Last choice: no comparison.
pub trait CompareNever<R> {
    /// Returns the comparison of two results.
    #[inline]
    fn equality(&self) -> Equality<R> {
        None
    }
}

impl<R> CompareNever<R> for CompareProbe<R> {}

/// Stores results like `S`, and can also compare them.
#[derive(Debug)]
pub struct WithEquality<S, R>(pub S, pub Equality<R>);

impl<R, S: ResultCodec<R>> ResultCodec<R> for WithEquality<S, R> {
    const ENCODING: u8 = S::ENCODING;
    const DESCRIBES: bool = S::DESCRIBES;

    #[inline]
    fn accepts(&self, value: &R) -> bool {
        self.0.accepts(value)
    }

    #[inline]
    fn encode(
        &self,
        value: &R,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
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

    fn has_unobserved_data() -> bool {
        S::has_unobserved_data()
    }

    fn are_equal(&self, one: &R, other: &R) -> Option<bool> {
        self.1.map(|equal| equal(one, other))
    }
}
