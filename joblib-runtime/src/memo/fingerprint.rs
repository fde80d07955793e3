//! The fingerprint of the source that a function depends on, as a constant.

use std::fmt;

/// 128 bits that identify all the source that a function's result depends on.
///
/// Displayed as 32 hexadecimal digits, the form that `pin = "…"` expects.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Creates a fingerprint from its bits.
    pub const fn new(bits: u128) -> Self {
        Fingerprint(bits)
    }

    /// Returns the bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// Combines this fingerprint and `other` into one that changes with either.
    #[must_use]
    pub const fn with(self, other: Fingerprint) -> Self {
        Fingerprint(mix(self.0, other.0))
    }

    /// Mixes in the value of a `cfg` predicate that is known only when the user's crate
    /// is compiled.
    #[must_use]
    pub const fn with_cfg(self, holds: bool) -> Self {
        Fingerprint(mix(self.0, holds as u128 + 1))
    }

    /// Mixes in the version number of the function.
    #[must_use]
    pub const fn with_version(self, version: u64) -> Self {
        Fingerprint(mix(self.0, version as u128 | 1 << 64))
    }
}

// Applies the finalizer of MurmurHash3 (Austin Appleby, public domain) to both halves:
// every bit of either input affects every bit of the result.
const fn mix(state: u128, word: u128) -> u128 {
    let state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let bits = state.rotate_left(53) ^ word;
    let low = avalanche(bits as u64 ^ avalanche((bits >> 64) as u64));
    let high = avalanche((bits >> 64) as u64 ^ low);
    ((high as u128) << 64) | low as u128
}

const fn avalanche(mut bits: u64) -> u64 {
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mixed_in_counts_and_its_order_too() {
        let (a, b) = (Fingerprint::new(1), Fingerprint::new(2));
        assert_ne!(a.with(b), a);
        assert_ne!(a.with(b), b.with(a));
        assert_ne!(a.with_cfg(true), a.with_cfg(false));
        assert_ne!(a.with_cfg(true), a);
    }

    #[test]
    fn shown_as_32_hexadecimal_digits() {
        assert_eq!(Fingerprint::new(0xab).to_string(), format!("{:0>32}", "ab"));
    }
}
