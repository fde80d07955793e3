//! Values as `Persist` takes them to another process: their arrays by
//! reference to where they lie, and the rest as in a file.

use std::mem::MaybeUninit;

use crate::persist::embedded::{self, ArraySource};
use crate::persist::{Error, ErrorKind, NumberKind, Persist, Save};
use crate::wire::{self, Lend, Own, PutError, TakeError, too_deep};

/// A value that `Persist` can take to another process: what
/// [`Carried`](wire::Carried) is for serde.
pub trait Persisted {
    /// What holds the value where it arrives.
    type Holder: Lend<Self> + 'static;

    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    fn put<'v>(&'v self, writer: &mut wire::Writer<'v>) -> Result<(), PutError>;

    /// Takes the value from `reader`. What has no size is only ever lent.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn take(_: &mut wire::Reader<'_>) -> Result<Self, TakeError>
    where
        Self: Sized,
    {
        Err(TakeError::Truncated)
    }

    /// As [`take`](Persisted::take), for a function that borrows it.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(reader: &mut wire::Reader<'_>) -> Result<Self::Holder, TakeError>;
}

impl<T: Persist + 'static> Persisted for T {
    type Holder = Own<T>;

    fn put<'v>(&'v self, writer: &mut wire::Writer<'v>) -> Result<(), PutError> {
        put(self, writer)
    }

    fn take(reader: &mut wire::Reader<'_>) -> Result<T, TakeError> {
        take(reader)
    }

    fn lend(reader: &mut wire::Reader<'_>) -> Result<Own<T>, TakeError> {
        take(reader).map(Own)
    }
}

impl<T: Persist + 'static> Persisted for [T] {
    type Holder = Vec<T>;

    fn put<'v>(&'v self, writer: &mut wire::Writer<'v>) -> Result<(), PutError> {
        put(self, writer)
    }

    fn lend(reader: &mut wire::Reader<'_>) -> Result<Vec<T>, TakeError> {
        take(reader)
    }
}

fn put<'v, T: Save + ?Sized>(value: &'v T, writer: &mut wire::Writer<'v>) -> Result<(), PutError> {
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

fn take<T: Persist>(reader: &mut wire::Reader<'_>) -> Result<T, TakeError> {
    let small = reader.numbers::<u8>()?;
    embedded::from_parts(&small, &mut Arrays(reader)).map_err(|error| {
        let error = crate::codec::DecodeError::Other(error.to_string());
        TakeError::Decode(error)
    })
}

/// The arrays, which follow one another in the message.
struct Arrays<'r, 'm>(&'r mut wire::Reader<'m>);

impl ArraySource for Arrays<'_, '_> {
    fn has(&self, _: NumberKind, len: u64) -> bool {
        self.0.has_numbers_of(len)
    }

    fn fill(&mut self, out: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let damaged = |error: TakeError| ErrorKind::Value(error.to_string());
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
