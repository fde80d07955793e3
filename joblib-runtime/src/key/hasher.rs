//! The hasher that keys are fed into: XXH3-128 over the bytes written.

use twox_hash::xxhash3_128::Hasher;

use super::type_declaration::TypeDeclaration;
use super::{KeyError, identity, tag};

/// Keys up to this length are hashed in one go, from the stack.
const SHORT: usize = 256;

/// Takes the bytes of a key and gives their XXH3-128 hash.
///
/// How the bytes are divided into writes does not matter; what is fed must
/// delimit itself.
#[derive(Clone)]
pub struct KeyHasher {
    short: [u8; SHORT],
    used: usize,
    long: Option<Box<Hasher>>,
    failure: Option<Box<KeyError>>,
}

impl KeyHasher {
    /// An empty hasher.
    #[inline]
    pub fn new() -> Self {
        Self {
            short: [0; SHORT],
            used: 0,
            long: None,
            failure: None,
        }
    }

    /// Writes bytes as they are, without their length.
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

    /// Writes the type tag of a type with a name: where it is defined, what it
    /// is called, and a digest of its definition.
    ///
    /// Types that are written alike are taken for one, so a type inside a
    /// function says which one it is, by its `module` or its `name`.
    pub fn nominal(&mut self, module: &str, name: &str, definition: u64) {
        self.write_u8(tag::NOMINAL);
        self.write_bytes(module.as_bytes());
        self.write_bytes(name.as_bytes());
        self.write_u64(definition);
    }

    /// Writes the type tag of a type with a derived `Key`.
    #[inline]
    pub fn declared(&mut self, declared: &'static TypeDeclaration) {
        declared.feed(self);
    }

    /// Writes what this build calls a type, and the compiler's number for it:
    /// enough to tell any type from any other, but not the same from one
    /// compiler or profile to the next. Of a closure or a function the running
    /// executable counts too, which alone says what it does.
    pub fn type_name<T: ?Sized>(&mut self) {
        identity::feed::<T>(self);
    }

    /// Notes that a part has no key, so that neither has the whole; the first
    /// reason is kept.
    #[cold]
    pub fn fail(&mut self, failure: KeyError) {
        self.failure.get_or_insert_with(|| Box::new(failure));
    }

    /// Why what was fed has no key, if so.
    #[inline]
    pub fn failure(&self) -> Option<&KeyError> {
        self.failure.as_deref()
    }

    /// The hash of everything written.
    // Inlining makes a hit faster, since the lengths of the arguments are known then. It
    // also compiles the hash function again in every crate, which debug builds are spared.
    #[cfg_attr(not(debug_assertions), inline)]
    pub fn finish(&self) -> u128 {
        match &self.long {
            None => Hasher::oneshot(&self.short[..self.used]),
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
            let whole = Hasher::oneshot(&bytes[..len]);
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
        assert_eq!(hasher.finish(), Hasher::oneshot(b"abc"));
    }
}
