//! The hasher for keys: XXH3-128 of the bytes that are written.

use twox_hash::xxhash3_128::Hasher;

use super::type_declaration::TypeDeclaration;
use super::{KeyError, identity, tag};
use crate::xxh3;

/// The maximum length of keys that are buffered on the stack and hashed at once.
const SHORT: usize = 256;

/// Computes the XXH3-128 hash of the bytes of a key.
///
/// The hash does not depend on how the bytes are divided into writes. The encoding of
/// each value must be self-delimiting.
#[derive(Clone)]
pub struct KeyHasher {
    short: [u8; SHORT],
    used: usize,
    long: Option<Box<Hasher>>,
    failure: Option<Box<KeyError>>,
}

impl KeyHasher {
    /// Creates an empty hasher.
    #[inline]
    pub fn new() -> Self {
        Self {
            short: [0; SHORT],
            used: 0,
            long: None,
            failure: None,
        }
    }

    /// Writes bytes without their length.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) {
        match self.short.get_mut(self.used..self.used + bytes.len()) {
            Some(free) if self.long.is_none() => {
                free.copy_from_slice(bytes);
                self.used += bytes.len();
            }
            _ => self.write_long(bytes),
        }
    }

    /// Writes one byte.
    #[inline]
    pub fn write_u8(&mut self, byte: u8) {
        self.write(&[byte]);
    }

    /// Writes a number in eight bytes.
    #[inline]
    pub fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    /// Writes a count or a length, in eight bytes on every platform.
    #[inline]
    pub fn write_len(&mut self, len: usize) {
        self.write_u64(len as u64);
    }

    /// Writes bytes after their length.
    #[inline]
    pub fn write_bytes(&mut self, bytes: &[u8]) {
        self.write_len(bytes.len());
        self.write(bytes);
    }

    /// Writes the type tag of a named type: the module that defines it, its name, and a
    /// digest of its definition.
    ///
    /// Types with equal tags are indistinguishable, so a type inside a function needs a
    /// unique `module` or `name`.
    pub fn nominal(&mut self, module: &str, name: &str, definition: u64) {
        self.write_u8(tag::NOMINAL);
        self.write_bytes(module.as_bytes());
        self.write_bytes(name.as_bytes());
        self.write_u64(definition);
    }

    /// Writes the type tag of a type with a derived `Key`.
    #[doc(hidden)]
    #[inline]
    pub fn declared(&mut self, declared: &'static TypeDeclaration) {
        declared.feed(self);
    }

    /// Writes the printed name of a type and the compiler's `TypeId`. They distinguish
    /// the type from any other, but differ between compilers and profiles. For a closure
    /// or a function the digest of the executable is added, because nothing else
    /// determines what it does.
    pub fn type_name<T: ?Sized>(&mut self) {
        identity::feed::<T>(self);
    }

    /// Records that a component has no key, so that the whole has none. Only the first
    /// reason is stored.
    #[cold]
    pub fn fail(&mut self, failure: KeyError) {
        self.failure.get_or_insert_with(|| Box::new(failure));
    }

    /// Returns the reason why the whole has no key, if it has none.
    #[inline]
    pub fn failure(&self) -> Option<&KeyError> {
        self.failure.as_deref()
    }

    /// Returns the hash of all bytes that were written.
    // Inlining makes a cache hit faster, because the lengths of the arguments are then
    // known. It also compiles the hash function again in every crate, so debug builds do
    // not inline.
    #[cfg_attr(not(debug_assertions), inline)]
    pub fn finish(&self) -> u128 {
        match &self.long {
            None => xxh3::hash128(&self.short[..self.used]),
            Some(long) => long.finish_128(),
        }
    }

    #[cold]
    fn spill(&mut self) -> Box<Hasher> {
        let mut long = Box::new(Hasher::new());
        long.write(&self.short[..self.used]);
        long
    }

    #[inline(never)]
    fn write_long(&mut self, bytes: &[u8]) {
        let mut long = match self.long.take() {
            Some(long) => long,
            None => self.spill(),
        };
        long.write(bytes);
        self.long = Some(long);
    }
}

impl Default for KeyHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyHasher({:032x})", self.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_into_writes_does_not_matter() {
        let bytes: Vec<u8> = (0..2000u32).map(|i| (i * 7 + i / 256) as u8).collect();
        for len in [0, 1, 16, 17, 128, 240, 241, 255, 256, 257, 512, 513, 2000] {
            let whole = xxh3::hash128(&bytes[..len]);
            for step in [1, 3, 64, 255, 256, 257, 1024] {
                let mut hasher = KeyHasher::new();
                for part in bytes[..len].chunks(step) {
                    hasher.write(part);
                }
                assert_eq!(hasher.finish(), whole, "{len} bytes by {step}");
            }
        }
    }

    #[test]
    fn finishing_does_not_end_the_hasher() {
        let mut hasher = KeyHasher::new();
        hasher.write(b"ab");
        let _ = hasher.finish();
        hasher.write(b"c");
        assert_eq!(hasher.finish(), xxh3::hash128(b"abc"));
    }
}
