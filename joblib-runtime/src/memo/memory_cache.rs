//! The memory tier: results that this process has used, limited by their bytes.
//!
//! It stores encoded bytes and their metadata. The caller decides whether an entry is
//! still valid (`expires`, `validate`).

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};

use crate::identity_hasher::BuildIdentityHasher;

/// The cost of an entry without an out-of-line payload: key, value, links, the slot of
/// the hash table, and the header of the shared bytes.
const OVERHEAD: u64 = 128;

/// The size of a typical entry, from which the number of shards is derived.
const TYPICAL: u64 = 256;

/// A value may take at most one in this many parts of its shard, so that one large
/// result does not evict everything else.
const LARGEST_SHARE: u64 = 4;

/// A bounded map from keys to results, shared by all threads.
pub struct MemoryCache {
    cache: Cache<u128, CachedResult, ResultWeight, BuildIdentityHasher>,
    largest: u64,
}

/// A result in the memory tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedResult {
    /// The encoded result.
    pub bytes: ShortBytes,
    /// Its encoding.
    pub encoding: u8,
    /// When it was computed, in microseconds since the Unix epoch.
    pub created: u64,
    /// How long the computation took, in nanoseconds.
    pub cost: u64,
    /// The number of the function that computed it.
    pub function: u64,
}

impl MemoryCache {
    /// Creates an empty tier of at most `bytes`, including the overhead of each entry.
    pub fn new(bytes: u64) -> Self {
        let options = OptionsBuilder::new()
            .weight_capacity(bytes)
            .estimated_items_capacity((bytes / TYPICAL) as usize)
            .build()
            .expect("both capacities are set");
        let cache = Cache::with_options(
            options,
            ResultWeight,
            BuildIdentityHasher::new(),
            DefaultLifecycle::default(),
        );
        let largest = cache.shard_capacity() / LARGEST_SHARE;
        Self { cache, largest }
    }

    /// Returns the result stored under `id`.
    #[inline]
    pub fn get(&self, id: u128) -> Option<CachedResult> {
        self.cache.get(&id)
    }

    /// Stores `hit` under `id`, replacing an older result. A result too large for the
    /// tier is not stored. Returns whether it is stored.
    pub fn put(&self, id: u128, hit: CachedResult) -> bool {
        let fits = weight(&hit) <= self.largest;
        if fits {
            self.cache.insert(id, hit);
        } else {
            self.cache.remove(&id);
        }
        fits
    }

    /// Drops the result stored under `id`. Returns whether there was one.
    pub fn forget(&self, id: u128) -> bool {
        self.cache.remove(&id).is_some()
    }

    /// Drops every result of `function`.
    pub fn forget_function(&self, function: u64) {
        self.cache.retain(|_, hit| hit.function != function);
    }

    /// Drops all results.
    pub fn clear(&self) {
        self.cache.clear();
    }

    /// Returns the bytes that the entries take.
    pub fn bytes(&self) -> u64 {
        self.cache.weight()
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tier")
            .field("bytes", &self.bytes())
            .field("entries", &self.cache.len())
            .finish()
    }
}

#[derive(Clone)]
struct ResultWeight;

impl Weighter<u128, CachedResult> for ResultWeight {
    fn weight(&self, _: &u128, hit: &CachedResult) -> u64 {
        weight(hit)
    }
}

fn weight(hit: &CachedResult) -> u64 {
    OVERHEAD
        + match &hit.bytes.0 {
            BytesRepr::Inline { .. } => 0,
            BytesRepr::Shared(bytes) => bytes.len() as u64,
        }
}

/// Bytes that are cheap to clone: short ones are copied, long ones are shared.
///
/// Copying avoids contention on a common reference count when several threads hit one
/// small entry.
#[derive(Clone)]
pub struct ShortBytes(BytesRepr);

const INLINE: usize = 22;

#[derive(Clone)]
enum BytesRepr {
    Inline { length: u8, bytes: [u8; INLINE] },
    Shared(Arc<[u8]>),
}

