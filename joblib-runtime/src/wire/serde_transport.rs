//! Values as `serde` describes them, and what holds one where it arrives.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{MessageError, MessageReader, MessageWriter, PutError};

/// What holds a value that a function borrows.
pub trait AsBorrowed<T: ?Sized> {
    /// The value.
    fn lent(&self) -> &T;
}

/// The value itself.
#[derive(Debug)]
pub struct Owned<T>(pub T);

impl<T> AsBorrowed<T> for Owned<T> {
    #[inline]
    fn lent(&self) -> &T {
        &self.0
    }
}

macro_rules! lend_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> AsBorrowed<$ty> for $owned {
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
pub trait SerdeTransport {
    /// What holds the value where it arrives.
    type Holder: AsBorrowed<Self> + 'static;

    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    fn put(&self, writer: &mut MessageWriter<'_>) -> Result<(), PutError>;

    /// Takes the value from `reader`. What has no size is only ever lent.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn take(_: &mut MessageReader<'_>) -> Result<Self, MessageError>
    where
        Self: Sized,
    {
        Err(MessageError::Truncated)
    }

    /// As [`take`](SerdeTransport::take), for a function that borrows it.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError>;
}

impl<T: Serialize + DeserializeOwned + 'static> SerdeTransport for T {
    type Holder = Owned<T>;

    #[inline]
    fn put(&self, writer: &mut MessageWriter<'_>) -> Result<(), PutError> {
        writer.carried::<T, T>(self)
    }

    #[inline]
    fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError> {
        reader.carried()
    }

    #[inline]
    fn lend(reader: &mut MessageReader<'_>) -> Result<Owned<T>, MessageError> {
        reader.carried().map(Owned)
    }
}

macro_rules! carried_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> SerdeTransport for $ty {
            type Holder = $owned;

            #[inline]
            fn put(&self, writer: &mut MessageWriter<'_>) -> Result<(), PutError> {
                writer.carried::<$ty, $owned>(self)
            }

            #[inline]
            fn lend(reader: &mut MessageReader<'_>) -> Result<$owned, MessageError> {
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
