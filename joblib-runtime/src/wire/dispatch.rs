//! Which way a value travels: numbers as they lie in memory, the rest by
//! `serde`.
//!
//! Generated code writes, for a value of type `T` or a reference to a `T`,
//!
//! ```text
//! use dispatch::*;
//! (&&Sent(value)).put(&mut writer)?;                // value: &'v T
//! let value = (&&Taken::<T>::NEW).take(&mut reader)?;    // for an argument `T`
//! let value = (&&Lent::<T>::NEW).lend(&mut reader)?;     // for an argument `&T`
//! function(value.lent());
//! ```
//!
//! Method lookup tries the impl for the most references first (autoref
//! specialization), so aliases of types are seen through.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Number, PutError, Reader, TakeError, Writer};

/// A value to be sent.
#[derive(Debug)]
pub struct Sent<'v, T: ?Sized>(pub &'v T);

/// First choice: as it lies in memory.
pub trait PutNumbers<'v> {
    /// Appends the numbers to `writer`.
    ///
    /// # Errors
    ///
    /// None; the way by `serde` has some.
    fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError>;
}

macro_rules! put_numbers {
    ($($ty:ty)*) => {$(
        impl<'v, N: Number> PutNumbers<'v> for &Sent<'v, $ty> {
            #[inline]
            fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError> {
                writer.numbers::<N>(self.0);
                Ok(())
            }
        }
    )*};
}

put_numbers!([N] Vec<N> Box<[N]> Arc<[N]>);

/// Then: as `serde` describes it.
pub trait PutValue<'v> {
    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError>;
}

impl<'v, T: Serialize + ?Sized> PutValue<'v> for Sent<'v, T> {
    #[inline]
    fn put(&self, writer: &mut Writer<'v>) -> Result<(), PutError> {
        writer.value(self.0)
    }
}

/// A value to be received.
#[derive(Debug)]
pub struct Taken<T>(PhantomData<fn() -> T>);

impl<T> Taken<T> {
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
        impl<N: Number> TakeNumbers<$ty> for &Taken<$ty> {
            #[inline]
            fn take(&self, reader: &mut Reader<'_>) -> Result<$ty, TakeError> {
                reader.numbers::<N>().map(|numbers| numbers.into_owned().into())
            }
        }
    )*};
}

take_numbers!(Vec<N> Box<[N]> Arc<[N]>);

/// Then: as `serde` describes it.
pub trait TakeValue<T> {
    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn take(&self, reader: &mut Reader<'_>) -> Result<T, TakeError>;
}

impl<T: DeserializeOwned> TakeValue<T> for Taken<T> {
    #[inline]
    fn take(&self, reader: &mut Reader<'_>) -> Result<T, TakeError> {
        reader.value()
    }
}

/// A value to be received that a function borrows.
#[derive(Debug)]
pub struct Lent<T: ?Sized>(PhantomData<fn() -> Box<T>>);

impl<T: ?Sized> Lent<T> {
    /// The only value.
    pub const NEW: Self = Lent(PhantomData);
}

/// What holds a value that a function borrows.
pub trait Lend<T: ?Sized> {
    /// The value.
    fn lent(&self) -> &T;
}

/// First choice: where the message lies.
pub trait LendNumbers<N: Number> {
    /// Takes the numbers from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such numbers.
    fn lend<'m>(&self, reader: &mut Reader<'m>) -> Result<Cow<'m, [N]>, TakeError>;
}

impl<N: Number> LendNumbers<N> for &Lent<[N]> {
    #[inline]
    fn lend<'m>(&self, reader: &mut Reader<'m>) -> Result<Cow<'m, [N]>, TakeError> {
        reader.numbers()
    }
}

impl<N: Number> Lend<[N]> for Cow<'_, [N]> {
    #[inline]
    fn lent(&self) -> &[N] {
        self
    }
}

/// Then: a type without a size, by the one that owns it; or a value that
/// travels as numbers do.
pub trait LendOwned<T: ?Sized> {
    /// What holds the value.
    type Holder: Lend<T>;

    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(&self, reader: &mut Reader<'_>) -> Result<Self::Holder, TakeError>;
}

/// The value itself.
#[derive(Debug)]
pub struct Own<T>(pub T);

impl<T> Lend<T> for Own<T> {
    #[inline]
    fn lent(&self) -> &T {
        &self.0
    }
}

macro_rules! lend_numbers {
    ($($ty:ty)*) => {$(
        impl<N: Number> LendOwned<$ty> for &Lent<$ty> {
            type Holder = Own<$ty>;

            #[inline]
            fn lend(&self, reader: &mut Reader<'_>) -> Result<Own<$ty>, TakeError> {
                (&&Taken::<$ty>::NEW).take(reader).map(Own)
            }
        }
    )*};
}

lend_numbers!(Vec<N> Box<[N]> Arc<[N]>);

macro_rules! lend_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> LendOwned<$ty> for Lent<$ty> {
            type Holder = $owned;

            #[inline]
            fn lend(&self, reader: &mut Reader<'_>) -> Result<$owned, TakeError> {
                reader.value()
            }
        }

        impl<$($generics)*> Lend<$ty> for $owned {
            #[inline]
            fn lent(&self) -> &$ty {
                self
            }
        }
    )*};
}

lend_unsized! {
    [T: DeserializeOwned] [T], Vec<T>;
    [] str, String;
    [] Path, PathBuf;
}

/// Then: as `serde` describes it.
pub trait LendValue<T> {
    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(&self, reader: &mut Reader<'_>) -> Result<Own<T>, TakeError>;
}

impl<T: DeserializeOwned> LendValue<T> for Lent<T> {
    #[inline]
    fn lend(&self, reader: &mut Reader<'_>) -> Result<Own<T>, TakeError> {
        reader.value().map(Own)
    }
}