impl From<&[u8]> for ShortBytes {
    fn from(from: &[u8]) -> Self {
        if from.len() > INLINE {
            return Self(BytesRepr::Shared(Arc::from(from)));
        }
        let mut bytes = [0; INLINE];
        bytes[..from.len()].copy_from_slice(from);
        Self(BytesRepr::Inline {
            length: from.len() as u8,
            bytes,
        })
    }
}

impl From<Arc<[u8]>> for ShortBytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        if bytes.len() > INLINE {
            Self(BytesRepr::Shared(bytes))
        } else {
            Self::from(&*bytes)
        }
    }
}

impl Deref for ShortBytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            BytesRepr::Inline { length, bytes } => &bytes[..usize::from(*length)],
            BytesRepr::Shared(bytes) => bytes,
        }
    }
}

impl fmt::Debug for ShortBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for ShortBytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for ShortBytes {}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> u128 {
        u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    }

    fn hit(bytes: &[u8], function: u64) -> CachedResult {
        CachedResult {
            bytes: bytes.into(),
            encoding: 0,
            created: 7,
            cost: 9,
            function,
        }
    }

    #[test]
    fn what_was_put_is_found() {
        let tier = MemoryCache::new(1 << 20);
        for length in [0, 1, 21, 22, 23, 1000] {
            let stored = hit(&vec![length as u8; length], 1);
            tier.put(id(length as u64), stored.clone());
            assert_eq!(tier.get(id(length as u64)), Some(stored), "{length} bytes");
        }
        assert_eq!(tier.get(id(5)), None);
    }

    #[test]
    fn the_last_put_counts() {
        let tier = MemoryCache::new(1 << 20);
        tier.put(id(1), hit(b"old", 1));
        tier.put(id(1), hit(b"new", 1));
        assert_eq!(&*tier.get(id(1)).unwrap().bytes, b"new");
    }

    #[test]
    fn the_bound_holds() {
        for bytes in [0, 100, 4 << 10, 1 << 20] {
            let tier = MemoryCache::new(bytes);
            for n in 0..20_000 {
                tier.put(id(n), hit(&[0; 300][..(n % 300) as usize], 1));
            }
            assert!(
                tier.bytes() <= bytes + bytes / 16 + 64,
                "{tier:?} of {bytes}"
            );
        }
    }

    #[test]
    fn a_full_tier_makes_room_for_what_is_new() {
        let tier = MemoryCache::new(64 << 10);
        for n in 0..10_000 {
            tier.put(id(n), hit(&[1; 100], 1));
            assert!(tier.get(id(n)).is_some(), "entry {n} was evicted at once");
        }
        assert!((0..100).any(|n| tier.get(id(n)).is_none()));
    }

    #[test]
    fn a_value_that_would_fill_the_tier_is_not_kept() {
        let tier = MemoryCache::new(64 << 10);
        tier.put(id(1), hit(b"small", 1));
        tier.put(id(1), hit(&[0; 64 << 10], 1));
        assert_eq!(tier.get(id(1)), None);
    }

    #[test]
    fn one_entry_is_forgotten() {
        let tier = MemoryCache::new(1 << 20);
        tier.put(id(1), hit(b"a", 1));
        tier.put(id(2), hit(b"b", 1));
        assert!(tier.forget(id(1)));
        assert!(!tier.forget(id(1)));
        assert_eq!(tier.get(id(1)), None);
        assert!(tier.get(id(2)).is_some());
    }

    #[test]
    fn the_entries_of_one_function_are_forgotten() {
        let tier = MemoryCache::new(1 << 20);
        for n in 0..100 {
            tier.put(id(n), hit(b"x", n % 2));
        }
        tier.forget_function(1);
        for n in 0..100 {
            assert_eq!(tier.get(id(n)).is_some(), n % 2 == 0);
        }
        tier.clear();
        assert_eq!(tier.bytes(), 0);
    }
}
