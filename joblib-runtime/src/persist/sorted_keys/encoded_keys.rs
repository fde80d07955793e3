//! Keys as bytes, and what they begin with as numbers.

use crate::persist::error::Error;
use crate::persist::traits::Save;
use crate::persist::writer::BodyWriter;

/// Keys are encoded by so many, or by so many bytes, before one is looked at:
/// bytes that were just written would be waited for.
pub(super) const KEYS: usize = 256;
const BYTES: usize = 1 << 14;

/// Keys as bytes that are ordered as they are, one after another.
#[derive(Debug, Default)]
pub(super) struct EncodedKeys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// What most of them begin with.
    common: Vec<u8>,
}

impl EncodedKeys {
    /// Keys of which most begin with `common`.
    pub(super) fn after(common: Vec<u8>) -> Self {
        EncodedKeys {
            common,
            ..EncodedKeys::default()
        }
    }

    /// What all of these begin with.
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

    /// Hands on what each of the keys is ordered by first; they are forgotten.
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

    /// The first eight bytes, of those after what most begin with, as a number; of
    /// two keys, the one with the lower number is the lower one.
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
            // What follows belongs to the next key.
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
