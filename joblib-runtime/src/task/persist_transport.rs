//! Sends values to another process with `Persist`: arrays by reference to their memory,
//! and the rest as in a file.

use std::mem::MaybeUninit;

use crate::persist::embedded::{self, ArraySource};
use crate::persist::{Error, ErrorKind, NumberKind, Persist, Save};
use crate::wire::{self, AsBorrowed, MessageError, Owned, PutError, too_deep};

/// A value that `Persist` can send to another process, as
/// [`SerdeTransport`](wire::SerdeTransport) does for serde.
pub trait PersistTransport {
    /// The type that owns the received value.
    type Holder: AsBorrowed<Self> + 'static;

    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded.
    fn put<'v>(&'v self, writer: &mut wire::MessageWriter<'v>) -> Result<(), PutError>;

    /// Decodes the value from `reader`. An unsized value can only be received by
    /// [`take_borrowed`](PersistTransport::take_borrowed).
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn take(_: &mut wire::MessageReader<'_>) -> Result<Self, MessageError>
    where
        Self: Sized,
    {
        Err(MessageError::Truncated)
    }

    /// Decodes like [`take`](PersistTransport::take), for a function that borrows the
    /// value.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    fn take_borrowed(reader: &mut wire::MessageReader<'_>) -> Result<Self::Holder, MessageError>;
}

impl<T: Persist + 'static> PersistTransport for T {
    type Holder = Owned<T>;

    fn put<'v>(&'v self, writer: &mut wire::MessageWriter<'v>) -> Result<(), PutError> {
        put(self, writer)
    }

    fn take(reader: &mut wire::MessageReader<'_>) -> Result<T, MessageError> {
        take(reader)
    }

    fn take_borrowed(reader: &mut wire::MessageReader<'_>) -> Result<Owned<T>, MessageError> {
        take(reader).map(Owned)
    }
}

impl<T: Persist + 'static> PersistTransport for [T] {
    type Holder = Vec<T>;

    fn put<'v>(&'v self, writer: &mut wire::MessageWriter<'v>) -> Result<(), PutError> {
        put(self, writer)
    }

    fn take_borrowed(reader: &mut wire::MessageReader<'_>) -> Result<Vec<T>, MessageError> {
        take(reader)
    }
}

fn put<'v, T: Save + ?Sized>(
    value: &'v T,
    writer: &mut wire::MessageWriter<'v>,
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

fn take<T: Persist>(reader: &mut wire::MessageReader<'_>) -> Result<T, MessageError> {
    let small = reader.numbers::<u8>()?;
    embedded::from_parts(&small, &mut MessageArrays(reader)).map_err(|error| {
        let error = crate::codec::DecodeError::Other(error.to_string());
        MessageError::Decode(error)
    })
}

/// The arrays of a value, which follow one another in the message.
struct MessageArrays<'r, 'm>(&'r mut wire::MessageReader<'m>);

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
