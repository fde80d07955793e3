//! A message being put together: small values copied, large slices by
//! reference, so that they are copied once, to where they travel.

use std::io::{self, IoSlice};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::pod::{Pod, bytes_of};
use super::shared_memory::{self, MemoryRef};
use super::{PutError, too_deep};
use crate::codec;

/// What numbers are aligned to within a message, which is enough for all.
pub(super) const ALIGNMENT: usize = 16;

/// Slices of at least so many bytes are not copied into the message.
const LARGE: usize = 16 << 10;

/// Slices of at least so many bytes are sent by their place if others can map
/// it. Below, copying is cheaper.
const FOREIGN: usize = 1 << 20;

/// Marks the length of numbers that are not in the message: what they are is
/// told by device, inode, offset and path.
pub(super) const ELSEWHERE: u64 = 1 << 63;

/// Marks the length of a value that describes itself.
pub(super) const DESCRIBED: u64 = 1 << 62;

/// The values of a message, in order.
#[derive(Debug, Default)]
pub struct MessageWriter<'v> {
    small: Vec<u8>,
    large: Vec<LargeSlice<'v>>,
    len: usize,
}

/// A slice of its owner's, with its place among the small bytes.
#[derive(Debug)]
struct LargeSlice<'v> {
    before: usize,
    bytes: &'v [u8],
}

impl<'v> MessageWriter<'v> {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// A message that was put together before.
    pub fn whole(message: Vec<u8>) -> Self {
        MessageWriter {
            len: message.len(),
            small: message,
            large: Vec::new(),
        }
    }

    /// An empty message that reuses the memory of `small`.
    pub fn reusing(mut small: Vec<u8>) -> Self {
        small.clear();
        MessageWriter {
            small,
            large: Vec::new(),
            len: 0,
        }
    }

    /// The bytes of the whole message.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was put.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends `value`, of a type that is known to need no description of itself.
    ///
    /// # Errors
    ///
    /// It cannot be encoded; nothing is appended then.
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PutError> {
        self.encoded(|out| codec::encode(value, out).map(|()| false))
    }

    /// Appends `value`, which is taken as an `O`, as `serde` describes it: with a
    /// description of itself if values of its type need one.
    ///
    /// # Errors
    ///
    /// It cannot be encoded; nothing is appended then.
    pub fn carried<T, O>(&mut self, value: &T) -> Result<(), PutError>
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

    /// Appends what `encode` gives, which says whether that is a description.
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
        let told = len as u64 | if is_described { DESCRIBED } else { 0 };
        self.small[start..][..8].copy_from_slice(&told.to_ne_bytes());
        self.len += 8 + len;
        Ok(())
    }

    /// Appends `numbers` as they lie in memory.
    pub fn numbers<N: Pod>(&mut self, numbers: &'v [N]) {
        let bytes = bytes_of(numbers);
        if bytes.len() >= FOREIGN
            && let Some(place) = shared_memory::find(bytes)
        {
            self.place(bytes.len(), &place);
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

    /// As [`numbers`](MessageWriter::numbers), of bytes that are copied.
    pub fn copied_numbers(&mut self, bytes: &[u8]) {
        self.copy(&(bytes.len() as u64).to_ne_bytes());
        let padding = self.len.next_multiple_of(ALIGNMENT) - self.len;
        self.copy(&[0; ALIGNMENT][..padding]);
        self.copy(bytes);
    }

    /// Appends where `len` bytes lie.
    fn place(&mut self, len: usize, place: &MemoryRef) {
        let path = place.path_bytes();
        for number in [
            len as u64 | ELSEWHERE,
            place.device,
            place.inode,
            place.offset,
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

    /// The message as one run of bytes after another, none of them empty.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
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

    /// Appends the whole message to `out`, which must be aligned as the
    /// message is to be.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.len);
        self.pieces().for_each(|piece| out.extend_from_slice(piece));
    }

    /// Writes the whole message.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn write_to(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = self.pieces().map(IoSlice::new).collect();
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

    /// The memory of the small values, to be used again.
    pub fn into_memory(self) -> Vec<u8> {
        self.small
    }
}
