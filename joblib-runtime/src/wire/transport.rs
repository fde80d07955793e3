//! Selects how a value is sent: numbers with the same layout as in memory, and other
//! values as their type determines.
//!
//! Generated code writes, for a value of type `T` or a reference to a `T`,
//!
//! ```text
//! use transport::*;
//! (&&sent::<V, T>(value)).put(&mut writer)?;                         // value: &'v T
//! let value = (&&DecodeProbe::<V, T>::NEW).take(&mut reader)?;       // for an argument `T`
//! let value = (&&DecodeRefProbe::<V, T>::NEW).lend(&mut reader)?;    // for an argument `&T`
//! function(value.lent());
//! ```
//!
//! where `V` is the [`Transport`] of everything except numbers: [`Direct`] if the type is
//! known, or a condition of the place where it is used.
//!
//! Method lookup tries the impl for the most references first (autoref specialization),
//! so aliases of types work.

use std::marker::PhantomData;
use std::sync::Arc;

pub use super::serde_transport::AsBorrowed;

use super::serde_transport::{Owned, SerdeTransport};
use super::{MessageError, MessageReader, MessageWriter, Pod, PutError};

/// How a `T` that is not a slice of numbers is sent. The methods are those of
/// [`SerdeTransport`].
#[allow(missing_docs, reason = "the same as those of `SerdeTransport`")]
pub trait Transport<T: ?Sized> {
    type Holder: AsBorrowed<T> + 'static;

    fn put<'v>(value: &'v T, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError>
    where
        T: Sized;

    fn lend(reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError>;
}

/// The transport that the type itself determines.
#[derive(Debug)]
pub struct Direct;

impl<T: SerdeTransport + ?Sized> Transport<T> for Direct {
    type Holder = T::Holder;

    #[inline]
    fn put<'v>(value: &'v T, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        value.put(writer)
    }

    #[inline]
    fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError>
    where
        T: Sized,
    {
        T::take(reader)
    }

    #[inline]
    fn lend(reader: &mut MessageReader<'_>) -> Result<T::Holder, MessageError> {
        T::take_borrowed(reader)
    }
}

/// A stand-in for a value to be sent, for which the encoding is selected.
#[derive(Debug)]
pub struct EncodeProbe<'v, V, T: ?Sized>(&'v T, PhantomData<fn() -> V>);

/// Returns the stand-in for a value to be sent.
#[inline]
pub fn encode_probe<V, T: ?Sized>(value: &T) -> EncodeProbe<'_, V, T> {
    EncodeProbe(value, PhantomData)
}

/// First choice: with the same layout as in memory.
pub trait EncodeNumbers<'v> {
    /// Appends the numbers to `writer`.
    ///
    /// # Errors
    ///
    /// Never fails; the signature is that of [`EncodeValue::put`].
    fn put(&self, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;
}

macro_rules! put_numbers {
    ($($ty:ty)*) => {$(
        impl<'v, V, N: Pod> EncodeNumbers<'v> for &EncodeProbe<'v, V, $ty> {
            #[inline]
            fn put(&self, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
                writer.numbers::<N>(self.0);
                Ok(())
            }
        }
    )*};
}

put_numbers!([N] Vec<N> Box<[N]> Arc<[N]>);

/// Last choice: as the transport determines.
pub trait EncodeValue<'v> {
    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn put(&self, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;
}

impl<'v, V: Transport<T>, T: ?Sized> EncodeValue<'v> for EncodeProbe<'v, V, T> {
    #[inline]
    fn put(&self, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        V::put(self.0, writer)
    }
}

/// A stand-in for a value to be received, for which the decoding is selected.
#[derive(Debug)]
pub struct DecodeProbe<V, T>(PhantomData<fn() -> (V, T)>);

impl<V, T> DecodeProbe<V, T> {
    /// The only value.
    pub const NEW: Self = DecodeProbe(PhantomData);
}

/// First choice: copied with the same layout as in memory.
pub trait DecodeNumbers<T> {
    /// Decodes the value from `reader`.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn take(&self, reader: &mut MessageReader<'_>) -> Result<T, MessageError>;
}

macro_rules! take_numbers {
    ($($ty:ty)*) => {$(
        impl<V, N: Pod> DecodeNumbers<$ty> for &DecodeProbe<V, $ty> {
            #[inline]
            fn take(&self, reader: &mut MessageReader<'_>) -> Result<$ty, MessageError> {
                reader.numbers::<N>().map(|numbers| numbers.into_vec().into())
            }
        }
    )*};
}

take_numbers!(Vec<N> Box<[N]> Arc<[N]>);

/// Last choice: as the transport determines.
pub trait DecodeValue<T> {
    /// Decodes the value from `reader`.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn take(&self, reader: &mut MessageReader<'_>) -> Result<T, MessageError>;
}

impl<V: Transport<T>, T> DecodeValue<T> for DecodeProbe<V, T> {
    #[inline]
    fn take(&self, reader: &mut MessageReader<'_>) -> Result<T, MessageError> {
        V::take(reader)
    }
}

/// A stand-in for a value to be received that a function borrows.
#[derive(Debug)]
pub struct DecodeRefProbe<V, T: ?Sized>(PhantomData<fn() -> V>, PhantomData<fn(*const T)>);

impl<V, T: ?Sized> DecodeRefProbe<V, T> {
    /// The only value.
    pub const NEW: Self = DecodeRefProbe(PhantomData, PhantomData);
}

/// First choice: borrowed from the message.
pub trait BorrowNumbers<N: Pod> {
    /// Reads the numbers from `reader`.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such numbers.
    fn lend<'m>(
        &self,
        reader: &mut MessageReader<'m>,
    ) -> Result<super::ReceivedSlice<'m, N>, MessageError>;
}

impl<V, N: Pod> BorrowNumbers<N> for &DecodeRefProbe<V, [N]> {
    #[inline]
    fn lend<'m>(
        &self,
        reader: &mut MessageReader<'m>,
    ) -> Result<super::ReceivedSlice<'m, N>, MessageError> {
        reader.numbers()
    }
}

/// First choice for an owner of numbers: copied with the same layout as in memory.
pub trait BorrowOwned<T> {
    /// Decodes the value from `reader`.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn lend(&self, reader: &mut MessageReader<'_>) -> Result<Owned<T>, MessageError>;
}

macro_rules! lend_numbers {
    ($($ty:ty)*) => {$(
        impl<V, N: Pod> BorrowOwned<$ty> for &DecodeRefProbe<V, $ty> {
            #[inline]
            fn lend(&self, reader: &mut MessageReader<'_>) -> Result<Owned<$ty>, MessageError> {
                (&&DecodeProbe::<V, $ty>::NEW).take(reader).map(Owned)
            }
        }
    )*};
}

lend_numbers!(Vec<N> Box<[N]> Arc<[N]>);

/// Last choice: as the transport determines.
pub trait BorrowValue<T: ?Sized> {
    /// The type that owns the value.
    type Holder: AsBorrowed<T>;

    /// Decodes the value from `reader`.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn lend(&self, reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError>;
}

impl<V: Transport<T>, T: ?Sized> BorrowValue<T> for DecodeRefProbe<V, T> {
    type Holder = V::Holder;

    #[inline]
    fn lend(&self, reader: &mut MessageReader<'_>) -> Result<V::Holder, MessageError> {
        V::lend(reader)
    }
}
