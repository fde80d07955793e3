//! The hasher for keys: XXH3-128 of the bytes that are written.

use std::time::Instant;

use twox_hash::xxhash3_128::Hasher;

use super::shared_digest::SharedArgument;
use super::type_declaration::TypeDeclaration;
use super::{KeyError, identity, tag, time_taken};
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
    /// Where the bytes begin that `long` takes over.
    begin: usize,
    long: Option<Box<LongHasher>>,
    failure: Option<Box<KeyError>>,
    is_volatile: bool,
}

/// Hashes bytes that are too many for the buffer.
#[derive(Clone)]
struct LongHasher {
    hasher: Hasher,
    bytes: u64,
    start: Instant,
}

impl KeyHasher {
    /// Creates an empty hasher.
    #[inline]
    pub fn new() -> Self {
        Self {
            short: [0; SHORT],
            used: 0,
            begin: 0,
            long: None,
            failure: None,
            is_volatile: false,
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

    /// Takes over what [`KeyHasher::fail`] and [`KeyHasher::mark_volatile`] recorded for a
    /// part that was hashed by itself.
    #[inline]
    pub(super) fn take_over(&mut self, part: &KeyHasher) {
        self.is_volatile |= part.is_volatile;
        if let Some(failure) = part.failure() {
            self.fail(failure.clone());
        }
    }

    /// Returns the reason why the whole has no key, if it has none.
    #[inline]
    pub fn failure(&self) -> Option<&KeyError> {
        self.failure.as_deref()
    }

    /// Records that the bytes describe something that can change while the value is
    /// borrowed, such as a file. The value is then fed for each call, even if it is an
    /// argument that the tasks of a parallel call share.
    #[inline]
    pub fn mark_volatile(&mut self) {
        self.is_volatile = true;
    }

    /// Feeds one argument of several. The bytes of a long argument are replaced by their
    /// hash, which `shared` keeps if it can be used for the next call.
    #[inline]
    pub(super) fn argument(
        &mut self,
        shared: Option<SharedArgument>,
        feed: impl FnOnce(&mut KeyHasher),
    ) {
        if self.long.is_some() {
            // Even the hashes of the arguments are too long for the buffer.
            return feed(self);
        }
        if let Some(digest) = shared.as_ref().and_then(SharedArgument::digest) {
            return self.long_argument(digest);
        }
        let begin = self.used;
        self.begin = begin;
        self.is_volatile = false;
        feed(self);
        self.begin = 0;
        if self.long.is_some() {
            self.end_long_argument(begin, shared);
        }
    }

    #[inline(never)]
    fn end_long_argument(&mut self, begin: usize, shared: Option<SharedArgument>) {
        let Some(long) = self.long.take() else {
            return;
        };
        let digest = long.hasher.finish_128();
        time_taken::add_long(long.start.elapsed());
        // Whether a shorter argument is long depends on those before it.
        let is_always_long = long.bytes > SHORT as u64;
        if let Some(shared) = shared
            && is_always_long
            && !self.is_volatile
            && self.failure.is_none()
        {
            shared.keep(digest);
        }
        self.used = begin;
        self.long_argument(digest);
    }

    /// Writes the hash of a long argument after a tag. Every other argument begins with the tag
    /// of its type, which is another one.
    #[inline(never)]
    fn long_argument(&mut self, digest: u128) {
        self.write_u8(tag::LONG);
        self.write(&digest.to_le_bytes());
    }

    /// Returns the hash of all bytes that were written.
    // Inlining makes a cache hit faster, because the lengths of the arguments are then
    // known. It also compiles the hash function again in every crate, so debug builds do
    // not inline.
    #[cfg_attr(not(debug_assertions), inline)]
    pub fn finish(&self) -> u128 {
        match &self.long {
            None => xxh3::hash128(&self.short[..self.used]),
            Some(long) => long.hasher.finish_128(),
        }
    }

    #[cold]
    fn spill(&mut self) -> Box<LongHasher> {
        let mut long = Box::new(LongHasher {
            hasher: Hasher::new(),
            bytes: 0,
            start: Instant::now(),
        });
        long.write(&self.short[self.begin..self.used]);
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

impl LongHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
        self.bytes += bytes.len() as u64;
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
