//! A message being taken apart, value by value, in the order they were put.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::TakeError;
use super::number::{Number, copied, numbers_of};
use super::writer::ALIGNMENT;
use crate::codec;

/// The values of a message not yet taken.
#[derive(Debug)]
pub struct Reader<'m> {
    message: &'m [u8],
    at: usize,
}

impl<'m> Reader<'m> {
    /// The values of `message`. Numbers can be borrowed from it where it lies
    /// aligned as it was put together.
    pub fn new(message: &'m [u8]) -> Self {
        Reader { message, at: 0 }
    }

    /// Takes a value as `serde` describes it.
    ///
    /// # Errors
    ///
    /// The next bytes are no such value.
    pub fn value<T: DeserializeOwned>(&mut self) -> Result<T, TakeError> {
        let len = self.len()?;
        Ok(codec::decode(self.bytes(len)?)?)
    }

    /// Takes numbers, borrowed where they lie aligned and copied elsewhere.
    ///
    /// # Errors
    ///
    /// The next bytes are no such numbers.
    pub fn numbers<N: Number>(&mut self) -> Result<Cow<'m, [N]>, TakeError> {
        let bytes = self.raw(size_of::<N>())?;
        Ok(match numbers_of(bytes) {
            Some(numbers) => Cow::Borrowed(numbers),
            None => Cow::Owned(copied(bytes)),
        })
    }

    /// Takes numbers of `size` bytes each, as bytes.
    fn raw(&mut self, size: usize) -> Result<&'m [u8], TakeError> {
        let len = self.len()?;
        let padding = self.at.next_multiple_of(ALIGNMENT) - self.at;
        self.bytes(padding)?;
        let bytes = self.bytes(len)?;
        match len % size {
            0 => Ok(bytes),
            _ => Err(TakeError::Ragged { bytes: len, size }),
        }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.message.len() - self.at
    }

    /// Makes sure that nothing is left.
    ///
    /// # Errors
    ///
    /// Bytes are left.
    pub fn end(&self) -> Result<(), TakeError> {
        match self.left() {
            0 => Ok(()),
            left => Err(TakeError::Trailing(left)),
        }
    }

    fn len(&mut self) -> Result<usize, TakeError> {
        let bytes = self
            .bytes(8)?
            .try_into()
            .map_err(|_| TakeError::Truncated)?;
        usize::try_from(u64::from_ne_bytes(bytes)).map_err(|_| TakeError::Truncated)
    }

    fn bytes(&mut self, len: usize) -> Result<&'m [u8], TakeError> {
        let rest = &self.message[self.at..];
        let bytes = rest.get(..len).ok_or(TakeError::Truncated)?;
        self.at += len;
        Ok(bytes)
    }
}
