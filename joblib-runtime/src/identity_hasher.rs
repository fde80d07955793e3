//! A hasher for keys that are hashes already: it passes their bits through.

use std::hash::{BuildHasherDefault, Hasher};

/// Builds [`IdentityHasher`]s.
pub(crate) type BuildIdentityHasher = BuildHasherDefault<IdentityHasher>;

/// A hasher without mixing: a `u128` is a hash already, and no attacker chooses it.
#[derive(Debug, Default)]
pub(crate) struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        // Offsets and segment numbers need mixing (the constant is that of FxHash).
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_u128(&mut self, id: u128) {
        self.0 = id as u64;
    }
}
