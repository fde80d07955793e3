//! XXH3 by the implementation that is faster for the length of the input: `xxhash-rust`
//! for short input, `twox-hash`, which selects its instructions at run time, for other
//! input.

/// The maximum length for which `xxhash-rust` is faster.
const SHORT: usize = 128;

#[inline]
pub(crate) fn hash64(bytes: &[u8]) -> u64 {
    hash64_seeded(0, bytes)
}

#[inline]
pub(crate) fn hash64_seeded(seed: u64, bytes: &[u8]) -> u64 {
    match bytes.len() <= SHORT {
        true => xxhash_rust::xxh3::xxh3_64_with_seed(bytes, seed),
        false => long64(seed, bytes),
    }
}

#[inline]
pub(crate) fn hash128(bytes: &[u8]) -> u128 {
    match bytes.len() <= SHORT {
        true => xxhash_rust::xxh3::xxh3_128(bytes),
        false => long128(bytes),
    }
}

// Not inlined, because crates that inline `KeyHasher::finish` would compile them again.
#[inline(never)]
fn long64(seed: u64, bytes: &[u8]) -> u64 {
    twox_hash::XxHash3_64::oneshot_with_seed(seed, bytes)
}

#[inline(never)]
fn long128(bytes: &[u8]) -> u128 {
    twox_hash::XxHash3_128::oneshot(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_implementations_agree_at_every_length() {
        let bytes: Vec<u8> = (0..1200_u32).map(|i| (i * 7 + i / 256) as u8).collect();
        for bytes in (0..bytes.len()).map(|len| &bytes[..len]) {
            assert_eq!(hash128(bytes), long128(bytes));
            assert_eq!(xxhash_rust::xxh3::xxh3_128(bytes), long128(bytes));
            for seed in [0, 1, u64::MAX] {
                assert_eq!(hash64_seeded(seed, bytes), long64(seed, bytes));
            }
            assert_eq!(hash64(bytes), twox_hash::XxHash3_64::oneshot(bytes));
        }
    }
}
