//! The order of keys: maps and sets are written in the order of their keys, where
//! these are numbers or texts, and else in that of their encodings, so that equal
//! ones are equal bytes, and are refused in any other.

use std::cell::Cell;

use super::error::Error;
use super::save::Save;
use super::writer::Writer;

/// What keys are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Their encodings.
    OfEncoding,
    /// What they are, as bytes that [`Save::order`] gives tell.
    OfBytes,
    /// What they are, as numbers that [`Save::rank`] gives tell.
    OfRank,
}

impl Order {
    /// Whether it is an order of keys, and not of their encodings.
    #[inline]
    pub const fn is_of_keys(self) -> bool {
        !matches!(self, Order::OfEncoding)
    }

    #[inline]
    const fn is_of_rank(self) -> bool {
        matches!(self, Order::OfRank)
    }
}

/// What is sorted at once is at most of so many bytes, as long as that takes
/// no more than [`MOST`] parts.
const ROOM: usize = 1 << 20;

/// The same where little is done for a key: to look at all of them for each part
/// would be most of it.
const ROOM_OF_RANKS: usize = 2 << 20;

/// Every part looks at all entries, if only at a byte of each.
const MOST: usize = 16;

/// Keys that are looked at to find where parts begin, for each part.
const SAMPLES: usize = 256;

/// Keys are encoded by so many, or by so many bytes, before one is looked at:
/// bytes that were just written would be waited for.
const KEYS: usize = 256;
const BYTES: usize = 1 << 14;

/// What is far away in memory is fetched for so many entries ahead.
const AHEAD: usize = 8;

/// Hands on the entries in the order of their keys; `entries` gives the same ones
/// in the same order every time, which `is_sorted` says is the order of the keys'
/// own `Ord`.
///
/// Many entries are sorted in parts, lower ones first, so that the memory for
/// it stays small beside that of the entries.
pub(super) fn in_order<'v, K, V, I>(
    is_sorted: bool,
    entries: impl Fn() -> I,
    mut each: impl FnMut(&'v K, V) -> Result<(), Error>,
) -> Result<(), Error>
where
    K: Save + 'v,
    V: Fetch,
    I: ExactSizeIterator<Item = (&'v K, V)>,
{
    if is_sorted && K::ASCENDS {
        return entries().try_for_each(|(key, value)| each(key, value));
    }
    let count = entries().len();
    let size = count.saturating_mul(size_of::<Entry<'_, K, V>>());
    let room = match K::ORDER.is_of_rank() {
        true => ROOM_OF_RANKS,
        false => ROOM,
    };
    let parts = size.div_ceil(room).min(MOST);
    if parts <= 1 {
        let mut sorting = Sorting::of(count);
        entries().try_for_each(|(key, value)| sorting.push(key, value))?;
        return sorting.pass_on(&mut each);
    }
    let part_of = parts_of(|| entries().map(|(key, _)| key), parts)?;
    let mut counts = [0; MOST];
    part_of
        .iter()
        .for_each(|part| counts[usize::from(*part)] += 1);
    let mut sorting = Sorting::of(counts.into_iter().max().unwrap_or_default());
    for part in 0..parts {
        for ((key, value), part_of) in entries().zip(&part_of) {
            if usize::from(*part_of) == part {
                sorting.push(key, value)?;
            }
        }
        sorting.pass_on(&mut each)?;
    }
    Ok(())
}

/// In which of so many parts each of the keys is: about as many in each.
fn parts_of<'v, K: Save + 'v, I: ExactSizeIterator<Item = &'v K>>(
    keys: impl Fn() -> I,
    parts: usize,
) -> Result<Vec<u8>, Error> {
    let count = keys().len();
    let step = count.div_ceil(parts * SAMPLES);
    let mut samples = Vec::new();
    let mut encoded = Keys::default();
    encoded.prefixes(keys().step_by(step), |prefix| samples.push(prefix))?;
    samples.sort_unstable();
    let bound = |part: usize| samples[part * samples.len() / parts];
    let bounds: Vec<u64> = (1..parts).map(bound).collect();
    let mut part_of = Vec::with_capacity(count);
    encoded.prefixes(keys(), |prefix| {
        part_of.push(bounds.partition_point(|bound| *bound <= prefix) as u8);
    })?;
    Ok(part_of)
}

/// An entry with what it is ordered by first.
struct Entry<'v, K, V> {
    prefix: Cell<u64>,
    key: &'v K,
    value: V,
}

