//! Values as `serde` describes them, and what holds one where it arrives.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{PutError, Reader, TakeError, Writer};

/// What holds a value that a function borrows.
pub trait Lend<T: ?Sized> {
    /// The value.
    fn lent(&self) -> &T;
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

macro_rules! lend_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> Lend<$ty> for $owned {
            #[inline]
            fn lent(&self) -> &$ty {
                self
            }
        }
    )*};
}

lend_unsized! {
    [T] [T], Vec<T>;
    [] str, String;
    [] Path, PathBuf;
}

/// A value that `serde` can take to another process: one that owns all it
/// has, or a slice or text of such.
pub trait Carried {
    /// What holds the value where it arrives.
    type Holder: Lend<Self> + 'static;

    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), PutError>;

    /// Takes the value from `reader`. What has no size is only ever lent.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn take(_: &mut Reader<'_>) -> Result<Self, TakeError>
    where
        Self: Sized,
    {
        Err(TakeError::Truncated)
    }

    /// As [`take`](Carried::take), for a function that borrows it.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(reader: &mut Reader<'_>) -> Result<Self::Holder, TakeError>;
}

impl<T: Serialize + DeserializeOwned + 'static> Carried for T {
    type Holder = Own<T>;

    #[inline]
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), PutError> {
        writer.carried::<T, T>(self)
    }

    #[inline]
    fn take(reader: &mut Reader<'_>) -> Result<T, TakeError> {
        reader.carried()
    }

    #[inline]
    fn lend(reader: &mut Reader<'_>) -> Result<Own<T>, TakeError> {
        reader.carried().map(Own)
    }
}

macro_rules! carried_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> Carried for $ty {
            type Holder = $owned;

            #[inline]
            fn put(&self, writer: &mut Writer<'_>) -> Result<(), PutError> {
                writer.carried::<$ty, $owned>(self)
            }

            #[inline]
            fn lend(reader: &mut Reader<'_>) -> Result<$owned, TakeError> {
                reader.carried()
            }
        }
    )*};
}

carried_unsized! {
    [T: Serialize + DeserializeOwned + 'static] [T], Vec<T>;
    [] str, String;
    [] Path, PathBuf;
}
