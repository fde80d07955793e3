//! Sends values with `serde`, and defines the types that own received values.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{MessageError, MessageReader, MessageWriter, PutError};

/// The owner of a received value that a function borrows.
pub trait AsBorrowed<T: ?Sized> {
    /// Returns the value.
    fn borrowed(&self) -> &T;
}

/// A received value of a sized type.
#[derive(Debug)]
pub struct Owned<T>(pub T);

impl<T> AsBorrowed<T> for Owned<T> {
    #[inline]
    fn borrowed(&self) -> &T {
        &self.0
    }
}

macro_rules! lend_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> AsBorrowed<$ty> for $owned {
            #[inline]
            fn borrowed(&self) -> &$ty {
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

/// A value that `serde` can send to another process: a value without borrows, or a slice
/// or text of such values.
pub trait SerdeTransport {
    /// The type that owns the received value.
    type Holder: AsBorrowed<Self> + 'static;

    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn put(&self, writer: &mut MessageWriter<'_>) -> Result<(), PutError>;

    /// Decodes the value from `reader`. An unsized value can only be received by
    /// [`take_borrowed`](SerdeTransport::take_borrowed).
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn take(_: &mut MessageReader<'_>) -> Result<Self, MessageError>
    where
        Self: Sized,
    {
        Err(MessageError::Truncated)
    }

    /// Decodes like [`take`](SerdeTransport::take), for a function that borrows the
    /// value.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn take_borrowed(reader: &mut MessageReader<'_>) -> Result<Self::Holder, MessageError>;
}

impl<T: Serialize + DeserializeOwned + 'static> SerdeTransport for T {
    type Holder = Owned<T>;

    #[inline]
    fn put(&self, writer: &mut MessageWriter<'_>) -> Result<(), PutError> {
        writer.chosen::<T, T>(self)
    }

    #[inline]
    fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError> {
        reader.chosen()
    }

    #[inline]
    fn take_borrowed(reader: &mut MessageReader<'_>) -> Result<Owned<T>, MessageError> {
        reader.chosen().map(Owned)
    }
}

macro_rules! carried_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> SerdeTransport for $ty {
            type Holder = $owned;

            #[inline]
            fn put(&self, writer: &mut MessageWriter<'_>) -> Result<(), PutError> {
                writer.chosen::<$ty, $owned>(self)
            }

            #[inline]
            fn take_borrowed(reader: &mut MessageReader<'_>) -> Result<$owned, MessageError> {
                reader.chosen()
            }
        }
    )*};
}

carried_unsized! {
    [T: Serialize + DeserializeOwned + 'static] [T], Vec<T>;
    [] str, String;
    [] Path, PathBuf;
}