/// Entries that are sorted at once. Those of a part lie far from one another,
/// and are fetched while others are worked on.
struct Sorting<'v, K, V> {
    entries: Vec<Entry<'v, K, V>>,
    /// Of so many, the prefixes are known.
    known: usize,
    encoded: Keys,
}

impl<'v, K: Save, V: Fetch> Sorting<'v, K, V> {
    fn of(count: usize) -> Self {
        Sorting {
            entries: Vec::with_capacity(count),
            known: 0,
            encoded: Keys::default(),
        }
    }

    /// Takes an entry, and looks at it some later.
    fn push(&mut self, key: &'v K, value: V) -> Result<(), Error> {
        if K::ORDER.is_of_rank() {
            let prefix = Cell::new(key.rank());
            self.entries.push(Entry { prefix, key, value });
            self.known = self.entries.len();
            return Ok(());
        }
        fetch(key);
        let prefix = Cell::new(0);
        self.entries.push(Entry { prefix, key, value });
        match self.entries.len() - self.known {
            KEYS => self.look(),
            _ => Ok(()),
        }
    }

    fn look(&mut self) -> Result<(), Error> {
        let new = &self.entries[self.known..];
        self.known += new.len();
        for entry in new {
            fetch(entry.key.contents());
        }
        let mut places = new.iter().map(|entry| &entry.prefix);
        let keys = new.iter().map(|entry| entry.key);
        self.encoded.prefixes(keys, |prefix| {
            if let Some(place) = places.next() {
                place.set(prefix);
            }
        })
    }

    fn pass_on(
        &mut self,
        each: &mut impl FnMut(&'v K, V) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.look()?;
        let entries = &mut self.entries;
        entries.sort_unstable_by_key(|entry| entry.prefix.get());
        let (mut far, mut near) = (entries.iter().skip(2 * AHEAD), entries.iter().skip(AHEAD));
        for alike in entries.chunk_by(|one, other| one.prefix == other.prefix) {
            for _ in alike {
                if let Some(entry) = far.next() {
                    fetch(entry.key);
                    entry.value.fetch();
                }
                if let Some(entry) = near.next() {
                    fetch(entry.key.contents());
                    entry.value.fetch_contents();
                }
            }
            match alike {
                [entry] => each(entry.key, entry.value)?,
                alike => pass_alike_on(alike, each)?,
            }
        }
        self.entries.clear();
        self.known = 0;
        Ok(())
    }
}

/// What an entry has beside its key.
pub(super) trait Fetch: Copy {
    /// Tells the processor that it will be read.
    fn fetch(self);

    /// The same of what it refers to; it is read for that.
    fn fetch_contents(self);
}

impl Fetch for () {
    fn fetch(self) {}

    fn fetch_contents(self) {}
}

impl<V: Save> Fetch for &V {
    fn fetch(self) {
        fetch(self);
    }

