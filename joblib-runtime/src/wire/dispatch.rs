//! Which way a value travels: numbers as they lie in memory, the rest as its
//! type does.
//!
//! Generated code writes, for a value of type `T` or a reference to a `T`,
//!
//! ```text
//! use dispatch::*;
//! (&&sent::<V, T>(value)).put(&mut writer)?;                 // value: &'v T
//! let value = (&&Taken::<V, T>::NEW).take(&mut reader)?;     // for an argument `T`
//! let value = (&&Lent::<V, T>::NEW).lend(&mut reader)?;      // for an argument `&T`
//! function(value.lent());
//! ```
//!
//! where `V` is [`Via`] what everything but numbers travels: [`Plainly`] what
//! is known of the type, or a condition of the place it is used in.
//!
//! Method lookup tries the impl for the most references first (autoref
//! specialization), so aliases of types are seen through.

use std::marker::PhantomData;
use std::sync::Arc;

pub use super::carried::Lend;

use super::carried::{Carried, Own};
use super::{Number, PutError, Reader, TakeError, Writer};

/// How a `T` travels if it is no numbers. The methods are those of
/// [`Carried`].
#[allow(missing_docs, reason = "as those of `Carried`")]
pub trait Via<T: ?Sized> {
    type Holder: Lend<T> + 'static;

    fn put<'v>(value: &'v T, writer: &mut Writer<'v>) -> Result<(), PutError>;

    fn take(reader: &mut Reader<'_>) -> Result<T, TakeError>
    where
        T: Sized;

    fn lend(reader: &mut Reader<'_>) -> Result<Self::Holder, TakeError>;
}

/// By what is known of the type.
#[derive(Debug)]
pub struct Plainly;

impl<T: Carried + ?Sized> Via<T> for Plainly {
    type Holder = T::Holder;

    #[inline]
    fn put<'v>(value: &'v T, writer: &mut Writer<'v>) -> Result<(), PutError> {
        value.put(writer)
    }

    #[inline]
    fn take(reader: &mut Reader<'_>) -> Result<T, TakeError>
    where
        T: Sized,
    {
        T::take(reader)
    }

    #[inline]
    fn lend(reader: &mut Reader<'_>) -> Result<T::Holder, TakeError> {
        T::lend(reader)
    }
}

/// A value to be sent.
#[derive(Debug)]
pub struct Sent<'v, V, T: ?Sized>(&'v T, PhantomData<fn() -> V>);

/// A value to be sent.
#[inline]
pub fn sent<V, T: ?Sized>(value: &T) -> Sent<'_, V, T> {
    Sent(value, PhantomData)
}

/// First choice: as it lies in memory.
pub trait PutNumbers<'v> {
    /// Appends the numbers to `writer`.
    ///
    /// # Errors
    ///
    /// None; other ways have some.
    fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError>;
}

macro_rules! put_numbers {
    ($($ty:ty)*) => {$(
        impl<'v, V, N: Number> PutNumbers<'v> for &Sent<'v, V, $ty> {
            #[inline]
            fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError> {
                writer.numbers::<N>(self.0);
                Ok(())
            }
        }
    )*};
}

put_numbers!([N] Vec<N> Box<[N]> Arc<[N]>);

/// Then: as its type does.
pub trait PutValue<'v> {
    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError>;
}

impl<'v, V: Via<T>, T: ?Sized> PutValue<'v> for Sent<'v, V, T> {
    #[inline]
    fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError> {
        V::put(self.0, writer)
    }
}

/// A value to be received.
#[derive(Debug)]
pub struct Taken<V, T>(PhantomData<fn() -> (V, T)>);

impl<V, T> Taken<V, T> {
    /// The only value.
    pub const NEW: Self = Taken(PhantomData);
}

/// First choice: copied as it lies in memory.
pub trait TakeNumbers<T> {
    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn take(&self, reader: &mut Reader<'_>) -> Result<T, TakeError>;
}

macro_rules! take_numbers {
    ($($ty:ty)*) => {$(
        impl<V, N: Number> TakeNumbers<$ty> for &Taken<V, $ty> {
            #[inline]
            fn take(&self, reader: &mut Reader<'_>) -> Result<$ty, TakeError> {
                reader.numbers::<N>().map(|numbers| numbers.into_vec().into())
            }
        }
    )*};
}

take_numbers!(Vec<N> Box<[N]> Arc<[N]>);

/// Then: as its type does.
pub trait TakeValue<T> {
    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn take(&self, reader: &mut Reader<'_>) -> Result<T, TakeError>;
}

impl<V: Via<T>, T> TakeValue<T> for Taken<V, T> {
    #[inline]
    fn take(&self, reader: &mut Reader<'_>) -> Result<T, TakeError> {
        V::take(reader)
    }
}

/// A value to be received that a function borrows.
#[derive(Debug)]
pub struct Lent<V, T: ?Sized>(PhantomData<fn() -> V>, PhantomData<fn(*const T)>);

impl<V, T: ?Sized> Lent<V, T> {
    /// The only value.
    pub const NEW: Self = Lent(PhantomData, PhantomData);
}

/// First choice: where the message lies.
pub trait LendNumbers<N: Number> {
    /// Takes the numbers from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such numbers.
    fn lend<'m>(&self, reader: &mut Reader<'m>) -> Result<super::Taken<'m, N>, TakeError>;
}

impl<V, N: Number> LendNumbers<N> for &Lent<V, [N]> {
    #[inline]
    fn lend<'m>(&self, reader: &mut Reader<'m>) -> Result<super::Taken<'m, N>, TakeError> {
        reader.numbers()
    }
}

/// Or, for what owns numbers, copied as they lie in memory.
pub trait LendOwned<T> {
    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(&self, reader: &mut Reader<'_>) -> Result<Own<T>, TakeError>;
}

macro_rules! lend_numbers {
    ($($ty:ty)*) => {$(
        impl<V, N: Number> LendOwned<$ty> for &Lent<V, $ty> {
            #[inline]
            fn lend(&self, reader: &mut Reader<'_>) -> Result<Own<$ty>, TakeError> {
                (&&Taken::<V, $ty>::NEW).take(reader).map(Own)
            }
        }
    )*};
}

lend_numbers!(Vec<N> Box<[N]> Arc<[N]>);

/// Then: as its type does.
pub trait LendValue<T: ?Sized> {
    /// What holds the value.
    type Holder: Lend<T>;

    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(&self, reader: &mut Reader<'_>) -> Result<Self::Holder, TakeError>;
}

impl<V: Via<T>, T: ?Sized> LendValue<T> for Lent<V, T> {
    type Holder = V::Holder;

    #[inline]
    fn lend(&self, reader: &mut Reader<'_>) -> Result<V::Holder, TakeError> {
        V::lend(reader)
    }
}
