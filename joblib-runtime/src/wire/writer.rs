//! Builds a message: small values are copied, and large slices are kept by reference, so
//! that they are copied only once, to the output.

use std::io::{self, IoSlice};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::pod::Pod;
use super::shared_memory::{self, MemoryRef};
use super::{PutError, too_deep};
use crate::codec;

/// The alignment of numbers within a message, which is sufficient for every number type.
pub(super) const ALIGNMENT: usize = 16;

/// The minimum size in bytes of slices that are not copied into the message.
const LARGE: usize = 16 << 10;

/// The minimum size in bytes of slices that are sent by reference if other processes can
/// map them. Copying smaller ones is cheaper.
const MIN_BY_REFERENCE: usize = 1 << 20;

/// Marks the length of numbers that are not in the message. The device, inode, offset and
/// path follow.
pub(super) const BY_REFERENCE: u64 = 1 << 63;

/// Marks the length of a value in the self-describing encoding.
pub(super) const DESCRIBED: u64 = 1 << 62;

/// The values of a message, in order.
#[derive(Debug, Default)]
pub struct MessageWriter<'v> {
    small: Vec<u8>,
    large: Vec<LargeSlice<'v>>,
    len: usize,
}

/// A borrowed slice, and its position among the small bytes.
#[derive(Debug)]
struct LargeSlice<'v> {
    before: usize,
    bytes: &'v [u8],
}

impl<'v> MessageWriter<'v> {
    /// Creates an empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a message from its bytes.
    pub fn from_bytes(message: Vec<u8>) -> Self {
        MessageWriter {
            len: message.len(),
            small: message,
            large: Vec::new(),
        }
    }

    /// Creates an empty message that reuses the memory of `small`.
    pub fn reusing(mut small: Vec<u8>) -> Self {
        small.clear();
        MessageWriter {
            small,
            large: Vec::new(),
            len: 0,
        }
    }

    /// Returns the number of bytes of the whole message.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether the message is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends `value` in the compact encoding, which its type is known to support.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded; nothing is appended then.
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PutError> {
        self.encoded(|out| codec::encode(value, out).map(|()| false))
    }

    /// Appends `value`, which is decoded as an `O`. Uses the self-describing encoding if
    /// values of its type need it.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be encoded; nothing is appended then.
    pub fn chosen<T, O>(&mut self, value: &T) -> Result<(), PutError>
    where
        T: Serialize + ?Sized,
        O: Serialize + DeserializeOwned,
    {
        let encoded = self.encoded(|out| codec::encode_chosen::<T, O>(value, out));
        encoded.map_err(|error| match error {
            PutError::TooDeep => too_deep::<T>(),
            other => other,
        })
    }

    /// Appends what `encode` writes. `encode` returns whether that is the self-describing
    /// encoding.
    fn encoded(
        &mut self,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<bool, PutError>,
    ) -> Result<(), PutError> {
        let start = self.small.len();
        self.small.extend_from_slice(&[0; 8]);
        let is_described = match encode(&mut self.small) {
            Ok(is_described) => is_described,
            Err(error) => {
                self.small.truncate(start);
                return Err(error);
            }
        };
        let len = self.small.len() - start - 8;
        let header = len as u64 | if is_described { DESCRIBED } else { 0 };
        self.small[start..][..8].copy_from_slice(&header.to_ne_bytes());
        self.len += 8 + len;
        Ok(())
    }

    /// Appends `numbers` with the same layout as in memory.
    pub fn numbers<N: Pod>(&mut self, numbers: &'v [N]) {
        let bytes: &[u8] = bytemuck::must_cast_slice(numbers);
        if bytes.len() >= MIN_BY_REFERENCE
            && let Some(location) = shared_memory::find(bytes)
        {
            self.put_location(bytes.len(), &location);
            return;
        }
        self.copy(&(bytes.len() as u64).to_ne_bytes());
        let padding = self.len.next_multiple_of(ALIGNMENT) - self.len;
        self.copy(&[0; ALIGNMENT][..padding]);
        if bytes.len() < LARGE {
            self.copy(bytes);
            return;
        }
        self.large.push(LargeSlice {
            before: self.small.len(),
            bytes,
        });
        self.len += bytes.len();
    }

    /// Appends like [`numbers`](MessageWriter::numbers), and always copies the bytes.
    pub fn copied_numbers(&mut self, bytes: &[u8]) {
        self.copy(&(bytes.len() as u64).to_ne_bytes());
        let padding = self.len.next_multiple_of(ALIGNMENT) - self.len;
        self.copy(&[0; ALIGNMENT][..padding]);
        self.copy(bytes);
    }

    /// Appends a reference to `len` bytes.
    fn put_location(&mut self, len: usize, location: &MemoryRef) {
        let path = location.path_bytes();
        for number in [
            len as u64 | BY_REFERENCE,
            location.device,
            location.inode,
            location.offset,
            path.len() as u64,
        ] {
            self.copy(&number.to_ne_bytes());
        }
        self.copy(path);
    }

    fn copy(&mut self, bytes: &[u8]) {
        self.small.extend_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Returns the chunks of the message in order, none of them empty.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        let interleaved = self.large.iter().flat_map(move |large| {
            let small = &self.small[start..large.before];
            start = large.before;
            [small, large.bytes]
        });
        let rest = self.large.last().map_or(0, |large| large.before);
        interleaved
            .chain([&self.small[rest..]])
            .filter(|piece| !piece.is_empty())
    }

    /// Appends the whole message to `out`, whose end must have the alignment of the
    /// message.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.len);
        self.chunks().for_each(|piece| out.extend_from_slice(piece));
    }

    /// Writes the whole message.
    ///
    /// # Errors
    ///
    /// Fails if writing fails.
    pub fn write_to(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = self.chunks().map(IoSlice::new).collect();
        let mut rest = slices.as_mut_slice();
        while !rest.is_empty() {
            match out.write_vectored(&rest[..rest.len().min(64)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut rest, written),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Returns the memory of the small values, to be reused.
    pub fn into_memory(self) -> Vec<u8> {
        self.small
    }
}