    fn fetch_contents(self) {
        fetch(self.contents());
    }
}

/// Tells the processor that what is at `place` will be read.
fn fetch<T>(place: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every such processor has the instruction, which is a hint.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// As [`Sorting::pass_on`], of entries that nothing tells apart so far.
fn pass_alike_on<'v, K: Save, V: Fetch>(
    alike: &[Entry<'v, K, V>],
    each: &mut impl FnMut(&'v K, V) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut encoded = Keys::default();
    alike.iter().try_for_each(|entry| encoded.push(entry.key))?;
    let mut order: Vec<usize> = (0..alike.len()).collect();
    order.sort_unstable_by_key(|at| encoded.get(*at));
    order
        .into_iter()
        .try_for_each(|at| each(alike[at].key, alike[at].value))
}

/// Keys that were read, which must ascend.
#[derive(Debug)]
pub(super) struct Ascent {
    is_asked: bool,
    /// The first is the last that was compared.
    keys: Keys,
    /// The last one, of those that a number tells the order of.
    last: Option<u64>,
}

impl Ascent {
    /// Of the keys of a map, if they have to.
    pub(super) fn new(is_asked: bool) -> Self {
        Ascent {
            is_asked,
            keys: Keys::default(),
            last: None,
        }
    }

    /// Notes the next key. [`check`](Ascent::check) comes after the last.
    pub(super) fn note<K: Save>(&mut self, key: &K) -> Result<(), Error> {
        if !self.is_asked {
            return Ok(());
        }
        if K::ORDER.is_of_rank() {
            let rank = key.rank();
            // A key that is there twice is told of as such.
            return match self.last.replace(rank).is_some_and(|last| last > rank) {
                true => Err(out_of_order()),
                false => Ok(()),
            };
        }
        self.keys.push(key)?;
        match self.keys.are_many() {
            true => self.check(),
            false => Ok(()),
        }
    }

    /// Fails if a key was not above the one before it.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        let keys = &self.keys;
        if (1..keys.len()).any(|at| keys.get(at - 1) >= keys.get(at)) {
            return Err(out_of_order());
        }
        self.keys.keep_last();
        Ok(())
    }
}

fn out_of_order() -> Error {
    Error::small("keys are not in their order")
}

/// Encoded keys, one after another.
#[derive(Debug, Default)]
struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    fn push<K: Save>(&mut self, key: &K) -> Result<(), Error> {
        Writer::key(key, &mut self.bytes)?;
        self.ends.push(self.bytes.len());
        Ok(())
    }

    /// Hands on what each of the keys is ordered by first; they are forgotten.
    fn prefixes<'v, K: Save + 'v>(
        &mut self,
        keys: impl Iterator<Item = &'v K>,
        mut each: impl FnMut(u64),
    ) -> Result<(), Error> {
        if K::ORDER.is_of_rank() {
            keys.for_each(|key| each(key.rank()));
            return Ok(());
        }
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

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn are_many(&self) -> bool {
        self.ends.len() > KEYS || self.bytes.len() > BYTES
    }

    fn start(&self, at: usize) -> usize {
        match at {
            0 => 0,
            _ => self.ends[at - 1],
        }
    }

    fn get(&self, at: usize) -> &[u8] {
        &self.bytes[self.start(at)..self.ends[at]]
    }

    /// The first eight bytes as a number; of two keys, the one with the lower
    /// number is the lower one.
    fn prefix(&self, at: usize) -> u64 {
        let (start, end) = (self.start(at), self.ends[at]);
        match (self.bytes[start..].first_chunk(), end - start) {
            (Some(bytes), 8..) => u64::from_be_bytes(*bytes),
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

    fn keep_last(&mut self) {
        let Some(last) = self.ends.len().checked_sub(1) else {
            return;
        };
        self.bytes.drain(..self.start(last));
        self.ends.clear();
        self.ends.push(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    fn encoded<K: Save>(key: &K) -> Vec<u8> {
        let mut bytes = Vec::new();
        Writer::key(key, &mut bytes).unwrap();
        bytes
    }

    fn assert_in_order<K: Save + Eq + std::hash::Hash + Ord>(keys: impl Iterator<Item = K>) {
        let map: HashMap<K, u64> = keys.zip(0..).collect();
        let mut wanted: Vec<_> = map.iter().collect();
        wanted.sort_by_cached_key(|(key, _)| encoded(*key));
        let mut got = Vec::new();
        let each = |key, value| {
            got.push((key, value));
            Ok(())
        };
        in_order(false, || map.iter(), each).unwrap();
        assert!(got == wanted);
    }

    #[test]
    fn entries_come_in_the_order_of_their_encoded_keys_however_many_parts_there_are() {
        for count in [0, 1, 2, 1_000, 40_000, 300_000, 1_000_000] {
            assert_in_order(0..count as u64);
        }
        assert_in_order((0..100_000).map(|n| n.to_string()));
        // Nothing tells the first eight bytes of these apart.
        assert_in_order((0..100_000).map(|n| format!("{n:010}")));
        assert_in_order((0..100_000_u64).map(|n| (n % 7, n)));
        assert_in_order((0..60_000).map(|n| "x".repeat(n % 300) + &n.to_string()));
    }

    #[test]
    fn a_key_that_cannot_be_handed_on_ends_it() {
        let map: BTreeMap<u32, ()> = (0..100_000).map(|n| (n, ())).collect();
        let mut left = 70_000;
        let each = |_, _| {
            left -= 1;
            match left {
                0 => Err(Error::small("no more")),
                _ => Ok(()),
            }
        };
        assert!(in_order(false, || map.iter(), each).is_err());
        assert_eq!(left, 0);
    }

    #[test]
    fn a_key_out_of_order_is_found_wherever_it_is() {
        let check = |keys: &[String]| {
            let mut ascent = Ascent::new(true);
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
