//! How each encoding sends a value in a message to another process, and who owns the value
//! there.

use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::encoding::{Encoding, NUMBERS, PERSIST, SERDE};
use crate::codec::DecodeError;
use crate::persist::embedded::{self, ArraySource};
use crate::persist::{Error, ErrorKind, NumberKind, Persist, Save};
use crate::wire::{
    MessageError, MessageReader, MessageWriter, Pod, PutError, ReceivedSlice, too_deep,
};

/// An encoding that sends a `T` to another process.
pub trait Transport<T: ?Sized> {
    /// The type that holds the received value while a function borrows it.
    type Holder<'m>: AsBorrowed<T> + 'm;

    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn put<'v>(value: &'v T, writer: &mut MessageWriter<'v>) -> Result<(), PutError>;

    /// Decodes the value from `reader`. An unsized value can only be received by
    /// [`lend`](Transport::lend).
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn take(_: &mut MessageReader<'_>) -> Result<T, MessageError>
    where
        T: Sized,
    {
        Err(MessageError::Truncated)
    }

    /// Decodes like [`take`](Transport::take), for a function that borrows the value.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn lend<'m>(reader: &mut MessageReader<'m>) -> Result<Self::Holder<'m>, MessageError>;
}

/// A received value that a function borrows.
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

macro_rules! as_borrowed {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> AsBorrowed<$ty> for $owned {
            #[inline]
            fn borrowed(&self) -> &$ty {
                self
            }
        }
    )*};
}

as_borrowed! {
    [T] [T], Vec<T>;
    [] str, String;
    [] Path, PathBuf;
    [N: Pod] [N], ReceivedSlice<'_, N>;
}

impl<T: Serialize + DeserializeOwned + 'static> Transport<T> for Encoding<SERDE> {
    type Holder<'m> = Owned<T>;

    #[inline]
    fn put<'v>(value: &'v T, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        writer.chosen::<T, T>(value)
    }

    #[inline]
    fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError> {
        reader.chosen()
    }

    #[inline]
    fn lend<'m>(reader: &mut MessageReader<'m>) -> Result<Owned<T>, MessageError> {
        reader.chosen().map(Owned)
    }
}

macro_rules! serde_unsized {
    ($([$($generics:tt)*] $ty:ty, $owned:ty;)*) => {$(
        impl<$($generics)*> Transport<$ty> for Encoding<SERDE> {
            type Holder<'m> = $owned;

            #[inline]
            fn put<'v>(value: &'v $ty, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
                writer.chosen::<$ty, $owned>(value)
            }

            #[inline]
            fn lend<'m>(reader: &mut MessageReader<'m>) -> Result<$owned, MessageError> {
                reader.chosen()
            }
        }
    )*};
}

serde_unsized! {
    [T: Serialize + DeserializeOwned + 'static] [T], Vec<T>;
    [] str, String;
    [] Path, PathBuf;
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl<N: Pod> Transport<$ty> for Encoding<NUMBERS> {
            type Holder<'m> = Owned<$ty>;

            #[inline]
            fn put<'v>(value: &'v $ty, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
                writer.numbers::<N>(value);
                Ok(())
            }

            #[inline]
            fn take(reader: &mut MessageReader<'_>) -> Result<$ty, MessageError> {
                reader.numbers::<N>().map(|numbers| numbers.into_vec().into())
            }

            #[inline]
            fn lend<'m>(reader: &mut MessageReader<'m>) -> Result<Owned<$ty>, MessageError> {
                Self::take(reader).map(Owned)
            }
        }
    )*};
}

numbers!(Vec<N> Box<[N]> Arc<[N]>);

impl<N: Pod> Transport<[N]> for Encoding<NUMBERS> {
    type Holder<'m> = ReceivedSlice<'m, N>;

    #[inline]
    fn put<'v>(value: &'v [N], writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        writer.numbers::<N>(value);
        Ok(())
    }

    #[inline]
    fn lend<'m>(reader: &mut MessageReader<'m>) -> Result<ReceivedSlice<'m, N>, MessageError> {
        reader.numbers()
    }
}

impl<T: Persist + 'static> Transport<T> for Encoding<PERSIST> {
    type Holder<'m> = Owned<T>;

    fn put<'v>(value: &'v T, writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        put_persist(value, writer)
    }

    fn take(reader: &mut MessageReader<'_>) -> Result<T, MessageError> {
        take_persist(reader)
    }

    fn lend<'m>(reader: &mut MessageReader<'m>) -> Result<Owned<T>, MessageError> {
        take_persist(reader).map(Owned)
    }
}

impl<T: Persist + 'static> Transport<[T]> for Encoding<PERSIST> {
    type Holder<'m> = Vec<T>;

    fn put<'v>(value: &'v [T], writer: &mut MessageWriter<'v>) -> Result<(), PutError> {
        put_persist(value, writer)
    }

    fn lend<'m>(reader: &mut MessageReader<'m>) -> Result<Vec<T>, MessageError> {
        take_persist(reader)
    }
}

/// Appends the arrays of a value by reference to their memory, and the rest as in a file.
fn put_persist<'v, T: Save + ?Sized>(
    value: &'v T,
    writer: &mut MessageWriter<'v>,
) -> Result<(), PutError> {
    let other = |error: Error| match error.kind() {
        ErrorKind::TooDeep => too_deep::<T>(),
        _ => PutError::Other(error.to_string()),
    };
    let (small, arrays) = embedded::parts(value).map_err(other)?;
    writer.copied_numbers(&small);
    for array in arrays {
        match array {
            embedded::ArrayBytes::Lent(bytes) => writer.numbers::<u8>(bytes),
            embedded::ArrayBytes::Owned(bytes) => writer.copied_numbers(&bytes),
        }
    }
    Ok(())
}

fn take_persist<T: Persist>(reader: &mut MessageReader<'_>) -> Result<T, MessageError> {
    let small = reader.numbers::<u8>()?;
    embedded::from_parts(&small, &mut MessageArrays(reader))
        .map_err(|error| MessageError::Decode(DecodeError::Other(error.to_string())))
}

/// The arrays of a value, which follow one another in the message.
struct MessageArrays<'r, 'm>(&'r mut MessageReader<'m>);

impl ArraySource for MessageArrays<'_, '_> {
    fn has(&self, _: NumberKind, len: u64) -> bool {
        self.0.has_numbers_of(len)
    }

    fn fill(&mut self, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let damaged = |error: MessageError| ErrorKind::Value(error.to_string());
        let bytes = self.0.numbers::<u8>().map_err(damaged)?;
        if bytes.len() != out.len() {
            return Err(ErrorKind::Truncated.into());
        }
        for (to, from) in out.iter_mut().zip(bytes.iter()) {
            to.write(*from);
        }
        Ok(())
    }
}
