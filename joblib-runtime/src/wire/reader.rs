//! Reads the values of a message, in the order in which they were written.

use std::io;

use serde::de::DeserializeOwned;

use super::MessageError;
use super::pod::Pod;
use super::received::{MappedNumbers, ReceivedSlice};
use super::shared_memory::{ForeignMapping, MemoryRef};
use super::writer::{ALIGNMENT, BY_REFERENCE, DESCRIBED};
use crate::codec::{self, DecodeError};

/// The values of a message that were not read yet.
#[derive(Debug)]
pub struct MessageReader<'m> {
    message: &'m [u8],
    at: usize,
    /// Whether the message may contain references to memory to be mapped.
    is_trusting: bool,
}

impl<'m> MessageReader<'m> {
    /// Reads the values of `message`. Numbers can be borrowed from it if it has the
    /// alignment with which it was written.
    pub fn new(message: &'m [u8]) -> Self {
        MessageReader {
            message,
            at: 0,
            is_trusting: false,
        }
    }

    /// Reads like [`new`](MessageReader::new), for a message from a trusted sender, which
    /// may refer to files and memory that do not change.
    pub fn trusting(message: &'m [u8]) -> Self {
        MessageReader {
            is_trusting: true,
            ..MessageReader::new(message)
        }
    }

    /// Reads what [`MessageWriter::chosen`](super::MessageWriter::chosen) wrote.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    pub fn chosen<T: DeserializeOwned>(&mut self) -> Result<T, MessageError> {
        let header = self.number()?;
        let len = usize::try_from(header & !DESCRIBED).map_err(|_| MessageError::Truncated)?;
        let bytes = self.bytes(len)?;
        codec::decode_chosen(header & DESCRIBED != 0, bytes).map_err(|error| {
            let ty = std::any::type_name::<T>();
            MessageError::Decode(DecodeError::Other(format!("in a `{ty}`: {error}")))
        })
    }

    /// Reads what [`MessageWriter::value`](super::MessageWriter::value) wrote.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such a value.
    pub fn value<T: DeserializeOwned>(&mut self) -> Result<T, MessageError> {
        let len = self.len()?;
        Ok(codec::decode(self.bytes(len)?)?)
    }

    /// Reads numbers: borrowed if they are aligned in the message, mapped if the message
    /// refers to memory, and copied otherwise.
    ///
    /// # Errors
    ///
    /// Fails if the next bytes are not such numbers.
    pub fn numbers<N: Pod>(&mut self) -> Result<ReceivedSlice<'m, N>, MessageError> {
        let len = self.number()?;
        if self.is_trusting && len & BY_REFERENCE != 0 {
            return self.mapped(len & !BY_REFERENCE);
        }
        let bytes = self.raw(len, size_of::<N>())?;
        Ok(match bytemuck::try_cast_slice(bytes) {
            Ok(numbers) => ReceivedSlice::Borrowed(numbers),
            Err(_) => ReceivedSlice::Owned(copied(bytes)),
        })
    }

    /// Returns whether the next value can be numbers of `len` bytes in total.
    pub fn has_numbers_of(&self, len: u64) -> bool {
        let rest = &self.message[self.at..];
        rest.first_chunk().is_some_and(|bytes| {
            let found = u64::from_ne_bytes(*bytes);
            match self.is_trusting && found & BY_REFERENCE != 0 {
                true => found & !BY_REFERENCE == len,
                false => found == len && len <= rest.len() as u64,
            }
        })
    }

    /// Maps numbers of `len` bytes from the memory that the message refers to.
    fn mapped<N: Pod>(&mut self, len: u64) -> Result<ReceivedSlice<'m, N>, MessageError> {
        let size = size_of::<N>();
        let len = usize::try_from(len).map_err(|_| MessageError::Truncated)?;
        let [device, inode, offset] = [self.number()?, self.number()?, self.number()?];
        let path = self.len()?;
        let location = MemoryRef {
            path: MemoryRef::path_of(self.bytes(path)?),
            device,
            inode,
            offset,
        };
        if !len.is_multiple_of(size) {
            return Err(MessageError::Ragged { bytes: len, size });
        }
        let unmapped = |error: io::Error| MessageError::Unmapped(error.to_string());
        let mapping = ForeignMapping::new(&location, len).map_err(unmapped)?;
        Ok(match bytemuck::try_cast_slice::<_, N>(mapping.bytes()) {
            Ok(_) => ReceivedSlice::Mapped(MappedNumbers(mapping)),
            Err(_) => ReceivedSlice::Owned(copied(mapping.bytes())),
        })
    }

    /// Reads `len` bytes of numbers that have `size` bytes each.
    fn raw(&mut self, len: u64, size: usize) -> Result<&'m [u8], MessageError> {
        let len = usize::try_from(len).map_err(|_| MessageError::Truncated)?;
        let padding = self.at.next_multiple_of(ALIGNMENT) - self.at;
        self.bytes(padding)?;
        let bytes = self.bytes(len)?;
        match len % size {
            0 => Ok(bytes),
            _ => Err(MessageError::Ragged { bytes: len, size }),
        }
    }

    /// Returns the number of bytes that are left.
    pub fn left(&self) -> usize {
        self.message.len() - self.at
    }

    /// Checks that no bytes are left.
    ///
    /// # Errors
    ///
    /// Fails if bytes are left.
    pub fn end(&self) -> Result<(), MessageError> {
        match self.left() {
            0 => Ok(()),
            left => Err(MessageError::Trailing(left)),
        }
    }

    fn number(&mut self) -> Result<u64, MessageError> {
        let bytes = self
            .bytes(8)?
            .try_into()
            .map_err(|_| MessageError::Truncated)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn len(&mut self) -> Result<usize, MessageError> {
        usize::try_from(self.number()?).map_err(|_| MessageError::Truncated)
    }

    fn bytes(&mut self, len: usize) -> Result<&'m [u8], MessageError> {
        let rest = &self.message[self.at..];
        let Some(bytes) = rest.get(..len) else {
            return Err(MessageError::Truncated);
        };
        self.at += len;
        Ok(bytes)
    }
}

/// Returns a copy of `bytes`, which need not be aligned, as numbers.
fn copied<N: Pod>(bytes: &[u8]) -> Vec<N> {
    let numbers = bytes.chunks_exact(size_of::<N>());
    numbers.map(bytemuck::pod_read_unaligned).collect()
}
