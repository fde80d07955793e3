//! Encoded keys, and their prefixes as numbers.

use crate::persist::error::Error;
use crate::persist::traits::Save;
use crate::persist::writer::BodyWriter;

/// The number of keys, or of bytes of keys, that are encoded before the first is read.
/// Reading bytes directly after they were written would stall the processor.
pub(super) const KEYS: usize = 256;
const BYTES: usize = 1 << 14;

/// A list of keys, encoded as bytes whose order is that of the keys.
#[derive(Debug, Default)]
pub(super) struct EncodedKeys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The common prefix of most keys.
    common: Vec<u8>,
}

impl EncodedKeys {
    /// Creates an empty list, for keys most of which start with `common`.
    pub(super) fn after(common: Vec<u8>) -> Self {
        EncodedKeys {
            common,
            ..EncodedKeys::default()
        }
    }

    /// Returns the common prefix of all `keys`.
    pub(super) fn common<'v, K: Save + 'v>(keys: impl Iterator<Item = &'v K>) -> Vec<u8> {
        let mut common: Option<Vec<u8>> = None;
        for key in keys {
            key.order(&mut |bytes| match &mut common {
                Some(common) => {
                    let pairs = common.iter().zip(bytes);
                    let len = pairs.take_while(|(one, other)| one == other).count();
                    common.truncate(len);
                }
                none => *none = Some(bytes.to_vec()),
            });
            if common.as_ref().is_some_and(Vec::is_empty) {
                break;
            }
        }
        common.unwrap_or_default()
    }

    pub(super) fn push<K: Save>(&mut self, key: &K) -> Result<(), Error> {
        BodyWriter::key(key, &mut self.bytes)?;
        self.ends.push(self.bytes.len());
        Ok(())
    }

    /// Passes the numeric prefix of each key to `each`. The list is cleared.
    pub(super) fn prefixes<'v, K: Save + 'v>(
        &mut self,
        keys: impl Iterator<Item = &'v K>,
        mut each: impl FnMut(u64),
    ) -> Result<(), Error> {
        self.clear();
        for key in keys {
            self.push(key)?;
            if self.are_many() {
                (0..self.len()).for_each(|at| each(self.prefix(at)));
                self.clear();
            }
        }
        (0..self.len()).for_each(|at| each(self.prefix(at)));
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn are_many(&self) -> bool {
        self.ends.len() > KEYS || self.bytes.len() > BYTES
    }

    fn start(&self, at: usize) -> usize {
        match at {
            0 => 0,
            _ => self.ends[at - 1],
        }
    }

    pub(super) fn get(&self, at: usize) -> &[u8] {
        &self.bytes[self.start(at)..self.ends[at]]
    }

    /// Returns the first eight bytes after the common prefix as a number. A key with a
    /// lower number is the lower key.
    fn prefix(&self, at: usize) -> u64 {
        let (start, end) = (self.start(at), self.ends[at]);
        if self.common.is_empty() {
            return self.prefix_of(start, end);
        }
        let key = &self.bytes[start..end];
        match key.strip_prefix(&*self.common) {
            Some(_) => self.prefix_of(start + self.common.len(), end),
            None if *key < *self.common => 0,
            None => u64::MAX,
        }
    }

    fn prefix_of(&self, start: usize, end: usize) -> u64 {
        match (self.bytes[start..].first_chunk(), end - start) {
            (Some(bytes), 8..) => u64::from_be_bytes(*bytes),
            (_, 0) => 0,
            // Mask the bytes of the next key.
            (Some(bytes), len) => u64::from_be_bytes(*bytes) & !(u64::MAX >> (8 * len)),
            (None, len) => {
                let mut bytes = [0; 8];
                bytes[..len].copy_from_slice(&self.bytes[start..end]);
                u64::from_be_bytes(bytes)
            }
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    pub(super) fn keep_last(&mut self) {
        let Some(last) = self.ends.len().checked_sub(1) else {
            return;
        };
        self.bytes.drain(..self.start(last));
        self.ends.clear();
        self.ends.push(self.bytes.len());
    }
}
