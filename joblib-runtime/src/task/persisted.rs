//! How a value with a derived `Persist` travels: its arrays by reference to
//! where they lie, and the rest as in a file. What has none travels as
//! [`wire`] does it.
//!
//! Generated code brings these traits into scope together with those of
//! [`dispatch`](crate::wire::dispatch), and method lookup takes the second of
//! three choices for such a value: numbers come first, serde last.

pub use crate::wire::dispatch::*;

use std::mem::MaybeUninit;

use crate::persist::bare::{self, Sequence};
use crate::persist::derived::Whole;
use crate::persist::{Error, ErrorKind, Kind};
use crate::wire::{self, Own, PutError, TakeError};

/// Second choice for what is sent.
pub trait PutPersisted<'v> {
    /// Appends the value to `writer`.
    ///
    /// # Errors
    ///
    /// It cannot be encoded.
    fn put(&self, writer: &mut wire::Writer<'v>) -> Result<(), PutError>;
}

impl<'v, V, T: Whole> PutPersisted<'v> for &Sent<'v, V, T> {
    fn put(&self, writer: &mut wire::Writer<'v>) -> Result<(), PutError> {
        put(self.value(), writer)
    }
}

/// Second choice for what is received.
pub trait TakePersisted<T> {
    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn take(&self, reader: &mut wire::Reader<'_>) -> Result<T, TakeError>;
}

impl<V, T: Whole> TakePersisted<T> for &Taken<V, T> {
    fn take(&self, reader: &mut wire::Reader<'_>) -> Result<T, TakeError> {
        take(reader)
    }
}

/// Second choice for what is received and borrowed.
pub trait LendPersisted<T> {
    /// Takes the value from `reader`.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    fn lend(&self, reader: &mut wire::Reader<'_>) -> Result<Own<T>, TakeError>;
}

impl<V, T: Whole> LendPersisted<T> for &Lent<V, T> {
    fn lend(&self, reader: &mut wire::Reader<'_>) -> Result<Own<T>, TakeError> {
        take(reader).map(Own)
    }
}

fn put<'v, T: Whole>(value: &'v T, writer: &mut wire::Writer<'v>) -> Result<(), PutError> {
    let other = |error: Error| PutError::Other(error.to_string());
    let (small, arrays) = bare::parts(value).map_err(other)?;
    writer.copied_numbers(&small);
    for array in arrays {
        match array {
            bare::Bytes::Lent(bytes) => writer.numbers::<u8>(bytes),
            bare::Bytes::Owned(bytes) => writer.copied_numbers(&bytes),
        }
    }
    Ok(())
}

fn take<T: Whole>(reader: &mut wire::Reader<'_>) -> Result<T, TakeError> {
    let small = reader.numbers::<u8>()?;
    bare::from_parts(&small, &mut Arrays(reader)).map_err(|error| {
        let error = crate::codec::DecodeError::Other(error.to_string());
        TakeError::Decode(error)
    })
}

/// The arrays, which follow one another in the message.
struct Arrays<'r, 'm>(&'r mut wire::Reader<'m>);

impl Sequence for Arrays<'_, '_> {
    fn has(&self, _: Kind, len: u64) -> bool {
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
