//! How the result of a memoized function is stored: which part of it, in which form and
//! encoding, under which condition, and compared by what.

use std::marker::PhantomData;

use super::conversion::{AsIs, Form, another};
use super::decoder::Decoder;
use super::encoding::SERDE;
use super::storable::Storable;
use crate::codec::{EncodeError, Purpose, ShapeObserver};

/// The part `T` of a result `R` that is stored.
pub trait Part<R, T> {
    /// Returns the part of `result`, if it has one.
    fn of(result: &R) -> Option<&T>;

    /// Returns the result with this part.
    fn restore(part: T) -> R;
}

/// Stores the value in an `Ok`.
#[derive(Clone, Copy, Debug)]
pub enum OkOnly {}

impl<T, E> Part<Result<T, E>, T> for OkOnly {
    #[inline]
    fn of(result: &Result<T, E>) -> Option<&T> {
        result.as_ref().ok()
    }

    #[inline]
    fn restore(part: T) -> Result<T, E> {
        Ok(part)
    }
}

/// Stores the result as it is.
#[derive(Clone, Copy, Debug)]
pub enum Whole {}

impl<R> Part<R, R> for Whole {
    #[inline]
    fn of(result: &R) -> Option<&R> {
        Some(result)
    }

    #[inline]
    fn restore(part: R) -> R {
        part
    }
}

/// When a result is stored.
pub trait Condition<R> {
    /// Returns whether `result` is stored.
    fn holds(&self, result: &R) -> bool;
}

/// Stores every result.
#[derive(Clone, Copy, Debug)]
pub struct Always;

impl<R> Condition<R> for Always {
    #[inline]
    fn holds(&self, _: &R) -> bool {
        true
    }
}

/// Stores the results that the user's function accepts.
#[derive(Clone, Copy, Debug)]
pub struct If<C>(pub C);

impl<R, C: Fn(&R) -> bool> Condition<R> for If<C> {
    #[inline]
    fn holds(&self, result: &R) -> bool {
        (self.0)(result)
    }
}

/// A function that compares two values with their own `PartialEq`, if they have one. It
/// finds what the comparison of encodings cannot: data that is not encoded, such as a field
/// that is skipped.
pub(super) type Equality<T> = Option<fn(&T, &T) -> bool>;

/// The codec that stores the part `S`, a `T`, in the form `V` and the encoding `E`, if `C`
/// holds.
#[derive(Clone, Copy, Debug)]
pub struct StoredAs<S, T, C, V, const E: u8> {
    condition: C,
    form: V,
    equality: Equality<T>,
    part: PhantomData<fn() -> S>,
}

impl<S, T, C, V, const E: u8> StoredAs<S, T, C, V, E> {
    /// Creates the codec.
    #[inline]
    pub(super) const fn new(condition: C, form: V, equality: Equality<T>) -> Self {
        StoredAs {
            condition,
            form,
            equality,
            part: PhantomData,
        }
    }
}

/// The codec of results that serde stores whole, without a comparison.
pub type Plain<T> = StoredAs<Whole, T, Always, AsIs, SERDE>;

/// Returns this codec.
pub const fn plain<T>() -> Plain<T> {
    StoredAs::new(Always, AsIs, None)
}

/// Encodes and decodes results of type `R`.
pub trait ResultCodec<R> {
    /// The tag of the encoding, which is stored next to the bytes.
    const TAG: u8;

    /// Whether a value can use the self-describing encoding if the compact one cannot be
    /// decoded.
    const DESCRIBES: bool;

    /// Returns whether `value` is stored at all.
    fn accepts(&self, value: &R) -> bool;

    /// As [`Storable::encode`], for a value that is accepted.
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

    /// Returns what decodes a result.
    fn decoder(&self) -> Decoder<R>;

    /// As [`Storable::describe`].
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// As [`Storable::has_unobserved_data`]. What a conversion loses is not observed either.
    fn has_unobserved_data() -> bool;

    /// Compares two results with their own `PartialEq`, if they have one.
    fn are_equal(&self, one: &R, other: &R) -> Option<bool>;
}

impl<R, S, T, C, V, const E: u8> ResultCodec<R> for StoredAs<S, T, C, V, E>
where
    S: Part<R, T>,
    V: Form<T, Stored: Storable<E>>,
    C: Condition<R>,
{
    const TAG: u8 = V::Stored::TAG;
    const DESCRIBES: bool = V::Stored::DESCRIBES;

    #[inline]
    fn accepts(&self, value: &R) -> bool {
        S::of(value).is_some() && self.condition.holds(value)
    }

    #[inline]
    fn encode(
        &self,
        value: &R,
        watch: &mut ShapeObserver,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let part = S::of(value).ok_or_else(not_stored)?;
        self.form.with(part, |stored| stored.encode(watch, out))
    }

    #[inline]
    fn decoder(&self) -> Decoder<R> {
        // SAFETY: `self.form` is such a value.
        unsafe { decoder::<R, S, T, V, E>() }
    }

    fn describe(&self, value: &R, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let part = S::of(value).ok_or_else(not_stored)?;
        self.form.with(part, |stored| stored.describe(purpose, out))
    }

    fn has_unobserved_data() -> bool {
        V::IS_CONVERTED || V::Stored::has_unobserved_data()
    }

    fn are_equal(&self, one: &R, other: &R) -> Option<bool> {
        Some((self.equality?)(S::of(one)?, S::of(other)?))
    }
}

/// Returns the decoder of results in the form `V`.
///
/// # Safety
///
/// There has been a value of type `V`.
#[inline]
unsafe fn decoder<R, S, T, V, const E: u8>() -> Decoder<R>
where
    S: Part<R, T>,
    V: Form<T, Stored: Storable<E>>,
{
    Decoder {
        tag: V::Stored::TAG,
        describes: V::Stored::DESCRIBES,
        compact: |bytes| {
            let stored = V::Stored::decode(bytes)?;
            // SAFETY: there has been a value, says the caller.
            unsafe { another::<V>() }.restore(stored).map(S::restore)
        },
        described: |bytes| {
            let stored = V::Stored::decode_described(bytes)?;
            // SAFETY: as above.
            unsafe { another::<V>() }.restore(stored).map(S::restore)
        },
    }
}

/// Returns the error for an `Err` that was not accepted.
fn not_stored() -> EncodeError {
    EncodeError::Other("an `Err` is not stored".to_owned())
}
