//! Sorts the keys of maps and sets when they are written, so that equal maps have equal
//! bytes, and checks the order when they are read. Numbers and texts are sorted by
//! value, other keys by their encoding.

mod encoded_keys;
mod order_check;
mod prefix_sort;
mod ranks;

use self::encoded_keys::EncodedKeys;
pub(super) use self::order_check::OrderCheck;
pub(super) use self::prefix_sort::Prefetch;
use self::prefix_sort::{PrefixSort, PrefixedEntry};
pub(super) use self::ranks::in_order_of_ranks;
use super::error::Error;
use super::traits::Save;

/// How keys are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrder {
    /// By their encoding.
    OfEncoding,
    /// By value, through the bytes of [`Save::order`].
    OfBytes,
    /// By value, through the number of [`Save::rank`].
    OfRank,
}

impl KeyOrder {
    /// Whether keys are sorted by value and not by encoding.
    #[inline]
    pub const fn is_of_keys(self) -> bool {
        !matches!(self, KeyOrder::OfEncoding)
    }

    #[inline]
    const fn is_of_bytes(self) -> bool {
        matches!(self, KeyOrder::OfBytes)
    }

    #[inline]
    const fn is_of_rank(self) -> bool {
        matches!(self, KeyOrder::OfRank)
    }
}

/// The maximum memory in bytes for sorting at once, unless that requires more than
/// [`MOST`] partitions.
const ROOM: usize = 8 << 20;

/// The maximum number of partitions. Each partition requires a pass over all entries.
const MOST: usize = 16;

/// The number of sampled keys per partition, to find the bounds of the partitions.
const SAMPLES: usize = 256;

