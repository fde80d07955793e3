//! Entries that are sorted at once, by what their keys begin with.

use std::cell::Cell;
use std::cmp::Ordering;

use super::encoded_keys::{EncodedKeys, KEYS};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::traits::Save;

/// What is far away in memory is fetched for so many entries ahead.
pub(super) const AHEAD: usize = 8;

/// An entry with what it is ordered by first.
pub(super) struct PrefixedEntry<'v, K, V> {
    prefix: Cell<u64>,
    key: &'v K,
    value: V,
}

/// Entries that are sorted at once. Those of a part lie far from one another,
/// and are fetched while others are worked on.
pub(super) struct PrefixSort<'v, K, V> {
    entries: Vec<PrefixedEntry<'v, K, V>>,
    /// Of so many, the prefixes are known.
    known: usize,
    encoded: EncodedKeys,
}

impl<'v, K: Save, V: Prefetch> PrefixSort<'v, K, V> {
    /// Of at most so many, most of whose keys begin with `common`.
    pub(super) fn of(count: usize, common: Vec<u8>) -> Self {
        PrefixSort {
            entries: Vec::with_capacity(count),
            known: 0,
            encoded: EncodedKeys::after(common),
        }
    }

    /// Takes an entry, and looks at it some later.
    pub(super) fn push(&mut self, key: &'v K, value: V) -> Result<(), Error> {
        fetch(key);
        let prefix = Cell::new(0);
        self.entries.push(PrefixedEntry { prefix, key, value });
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

    /// Hands on all entries in their order.
    pub(super) fn pass_on(
        &mut self,
        is_read: bool,
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
                alike => pass_alike_on(is_read, alike, each)?,
            }
        }
        self.entries.clear();
        self.known = 0;
        Ok(())
    }
}

/// What an entry has beside its key.
pub(in crate::persist) trait Prefetch: Copy {
    /// Tells the processor that it will be read.
    fn fetch(self);

    /// The same of what it refers to; it is read for that.
    fn fetch_contents(self);
}

impl Prefetch for () {
    fn fetch(self) {}

    fn fetch_contents(self) {}
}

impl Prefetch for u64 {
    fn fetch(self) {}

    fn fetch_contents(self) {}
}

impl<V: Save> Prefetch for &V {
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

/// As [`PrefixSort::pass_on`], of entries that nothing tells apart so far.
fn pass_alike_on<'v, K: Save, V: Prefetch>(
    is_read: bool,
    alike: &[PrefixedEntry<'v, K, V>],
    each: &mut impl FnMut(&'v K, V) -> Result<(), Error>,
) -> Result<(), Error> {
    if K::ORDER.is_of_bytes() {
        let mut alike: Vec<_> = alike.iter().collect();
        alike.sort_unstable_by(|one, other| compared(one.key, other.key));
        let mut alike = alike.into_iter();
        return alike.try_for_each(|entry| each(entry.key, entry.value));
    }
    let mut encoded = EncodedKeys::default();
    alike.iter().try_for_each(|entry| encoded.push(entry.key))?;
    let mut order: Vec<usize> = (0..alike.len()).collect();
    order.sort_unstable_by_key(|at| encoded.get(*at));
    let mut pairs = order.windows(2);
    if is_read && pairs.any(|pair| encoded.get(pair[0]) == encoded.get(pair[1])) {
        let message = "two keys of a map, or two values of a set, differ only in what is not \
                       written, such as a field with `#[persist(skip)]`, so that they would be \
                       read as one; have it written too, or leave one of them out";
        return Err(ErrorKind::Value(message.to_owned()).into());
    }
    order
        .into_iter()
        .try_for_each(|at| each(alike[at].key, alike[at].value))
}

/// How keys are ordered that bytes tell the order of.
fn compared<K: Save>(one: &K, other: &K) -> Ordering {
    let mut ordering = Ordering::Equal;
    one.order(&mut |one| other.order(&mut |other| ordering = one.cmp(other)));
    ordering
}