/// Passes the entries to `each` in the order of their keys. `entries` must return the
/// same entries in the same order every time; `is_sorted` means that this is the order
/// of their keys. If the entries are read again later (`is_read`), two keys with the
/// same encoding are an error.
///
/// Many entries are sorted in several partitions, lowest first, to limit the memory
/// compared with that of the entries.
pub(super) fn in_order<'v, K, V, I>(
    is_sorted: bool,
    is_read: bool,
    entries: impl Fn() -> I,
    mut each: impl FnMut(&'v K, V) -> Result<(), Error>,
) -> Result<(), Error>
where
    K: Save + 'v,
    V: Prefetch,
    I: ExactSizeIterator<Item = (&'v K, V)>,
{
    if is_sorted {
        return entries().try_for_each(|(key, value)| each(key, value));
    }
    let count = entries().len();
    let size = count.saturating_mul(size_of::<PrefixedEntry<'_, K, V>>());
    let parts = size.div_ceil(ROOM).min(MOST);
    let keys = || entries().map(|(key, _)| key);
    let common = match K::ORDER.is_of_bytes() {
        true => EncodedKeys::common(keys().step_by(count.div_ceil(SAMPLES).max(1))),
        false => Vec::new(),
    };
    if parts <= 1 {
        let mut sorting = PrefixSort::of(count, common);
        entries().try_for_each(|(key, value)| sorting.push(key, value))?;
        return sorting.pass_on(is_read, &mut each);
    }
    let part_of = parts_of(keys, parts, common.clone())?;
    let mut counts = [0; MOST];
    part_of
        .iter()
        .for_each(|part| counts[usize::from(*part)] += 1);
    let mut sorting = PrefixSort::of(counts.into_iter().max().unwrap_or_default(), common);
    for part in 0..parts {
        for ((key, value), part_of) in entries().zip(&part_of) {
            if usize::from(*part_of) == part {
                sorting.push(key, value)?;
            }
        }
        sorting.pass_on(is_read, &mut each)?;
    }
    Ok(())
}

/// Returns the partition of each key. The partitions have about the same size.
fn parts_of<'v, K: Save + 'v, I: ExactSizeIterator<Item = &'v K>>(
    keys: impl Fn() -> I,
    parts: usize,
    common: Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let count = keys().len();
    let step = count.div_ceil(parts * SAMPLES);
    let mut samples = Vec::new();
    let mut encoded = EncodedKeys::after(common);
    encoded.prefixes(keys().step_by(step), |prefix| samples.push(prefix))?;
    let bounds = bounds(samples, parts);
    let mut part_of = Vec::with_capacity(count);
    encoded.prefixes(keys(), |prefix| {
        part_of.push(bounds.partition_point(|bound| *bound <= prefix) as u8);
    })?;
    Ok(part_of)
}

/// Returns the lower bounds of all partitions except the first, from samples.
fn bounds(mut samples: Vec<u64>, parts: usize) -> Vec<u64> {
    samples.sort_unstable();
    let bound = |part: usize| samples[part * samples.len() / parts];
    (1..parts).map(bound).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;
    use crate::persist::writer::BodyWriter;

    fn encoded<K: Save>(key: &K) -> Vec<u8> {
        let mut bytes = Vec::new();
        BodyWriter::key(key, &mut bytes).unwrap();
        bytes
    }

    fn assert_in_order<K: Save + Eq + std::hash::Hash + Ord>(keys: impl Iterator<Item = K>) {
        let map: HashMap<K, u64> = keys.zip(0..).collect();
        let mut wanted: Vec<_> = map.iter().collect();
        wanted.sort_by_cached_key(|(key, _)| encoded(*key));
        let mut got = Vec::new();
        if K::ORDER == KeyOrder::OfRank {
            let entries = || map.iter().map(|(key, value)| (key.rank(), value));
            let each = |rank, value| {
                got.push((rank, value));
                Ok(())
            };
            in_order_of_ranks(entries, each).unwrap();
            let wanted = wanted.iter().map(|(key, value)| (key.rank(), *value));
            assert!(got.into_iter().eq(wanted));
            return;
        }
        let mut got = Vec::new();
        let each = |key, value| {
            got.push((key, value));
            Ok(())
        };
        in_order(false, true, || map.iter(), each).unwrap();
        assert!(got == wanted);
    }

    #[test]
    fn entries_come_in_the_order_of_their_encoded_keys_however_many_parts_there_are() {
        for count in [0, 1, 2, 1_000, 40_000, 300_000, 1_000_000] {
            assert_in_order(0..count as u64);
        }
        assert_in_order((0..100_000).map(|n| n.to_string()));
        // The first eight bytes of these are equal.
        assert_in_order((0..100_000).map(|n| format!("{n:010}")));
        assert_in_order((0..100_000_u64).map(|n| (n % 7, n)));
        assert_in_order((0..60_000).map(|n| "x".repeat(n % 300) + &n.to_string()));
        assert_in_order((0..50_000).map(|n| format!("https://example.com/{n}")));
        assert_in_order((0..3_000).map(|n| "\0".repeat(n)));
        assert_in_order((0..100_000).map(|n| (1_u128 << 90) + n * n));
        assert_in_order((0..100_000_i64).map(|n| (n - 50_000).pow(3)));
    }

    #[test]
    fn a_few_keys_may_begin_with_something_else() {
        let most = (0..5_000).map(|n| format!("key {n:020}"));
        let others = [
            "", "k", "key", "key ", "kez", "a", "z", "ключ", "key \0", "key 1",
        ];
        assert_in_order(most.chain(others.map(str::to_owned)));
    }

    #[test]
    fn a_key_that_cannot_be_handed_on_ends_it() {
        let map: BTreeMap<(u32,), ()> = (0..100_000).map(|n| ((n,), ())).collect();
        let mut left = 70_000;
        let each = |_, _| {
            left -= 1;
            match left {
                0 => Err(Error::damaged_body("no more")),
                _ => Ok(()),
            }
        };
        assert!(in_order(false, true, || map.iter(), each).is_err());
        assert_eq!(left, 0);
    }

    #[test]
    fn a_key_out_of_order_is_found_wherever_it_is() {
        let check = |keys: &[String]| {
            let mut ascent = OrderCheck::new(true);
            keys.iter().try_for_each(|key| ascent.note(key))?;
            ascent.check()
        };
        for long in [0, 200] {
            let keys: Vec<_> = (0..1_000)
                .map(|n| format!("{n:06}{}", "x".repeat(long)))
                .collect();
            check(&keys).unwrap();
            for at in 1..keys.len() {
                let mut swapped = keys.clone();
                swapped.swap(at - 1, at);
                assert!(check(&swapped).is_err(), "{at}");
                let mut twice = keys.clone();
                twice[at] = keys[at - 1].clone();
                assert!(check(&twice).is_err(), "{at}");
            }
            check(&keys[..1]).unwrap();
        }
        check(&[]).unwrap();
    }
}
